/** Of pages of a file, those that show a literal: told by other threads. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type StoredRun, storedMemory } from '../../src/image/stored-memory.ts';
import { type Confirmation, confirmListed } from '../../src/index-file/confirm-listed.ts';
import { members, setBit } from '../../src/index-file/page-bits.ts';
import { PagePlan } from '../../src/index-file/page-plan.ts';
import { parseIndicators } from '../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../src/indicator/patterns.ts';
import { machineCode } from '../../src/machine-code/machine-code.ts';
import { physical } from '../../src/memory/address.ts';
import { openFile } from '../../src/memory/byte-source.ts';
import type { ScanOptions } from '../../src/scan/scan.ts';
import { indexesForFew, searchOf } from '../../src/scan/search.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PAGE = 4096;
/** Of the file, which has a header as long as that. */
const PAGES = 300;
const HEADER = 100;
const NAME = 'evil.example';

const folder = temporaryFolder('ip2process-listed-');
const path = join(folder, 'image');
writeFileSync(path, new Uint8Array(HEADER + PAGES * PAGE));
const opened: (() => void)[] = [];
afterAll(() => {
  for (const close of opened) close();
});

const indicators = parseIndicators([NAME]);
const search = searchOf(patternsOf(indicators), indicators, {}, indexesForFew);

/** An image whose pages hold the name, where they are in `holding`, at an offset each. */
function image(
  holding: ReadonlyMap<number, number>,
  runs: readonly StoredRun[] = [{ start: physical(0), length: PAGES * PAGE, fileOffset: HEADER }],
  name = join(folder, `image-${opened.length}`),
) {
  const bytes = Buffer.alloc(HEADER + PAGES * PAGE);
  for (const [page, at] of holding) bytes.write(NAME, HEADER + page * PAGE + at, 'latin1');
  writeFileSync(name, bytes);
  const source = openFile(name);
  opened.push(() => source.close());
  const memory = storedMemory(runs, source);
  return { source, memory, plan: new PagePlan(runs) };
}

function asked(
  { source, memory, plan }: ReturnType<typeof image>,
  pages: readonly number[],
  options: ScanOptions = {},
): Confirmation | null {
  const set = new Uint32Array(Math.ceil(plan.count / 32));
  for (const page of pages) setBit(set, page);
  return confirmListed(set, plan, { source, memory }, search, options);
}

const all = Array.from({ length: PAGES }, (_, page) => page);
const machine = (machineCode()?.sieveListed ?? null) === null ? describe.skip : describe;

machine('pages of a file (needs Linux on x86-64 with AVX2)', () => {
  test('those that hold the name are kept, of those that are asked about, by any number of threads', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(fc.nat(PAGES - 1), fc.nat(PAGE - NAME.length)), {
          selector: ([page]) => page,
          maxLength: 60,
        }),
        fc.uniqueArray(fc.nat(PAGES - 1)),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        async (holding, some, isAll, threads) => {
          const candidates = isAll ? all : some;
          const found = await asked(image(new Map(holding), undefined, path), candidates, {
            threads,
          })?.pages();
          const expected = holding
            .map(([page]) => page)
            .filter((page) => candidates.includes(page));
          expect([...members(found ?? new Uint32Array())]).toEqual(
            expected.toSorted((a, b) => a - b),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  test('pages that no run holds whole are kept: let others look', async () => {
    const runs = [
      { start: physical(0x1800), length: 3 * PAGE, fileOffset: HEADER + 0x1800 },
      { start: physical(0x4800), length: 2 * PAGE, fileOffset: HEADER + 0x9000 },
    ];
    const input = image(new Map([[3, 100]]), runs);
    const found = await asked(input, [0, 1, 2, 3, 4, 5])?.pages();
    // Frames 1 to 6; the name is in frame 3, which has the number 2.
    expect([...members(found ?? new Uint32Array())]).toEqual([0, 2, 3, 5]);
  });

  test('pages that cannot be read are kept', async () => {
    const runs = [{ start: physical(0), length: 2 * PAGES * PAGE, fileOffset: HEADER }];
    const found = await asked(image(new Map([[1, 0]]), runs), [
      0,
      1,
      PAGES - 1,
      PAGES,
      PAGES + 7,
    ])?.pages();
    expect([...members(found ?? new Uint32Array())]).toEqual([1, PAGES, PAGES + 7]);
  });

  test.each([
    ['many', all],
    ['few', [1, 2, 200]],
  ])(
    'a look at %s that is called off takes nothing away that was not looked at',
    async (_, some) => {
      const stop = new AbortController();
      stop.abort();
      const confirmation = asked(image(new Map()), some, { signal: stop.signal });
      expect([...members((await confirmation?.pages()) ?? new Uint32Array())]).toEqual(some);
    },
  );

  test('it can be stopped, and waited for', async () => {
    const confirmation = asked(image(new Map()), all);
    await confirmation?.stop();
    await expect(confirmation?.pages()).resolves.toBeInstanceOf(Uint32Array);
  });

  test.each<[string, Partial<StoredRun>, NodeJS.ProcessEnv]>([
    ['where a file does not hold its memory as it is', { fileOffset: JSON.parse('null') }, {}],
    ['without machine code', {}, { IP2PROCESS_NATIVE: 'off' }],
  ])('it declines %s', (_, run, environment) => {
    const runs = [{ start: physical(0), length: PAGE, fileOffset: HEADER, ...run }];
    const input = image(new Map(), runs);
    Object.assign(process.env, environment);
    try {
      expect(asked(input, [0])).toBeNull();
    } finally {
      for (const name of Object.keys(environment)) delete process.env[name];
    }
  });
});
