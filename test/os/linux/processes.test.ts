import { expect, test } from '@jest/globals';
import { buildLinux, type BuiltImage } from '../../support/build-image.ts';
import { openBuilt, patched, word } from './built-machine.ts';

const image = buildLinux()
  .process('server', {
    pid: 9,
    exe: '/usr/sbin/server',
    argv: ['server', '', '--port=80'],
    uid: 33,
  })
  .process('group', { pid: 10, exe: '/usr/bin/group', threads: 3 })
  .build();
const objectOf = (pid: number): bigint =>
  image.truth.processes.find((process) => process.pid === pid)?.object ?? 0n;
const taskMember = (pid: number, member: string): number =>
  image.toPhysical(objectOf(pid)) + image.offsetOf('task_struct', member);
const wordAt = (address: number): bigint => {
  const bytes = new DataView(image.bytes.buffer, image.bytes.byteOffset);
  return bytes.getBigUint64(address, true);
};
const mmMember = (pid: number, member: string): number =>
  image.toPhysical(wordAt(taskMember(pid, 'mm'))) + image.offsetOf('mm_struct', member);

function open(patches: readonly (readonly [number, Uint8Array])[], of: BuiltImage = image) {
  const system = openBuilt({ ...of, memory: patched(of.memory, patches) });
  const processOf = (pid: number) => system.processes.find((process) => process.pid === pid);
  return { system, processOf };
}

/** Physical address of a user address of process 9, by the pages that the builder gave it. */
const userAt = (address: bigint): number => {
  const page = image.truth.pages.find(
    ({ pid, va }) => pid === 9 && va === address - (address & 0xfffn),
  );
  return (page?.frame ?? 0) * 4096 + Number(address & 0xfffn);
};

test('arguments are parted by spaces', () => {
  expect(open([]).processOf(9)?.commandLine).toBe('server  --port=80');
});

test('a process that renamed itself is called as it says', () => {
  const start = wordAt(mmMember(9, 'arg_start'));
  const end = wordAt(mmMember(9, 'arg_end'));
  // It fills the arguments and runs into the environment, as setproctitle() does.
  const title = Buffer.from(`${'server: worker'.padEnd(Number(end - start) + 1)}\0`);
  const { processOf } = open([[userAt(start), title]]);
  expect(processOf(9)?.commandLine).toMatch(/^server: worker {2,}$/);
});

test.each([
  ['that have no end', 'arg_end', 0n, ''],
  ['in the kernel', 'arg_start', 0xffff_8880_0000_0000n, ''],
  ['that are not in RAM', 'arg_start', 0x1000n, null],
])('arguments %s are not told', (_, member, value, expected) => {
  const { processOf } = open([[mmMember(9, member), word(value)]]);
  expect(processOf(9)?.commandLine).toBe(expected);
});

test('a process whose leader has ended lives on in its other threads', () => {
  const { processOf } = open([
    [taskMember(10, 'mm'), word(0n)],
    [taskMember(10, 'exit_state'), Uint8Array.of(16, 0, 0, 0)],
  ]);
  expect(processOf(10)).toMatchObject({ state: 'alive', path: '/usr/bin/group' });
  expect(processOf(10)?.pageTable).toBe(open([]).processOf(10)?.pageTable);
});

test('tables that are not in the image are said', () => {
  const { system, processOf } = open([[mmMember(9, 'pgd'), word(0xffff_ffff_ffff_f000n)]]);
  expect(processOf(9)).toMatchObject({ pageTable: null, commandLine: null, isKernelThread: false });
  expect(system.warnings.join()).toMatch(
    /page tables of process 9 \(server\) are not in the image/,
  );
  expect(system.spaces.flatMap(({ processes }) => processes)).toHaveLength(2);
});

test('a name like a kernel thread’s makes none, and none makes a name', () => {
  const named = Buffer.from('kworker/0:1\0\0\0\0\0');
  const { processOf } = open([[taskMember(9, 'comm'), named]]);
  expect(processOf(9)).toMatchObject({ name: 'kworker/0:1', isKernelThread: false });
  expect(processOf(2)).toMatchObject({ name: 'kthreadd', isKernelThread: true });
});

test('a name of any bytes is text', () => {
  const { processOf } = open([[taskMember(9, 'comm'), Buffer.alloc(16, 0xff)]]);
  expect(processOf(9)?.name).toBe('\ufffd'.repeat(16));
});
