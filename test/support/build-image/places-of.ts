import type { BuiltImage } from './assemble.ts';

const PAGE = 4096;

/**
 * Every place where some process sees these bytes, over page ends too: from the truth's pages and the image alone, whoever
 * planted them. At most a page long.
 */
export function placesOf(
  { bytes, truth }: BuiltImage,
  pattern: Uint8Array,
): { pid: number; va: bigint }[] {
  const frames = new Map(truth.pages.map(({ pid, va, frame }) => [`${pid} ${va}`, frame]));
  return truth.pages.flatMap(({ pid, va, frame }) => {
    const next = frames.get(`${pid} ${va + BigInt(PAGE)}`);
    const own = bytes.subarray(frame * PAGE, (frame + 1) * PAGE);
    const tail =
      next === undefined ? [] : bytes.subarray(next * PAGE, next * PAGE + pattern.length - 1);
    const seen = Buffer.concat([own, Uint8Array.from(tail)]);
    const places = [];
    for (let at = seen.indexOf(pattern); at >= 0 && at < PAGE; at = seen.indexOf(pattern, at + 1)) {
      places.push({ pid, va: va + BigInt(at) });
    }
    return places;
  });
}
