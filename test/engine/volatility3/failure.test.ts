import { expect, test } from '@jest/globals';
import { failureOf, versionIn } from '../../../src/engine/volatility3/failure.ts';

const GUID = '1806D020A6E46538D7AC3325FAC114D8';
/** As 2.28.2 prints it, offline and without the table. */
const NO_WINDOWS_SYMBOLS = `Volatility 3 Framework 2.28.2
WARNING  volatility3.framework.plugins: Automagic exception occurred: volatility3.framework.exceptions.OfflineException: Volatility 3 is offline: unable to access http://msdl.microsoft.com/download/symbols/ntkrnlmp.pdb/${GUID}1f/ntkrnlmp.pdb
Unable to validate the plugin requirements: ['plugins.PsList.kernel.symbol_table_name']
`;
const NO_KERNEL = `Volatility 3 Framework 2.28.2
Unable to validate the plugin requirements: ['plugins.PsList.kernel.layer_name', 'plugins.PsList.kernel.symbol_table_name']
`;
const ASKED = { command: 'vol', plugin: 'windows.pslist', symbols: '/isf', memoryBytes: 2 ** 32 };

test.each<[string, Partial<typeof ASKED>, number | null, string, string]>([
  [
    'missing symbols of Windows: name, GUID, age, and the file to put there',
    {},
    1,
    NO_WINDOWS_SYMBOLS,
    `(ntkrnlmp.pdb, GUID ${GUID}, age 1f); put them at /isf/windows/ntkrnlmp.pdb/${GUID}-31.json.xz`,
  ],
  [
    'missing symbols of Linux: how to make them',
    { plugin: 'linux.pslist' },
    1,
    NO_KERNEL,
    'make them with dwarf2json from its debug package, put them into /isf/linux/',
  ],
  ['no kernel', {}, 1, NO_KERNEL, 'finds no kernel of this system in the image'],
  ['not installed', {}, 127, 'sh: 1: exec: vol: not found', 'npm run setup:volatility3'],
  ['memory', {}, 1, 'Traceback …\nMemoryError\n', 'more than its 4096 MiB of memory'],
  [
    'an older release without the plugin',
    { plugin: 'windows.new' },
    2,
    "vol: error: argument PLUGIN: invalid choice windows.new (choose from 'banners.Banners')",
    'no such plugin; it should be 2.28.2',
  ],
  [
    'anything else: the last line of the traceback',
    {},
    1,
    'Traceback (most recent call last):\n  File "x.py"\nKeyError: 7\n',
    'windows.pslist: KeyError: 7',
  ],
  ['a signal', {}, null, 'Volatility 3 Framework 2.28.2\n', 'a signal ended it'],
  ['silence', {}, 3, '', 'it ended with status 3'],
])('%s', (_name, changes, code, stderr, expected) => {
  const { message } = failureOf({ ...ASKED, ...changes }, { code, stderr });
  expect(message).toContain(expected);
  expect(message).not.toContain('\n');
});

test('the version stands at the head of its standard error', () => {
  expect(versionIn(NO_KERNEL)).toBe('2.28.2');
  expect(versionIn('vol: error')).toBeNull();
});
