import { describe, expect, test } from '@jest/globals';
import { physical } from '../../../src/memory/address.ts';
import { findKernelSpace, ownVmcoreinfo } from '../../../src/os/linux/kernel-space.ts';
import { parseVmcoreinfo } from '../../../src/os/linux/vmcoreinfo.ts';
import { buildLinux } from '../../support/build-image.ts';
import { kernelOf } from './built-machine.ts';

describe.each([
  { levels: 4, pti: false },
  { levels: 4, pti: true },
  { levels: 5, pti: false },
  { levels: 5, pti: true },
] as const)('the kernel’s tables, %j', (options) => {
  const image = buildLinux({ ...options, seed: 11 }).build();
  const { memory, btf, initTask, vmcoreinfo } = kernelOf(image);

  test.each([
    ['by VMCOREINFO', vmcoreinfo, []],
    ['by a register', null, [physical(image.kernelRoot + 0x1801)]],
    ['by looking for them', null, []],
    ['in spite of wrong hints', null, [physical(0), physical(0x1000), physical(2 ** 45)]],
  ])('are found %s', (_, text, roots) => {
    const space = findKernelSpace(memory, btf, initTask, { vmcoreinfo: text, roots });
    expect(space?.root).toBe(image.kernelRoot);
    expect(space?.mode.levels).toHaveLength(options.levels);
  });

  test('are not found for a task that lies elsewhere', () => {
    const elsewhere = { ...initTask, physical: physical(initTask.physical + 4096) };
    const hints = { vmcoreinfo, roots: [] };
    expect(findKernelSpace(memory, btf, elsewhere, hints)).toBeNull();
  });
});

test('of several texts the one of this boot counts', () => {
  const kernel = kernelOf(buildLinux().build());
  const base = 0xffff_ffff_8000_0000n - kernel.initTask.delta;
  const texts = [text(base + 4096n), text(base), text(0n)].filter((one) => one !== null);
  expect(ownVmcoreinfo(texts, kernel.initTask)).toBe(texts[1]);
  expect(ownVmcoreinfo(texts.slice(2), kernel.initTask)).toBeNull();
});

const text = (physBase: bigint) =>
  parseVmcoreinfo(`OSRELEASE=6.1\nSYMBOL(a)=1\nNUMBER(phys_base)=${physBase}\n`);
