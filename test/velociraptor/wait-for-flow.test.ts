import { describe, expect, test } from '@jest/globals';
import { VelociraptorError } from '../../src/velociraptor/velociraptor-error.ts';
import { waitForFlow } from '../../src/velociraptor/wait-for-flow.ts';
import { fakeConnection, WIN } from './fake-connection.ts';

const FLOW = { client: WIN.id, id: 'F.1', wasRunning: false };
const state = (word: string, more: object = {}): object => ({
  session_id: 'F.1',
  state: word,
  ...more,
});
const quick = { forMs: 30_000, everyMs: 10 };

/** One state after the other, the last for ever. */
function states(...list: (object | Error)[]): ReturnType<typeof fakeConnection> {
  let at = 0;
  return fakeConnection([
    [
      'FROM flows',
      () => {
        const one = list[Math.min(at, list.length - 1)] ?? {};
        at += 1;
        return one instanceof Error ? one : [one];
      },
    ],
    [
      'flow_logs',
      [
        { level: 'INFO', message: 'scanning' },
        { level: 'ERROR', message: 'Query timed out after 3600 seconds' },
      ],
    ],
  ]);
}

describe('waiting for a flow', () => {
  test('ends when it has finished', async () => {
    const seen: string[] = [];
    const connection = states(
      state('WAITING'),
      state('RUNNING'),
      state('FINISHED', { total_collected_rows: 7, artifacts_with_results: ['A/B'] }),
    );
    expect(
      await waitForFlow(connection, WIN, FLOW, { ...quick, onState: (one) => seen.push(one) }),
    ).toEqual({ state: 'finished', rows: 7, withResults: ['A/B'], note: '' });
    expect(seen).toEqual(['WAITING', 'RUNNING', 'FINISHED']);
  });

  test('outlives a server that is away for a moment', async () => {
    const connection = states(new VelociraptorError('unreachable', 'away'), state('FINISHED'));
    expect(await waitForFlow(connection, WIN, FLOW, quick)).toMatchObject({ state: 'finished' });
  });

  test('ends with the time, and says that it can be taken up', async () => {
    expect(
      await waitForFlow(states(state('RUNNING')), WIN, FLOW, { forMs: 60, everyMs: 10 }),
    ).toMatchObject({
      state: 'waiting',
      note: expect.stringMatching(/Flow F\.1 .*still runs there.*taken up/),
    });
  });

  test('says that the machine is offline', async () => {
    const away = { ...WIN, lastSeen: new Date('2026-01-02T03:04:05Z') };
    expect(
      await waitForFlow(states(state('RUNNING')), away, FLOW, { forMs: 60, everyMs: 10 }),
    ).toMatchObject({
      state: 'waiting',
      note: expect.stringMatching(/WS12 was last seen at 2026-01-02T03:04:05.000Z and is offline/),
    });
  });

  test('tells a flow that ran out of time by its own last words', async () => {
    await expect(
      waitForFlow(states(state('ERROR', { status: 'failed' })), WIN, FLOW, quick),
    ).rejects.toMatchObject({
      reason: 'slow',
      message: expect.stringMatching(
        /ended as ERROR \(failed; scanning; Query timed out after 3600 seconds\).*is on the server/,
      ),
    });
  });

  test('tells a flow that was deleted', async () => {
    await expect(
      waitForFlow(fakeConnection([['flows', []]]), WIN, FLOW, quick),
    ).rejects.toMatchObject({ reason: 'missing' });
  });

  test('can be stopped', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 30);
    await expect(
      waitForFlow(states(state('RUNNING')), WIN, FLOW, {
        forMs: 60_000,
        everyMs: 20_000,
        signal: stop.signal,
      }),
    ).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
