import { expect, test } from '@jest/globals';
import { pidTable } from '../../../src/os/linux/pid-table.ts';
import { Btf } from '../../../src/os/linux/btf.ts';
import { Structures } from '../../../src/os/linux/structures.ts';
import { buildLinux } from '../../support/build-image.ts';
import { kernelOf } from './built-machine.ts';
import { encodeBtf } from './encode-btf.ts';
import { VirtualBytes } from './virtual-bytes.ts';

/** 1 long, 2 an array of 4 longs, 3 xarray, 4 idr … with few places in a node, to keep it short. */
const BTF = Btf.parse(
  encodeBtf([
    { name: 'long', kind: 1, size: 8, words: [64] },
    { kind: 3, words: [1, 1, 4] },
    { name: 'xarray', kind: 4, size: 16, members: [['xa_head', 1, 64]] },
    { name: 'idr', kind: 4, size: 16, members: [['idr_rt', 3, 0]] },
    { name: 'pid_namespace', kind: 4, size: 16, members: [['idr', 4, 0]] },
    { name: 'xa_node', kind: 4, size: 48, members: [['slots', 2, 128]] },
    { name: 'pid', kind: 4, size: 64, members: [['tasks', 2, 64]] },
    { name: 'task_struct', kind: 4, size: 128, members: [['pid_links', 2, 256]] },
  ]),
);
const NAMESPACE = 0xffff_ffff_8100_0000n;
const NODE = 0xffff_8880_0001_0000n;
const PID = 0xffff_8880_0002_0000n;
const TASK = 0xffff_8880_0003_0000n;
const real = kernelOf(buildLinux().build());

function tableOf(memory: VirtualBytes, limit = 100): readonly bigint[] {
  if (BTF === null) throw new Error('the types of the test are broken');
  const kernel = { ...real, btf: BTF, structures: new Structures(memory), symbol: () => NAMESPACE };
  return pidTable(kernel, limit);
}

const node = (memory: VirtualBytes, at: bigint, slots: readonly bigint[]): VirtualBytes =>
  slots.reduce((all, slot, index) => all.word(at + 16n + BigInt(index * 8), slot), memory);
const pid = (memory: VirtualBytes, at: bigint, task: bigint): VirtualBytes =>
  memory.word(at + 8n, task + 32n);

test('tasks come in the order of their numbers, over all levels', () => {
  const memory = new VirtualBytes().word(NAMESPACE + 8n, NODE | 2n);
  node(memory, NODE, [(NODE + 0x100n) | 2n, 0n, (NODE + 0x200n) | 2n, 0n]);
  node(memory, NODE + 0x100n, [0n, PID, PID + 0x100n, 0n]);
  node(memory, NODE + 0x200n, [PID + 0x200n, 0n, 0n, 0n]);
  for (const index of [0n, 1n, 2n]) pid(memory, PID + index * 0x100n, TASK + index * 0x1000n);
  expect(tableOf(memory)).toEqual([TASK, TASK + 0x1000n, TASK + 0x2000n]);
  expect(tableOf(memory, 2)).toHaveLength(2);
});

test('a node that leads to itself ends', () => {
  const memory = new VirtualBytes().word(NAMESPACE + 8n, NODE | 2n);
  node(memory, NODE, [NODE | 2n, NODE | 2n, NODE | 2n, PID]);
  pid(memory, PID, TASK);
  expect(tableOf(memory).every((task) => task === TASK)).toBe(true);
});

test.each([0n, 0x1000n, 1n, NODE | 1n, NODE | 3n])('a root of %i has no tasks', (root) => {
  expect(tableOf(new VirtualBytes().word(NAMESPACE + 8n, root))).toEqual([]);
});

test('kernels without such a table, or without symbols, have none', () => {
  expect(pidTable({ ...real, symbol: () => null }, 100)).toEqual([]);
});
