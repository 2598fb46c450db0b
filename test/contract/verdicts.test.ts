/** docs/verdicts.md says what the program says today: of the fixed images by every run, of the lab's when it is written anew. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { labImages, sharedImage, unpacked } from '../support/lab-images.ts';
import { fromRoot, requires } from '../support/requires.ts';
import { DECOY_TALKERS, decoyMachine } from '../support/build-windows/decoy-machine.ts';
import { RECIPE, recipeMachine } from '../support/build-windows/recipe-machine.ts';
import { INDICATOR } from '../support/build-windows/scenarios.ts';
import {
  sectionOf,
  sectionOfImage,
  verdictSection,
  withSections,
} from '../support/verdict-table.ts';

const DOCUMENT = fromRoot('docs/verdicts.md');
const SAMPLE = 'test/samples/debian12-beacon';
const isUpdate = process.env['IP2PROCESS_UPDATE'] === '1';
const read = (): string => (existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : '');

function keeps(name: string, section: string): void {
  if (isUpdate) writeFileSync(DOCUMENT, withSections(read(), [section]));
  expect(sectionOf(read(), name)?.trimEnd()).toBe(section.trimEnd());
}

test('the embedded sample', async () => {
  const name = 'The embedded sample (debian12-beacon)';
  keeps(
    name,
    await verdictSection(
      name,
      fromRoot(`${SAMPLE}/endpoint.lime.xz`),
      fromRoot(`${SAMPLE}/truth.json`),
    ),
  );
});

const zstd = requires('zstd', 'apt-get install zstd');
const image = sharedImage();
if (image === null) {
  test.skip('the model image [needs ../shared/images/linux-debian12-1g]', () => undefined);
} else {
  zstd('the model image', async () => {
    const name = 'The model image (linux-debian12-1g)';
    const { path, remove } = unpacked(image);
    try {
      keeps(name, await verdictSection(name, path, image.truth));
    } finally {
      remove();
    }
  });
}

describe('built machines', () => {
  test.each([
    {
      name: 'The recipe’s machine (built, Windows 8.1)',
      machine: recipeMachine,
      talkers: [RECIPE.pid],
    },
    {
      name: 'Windows decoys (built, Windows 10 19041)',
      machine: decoyMachine,
      talkers: DECOY_TALKERS,
    },
  ])('$name', async ({ name, machine, talkers }) => {
    const folder = mkdtempSync(join(tmpdir(), 'verdicts-'));
    const path = join(folder, 'machine.raw');
    writeFileSync(path, machine().toBytes());
    const truth = { indicator: INDICATOR, talkers, helperPid: null, ghostHits: 0 };
    try {
      const section = await sectionOfImage(name, path, truth);
      keeps(name, section);
      const count = talkers.length;
      expect(section).toContain(`${count} of ${count} talkers named, 0 others named`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('machines of the lab', () => {
  const machines = labImages().filter(({ path }) => path.endsWith('endpoint.lime'));
  const run = isUpdate && machines.length > 0 ? test : test.skip;
  run('[only with IP2PROCESS_LAB and IP2PROCESS_UPDATE=1]', async () => {
    for (const { path, truth } of machines) {
      const name = `A machine of the lab: ${basename(dirname(path))}`;
      keeps(name, await verdictSection(name, path, truth));
    }
  });
});
