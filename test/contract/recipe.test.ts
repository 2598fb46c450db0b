/** The recipe's own scenario, as built: 116 hits in `taskhostex.exe` (3008). Both engines must say the same about it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test as plainTest } from '@jest/globals';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { ip2process } from '../../src/run/ip2process.ts';
import type { Report } from '../../src/report/report.ts';
import { RECIPE, recipeMachine } from '../support/build-windows/recipe-machine.ts';
import { SYMBOL_FOLDER, VOLATILITY } from '../support/build-windows/volatility.ts';
import { withSymbols, withVolatility } from '../support/build-windows/with-volatility.ts';
import { fromRoot } from '../support/from-root.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('ip2process-recipe-');
beforeAll(() => {
  writeFileSync(join(folder, 'recipe.raw'), recipeMachine().build().bytes);
});

const answer = (kind: 'native' | 'volatility3' | 'both'): Promise<Report> =>
  ip2process({
    indicators: [parseIndicator(RECIPE.indicator)],
    image: join(folder, 'recipe.raw'),
    threads: 1,
    engine: { kind, volatility3: { command: VOLATILITY, symbols: fromRoot(SYMBOL_FOLDER) } },
    toolVersion: 'test',
  });

function isTheAnswer({ processes, hits, proxy }: Report): void {
  expect(processes.map(({ pid, name, hits: held }) => [pid, name, held.total])).toEqual([
    [RECIPE.pid, RECIPE.name, RECIPE.hits],
  ]);
  expect(hits.length).toBe(RECIPE.hits);
  expect(processes[0]).toMatchObject({ rank: 1, connectedToProxy: true });
  expect(proxy).toMatchObject({ address: '172.31.0.250', port: 8080 });
}

describe('116 hits in taskhostex.exe (3008)', () => {
  plainTest('by the native engine', async () => isTheAnswer(await answer('native')));

  withSymbols(
    'by Volatility 3',
    async () => {
      const report = await answer('volatility3');
      isTheAnswer(report);
      expect(report.engine).toBe('volatility3');
    },
    600_000,
  );

  withSymbols(
    'by both: the second opinion agrees on every place and every process',
    async () => {
      const report = await answer('both');
      isTheAnswer(report);
      expect(report.engine).toBe('native');
      expect(report.secondOpinion).toMatchObject({
        state: 'answered',
        version: '2.28.2',
        places: { both: RECIPE.hits, onlyAnswer: 0, onlySecond: 0 },
        processes: { onlyAnswer: 0, onlySecond: 0 },
        placeDifferences: [],
        warnings: [],
      });
    },
    600_000,
  );
});

describe('both, where Volatility 3 cannot answer', () => {
  plainTest('the native answer stands, and the report says what to do', async () => {
    const report = await ip2process({
      indicators: [parseIndicator(RECIPE.indicator)],
      image: join(folder, 'recipe.raw'),
      threads: 1,
      engine: { kind: 'both', volatility3: { command: '/nowhere/vol' } },
      toolVersion: 'test',
    });
    isTheAnswer(report);
    expect(report.secondOpinion).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('npm run setup:volatility3'),
    });
  });

  withVolatility(
    'without symbols it names PDB, GUID and file',
    async () => {
      const empty = mkdtempSync(join(tmpdir(), 'ip2process-'));
      const report = await ip2process({
        indicators: [parseIndicator(RECIPE.indicator)],
        image: join(folder, 'recipe.raw'),
        threads: 1,
        engine: { kind: 'both', volatility3: { command: VOLATILITY, symbols: empty } },
        toolVersion: 'test',
      });
      rmSync(empty, { recursive: true });
      expect(report.secondOpinion?.reason).toMatch(
        /ntkrnlmp\.pdb, GUID [0-9A-F]{32}, age 1\); put them at .*windows\/ntkrnlmp\.pdb\/[0-9A-F]{32}-1\.json\.xz/,
      );
    },
    600_000,
  );
});
