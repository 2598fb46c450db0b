import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { refang } from '../../src/indicator/refang.ts';

test.each([
  ['35[.]178[.]122[.]152', '35.178.122.152'],
  ['35 [.] 178 (dot) 122{DOT}152', '35.178.122.152'],
  [String.raw`35\.178\.122\.152`, '35.178.122.152'],
  ['2001[:]db8[:][:]1', '2001:db8::1'],
  ['hxxp://evil[.]example', 'http://evil.example'],
  ['hXXps[:]//evil.example', 'https://evil.example'],
  ['hxxps[://]evil.example', 'https://evil.example'],
  ['h**p://evil.example', 'http://evil.example'],
  ['meows://evil.example', 'https://evil.example'],
  ['fxp://evil.example', 'ftp://evil.example'],
  ['http://me[@]evil.example[/]x', 'http://me@evil.example/x'],
  [' <"evil.example">\u200b\ufeff\n', 'evil.example'],
  ['“evil.example”', 'evil.example'],
  ['http://[2001:db8::1]/', 'http://[2001:db8::1]/'],
  ['[::1]', '[::1]'],
  ['hxxp.example', 'hxxp.example'],
])('%j means %j', (defanged, plain) => expect(refang(defanged)).toBe(plain));

test('defanging in any way is undone', () => {
  const dot = fc.constantFrom('.', '[.]', '(.)', '{.}', '[dot]', ' [.] ', '(DOT)');
  const url = fc.tuple(fc.constantFrom('http', 'https'), fc.oneof(fc.domain(), fc.ipV4()));
  fc.assert(
    fc.property(
      url,
      dot,
      fc.constantFrom('://', '[:]//', '[://]'),
      ([scheme, host], mark, colon) => {
        const defanged = scheme.replace('tt', 'xx') + colon + host.replaceAll('.', mark);
        expect(refang(defanged)).toBe(`${scheme}://${host}`);
      },
    ),
  );
});
