import { expect, test } from '@jest/globals';
import { carrierOf, serviceOf } from '../../src/attribute/carriers.ts';

const SVCHOST = String.raw`C:\Windows\System32\svchost.exe`;

test.each([
  ['/usr/sbin/clamd', '/usr/sbin/clamd', 'anti-virus'],
  [
    String.raw`C:\ProgramData\Microsoft\Windows Defender\Platform\4.18\MsMpEng.exe`,
    '',
    'anti-virus',
  ],
  ['/usr/lib/systemd/systemd-resolved', '', 'resolver'],
  ['/usr/lib/systemd/systemd-journald', '', 'log service'],
  ['/usr/bin/bash', 'bash', 'terminal or shell'],
  ['/bin/busybox', 'sh -i', 'terminal or shell'],
  ['/bin/busybox', '-sh', 'terminal or shell'],
  ['/bin/busybox', 'wget http://x', undefined],
  ['/usr/bin/grep', 'grep x', 'imaging or investigation tool'],
  ['/usr/sbin/squid', '', 'local proxy'],
  [SVCHOST, 'svchost.exe -k x -s Dnscache', 'resolver'],
  [SVCHOST, 'svchost.exe -k x -s EventLog', 'log service'],
  [SVCHOST, 'svchost.exe -k netsvcs -s Themes', undefined],
  ['/usr/lib/chromium/chromium', 'chromium --type=renderer', 'browser'],
  [String.raw`C:\Program Files\Mozilla Firefox\firefox.exe`, '', 'browser'],
  [String.raw`C:\Users\joe\firefox.exe`, '', undefined],
  ['/usr/local/sbin/beacond', '', undefined],
  ['/home/joe/bash', 'bash', undefined],
  ['/tmp/clamd', '', undefined],
  [null, 'bash', undefined],
])('%s (%s): %s', (path, commandLine, kind) => {
  expect(carrierOf({ path, commandLine })?.kind).toBe(kind);
});

test('only of a local proxy the behaviour is discounted: it is its trade', () => {
  expect(carrierOf({ path: '/usr/sbin/squid', commandLine: '' })?.discountsBehaviour).toBe(true);
  expect(carrierOf({ path: '/usr/bin/bash', commandLine: '' })?.discountsBehaviour).toBe(false);
});

test('a service name is a word of bounded length', () => {
  expect(serviceOf('svchost.exe -s Dnscache')).toBe('Dnscache');
  expect(serviceOf('svchost.exe')).toBeNull();
  expect(serviceOf(null)).toBeNull();
});
