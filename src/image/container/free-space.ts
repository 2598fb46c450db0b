import { Ip2ProcessError } from '../../errors.ts';

/** What is left to the other programs of the machine. */
const RESERVE_BYTES = 256 * 2 ** 20;
/** The free space is asked again after so many bytes. */
export const CHECK_EVERY_BYTES = 64 * 2 ** 20;

/** What needs room in a folder, as its failure tells it. */
export interface Need {
  /** Like `unpack the image`. */
  readonly doing: string;
  readonly folder: string;
  /** What the user can do then. */
  readonly advice: string;
}

/**
 * @param free bytes of the folder
 * @param expected bytes that will be written, where that is known; else 0
 * @throws Ip2ProcessError of kind 'system' where they do not fit beside the reserve
 */
export function checkSpace({ doing, folder, advice }: Need, free: number, expected: number): void {
  if (free >= expected + RESERVE_BYTES) return;
  const needed =
    expected > 0 ? `${expected + RESERVE_BYTES} bytes are needed` : 'the image needs more';
  throw new Ip2ProcessError(
    'system',
    `Cannot ${doing} into "${folder}": ${free} bytes are free there, ${needed}; ${advice}`,
    { folder, free },
  );
}
