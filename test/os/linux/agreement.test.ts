import { describe, expect, test } from '@jest/globals';
import { frame, virtual } from '../../../src/memory/address.ts';
import type { OperatingSystem } from '../../../src/os/operating-system.ts';
import { buildLinux, type BuiltImage } from '../../support/build-image.ts';
import { randomMachine } from '../../support/build-image/random-machine.ts';
import { kernelOf, openBuilt, patched, word } from './built-machine.ts';

const IP = '35.178.122.152';
const AT = 0x1000_0000n;
const OTHER = 0x2000_0000n;

const spaceOf = (system: OperatingSystem, pid: number): number =>
  system.spaces.findIndex(({ processes }) =>
    processes.some((index) => system.processes[index]?.pid === pid),
  );

/** What is said of each page of the truth, by word. */
function tally({ truth }: BuiltImage, system: OperatingSystem): Record<string, number> {
  const counts: Record<string, number> = { confirmed: 0, contradicted: 0, unchecked: 0 };
  for (const { pid, va, frame: number } of truth.pages) {
    const said =
      system.agreement?.(spaceOf(system, pid), virtual(va), frame(number)) ?? 'unchecked';
    counts[said] = (counts[said] ?? 0) + 1;
  }
  return counts;
}

describe('every page that a process truly has', () => {
  test.each(Array.from({ length: 12 }, (_, index) => index + 20))(
    'is contradicted by no struct page: random machine %i',
    (seed) => {
      const image = randomMachine(seed, IP).build();
      const system = openBuilt(image);
      const { confirmed = 0, contradicted, unchecked = 0 } = tally(image, system);
      expect(contradicted).toBe(0);
      // Without symbols and VMCOREINFO the array of struct page is not found: then nothing is checked.
      expect(Math.min(confirmed, unchecked)).toBe(0);
      expect(confirmed + unchecked).toBe(image.truth.pages.length);
    },
  );

  test.each(['5.10', '6.1', '6.6'] as const)('is confirmed on a kernel like %s', (kernel) => {
    const image = buildLinux({ kernel })
      .process('mixed', { pid: 700, exe: '/usr/bin/mixed' })
      .region(AT, 4, { kind: 'heap' })
      .write(AT, IP)
      .region(0x4000_0000n, 512, { kind: 'anon' })
      .huge(0x4000_0000n)
      .region(0x5000_0000n, 3, { kind: 'file', path: '/var/log/access.log' })
      .touch(0x5000_1000n)
      .region(0x6000_0000n, 3, { kind: 'shm', path: '/dev/shm/ring' })
      .touch(0x6000_0000n)
      .build();
    expect(tally(image, openBuilt(image))).toEqual({
      confirmed: image.truth.pages.length,
      contradicted: 0,
      unchecked: 0,
    });
  });
});

describe('a frame used anew while the image was taken', () => {
  const machine = buildLinux();
  const late = machine
    .process('late', { pid: 800 })
    .region(OTHER, 2, { kind: 'heap' })
    .write(OTHER, 'its own')
    .region(AT, 1, { kind: 'anon' })
    .write(AT, 'its own at the same address')
    .region(0x5000_0000n, 1, { kind: 'file', path: '/var/log/other.log' })
    .touch(0x5000_0000n);
  const early = machine
    .process('early', { pid: 700 })
    .region(AT, 4, { kind: 'heap' })
    .write(AT, IP)
    .write(AT + 0x1000n, IP)
    .write(AT + 0x2000n, IP)
    .write(AT + 0x3000n, IP);
  machine
    .reused(early, AT, late, AT)
    .reused(early, AT + 0x1000n, late, OTHER)
    .reused(early, AT + 0x2000n, late, 0x5000_0000n);
  const image = machine.build();
  const system = openBuilt(image);
  const ofEarly = (address: bigint) => {
    const page = image.truth.pages.find(({ pid, va }) => pid === 700 && va === address);
    return system.agreement?.(spaceOf(system, 700), virtual(address), frame(page?.frame ?? 0));
  };

  test.each([
    ['by private memory at the same address', AT, 'contradicted'],
    ['by private memory at another', AT + 0x1000n, 'contradicted'],
    ['by a file', AT + 0x2000n, 'contradicted'],
    ['by nobody', AT + 0x3000n, 'confirmed'],
  ])('%s', (_, address, said) => expect(ofEarly(address)).toBe(said));

  test('leaves the others as they are', () => {
    const { contradicted } = tally(image, system);
    expect(contradicted).toBe(3);
  });
});

test('descriptions that fit no process are not believed', () => {
  const image = buildLinux()
    .process('one', { pid: 700 })
    .region(AT, 1, { kind: 'heap' })
    .write(AT, IP)
    .build();
  const kernel = kernelOf(image);
  const { structures, space, btf } = kernel;
  const map = structures.pointer(kernel.symbol('vmemmap_base') ?? 0n);
  const offset = btf.offset('page', 'index');
  const wrong = image.truth.pages.map(({ frame: number }) => {
    const at = space.translate(virtual(map + BigInt(number * btf.size('page') + offset)));
    return [at?.physical ?? 0, word(0x1234n)] as const;
  });
  const system = openBuilt({ ...image, memory: patched(image.memory, wrong) });
  const { confirmed, contradicted } = tally(image, system);
  expect({ confirmed, contradicted }).toEqual({ confirmed: 0, contradicted: 0 });
  expect(system.warnings).toContainEqual(
    expect.stringContaining('do not fit the page tables of most processes'),
  );
});
