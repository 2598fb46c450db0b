import { expect, test } from '@jest/globals';
import { frame, physical } from '../../src/memory/address.ts';
import { Btf } from '../../src/os/linux/btf.ts';
import { findInitTask } from '../../src/os/linux/init-task.ts';
import { pageStates } from '../../src/os/linux/page-states.ts';
import { pathsOf } from '../../src/os/linux/paths.ts';
import { kernelOf } from '../os/linux/built-machine.ts';
import { buildLinux } from '../support/build-image.ts';

const image = buildLinux().build();
const kernel = kernelOf(image);
const task = image.toPhysical(image.symbols['init_task'] ?? 0n);

/** The machine's types with another size of a structure, which its members no longer fit. */
function typesWithSize(struct: string, bytes: number): Btf {
  const start = image.toPhysical(image.symbols['__start_BTF'] ?? 0n);
  const types = image.bytes.slice(start, start + 2 ** 21);
  const view = new DataView(types.buffer);
  const strings = 24 + view.getUint32(16, true);
  const name = Buffer.from(types.buffer).indexOf(`\0${struct}\0`, strings) + 1 - strings;
  const size = kernel.btf.size(struct);
  for (let at = 24; at < strings; at += 4) {
    const isType = view.getUint32(at, true) === name && view.getUint32(at + 8, true) === size;
    if (isType) view.setUint32(at + 8, bytes, true);
  }
  const btf = Btf.parse(types);
  if (btf === null) throw new Error('the types are not whole');
  return btf;
}

/** Found by the fuzzer: reading such a member was a RangeError. */
test('a member outside its structure is none', () => {
  expect(kernel.btf.field('task_struct', 'comm')).not.toBeNull();
  expect(typesWithSize('task_struct', 64).field('task_struct', 'comm')).toBeNull();
});

test('the first task by types that have no room for it is refused in words', () => {
  const name = physical(task + image.offsetOf('task_struct', 'comm'));
  expect(() => findInitTask(image.memory, typesWithSize('task_struct', 64), [name])).toThrow(
    "Cannot read the kernel's structures",
  );
});

test('the state of frames by types without room for their members is refused in words', () => {
  const broken = { ...kernel, btf: typesWithSize('page', 8) };
  const read = () => pageStates(broken, pathsOf(kernel), 0xffff_ea00_0000_0000n)(frame(1));
  expect(read).toThrow('Cannot tell the state of frames');
});
