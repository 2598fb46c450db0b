import { expect, test } from '@jest/globals';
import { readClock } from '../../../src/os/linux/clock.ts';
import { buildLinux } from '../../support/build-image.ts';
import { kernelOf, patched, word } from './built-machine.ts';

const bootTime = new Date('2026-02-03T04:05:06.789Z');
const captureTime = new Date('2026-02-05T01:02:03.456Z');

test('the time of boot and of capture are the machine’s own, and place what happened between', () => {
  const image = buildLinux({ bootTime, captureTime }).build();
  const keeper = image.toPhysical(image.symbols['tk_core'] ?? 0n) + 8;
  const at = (member: string): number => keeper + image.offsetOf('timekeeper', member);
  const memory = patched(image.memory, [
    [at('tkr_mono.shift'), Uint8Array.of(8, 0, 0, 0)],
    [at('tkr_mono.xtime_nsec'), word(456_000_000n << 8n)],
  ]);
  const clock = readClock(kernelOf({ ...image, memory }));
  expect(clock?.boot).toEqual(bootTime);
  expect(clock?.now).toEqual(captureTime);
  expect(clock?.at(1_500_000_000n)).toEqual(new Date('2026-02-03T04:05:08.289Z'));
});

test.each([0n, -1n, 2n ** 62n])('seconds that are %i are not believed', (seconds) => {
  const image = buildLinux({ bootTime, captureTime }).build();
  const core = image.toPhysical(image.symbols['tk_core'] ?? 0n) + 8;
  const at = core + image.offsetOf('timekeeper', 'xtime_sec');
  const memory = patched(image.memory, [[at, word(seconds)]]);
  expect(readClock(kernelOf({ ...image, memory }))).toBeNull();
});

test('there is no clock without symbols', () => {
  expect(readClock(kernelOf(buildLinux({ kallsyms: false }).build()))).toBeNull();
});
