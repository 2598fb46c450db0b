import { expect, test } from '@jest/globals';
import { roleOf } from '../../src/attribute/roles.ts';

test.each([
  [
    String.raw`C:\Windows\System32\svchost.exe`,
    'svchost.exe -k NetworkService -p -s Dnscache',
    'service Dnscache',
  ],
  [String.raw`C:\Windows\System32\svchost.exe`, 'svchost.exe -k netsvcs', 'services of netsvcs'],
  [String.raw`C:\Windows\System32\svchost.exe`, 'svchost.exe', null],
  ['/opt/google/chrome/chrome', 'chrome --type=renderer --lang=en', 'browser renderer'],
  ['/usr/lib/firefox/firefox', 'firefox', 'browser main process'],
  ['/usr/bin/python3.11', 'python3 -u /opt/agent.py --x', 'runs /opt/agent.py'],
  ['/usr/bin/bash', '-bash', null],
  ['/usr/sbin/sshd', 'sshd -D', null],
  [null, null, null],
])('%s, started as "%s": %s', (path, commandLine, role) => {
  expect(roleOf({ path, commandLine })).toBe(role);
});
