import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { LAYOUT_GROUPS } from '../../../../src/os/windows/offsets/groups.ts';
import {
  PFN_SHAPES,
  PROCESS_SHAPES,
  SECTION_SHAPES,
  THREAD_SHAPES,
  VAD_SHAPES,
} from '../../../../src/os/windows/offsets/shapes.ts';
import { generate } from '../../../../src/os/windows/offsets/generate.mjs';
import { fromRoot, requires } from '../../../support/requires.ts';

const TABLE = '../shared/reference/windows-offsets.json';

requires(TABLE, 'the shared reference, beside the repository')(
  'the table is what its source generates',
  () => {
    const generated = generate(JSON.parse(readFileSync(fromRoot(TABLE), 'utf8')));
    const committed = readFileSync(fromRoot('src/os/windows/offsets/groups.ts'), 'utf8');
    expect(committed).toBe(generated);
  },
);

test.each([7600, 7601, 9200, 9600, 10240, 14393, 17763, 18362, 19045, 20348, 22621, 26100, 26200])(
  'build %d has a layout',
  (build) => {
    const has = LAYOUT_GROUPS.some(({ builds }) =>
      builds.some(([first, last]) => build >= first && build <= last),
    );
    expect(has).toBe(true);
  },
);

describe.each(LAYOUT_GROUPS)('$id', ({ process, vad, section, pfn, thread }) => {
  test('keeps the invariants that hold for every x64 kernel', () => {
    expect(process.pid).toBe(process.links - 8);
    expect(process.parentPid).toBeGreaterThan(process.links);
    expect(process.name).toBeGreaterThan(process.parentPid);
    for (const offset of Object.values(process)) expect(offset % 8).toBe(0);
  });

  test('has one of the shapes by which an unlisted kernel is read', () => {
    const { links, exitTime, vadRoot, ...rest } = process;
    const fromLinks = Object.fromEntries(
      Object.entries(rest).map(([name, offset]) => [name, offset - links]),
    );
    const shapes = PROCESS_SHAPES.filter(
      (shape) => JSON.stringify(sorted(shape.fromLinks)) === JSON.stringify(sorted(fromLinks)),
    );
    const exits = shapes.map(
      ({ exitTime: { from, distance } }) =>
        (from === 'vadRoot' ? vadRoot : process.createTime) + distance,
    );
    expect(exits).toContain(exitTime);
    expect(VAD_SHAPES).toContainEqual(vad);
    expect(SECTION_SHAPES).toContainEqual(section);
    expect(PFN_SHAPES).toContainEqual(pfn);
    if (thread.listEntry !== null) expect(THREAD_SHAPES).toContainEqual(thread);
  });
});

const sorted = (fields: object): [string, unknown][] =>
  Object.entries(fields).toSorted(([one], [other]) => one.localeCompare(other));
