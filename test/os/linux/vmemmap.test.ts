import { expect, test } from '@jest/globals';
import { findVmemmap } from '../../../src/os/linux/vmemmap.ts';
import { buildLinux, type MachineOptions } from '../../support/build-image.ts';
import { frameAt, kernelOf } from './built-machine.ts';

/** A machine, and a frame of it that surely holds private memory. */
function machine(options: MachineOptions) {
  const builder = buildLinux(options).process('p', { pid: 9 }).maps(0x7f00_0000_0000n, 'x');
  const image = builder.build();
  const page = image.truth.pages.find(({ va }) => va === 0x7f00_0000_0000n);
  return { image, kernel: kernelOf(image), sample: frameAt((page?.frame ?? 0) * 4096) };
}

test('the descriptions are where the kernel says, if private memory is private there', () => {
  const { image, kernel, sample } = machine({});
  const base = kernel.structures.pointer(image.symbols['vmemmap_base'] ?? 0n);
  expect(findVmemmap(kernel, [sample])).toBe(base);
  expect(findVmemmap(kernel, [sample, sample, frameAt(0)])).toBe(base);
});

test('they are not believed to be where private memory is not', () => {
  const { kernel, sample } = machine({});
  expect(findVmemmap(kernel, [])).toBeNull();
  expect(findVmemmap(kernel, [frameAt(0)])).toBeNull();
  expect(findVmemmap(kernel, [sample, frameAt(0)])).toBeNull();
});

test.each([
  [4, 0xffff_ea00_0000_0000n],
  [5, 0xffd4_0000_0000_0000n],
] as const)('they are found at their fixed place without symbols, %i levels', (levels, base) => {
  const { kernel, sample } = machine({ levels, kaslr: false, kallsyms: false });
  expect(findVmemmap(kernel, [sample])).toBe(base);
});
