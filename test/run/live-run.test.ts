import { describe, expect, test } from '@jest/globals';
import { Ip2ProcessError } from '../../src/errors.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { liveRun } from '../../src/run/live-run.ts';
import { sampleLive } from '../support/sample-live.ts';
import { sampleReport } from '../support/sample-report.ts';

const question = {
  indicators: [parseIndicator('35.178.122.152')],
  proxy: null,
  contexts: 'full' as const,
  toolVersion: '1.2.3',
};
const image = async () => sampleReport();
const live = async () => sampleLive();
const failing = (kind: 'image' | 'system' | 'cancelled', message: string) => async () => {
  throw new Ip2ProcessError(kind, message);
};
const waiting = async () =>
  sampleLive({ state: 'waiting', note: 'It is offline.', processes: [], coverage: null });

describe('an image and its running machine', () => {
  test('answer together', async () => {
    expect(await liveRun(image, live, question)).toMatchObject({
      image: { path: 'memory.lime' },
      live: { state: 'answered' },
    });
  });

  test('one that fails is a warning of the other', async () => {
    expect(await liveRun(image, failing('system', 'no server'), question)).toMatchObject({
      outcome: 'found',
      live: null,
      warnings: ['No live answer: no server'],
    });
    expect(await liveRun(failing('image', 'no image'), live, question)).toMatchObject({
      image: null,
      warnings: ['The image was not looked at: no image'],
    });
  });

  test('both that fail are told in one sentence', async () => {
    await expect(liveRun(failing('image', 'no image'), waiting, question)).rejects.toMatchObject({
      kind: 'image',
      message: 'no image. And no live answer: It is offline.',
    });
    await expect(liveRun(null, waiting, question)).rejects.toThrow(
      'No live answer: It is offline.',
    );
  });

  test('what both failed by is said once', async () => {
    const late = failing('system', 'the time is over');
    await expect(liveRun(late, late, question)).rejects.toMatchObject({
      message: 'the time is over',
    });
  });

  test('being stopped is no answer of either', async () => {
    const stopped = failing('cancelled', 'stopped');
    await expect(liveRun(image, stopped, question)).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(liveRun(stopped, live, question)).rejects.toMatchObject({ kind: 'cancelled' });
  });

  test('a bug keeps its stack', async () => {
    const bug = new TypeError('x is not a function');
    await expect(liveRun(image, () => Promise.reject(bug), question)).rejects.toBe(bug);
  });
});
