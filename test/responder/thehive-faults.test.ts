/** TheHive fails, at each place of a job: nothing is lost, nothing is twice, and one sentence says what it was. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { caseState } from '../support/cortex/case-state.ts';
import { caseWithImage, messageOf } from '../support/cortex/case-with-image.ts';
import { click } from '../support/cortex/click.ts';
import { DOWNLOAD, status } from '../support/cortex/troubles.ts';
import { inParallel } from '../support/in-parallel.ts';
import { webPage, type Fault } from '../support/thehive/faults.ts';
import { VERSIONS } from '../support/thehive/hive.ts';

/** Each waits for TheHive most of the time. */
const AT_ONCE = 8;
const NOT_DOWNLOAD = /^(?!.*(download$|datastore))/;

interface Run {
  readonly version: 4 | 5;
  readonly name: string;
  readonly fault: Fault;
  /** What is said of it. */
  readonly message?: RegExp;
  /** Only once the download has begun. */
  readonly isLate?: boolean;
  /** Asked once more when TheHive is well again. */
  readonly isRepeated?: boolean;
}

async function clicked({ version, fault, isLate = false, isRepeated = false }: Run) {
  const world = await caseWithImage(version);
  const { hive } = world;
  const add = (): void => hive.faults.add(fault);
  if (isLate) hive.faults.add({ when: DOWNLOAD, times: 1, what: { kind: 'meanwhile', do: add } });
  else add();
  // Of a job so short silence is given up after 8 s instead of a minute: five times, and a minute is left for all else.
  const minutes = fault.what.kind === 'silence' ? { jobTimeout: 2 } : {};
  const config = { ...world.config, ...minutes };
  const first = await click({ ...world, config, observable: world.ip });
  const stateThen = caseState(world.store);
  const writes = hive.writes.length;
  hive.faults.clear();
  const again = { ...world, observable: world.ip, parameters: { again: true } };
  const second = isRepeated ? await click(again) : null;
  return { first, stateThen, writes, second, state: caseState(world.store) };
}

