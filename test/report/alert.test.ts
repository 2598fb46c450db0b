import { describe, expect, test } from '@jest/globals';
import { alertWarnings, startedAfter } from '../../src/report/alert.ts';

const SYSTEM = {
  hostName: 'endpoint.corp.example',
  bootTime: new Date('2026-11-22T08:00:00Z'),
  captureTime: new Date('2026-11-22T10:00:00Z'),
  timeZone: null,
};
const at = (time: string) => ({ host: null, at: new Date(time) });

describe('the host of the alert', () => {
  test.each([
    ['endpoint', 0],
    ['ENDPOINT.corp.example.', 0],
    ['endpoint.other.example', 1],
    ['other', 1],
  ])('%s gives %d warnings', (host, count) => {
    expect(alertWarnings({ host, at: null }, SYSTEM)).toHaveLength(count);
  });

  test('cannot be compared where the image tells no name', () => {
    const [warning] = alertWarnings({ host: 'x', at: null }, { ...SYSTEM, hostName: null });
    expect(warning).toContain('does not tell');
  });
});

describe('the time of the alert', () => {
  test.each([
    ['2026-11-22T09:00:00Z', null],
    ['2026-11-22T07:58:00Z', null],
    ['2026-11-22T10:04:00Z', null],
    ['2026-11-22T07:00:00Z', 'before the machine was started'],
    ['2026-11-22T11:00:00Z', 'after the image was taken'],
  ])('%s: %s', (time, told) => {
    const warnings = alertWarnings(at(time), SYSTEM);
    expect(warnings).toHaveLength(told === null ? 0 : 1);
    if (told !== null) expect(warnings[0]).toContain(told);
  });

  test('names the machine’s zone where it is known', () => {
    const [warning] = alertWarnings(at('2026-11-22T11:00:00Z'), {
      ...SYSTEM,
      timeZone: 'UTC+02:00',
    });
    expect(warning).toContain('UTC+02:00');
  });

  test('is not compared with clocks that could not be read', () => {
    const bare = { ...SYSTEM, bootTime: null, captureTime: null };
    expect(alertWarnings(at('1999-01-01T00:00:00Z'), bare)).toEqual([]);
    expect(alertWarnings(at('1999-01-01T00:00:00Z'), null)).toEqual([]);
  });
});

test.each([
  ['2026-11-22T09:06:00Z', 1],
  ['2026-11-22T09:04:00Z', 0],
  ['2026-11-22T08:00:00Z', 0],
])('a process started at %s: %d counter-reasons', (time, count) => {
  expect(startedAfter(at('2026-11-22T09:00:00Z'), { startTime: new Date(time) })).toHaveLength(
    count,
  );
});

test('a process without a start time, or without an alert, has none', () => {
  expect(startedAfter(at('2026-11-22T09:00:00Z'), { startTime: null })).toEqual([]);
  expect(startedAfter(null, { startTime: new Date() })).toEqual([]);
});
