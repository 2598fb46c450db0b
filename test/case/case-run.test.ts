/** Whenever the time limit strikes: what was answered by then is told, and nothing is asked any more. */
import { EventEmitter, once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { answerOf } from '../../responder/answer.ts';
import { caseRun, type CaseOutcome, type CaseRequest } from '../../src/case/case-run.ts';
import { Ip2ProcessError } from '../../src/errors.ts';
import type { LiveFindings } from '../../src/report/live-part.ts';
import type { Report } from '../../src/report/report.ts';
import { sampleLive } from '../support/sample-live.ts';
import { sampleReport } from '../support/sample-report.ts';
import { sessionOf, startHive, VERSIONS } from '../support/thehive/hive.ts';

const LIMIT = 'Stopped: the time limit is nearly reached';
const cancelled = new Ip2ProcessError('cancelled', 'it was stopped');

interface World {
  readonly version: 4 | 5;
  readonly results?: CaseRequest['results'];
  /** Files of the case that are memory images. */
  readonly images?: readonly string[];
  /** The limit strikes when so many requests have come; never by default. */
  readonly strikesAt?: number;
  readonly ask?: Ask;
  /** Whether the analysis waits until it is ended. */
  readonly isStuck?: boolean;
  /** Whether somebody stops the run when the first image was analysed. */
  readonly isStopped?: boolean;
}

/** What a running machine answers; it can have the limit strike, and wait until the image was analysed. */
type Ask = (world: {
  readonly strike: () => void;
  readonly isRead: Promise<unknown>;
}) => Promise<LiveFindings>;

const strikeAtOnce: Ask = async ({ strike }) => {
  strike();
  throw cancelled;
};
const strikeOnceRead: Ask = async (world) => {
  await world.isRead;
  return strikeAtOnce(world);
};
const answerAndStrike: Ask = async ({ strike }) => {
  strike();
  return sampleLive();
};

/** A run over a case in which the analysis takes no time, and what it had when it ended. */
async function run(world: World) {
  const { version, results = 'auto', images = [], strikesAt, ask, isStuck, isStopped } = world;
  const { hive, store, aCase, writer } = await startHive(version);
  store.addObservable(aCase._id, { data: '35.178.122.152', tags: ['host:endpoint'] });
  for (const [at, name] of images.entries()) {
    store.addFile(aCase._id, store.file(name, Uint8Array.of(at)), { tags: ['memory-image'] });
  }
  const [time, user] = [new AbortController(), new AbortController()];
  const signal = AbortSignal.any([time.signal, user.signal]);
  const session = await sessionOf(hive, writer, { signal });
  let requests = 0;
  const count = (): void => {
    requests += 1;
    if (requests === strikesAt) time.abort();
  };
  hive.faults.add({ when: /./, what: { kind: 'meanwhile', do: count } });
  const analysed: string[] = [];
  const analysis = new EventEmitter();
  const isRead = once(analysis, 'end');
  const running = caseRun(
    {
      session,
      caseId: aCase._id,
      observableId: null,
      find: {},
      places: {},
      fetch: {},
      isAutomatic: false,
      again: false,
      results,
      analysis: { toolVersion: '1.2.3' },
      machines: ask
        ? { ask: () => ask({ strike: () => time.abort(), isRead }), collect: null }
        : null,
    },
    {
      signal: user.signal,
      limit: { signal: time.signal, text: LIMIT },
      analyse: async ({ image, source }, options): Promise<Report> => {
        await source?.complete;
        if (isStuck) await ended(options?.signal);
        analysed.push(image);
        analysis.emit('end');
        if (isStopped) user.abort();
        return sampleReport();
      },
    },
  );
  const outcome = await running.catch((error: unknown) => error);
  return { outcome, analysed, requests };
}

/** Never resolves. */
const ended = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((_, reject) => {
    if (signal?.aborted) reject(cancelled);
    else signal?.addEventListener('abort', () => reject(cancelled));
  });

const isOutcome = (value: unknown): value is CaseOutcome =>
  typeof value === 'object' && value !== null && 'images' in value;

async function answered(world: World) {
  const { outcome, ...rest } = await run(world);
  if (!isOutcome(outcome)) throw outcome;
  return { ...rest, outcome, output: answerOf(outcome, 50) };
}

/** How an image's report came into its case. */
const wayOf = ({ result }: CaseOutcome['images'][number]) =>
  result.kind === 'answered'
    ? {
        hasText: result.posted.hasText,
        operations: result.posted.operations.map((one) => one.type),
      }
    : null;

describe.each(VERSIONS)('TheHive %d', (version) => {
  test.each(['auto', 'operations'] as const)(
    '%s: at every other request',
    async (results) => {
      const world = { version, results, images: ['first.raw', 'second.raw'] };
      const whole = await answered(world);
      expect(whole.analysed).toEqual(world.images);
      let cutReports = 0;
      // The odd ones with TheHive 4, the even ones with 5.
      for (let strikesAt = version - 3; strikesAt <= whole.requests; strikesAt += 2) {
        const { outcome, analysed, requests } = await run({ ...world, strikesAt });
        // The lists in which an earlier answer may stand are asked for together.
        expect(requests - strikesAt).toBeLessThanOrEqual(1);
        if (!isOutcome(outcome)) {
          // It did not come to an image.
          expect(outcome).toMatchObject({ kind: 'cancelled' });
          expect(analysed).toEqual([]);
          continue;
        }
        for (const [at, image] of outcome.images.entries()) {
          const { candidate, result } = image;
          if (!analysed.includes(candidate.name)) {
            expect(result).toMatchObject({ kind: 'failed', error: { message: LIMIT } });
            continue;
          }
          const isCut = result.kind === 'answered' && result.posted.notes.join().includes(LIMIT);
          const asWhole = whole.outcome.images[at];
          expect(wayOf(image)).toEqual(
            isCut ? { hasText: false, operations: [] } : asWhole && wayOf(asWhole),
          );
          cutReports += isCut ? 1 : 0;
        }
        const output = answerOf(outcome, 50);
        expect(JSON.stringify(output)).toContain(LIMIT);
        expect(output.success).toBe(analysed.length > 0);
        // The report stands where the case could not take it.
        const cut = outcome.images.filter((image) => wayOf(image)?.hasText === false).length;
        expect(JSON.stringify(output).match(/"report":"# /g) ?? []).toHaveLength(cut);
      }
      expect(cutReports).toBeGreaterThan(1);
    },
    180_000,
  );

  test('while the machine is asked: the answer of its image stays', async () => {
    const { output } = await answered({ version, images: ['first.raw'], ask: strikeOnceRead });
    expect(output).toMatchObject({
      success: true,
      full: {
        images: [{ warnings: [`No live answer: ${LIMIT}`], report: expect.stringMatching(/^# /) }],
      },
    });
  });

  test('after a machine without image answered: its answer stays', async () => {
    const { output } = await answered({ version, ask: answerAndStrike });
    expect(output).toMatchObject({
      success: true,
      full: { images: [{ report: expect.stringMatching(/^# /) }] },
    });
  });

  test('neither image nor machine answered: said once', async () => {
    const { output } = await answered({
      version,
      images: ['first.raw'],
      ask: strikeAtOnce,
      isStuck: true,
    });
    expect(output).toEqual({ success: false, errorMessage: LIMIT });
  });

  test('what somebody stops is thrown away, also what was answered', async () => {
    const { outcome, analysed } = await run({ version, images: ['first.raw'], isStopped: true });
    expect(analysed).toEqual(['first.raw']);
    expect(outcome).toMatchObject({ kind: 'cancelled' });
  });
});
