import { describe, expect, test } from '@jest/globals';
import { vmasOf } from '../../../src/os/linux/vmas.ts';
import { buildLinux } from '../../support/build-image.ts';
import { kernelOf, patched, word } from './built-machine.ts';

describe.each(['5.10', '6.6'] as const)('regions of a kernel like %s', (style) => {
  const builder = buildLinux({ kernel: style });
  const process = builder.process('many', { pid: 9 });
  for (let index = 0n; index < 200n; index += 1n) {
    process.region(0x7f00_0000_0000n + index * 0x3000n, 2, { kind: 'anon' });
  }
  const image = builder.build();
  const given = image.truth.regions.filter(({ pid }) => pid === 9);
  const task = image.truth.processes.find(({ pid }) => pid === 9)?.object ?? 0n;

  function read(patches: readonly (readonly [number, Uint8Array])[]) {
    const kernel = kernelOf({ ...image, memory: patched(image.memory, patches) });
    const { structures, btf } = kernel;
    const mm = structures.pointer(task, btf.offset('task_struct', 'mm'));
    return { vmas: vmasOf(kernel, mm, 'Process 9'), kernel, mm };
  }
  const whole = read([]);
  const middle = whole.vmas[100]?.address ?? 0n;
  const place = (member: string): number =>
    image.toPhysical(middle) + image.offsetOf('vm_area_struct', member);

  test('come in ascending order, all of them', () => {
    expect(bounds(whole.vmas)).toEqual(bounds(given));
    expect(whole.kernel.warnings).toEqual([]);
  });

  test.each([
    ['belongs to another process', 'vm_mm', 0xffff_8880_0000_0000n],
    ['ends before it starts', 'vm_end', 0n],
    ['reaches into the kernel', 'vm_end', 0xffff_8880_0000_0000n],
  ])('one that %s is left out, and said', (_, member, value) => {
    const { vmas, kernel } = read([[place(member), word(value)]]);
    expect(vmas).toHaveLength(given.length - 1);
    expect(kernel.warnings.join()).toMatch(/Process 9 has \d+ memory regions .* \d+ could be read/);
  });

  test('a list or tree that leads to itself ends', () => {
    const mm = whole.mm;
    const root = style === '5.10' ? 'vm_next' : null;
    const patch: readonly [number, Uint8Array] =
      root === null
        ? [image.toPhysical(mm) + image.offsetOf('mm_struct', 'mm_mt.ma_root'), word(mm | 0x12n)]
        : [place(root), word(middle)];
    const { vmas, kernel } = read([patch]);
    expect(vmas.length).toBeLessThan(given.length);
    expect(kernel.warnings).toHaveLength(1);
  });
});

const bounds = (regions: readonly { start: bigint; end: bigint }[]) =>
  regions.map(({ start, end }) => [start, end]);
