import { describe, expect, test } from '@jest/globals';
import { listTasks, threadsOf } from '../../../src/os/linux/tasks.ts';
import { buildLinux, type BuiltImage } from '../../support/build-image.ts';
import { kernelOf, patched, word } from './built-machine.ts';

const builder = buildLinux();
for (const pid of [10, 11, 12, 13, 14]) builder.process(`p${pid}`, { pid, threads: pid - 9 });
builder.process('hidden', { pid: 20, hidden: true });
const image = builder.build();
const all = image.truth.processes.map(({ pid }) => pid);

const objectOf = (pid: number): bigint =>
  image.truth.processes.find((process) => process.pid === pid)?.object ?? 0n;
/** Physical address of a member of a task. */
const memberOf = (pid: number, member: string): number =>
  image.toPhysical(objectOf(pid)) + image.offsetOf('task_struct', member);
const ringOf = (pid: number): bigint =>
  objectOf(pid) + BigInt(image.offsetOf('task_struct', 'tasks'));

function tasksWith(patches: readonly (readonly [number, Uint8Array])[]) {
  const other: BuiltImage = { ...image, memory: patched(image.memory, patches) };
  const kernel = kernelOf(other);
  const tasks = listTasks(kernel);
  return { pids: tasks.map(({ pid }) => pid), tasks, warnings: kernel.warnings };
}

test('the list comes in its own order, then what is not in it', () => {
  const { pids, tasks, warnings } = tasksWith([]);
  expect(pids).toEqual([...all.filter((pid) => pid !== 20), 20]);
  expect(tasks.filter(({ isHidden }) => isHidden).map(({ pid }) => pid)).toEqual([20]);
  expect(warnings).toEqual([]);
});

describe('a broken list', () => {
  test.each<[string, bigint]>([
    ['leads nowhere', 0n],
    ['leads into user memory', 0x7fff_0000_0000n],
    ['leads to what is no task', 0xffff_ffff_ffff_0000n],
    ['bites its own tail', ringOf(11)],
  ])('that %s is read from its other end, and said', (_, target) => {
    const { pids, tasks, warnings } = tasksWith([[memberOf(12, 'tasks'), word(target)]]);
    expect(pids.toSorted((one, other) => one - other)).toEqual(all);
    expect(tasks.filter(({ isHidden }) => isHidden).map(({ pid }) => pid)).toEqual([20]);
    expect(warnings.join()).toMatch(/list of processes is broken/);
  });

  test('that is broken in both directions loses nothing that has a parent, and hides nothing', () => {
    const { pids, tasks } = tasksWith([
      [memberOf(11, 'tasks'), word(0n)],
      [memberOf(13, 'tasks') + 8, word(0n)],
    ]);
    expect(pids.toSorted((one, other) => one - other)).toEqual(all);
    expect(tasks.filter(({ isHidden }) => isHidden)).toEqual([]);
  });

  test('is followed from any task that is known otherwise', () => {
    const { pids } = tasksWith([
      [memberOf(1, 'tasks'), word(0n)],
      [memberOf(14, 'tasks') + 8, word(0n)],
      [memberOf(10, 'sibling'), word(0n)],
      [memberOf(11, 'sibling'), word(0n)],
      [memberOf(12, 'sibling'), word(0n)],
      [memberOf(1, 'children') + 8, word(0n)],
    ]);
    expect(pids).toEqual(expect.arrayContaining([10, 11, 12, 13]));
  });
});

test('a dead or foreign task that only a list of children knows is no hidden process', () => {
  const dead = tasksWith([[memberOf(20, 'exit_state'), Uint8Array.of(16, 0, 0, 0)]]);
  expect(dead.pids).not.toContain(20);
  const thread = tasksWith([[memberOf(20, 'group_leader'), word(objectOf(10))]]);
  expect(thread.pids).not.toContain(20);
});

test('a process has its threads; where their list is broken, itself at least', () => {
  const kernel = kernelOf(image);
  expect(threadsOf(kernel, objectOf(13))).toHaveLength(4);
  expect(threadsOf(kernel, objectOf(13))[0]).toBe(objectOf(13));
  const other = kernelOf({
    ...image,
    memory: patched(image.memory, [[memberOf(13, 'signal'), word(0n)]]),
  });
  expect(threadsOf(other, objectOf(13))).toEqual([objectOf(13)]);
});
