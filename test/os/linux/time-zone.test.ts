import { expect, test } from '@jest/globals';
import { readTimeZone } from '../../../src/os/linux/time-zone.ts';
import { buildLinux } from '../../support/build-image.ts';
import { kernelOf, patched } from './built-machine.ts';

/** A machine whose kernel was told this; the clock's place stands for `sys_tz`, which it does not have. */
function machine(minutesWest: number) {
  const image = buildLinux().build();
  const at = image.symbols['tk_core'] ?? 0n;
  const told = new Uint8Array(8);
  new DataView(told.buffer).setInt32(0, minutesWest, true);
  const memory = patched(image.memory, [[image.toPhysical(at), told]]);
  return { ...kernelOf({ ...image, memory }), symbol: () => at };
}

test.each([
  [-120, 'UTC+02:00'],
  [-345, 'UTC+05:45'],
  [300, 'UTC-05:00'],
  [0, null],
  [100_000, null],
])('%d minutes west of Greenwich are %s', (minutes, zone) => {
  expect(readTimeZone(machine(minutes))).toBe(zone);
});

test('a kernel without the symbol tells none', () => {
  expect(readTimeZone(kernelOf(buildLinux({ kallsyms: false }).build()))).toBeNull();
});
