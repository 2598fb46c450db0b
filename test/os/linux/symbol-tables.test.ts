import { describe, expect, test } from '@jest/globals';
import { physical } from '../../../src/memory/address.ts';
import { likelySymbolTables, toldSymbolTables } from '../../../src/os/linux/symbol-tables.ts';
import { parseVmcoreinfo } from '../../../src/os/linux/vmcoreinfo.ts';
import { buildLinux } from '../../support/build-image.ts';
import { kernelOf } from './built-machine.ts';
import { findAnchors } from './find-anchors.ts';

describe.each(['6.1', '6.6'] as const)('tables of a kernel like %s', (style) => {
  const image = buildLinux({ kernel: style }).build();
  const { vmcoreinfo, initTask } = kernelOf(image);
  const digits = findAnchors(image.memory)
    .filter(({ name }) => name === 'linux-kallsyms-tokens')
    .map(({ address }) => address);

  test('are the same by what the kernel tells and by their structure', () => {
    const told = vmcoreinfo && toldSymbolTables(image.memory, vmcoreinfo, initTask.delta);
    expect([...likelySymbolTables(image.memory, digits)]).toContainEqual(told);
  });

  test('are not seen at other places where digits stand', () => {
    const elsewhere = digits.map((at) => physical(at + 2));
    expect([...likelySymbolTables(image.memory, [physical(0), ...elsewhere])]).toEqual([]);
  });
});

test.each([
  ['lack one', 'SYMBOL(kallsyms_names)=ffffffff81000000\n'],
  ['lead out of the kernel', 'SYMBOL(kallsyms_names)=1000\nSYMBOL(kallsyms_offsets)=1000\n'],
])('addresses that %s tell nothing', (_, lines) => {
  const { memory } = buildLinux().build();
  const info = parseVmcoreinfo(`OSRELEASE=6.1\n${lines}`);
  expect(info && toldSymbolTables(memory, info, 0n)).toBeNull();
});
