import { describe, expect, test } from '@jest/globals';
import type { PhysicalMemory } from '../../src/memory/physical-memory.ts';
import { openKernel, type Kernel } from '../../src/os/linux/kernel.ts';
import { pidTable } from '../../src/os/linux/pid-table.ts';
import { listTasks, threadsOf } from '../../src/os/linux/tasks.ts';
import { findAnchors } from '../os/linux/find-anchors.ts';
import { patched, word } from '../os/linux/built-machine.ts';
import { buildLinux } from '../support/build-image.ts';

/**
 * Found by the fuzzer's idea of a ramp: memory in which every word is the address of the next one, so that each of them begins a
 * list through all the rest. A reader that follows a list from each node of another needs the square of their number.
 */
const WORDS = 8192;
const image = buildLinux({ ramBytes: 16 * 2 ** 20 }).build();
const direct = new DataView(image.bytes.buffer).getBigUint64(
  image.toPhysical(image.symbols['page_offset_base'] ?? 0n),
  true,
);
const at = emptyStretch(WORDS * 8);
const ramp = new Uint8Array(
  BigUint64Array.from({ length: WORDS }, (_, index) => direct + BigInt(at + 8 * index + 8)).buffer,
);

/** Fields read by `read` of a kernel in whose memory some bytes are others. */
function readsOf(
  changes: readonly (readonly [at: number, bytes: Uint8Array])[],
  read: (kernel: Kernel) => unknown,
): number {
  const memory: PhysicalMemory = patched(image.memory, changes);
  const kernel = openKernel(memory, findAnchors(memory), {});
  if (kernel === null) throw new Error('the machine was not seen as Linux');
  const { structures } = kernel;
  let count = 0;
  const counting = new Proxy(structures, {
    get(target, name: keyof typeof structures) {
      count += 1;
      return target[name].bind(target);
    },
  });
  read({ ...kernel, structures: counting });
  return count;
}

const numbers = (kernel: Kernel) => pidTable(kernel, 131_072);
const initTask = image.symbols['init_task'] ?? 0n;
const children = image.toPhysical(initTask) + image.offsetOf('task_struct', 'children');

describe('work grows with the memory, not with its square, where', () => {
  test('children of tasks are one long list', () => {
    const usual = readsOf([], listTasks);
    const changes = [[at, ramp] as const, [children, word(direct + BigInt(at))] as const];
    expect(readsOf(changes, listTasks)).toBeLessThan(usual + 20 * WORDS);
  });

  test('lists of threads are one long list', () => {
    const processes = image.truth.processes.slice(0, 2).map(({ object }) => object);
    const read = (kernel: Kernel) => processes.map((leader) => threadsOf(kernel, leader));
    const task = image.toPhysical(processes[0] ?? 0n);
    const signal = new DataView(image.bytes.buffer).getBigUint64(
      task + image.offsetOf('task_struct', 'signal'),
      true,
    );
    const head = image.toPhysical(signal) + image.offsetOf('signal_struct', 'thread_head');
    const changes = [[at, ramp] as const, [head, word(direct + BigInt(at))] as const];
    expect(readsOf(changes, read)).toBeLessThan(1000);
  });

  test('nodes of the table of process numbers lead to themselves', () => {
    const namespace = image.toPhysical(image.symbols['init_pid_ns'] ?? 0n);
    const root = namespace + image.offsetOf('pid_namespace', 'idr.idr_rt.xa_head');
    const node = word(direct + BigInt(at) + 2n);
    const nodes = new Uint8Array(Buffer.concat(Array.from({ length: 200 }, () => node)));
    const changes = [[at, nodes] as const, [root, node] as const];
    expect(readsOf(changes, numbers)).toBeLessThan(1000);
  });
});

/** Offset of RAM that holds nothing but zeros. */
function emptyStretch(length: number): number {
  const zeros = new Uint8Array(length);
  for (let start = 0; start + length <= image.bytes.length; start += 4096) {
    const isEmpty = Buffer.compare(image.bytes.subarray(start, start + length), zeros) === 0;
    if (isEmpty) return start;
  }
  throw new Error('the machine uses all of its memory');
}
