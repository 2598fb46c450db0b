import { Ip2ProcessError } from '../errors.ts';

/** A part of the answer that an image may lack, or a kernel of another make refuse: then the rest still stands. */
export function orElse<T, Instead>(
  kernel: { warn(sentence: string): void },
  loss: string,
  make: () => T,
  instead: Instead,
): T | Instead {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Ip2ProcessError)) throw error;
    kernel.warn(`${loss}. ${error.message}`);
    return instead;
  }
}
