import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseVmcoreinfo } from '../../../src/os/linux/vmcoreinfo.ts';

const TEXT = `OSRELEASE=6.1.0-50-amd64
PAGESIZE=4096
SYMBOL(swapper_pg_dir)=ffffffffa4810000
NUMBER(phys_base)=-482344960
NUMBER(sme_mask)=0
KERNELOFFSET=21e00000
`;

test('symbols are hexadecimal, numbers are decimal and may be negative', () => {
  const info = parseVmcoreinfo(TEXT);
  expect(info?.release).toBe('6.1.0-50-amd64');
  expect(info?.symbol('swapper_pg_dir')).toBe(0xffff_ffff_a481_0000n);
  expect(info?.number('phys_base')).toBe(-482_344_960n);
  expect(info?.number('sme_mask')).toBe(0n);
  expect(info?.symbol('init_task')).toBeNull();
  expect(info?.number('nothing')).toBeNull();
});

test('what follows the text in memory is left out', () => {
  const info = parseVmcoreinfo(`${TEXT}\0NUMBER(sme_mask)=7\n`);
  expect(info?.number('sme_mask')).toBe(0n);
});

test.each([
  ['nothing', ''],
  ['no release', 'SYMBOL(_stext)=ffffffff81000000\n'],
  ['no symbol: a line of some script', 'OSRELEASE=6.1\nexport OSRELEASE\n'],
  ['an empty release', 'OSRELEASE=\nSYMBOL(_stext)=ffffffff81000000\n'],
])('%s is no VMCOREINFO', (_, text) => expect(parseVmcoreinfo(text)).toBeNull());

test.each(['', 'fffffffffffffffff', '0x10', '-1', 'xyz', '1 2'])(
  'the address "%s" is none',
  (value) => {
    const info = parseVmcoreinfo(`OSRELEASE=6.1\nSYMBOL(a)=${value}\n`);
    expect(info?.symbol('a')).toBeNull();
  },
);

test('any text is read without failure', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      parseVmcoreinfo(`OSRELEASE=6\nSYMBOL(a)=1\n${text}`)?.number('b');
    }),
  );
});
