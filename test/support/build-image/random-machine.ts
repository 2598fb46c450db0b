import { buildLinux, type MachineBuilder, type ProcessBuilder } from '../build-image.ts';
import type { KernelStyle } from './kernel-style.ts';
import type { MachineOptions, ProcessOptions } from './machine.ts';
import { Random } from './random.ts';

const STYLES: readonly KernelStyle[] = ['5.10', '6.1', '6.6'];
const MIB = 2 ** 20;
const HEAP = 0x1000_0000n;

/**
 * A machine that the seed chose: kernel, paging, processes of every kind, and the indicator in some of them in every way
 * that memory can hold it. For laws that must hold on any machine; its truth says what is in it.
 */
export function randomMachine(seed: number, indicator: string): MachineBuilder {
  const random = new Random(seed);
  const oneIn = (count: number): boolean => random.below(count) === 0;
  const machine = buildLinux(randomOptions(seed, random, oneIn));
  const before: ProcessBuilder[] = [];
  let pid = 100;
  for (let index = random.below(8) + 3; index > 0; index -= 1) {
    pid += 5 + random.below(300);
    if (oneIn(8)) machine.process('worker', { pid, kernelThread: true });
    else if (oneIn(10)) machine.process('ended', { pid, state: 'zombie' });
    else {
      const parent = before[random.below(before.length + 1)]?.pid ?? 1;
      const one = randomProcess(machine, { pid, ppid: parent }, random, oneIn);
      plant(one, indicator, random, oneIn, before);
      if (oneIn(6)) machine.process('borrower', { pid: pid + 4, sharesMemoryWith: pid, ppid: pid });
      before.push(one);
    }
  }
  return machine.pageCache('/var/log/access.log', ` ${indicator} `);
}

type OneIn = (count: number) => boolean;

function randomOptions(seed: number, random: Random, oneIn: OneIn): MachineOptions {
  return {
    seed,
    kernel: STYLES[random.below(STYLES.length)] ?? '6.1',
    levels: oneIn(2) ? 5 : 4,
    pti: oneIn(2),
    kaslr: !oneIn(4),
    vmcoreinfo: !oneIn(4),
    kallsyms: !oneIn(5),
    ramBytes: (16 + 4 * random.below(3)) * MIB,
  };
}

function randomProcess(
  machine: MachineBuilder,
  { pid, ppid }: { pid: number; ppid: number },
  random: Random,
  oneIn: OneIn,
): ProcessBuilder {
  const options: ProcessOptions = {
    pid,
    ppid,
    exe: `/usr/bin/program-${random.below(4)}`,
    uid: random.below(2000),
    threads: 1 + random.below(3),
    hidden: oneIn(8),
    startTime: new Date(Date.UTC(2026, 0, 5, 8, random.below(60))),
    ...(oneIn(10) ? { state: 'gone', ppid: 1 } : {}),
  };
  const one = machine.process(`program-${pid}`, options).region(HEAP, 16, { kind: 'heap' });
  for (let index = random.below(60); index > 0; index -= 1) {
    one.region(0x7f00_0000_0000n + BigInt(index * 0x5000), 1 + random.below(5), { kind: 'anon' });
  }
  if (oneIn(3)) one.socket({ local: `10.0.0.5:${1000 + pid}`, remote: '172.31.0.250:8080' });
  if (oneIn(4)) one.socket({ local: `[2001:db8::5]:${1000 + pid}`, remote: '[2001:db8::2]:443' });
  return one;
}

function plant(
  one: ProcessBuilder,
  indicator: string,
  random: Random,
  oneIn: OneIn,
  before: readonly ProcessBuilder[],
): void {
  const text = ` ${indicator} `;
  for (let index = random.below(5); index > 0; index -= 1) {
    const at = HEAP + BigInt(index * 0x3000 + (oneIn(2) ? 0xff0 + random.below(16) : 0x10));
    one.write(at, oneIn(3) ? `utf16 ${text}` : text);
  }
  if (oneIn(4)) {
    one.region(0x2000_0000n, 2, { kind: 'anon' }).write(0x2000_0100n, text).protNone(0x2000_0000n);
  }
  if (oneIn(6)) {
    const at = 0x4000_0000n;
    one.region(at, 512, { kind: 'anon' }).huge(at);
    one.write(at + BigInt(random.below(2_000_000)), text);
  }
  if (oneIn(3)) {
    const path = '/var/log/access.log';
    one.region(0x5000_0000n, 3, { kind: 'file', path }).touch(0x5000_0000n);
  }
  if (oneIn(3)) {
    one.region(0x6000_0000n, 3, { kind: 'shm', path: '/dev/shm/ring' }).touch(0x6000_0000n);
    if (oneIn(2)) one.write(0x6000_0ff8n, text);
  }
  const other = before[random.below(before.length + 1)];
  if (other) one.region(0x7000_0000n, 1, { kind: 'anon' }).share(other, 0x7000_0000n, HEAP);
}
