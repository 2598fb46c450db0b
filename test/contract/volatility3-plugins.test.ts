/**
 * What the released plugins of the pinned Volatility 3 say about hits: the ways of the recipe, right or wrong. A test that
 * fails after a new pin says that the statement in docs/volatility3.md no longer holds.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test as plainTest } from '@jest/globals';
import * as z from 'zod';
import { runVolatility3 } from '../../src/engine/volatility3/run.ts';
import { buildWindows } from '../support/build-windows/build-windows.ts';
import { placesOf } from '../support/build-windows/find-in-truth.ts';
import { INDICATOR } from '../support/build-windows/scenarios.ts';
import { SYMBOL_FOLDER, VOLATILITY } from '../support/build-windows/volatility.ts';
import { withSymbols as test } from '../support/build-windows/with-volatility.ts';
import { sharedImage, unpacked } from '../support/lab-images.ts';
import { fromRoot, requires } from '../support/requires.ts';
import { expectedPlaces, loadTruth } from '../support/truth.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const LONG = 900_000;

const folder = temporaryFolder('ip2process-plugins-');

const image = (): string => join(folder, 'windows.raw');
const YaraRow = z.object({ PID: z.number(), Offset: z.number() });
const ask = async <Row>(plugin: string, path: string, row: z.ZodType<Row>, args: string[]) => {
  const { rows } = await runVolatility3(
    { command: VOLATILITY, symbols: fromRoot(SYMBOL_FOLDER), cache: join(folder, 'cache') },
    { plugin, image: path, args },
    row,
  );
  return rows;
};
const yara = (plugin: string, path: string) =>
  ask(plugin, path, YaraRow, ['--yara-string', INDICATOR]);

describe('Windows', () => {
  const HEAP = 0x2_0000_0000n;
  const machine = buildWindows({ build: 17763, seed: 876 });
  machine
    .process('beacon.exe', { pid: 2000 })
    .region(HEAP, 4, { kind: 'private' })
    .write(HEAP + 0x123n, `ascii GET http://${INDICATOR}/a HTTP/1.1`)
    .write(HEAP + 0x2040n, `ascii Host: ${INDICATOR}`);
  machine
    .process('trimmed.exe', { pid: 2100 })
    .maps(HEAP, `ascii standby ${INDICATOR} page`, { kind: 'transition' });
  machine.process('ghost.exe', { pid: 2900, hidden: true }).maps(HEAP, `ascii ${INDICATOR} `);
  const { bytes, truth } = machine.build();
  const places = placesOf(truth, INDICATOR);
  beforeAll(() => writeFileSync(image(), bytes));

  test(
    'windows.strings gives no hit to the process that has it (volatility3 issue 876)',
    async () => {
      const strings = join(folder, 'strings.txt');
      writeFileSync(strings, places.map(({ physical }) => `${physical} ${INDICATOR}\n`).join(''));
      const Row = z.object({ 'Physical Address': z.number(), Result: z.string() });
      const rows = await ask('windows.strings', image(), Row, ['--strings-file', strings]);

      expect(rows.map((row) => row['Physical Address'])).toEqual(
        places.map(({ physical }) => physical),
      );
      const right = rows.filter((row) =>
        places.some(
          ({ physical, hit }) =>
            physical === row['Physical Address'] && row.Result.includes(`Process ${hit?.pid}:`),
        ),
      );
      expect(right).toEqual([]);
      expect(rows.map(({ Result }) => Result)).toContain('FREE MEMORY');
    },
    LONG,
  );

  test(
    'windows.vadyarascan finds what listed processes have, trimmed pages too, and no hidden process',
    async () => {
      const rows = await yara('windows.vadyarascan', image());
      const listed = places.filter(({ hit }) => hit !== null && hit.pid !== 2900);

      expect(listed.length).toBe(3);
      expect(rows.map(({ PID, Offset }) => `${PID} ${Offset}`).toSorted()).toEqual(
        listed.map(({ hit, va }) => `${hit?.pid} ${va}`).toSorted(),
      );
    },
    LONG,
  );
});

describe('Linux', () => {
  const shared = sharedImage();
  if (shared === null || !requires('zstd', 'apt-get install zstd').isPresent) {
    plainTest.skip('needs ../shared/images/linux-debian12-1g and zstd', () => undefined);
    return;
  }

  test(
    'linux.vmayarascan finds every plain text, but in pages protected from any access',
    async () => {
      const { path, remove } = unpacked(shared);
      try {
        const truth = loadTruth(shared.truth);
        const found = new Set(
          (await yara('linux.vmayarascan', path)).map(({ PID, Offset }) => `${PID} ${Offset}`),
        );
        const expected = new Set(
          expectedPlaces(truth, INDICATOR).map(({ pid, va }) => `${pid} ${va}`),
        );
        const missed = truth.hits.filter(
          ({ pid, va, form }) =>
            form === 'ascii' && expected.has(`${pid} ${va}`) && !found.has(`${pid} ${va}`),
        );

        expect(found.size).toBeGreaterThan(100);
        // Volatility takes an image with a VMCOREINFO note for one of any system.
        expect(new Set(missed.map(({ perms }) => perms))).toEqual(new Set(['---p']));
      } finally {
        remove();
      }
    },
    LONG,
  );
});
