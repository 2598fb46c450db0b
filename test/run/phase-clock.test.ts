import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { phaseClock } from '../../src/run/phase-clock.ts';

test('a phase gives what it made, and its time is there in the order of the run', async () => {
  const { timings, timed } = phaseClock();
  expect(await timed('open', () => 'image')).toBe('image');
  expect(await timed('scan', () => wait(20, 'hits'))).toBe('hits');
  expect(Object.keys(timings)).toEqual(['open', 'scan']);
  expect(timings['scan']).toBeGreaterThanOrEqual(15);
});

test('a phase that runs twice is added up', async () => {
  const { timings, timed } = phaseClock();
  await timed('scan', () => wait(20));
  const once = timings['scan'] ?? 0;
  await timed('scan', () => wait(20));
  expect(timings['scan']).toBeGreaterThanOrEqual(once + 15);
});

test('a phase that fails has no time', async () => {
  const { timings, timed } = phaseClock();
  const failing = timed('open', () => {
    throw new RangeError('no');
  });
  await expect(failing).rejects.toThrow(RangeError);
  expect(timings).toEqual({});
});
