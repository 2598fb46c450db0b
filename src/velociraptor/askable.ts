import { Ip2ProcessError } from '../errors.ts';
import type { Indicator } from '../indicator/indicator.ts';

/** The artifact takes as many. */
const MOST_ADDRESSES = 16;

/**
 * A live scan looks for addresses; names and URLs are for an image.
 *
 * @throws Ip2ProcessError kind 'request' where there is no address
 */
export function askable(indicators: readonly Indicator[]): {
  readonly addresses: readonly string[];
  readonly notAsked: readonly string[];
} {
  const all = indicators.filter(({ kind }) => kind === 'ipv4' || kind === 'ipv6');
  if (all.length === 0) {
    throw new Ip2ProcessError(
      'request',
      'Cannot ask a live machine: its processes are searched for IP addresses only, and none was given',
    );
  }
  const asked = all.slice(0, MOST_ADDRESSES);
  return {
    addresses: asked.map(({ text }) => text),
    notAsked: indicators.filter((one) => !asked.includes(one)).map(({ text }) => text),
  };
}
