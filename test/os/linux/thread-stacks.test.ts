import { expect, test } from '@jest/globals';
import { Btf } from '../../../src/os/linux/btf.ts';
import { Structures } from '../../../src/os/linux/structures.ts';
import { threadStacks } from '../../../src/os/linux/thread-stacks.ts';
import { buildLinux } from '../../support/build-image.ts';
import { kernelOf } from './built-machine.ts';
import { encodeBtf } from './encode-btf.ts';
import { VirtualBytes } from './virtual-bytes.ts';

const BTF = Btf.parse(
  encodeBtf([
    { name: 'long', kind: 1, size: 8, words: [64] },
    { name: 'task_struct', kind: 4, size: 64, members: [['stack', 1, 0], ['pid', 1, 64], ['signal', 1, 128]] }, // prettier-ignore
    { name: 'pt_regs', kind: 4, size: 168, members: [['cs', 1, 1088], ['sp', 1, 1216], ['ss', 1, 1280]] }, // prettier-ignore
  ]),
);
const TASK = 0xffff_8880_0000_0000n;
const STACK = 0xffff_c900_0000_0000n;
const POINTER = 0x7f00_1234_5678n;
const real = kernelOf(buildLinux().build());

function stacksOf(top: number, [code, data]: readonly [bigint, bigint]) {
  if (BTF === null) throw new Error('the types of the test are broken');
  const registers = STACK + BigInt(top - 168);
  const memory = new VirtualBytes()
    .word(TASK, STACK)
    .word(TASK + 8n, 77n)
    .word(registers + 136n, code)
    .word(registers + 152n, POINTER)
    .word(registers + 160n, data);
  return threadStacks({ ...real, btf: BTF, structures: new Structures(memory) }, TASK);
}

test.each([16_384, 16_368, 32_768])('registers of user mode below byte %i are read', (top) => {
  expect(stacksOf(top, [0x33n, 0x2bn])).toEqual([{ thread: 77, pointer: POINTER }]);
});

test.each<[string, number, readonly [bigint, bigint]]>([
  ['in the kernel itself', 16_384, [0x10n, 0x18n]],
  ['in 32-bit code', 16_384, [0x23n, 0x2bn]],
  ['elsewhere', 8192, [0x33n, 0x2bn]],
])('a thread %s has no stack of its own here', (_, top, selectors) => {
  expect(stacksOf(top, selectors)).toEqual([]);
});
