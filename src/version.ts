declare const IP2PROCESS_VERSION: string | undefined;

/** Of package.json: the build writes it in; a run from source has none. */
export const VERSION: string =
  typeof IP2PROCESS_VERSION === 'string' ? IP2PROCESS_VERSION : '0.0.0-source';
