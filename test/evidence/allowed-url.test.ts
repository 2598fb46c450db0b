import { expect, test } from '@jest/globals';
import { allowedUrl } from '../../src/evidence/allowed-url.ts';

test.each([
  ['https://files.example/x.raw', 'files.example'],
  ['https://FILES.example./x.raw', 'files.example'],
  ['https://a.b.files.example/x', '.files.example'],
  ['https://files.example:8443/x', 'files.example:8443'],
  ['https://files.example:443/x', 'files.example'],
  ['https://[2001:db8::1]/x', '[2001:db8::1]'],
])('%s is allowed by %s', (url, rule) => {
  expect(allowedUrl(url, ['other.example', rule]).href).toMatch(/^https:/);
});

test.each([
  ['http://files.example/x', 'files.example', 'is not https'],
  ['file:///etc/passwd', 'files.example', 'is not https'],
  ['https://files.example.evil.example/x', 'files.example', 'is not among the hosts'],
  ['https://evilfiles.example/x', '.files.example', 'is not among the hosts'],
  ['https://files.example/x', '.files.example', 'is not among the hosts'],
  ['https://files.example:8443/x', 'files.example', 'is not among the hosts'],
  ['https://files.example/x', 'files.example:8443', 'is not among the hosts'],
  ['https://169.254.169.254/latest', '.example', 'is not among the hosts'],
  ['https://0x7f.1/x', '', 'is not among the hosts'],
  ['https://x/', '.', 'is not among the hosts'],
  ['https://files.example@evil.example/x', 'files.example', 'holds a user or password'],
  ['https://me:secret@files.example/x', 'files.example', 'holds a user or password'],
  ['nonsense\u001b', 'files.example', 'is not a URL'],
])('%s is refused by "%s": it %s', (url, rule, reason) => {
  expect(() => allowedUrl(url, [rule])).toThrow(reason);
  expect(() => allowedUrl(url, [rule])).not.toThrow(/secret|\p{Cc}/u);
});
