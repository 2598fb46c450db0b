import { expect, test } from '@jest/globals';
import { physical } from '../../../src/memory/address.ts';
import { findInitTask } from '../../../src/os/linux/init-task.ts';
import { buildLinux } from '../../support/build-image.ts';
import { kernelOf, patched, word } from './built-machine.ts';

const image = buildLinux().build();
const { btf } = kernelOf(image);
const address = image.symbols['init_task'] ?? 0n;
const start = image.toPhysical(address);
const name = physical(start + image.offsetOf('task_struct', 'comm'));

test('the first task is where it says that it is its own parent', () => {
  const task = findInitTask(image.memory, btf, [physical(0), physical(name + 8), name]);
  expect(task).toMatchObject({ address, physical: start, delta: address - BigInt(start) });
});

test.each<[string, string, bigint]>([
  ['another parent', 'real_parent', address + 64n],
  ['a process number', 'pid', 1n],
  ['a thread group', 'tgid', 1n],
])('a name in a task with %s is not the first task’s', (_, member, value) => {
  const at = start + image.offsetOf('task_struct', member);
  const memory = patched(image.memory, [[at, word(value)]]);
  expect(findInitTask(memory, btf, [name])).toBeNull();
});

test.each([
  ['in user memory', 0x7fff_0000_0000n],
  ['outside the kernel’s image', 0xffff_8880_0000_0000n],
  ['at another place in its page', 0xffff_ffff_8000_0008n],
])('a task that calls itself %s is not the first', (_, self) => {
  const parents = ['parent', 'real_parent'].map((member): [number, Uint8Array] => [
    start + image.offsetOf('task_struct', member),
    word(self),
  ]);
  expect(findInitTask(patched(image.memory, parents), btf, [name])).toBeNull();
});
