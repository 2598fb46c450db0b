import { defang } from '../text-safety.ts';
import type { Report } from '../report.ts';

/** Numbers, sizes, times and addresses as the page writes them. */

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

/** Thousands apart, by a narrow space that does not break. */
export const grouped = (count: number): string =>
  String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** `1 GiB`, `1.5 MiB`: binary units, at most one decimal. */
export function size(bytes: number | bigint): string {
  let left = Number(bytes);
  let unit = 0;
  while (left >= 1024 && unit < UNITS.length - 1) {
    left /= 1024;
    unit += 1;
  }
  const number = left >= 100 ? String(Math.round(left)) : left.toFixed(1).replace(/\.0$/, '');
  return `${number} ${UNITS[unit] ?? ''}`;
}

/** `2026-11-22 15:16:12 UTC`; what is no time of this form stays as it is. */
export const moment = (iso: string): string =>
  iso.replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?Z$/, '$1 $2 UTC');

/** `heap 68, stack 2`: the largest first. */
export const tally = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${grouped(count)}`)
    .join(', ');

export const endpointText = ({ address, port }: { address: string; port: number }): string =>
  /[:]/.test(address) ? `[${address}]:${port}` : `${address}:${port}`;

/** A hexadecimal address as a number to reckon with; null where it is none of at most 64 bits. */
export const addressOf = (text: string): bigint | null =>
  /^0x[0-9a-f]{1,16}$/.test(text) ? BigInt(text) : null;

/** Pivots that are defanged wherever they stand: the page shows no more of them. */
const MOST_PIVOTS = 100;

/** Longer names stand whole in no line of the page; and an expression has a longest length. */
const LONGEST_NAME = 300;
/** Of a text that is told: what follows is cut by `html`. */
const LONGEST_TOLD = 5000;

/** How prose and quotations are told: every indicator and pivot of the report in them defanged. */
export type Tell = (text: string) => string;

export function defangIn({ indicators, pivots }: Pick<Report, 'indicators' | 'pivots'>): Tell {
  const names = [...indicators, ...pivots.slice(0, MOST_PIVOTS)]
    .map(({ text }) => text)
    .filter(({ length }) => length > 3 && length <= LONGEST_NAME)
    .toSorted((one, other) => other.length - one.length)
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`));
  if (names.length === 0) return cut;
  const any = new RegExp(names.join('|'), 'gi');
  return (text) => cut(text).replace(any, defang);
}

const cut = (text: string): string => text.slice(0, LONGEST_TOLD);
