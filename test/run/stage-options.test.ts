import { expect, test } from '@jest/globals';
import { stageOptions } from '../../src/run/stage-options.ts';

test('what was not asked for is not there: each stage has its own default', () => {
  const { open, scan, watched } = stageOptions({}, {});
  expect(open()).toEqual({});
  expect(watched('hash')).toEqual({});
  expect(Object.keys(scan()).toSorted()).toEqual(['anchors', 'probes']);
});

test('every stage can be stopped, and tells its phase', () => {
  const told: unknown[] = [];
  const { signal } = new AbortController();
  const onProgress = (...parts: unknown[]): void => void told.push(parts);
  const stages = stageOptions({ threads: 2, scratch: '/scratch' }, { signal, onProgress });
  expect(stages.open()).toMatchObject({ scratch: '/scratch', signal });
  expect(stages.scan()).toMatchObject({ threads: 2, signal });
  stages.open().onProgress?.(1, 2);
  stages.scan().onProgress?.(3, 4);
  stages.threaded('index').onProgress?.(5, 6);
  expect(told).toEqual([
    ['unpack', 1, 2],
    ['scan', 3, 4],
    ['index', 5, 6],
  ]);
});
