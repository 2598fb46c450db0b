import { expect, test } from '@jest/globals';
import { reasonless } from '../../src/attribute/reasonless-programs.ts';

test.each([
  ['notepad.exe', '\\Device\\HarddiskVolume2\\Windows\\System32\\notepad.exe', /text editor/],
  // Wherever it lies: a name that is only borrowed makes it no better.
  ['taskhostex.exe', 'C:\\Users\\alice\\taskhostex.exe', /host for other code/],
  ['TASKHOSTW.EXE', null, /host for other code/],
  ['kworker/0:2-mm_', '/usr/local/sbin/kmasqd', /kernel thread/],
  ['sleep', '/usr/bin/sleep', /small tool/],
])('%s (%s) has no business with HTTP', (name, path, trade) => {
  expect(reasonless({ name, path })).toMatch(trade);
});

test.each([
  ['svchost.exe', 'C:\\Windows\\System32\\svchost.exe'],
  ['python3', '/usr/bin/python3.11'],
  ['notepad++.exe', 'C:\\Program Files\\Notepad++\\notepad++.exe'],
  ['sshd', '/usr/sbin/sshd'],
])('%s may have some', (name, path) => expect(reasonless({ name, path })).toBeNull());
