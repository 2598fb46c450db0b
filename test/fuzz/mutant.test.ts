import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Random } from '../support/build-image/random.ts';
import { applied, changedPages } from './edit.ts';
import { lime } from './encoding.ts';
import { fileEdit } from './file-edits.ts';
import { linuxMachines } from './linux-machine.ts';
import { memoryEdits } from './memory-edits.ts';
import { basesOf, fileOf, INDICATOR, mutantOf } from './mutant.ts';
import { TARGETS } from './targets.ts';
import { someOf } from './values.ts';
import { windowsMachines } from './windows-machine.ts';

const RAW = TARGETS.find(({ name }) => name === 'raw');
const LIME = TARGETS.find(({ name }) => name === 'lime');
if (!RAW || !LIME) throw new Error('raw and LiME are fuzzed first of all');

describe('a mutant', () => {
  const base = basesOf(LIME, 1)(0);

  test('is the same whenever its seed and number are', () => {
    const again = basesOf(LIME, 1)(0);
    for (let index = 0; index < 20; index += 1) {
      const mutant = mutantOf(LIME, base, 1, index);
      expect(mutantOf(LIME, again, 1, index)).toEqual(mutant);
      expect(Buffer.compare(fileOf(again, mutant), fileOf(base, mutant))).toBe(0);
    }
  });

  test('is another one for another seed or number', () => {
    const [one, ...others] = [mutantOf(LIME, base, 1, 1), mutantOf(LIME, base, 2, 1)].concat(
      mutantOf(LIME, base, 1, 2),
    );
    for (const other of others) expect(other).not.toEqual(one);
  });

  test('leaves the image that it starts from as it was', () => {
    const before = new Uint8Array(base.encoded.file);
    for (let index = 0; index < 50; index += 1) fileOf(base, mutantOf(LIME, base, 3, index));
    expect(Buffer.compare(base.encoded.file, before)).toBe(0);
  });
});

test('changes of RAM arrive in the file at the frames that they touch', () => {
  const { machine, encoded } = basesOf(RAW, 1)(0);
  fc.assert(
    fc.property(fc.integer({ min: 0 }), (seed) => {
      const random = new Random(seed);
      const edits = someOf(random, 4, () => memoryEdits(random, machine))
        .flat()
        .filter(({ kind }) => kind !== 'copy');
      const file = encoded.withPages(changedPages(machine.bytes, edits));
      for (const { start, length } of machine.runs) {
        const part = applied(machine.bytes, edits).subarray(start, start + length);
        expect(Buffer.compare(file.subarray(start, start + length), part)).toBe(0);
      }
    }),
    { numRuns: 20 },
  );
});

test('a change of a file at most doubles it, and leaves what was given as it is', () => {
  const file = Uint8Array.from({ length: 5000 }, (_, index) => index % 251);
  fc.assert(
    fc.property(fc.integer({ min: 0 }), (seed) => {
      const random = new Random(seed);
      const edits = someOf(random, 8, () => fileEdit(random, file, [{ start: 0, length: 64 }]));
      expect(applied(file, edits).length).toBeLessThanOrEqual(file.length * 2 ** edits.length);
      expect(file[252]).toBe(1);
    }),
  );
});

test.each(linuxMachines.map((build) => build(INDICATOR)))(
  'the machine $name has places of every important kind, and all of them in its RAM',
  (machine) => {
    const names = new Set(machine.places.map(({ name }) => name));
    for (const name of ['page-table entry', 'task_struct.mm', 'pointer', 'BTF record']) {
      expect(names).toContain(name);
    }
    expect([...names].filter((name) => name.startsWith('dentry.'))).not.toEqual([]);
    expect([...names].filter((name) => name.startsWith('sock.'))).not.toEqual([]);
    const limit = machine.bytes.length;
    for (const { at } of machine.places) expect(at.every((one) => one < limit)).toBe(true);
    expect(lime(machine).headers.length).toBe(machine.runs.length);
  },
);

test.each(windowsMachines.map((build) => build(INDICATOR)))(
  'the Windows machine $name has places of every important kind, and all of them in its RAM',
  (machine) => {
    const names = new Set(machine.places.map(({ name }) => name));
    for (const name of [
      'page-table entry',
      'EPROCESS.ActiveProcessLinks',
      'EPROCESS.VadRoot',
      'KPROCESS.DirectoryTableBase',
      // Since 2022 connections have another tag.
      names.has('pool TTcb') ? 'pool TTcb' : 'pool TcpE',
      'pool VadS',
      'book of a frame',
      'shared page',
      'pointer',
    ]) {
      expect(names).toContain(name);
    }
    const limit = machine.bytes.length;
    for (const { at } of machine.places) expect(at.every((one) => one < limit)).toBe(true);
  },
);

test('what lies in free memory of a Windows machine is told by addresses one behind the other', () => {
  const machine = windowsMachines[0]?.(INDICATOR);
  const { start = 0, length = 0 } = machine?.free ?? {};
  const first = machine?.kernelAddress(start) ?? 0n;
  expect(first).toBeGreaterThan(1n << 63n);
  expect(machine?.kernelAddress(start + length - 8)).toBe(first + BigInt(length - 8));
});

test('a state file that is fuzzed has its memory beside it', () => {
  const target = TARGETS.find(({ name }) => name === 'windows-vmware-state');
  const { machine, encoded } = target ? basesOf(target, 1)(0) : never();
  const held = machine.runs.reduce((sum, run) => sum + run.length, 0);
  expect(encoded.memoryBeside?.length).toBe(held);
  expect(encoded.file.length).toBeLessThan(4096);
});

function never(): never {
  throw new Error('there is no such target');
}