const FAULTS: readonly (readonly [string, Fault['what'], RegExp])[] = [
  ['slow', { kind: 'silence' }, /no complete answer in time/],
  ['down', { kind: 'reset' }, /the connection was cut/],
  ['401', status(401), /it answers 401: the API key is wrong or locked/],
  ['403', status(403), /it answers 403: the account of the API key lacks a permission/],
  ['404', status(404), /it answers 404: it was deleted, never existed, or is not shared/],
  ['413', webPage(413), /it answers 413: the text is larger than TheHive, or a proxy before it/],
  ['429', status(429, { 'Retry-After': '1' }), /it answers 429: too many requests/],
  ['500', status(500), /it failed \(500\)/],
  ['502 as a web page', webPage(502), /it failed \(502\) \(the answer is a web page/],
  ['a login page', webPage(200), /the answer is a web page and not/],
];

const failing = (versions: readonly (4 | 5)[], when: RegExp, changes: Partial<Run> = {}): Run[] =>
  versions.flatMap((version) =>
    FAULTS.map(([name, what, message]) => ({
      version,
      name,
      fault: { when, what },
      message,
      ...changes,
    })),
  );

/** What may be asked again; the first waits are half a second. */
const REPEATED = [
  /^GET .*\/status$/,
  /^GET .*\/user\/current$/,
  /^GET .*\/case\//,
  /^POST .*\/query$/,
  DOWNLOAD,
  /^GET .*\/observable\/type\//,
  /^PATCH .*\/case\//,
  /^PATCH .*\/observable\//,
];
const PASSING = FAULTS.filter(([name]) => /^(down|slow|429|500|502)/.test(name));
const CREATES = [/^POST .*\/observable$/, /^POST .*\/(task|page)$/, /^POST .*\/log$/];
const LOST = [status(500), { kind: 'reset' }, { kind: 'lost-answer' }] as const;

const undisturbed = VERSIONS.map((version): Run => ({
  version,
  name: 'none',
  fault: { when: /^never$/, what: status(500) },
}));
const RUNS = {
  results: failing(VERSIONS, NOT_DOWNLOAD, { isLate: true, isRepeated: true }),
  download: failing(VERSIONS, DOWNLOAD),
  first: failing([5], /./),
  repeated: VERSIONS.flatMap((version) =>
    REPEATED.map((when, place): Run => {
      const [name, what] = PASSING[(place + version) % PASSING.length] ?? ['', status(500)];
      return { version, name: `${name} at ${when.source}`, fault: { when, times: 1, what } };
    }),
  ),
  creates: VERSIONS.flatMap((version) =>
    CREATES.flatMap((when) =>
      LOST.map((what): Run => {
        const name = `${what.kind} at ${when.source}`;
        return { version, name, fault: { when, times: 1, what }, isRepeated: true };
      }),
    ),
  ),
  undisturbed,
};

/** All beforehand, several at once; a test for each says what came of it. */
const results = new Map<Run, Awaited<ReturnType<typeof clicked>>>();
beforeAll(async () => {
  await inParallel(Object.values(RUNS).flat(), AT_ONCE, async (run) => {
    results.set(run, await clicked(run));
  });
}, 600_000);

function resultOf(run: Run) {
  const result = results.get(run);
  if (!result) throw new Error(`${run.name} was not run`);
  return result;
}
const whole = ({ version }: Run): string[] =>
  undisturbed.filter((run) => run.version === version).flatMap((run) => resultOf(run).state);

const titled = (runs: readonly Run[]) =>
  runs.map((run) => [`TheHive ${run.version}, ${run.name}`, run] as const);

describe.each([
  ['from the first question on', RUNS.first, /^Cannot read the version in TheHive/],
  ['at the download', RUNS.download, /^Cannot download "WS-12\.raw" in TheHive/],
])('%s', (_place, runs, task) => {
  test.each(titled(runs))('%s: a failure that says so, and nothing was written', (_title, run) => {
    const { first, writes } = resultOf(run);
    expect(first.report.status).toBe('Failure');
    expect(messageOf(first)).toMatch(task);
    expect(messageOf(first)).toMatch(run.message ?? /never/);
    expect(first.faults).toEqual([]);
    expect(writes).toBe(0);
  });
});

const full = z.looseObject({
  warnings: z.array(z.string()),
  images: z.tuple([z.looseObject({ report: z.string().optional() })]),
});

describe('when the results are written', () => {
  test.each(titled(RUNS.results))(
    '%s: the answer stands in the job, and a second run puts it into the case',
    (_title, run) => {
      const { first, stateThen, second, state } = resultOf(run);
      expect(messageOf(first)).toMatch(/^WS-12\.raw: .*evil \(PID 42\)/);
      expect(first.faults).toEqual([]);
      const { warnings, images } = full.parse('full' in first.report ? first.report.full : null);
      expect(warnings.join('\n')).toMatch(run.message ?? /never/);
      expect(images[0].report).toMatch(/^# .*evil/);
      expect(stateThen).not.toEqual(whole(run));
      expect(second?.faults).toEqual([]);
      expect(state).toEqual(whole(run));
    },
  );
});

describe('once, at what may be asked again', () => {
  test.each(titled(RUNS.repeated))('%s: nobody notices', (_title, run) => {
    const { first, state } = resultOf(run);
    expect(messageOf(first)).toMatch(/^WS-12\.raw: .*evil \(PID 42\)/);
    expect(first.faults).toEqual([]);
    expect(state).toEqual(whole(run));
  });
});

/** Where the first run could not write the report itself, TheHive made a task of it. */
const isShortened = (line: string): boolean => line.startsWith('task ip2process: ');

describe('once, at what must not be asked again', () => {
  test.each(titled(RUNS.creates))(
    '%s: nothing is twice, and a second run adds the rest',
    (_title, run) => {
      const { first, second, stateThen, state } = resultOf(run);
      expect(messageOf(first)).toMatch(/^WS-12\.raw: .*evil \(PID 42\)/);
      expect([...first.faults, ...(second?.faults ?? [])]).toEqual([]);
      expect(stateThen).toEqual([...new Set(stateThen)]);
      expect(state).toEqual([...new Set(state)]);
      expect(state.filter((line) => !isShortened(line))).toEqual(whole(run));
    },
  );
});
