import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redact } from '../../src/report/redact.ts';
import { type EvidenceCard, type Report, reportSchema } from '../../src/report/report.ts';
import { sampleProcess, sampleReport } from '../support/sample-report.ts';

const INDICATOR = '35.178.122.152';

/** A card as `cardsOf` makes it, of everything that stands around the indicator. */
function card(
  before: string,
  after: string,
  encoding: 'ascii' | 'utf16le' = 'ascii',
): EvidenceCard {
  const memory = before + INDICATOR + after;
  return {
    ...sampleCard,
    // eslint-disable-next-line no-control-regex
    text: memory.replace(/[^\x20-\x7e]/g, '.'),
    at: before.length,
    length: INDICATOR.length,
    bytes: Buffer.from(memory, encoding === 'ascii' ? 'latin1' : 'utf16le').toString('hex'),
    encoding,
  };
}

const [someCard] = sampleProcess().cards;
if (!someCard) throw new Error('the sample process should have a card');
const sampleCard: EvidenceCard = someCard;
const withCard = (one: EvidenceCard): Report =>
  sampleReport({ processes: [sampleProcess({ cards: [one] })] });
const cardOf = (report: Report): EvidenceCard => report.processes[0]?.cards[0] ?? sampleCard;
const shown = (before: string, after: string): string =>
  cardOf(redact(withCard(card(before, after)), 'redacted')).text;
const commandOf = (commandLine: string): string | null =>
  redact(sampleReport({ processes: [sampleProcess({ commandLine })] }), 'redacted').processes[0]
    ?.commandLine ?? null;

describe('a redacted card', () => {
  test.each<[string, string, string, string]>([
    [
      'an Authorization header',
      'x\r\nAuthorization: Basic dXNlcjpwYXNz\r\nHost: ',
      '\r\n',
      'dXNlcjpwYXNz',
    ],
    ['a proxy password', 'x\r\nProxy-Authorization: Basic czpz\r\nHost: ', '\r\n', 'czpz'],
    ['a cookie', 'x\r\nCookie: a=1; b=two words\r\nHost: ', '\r\n', 'two words'],
    ['a cookie behind the indicator', 'Host: ', '\r\nSet-Cookie: id=abc123; Path=/', 'abc123'],
    ['an API key header', 'x\r\nX-Api-Key: 12345\r\nHost: ', '\r\n', '12345'],
    ['userinfo in a URL', 'GET http://joe:s3cret@', '/ HTTP/1.1', 's3cret'],
    ['a parameter', 'GET http://', '/?user=joe&token=abcd&x=1', 'abcd'],
    ['a session id in a path', 'GET http://', '/a;jsessionid=77aa HTTP/1.1', '77aa'],
    ['a JSON password', '{"password": "open sesame", "host": "', '"}', 'open sesame'],
    ['a bearer token', 'x\r\nfoo Bearer abcdef012345\r\nHost: ', '\r\n', 'abcdef012345'],
    ['a JWT', 'Host: ', '\r\nx eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 'eyJzdWIiOiIxIn0'],
    ['an access key', 'Host: ', '\r\nAKIAIOSFODNN7EXAMPLE ', 'AKIAIOSFODNN7EXAMPLE'],
    [
      'long random text',
      'Host: ',
      '\r\n\r\nTWFuIGlzIGRpc3Rpbmd1aXNoZWQsIG5v',
      'TWFuIGlzIGRpc3Rpbmd1aXNoZWQsIG5v',
    ],
    ['long hex', 'Host: ', '\r\n\r\n0123456789abcdef0123456789abcdef', '0123456789abcdef01234567'],
    ['the rest of a header whose name is cut off', 'zZpassw0rd\r\nHost: ', '\r\n', 'zZpassw0rd'],
    ['a private key', 'Host: ', '\r\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nxx', 'MIIE'],
  ])('hides %s', (_, before, after, secret) => {
    expect(before + after).toContain(secret);
    expect(shown(before, after)).not.toContain(secret);
  });

  test.each<[string, string, string]>([
    ['the request line', 'GET http://', '/api/v1/checkin?seq=65 HTTP/1.1'],
    ['a request line that is cut off', 'heckin?id=7f3a HTTP/1.1\r\nHost: ', '\r\n'],
    ['the user agent', 'Host: ', '\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0)\r\n'],
    ['a path', 'open /usr/lib/x86_64-linux-gnu/libssl.so.3 ', ''],
  ])('keeps %s', (_, before, after) => {
    // The first word of a card may be the rest of anything.
    const kept = `${before}${INDICATOR}${after}`.replace(/[\r\n]/g, '.');
    expect(shown(before, after).slice(5)).toBe(kept.slice(5));
  });

  test('keeps what stands right beside the indicator, where only its look is random', () => {
    expect(shown('http://', '/aB3dE5gH7jK9mN1pQ3sT5vW7')).toMatch(
      /^http:\/\/35\.178\.122\.152\/aB3dE5g\*{17}$/,
    );
  });
});

/** Whatever may stand around a secret in memory. */
const filler = fc.string({
  unit: fc.constantFrom(...'abc XYZ09./:;=&"\r\n\0\t<>'.split('')),
  maxLength: 40,
});
const secret = fc.string({
  unit: fc.constantFrom(...'abcdefGHIJKL0123456789'.split('')),
  minLength: 10,
  maxLength: 30,
});
const planted = fc.tuple(
  secret,
  fc.constantFrom<(value: string) => string>(
    (value) => `\r\nAuthorization: Basic ${value}\r\n`,
    (value) => `\r\nCookie: a=b; c=${value}\r\n`,
    (value) => `\r\nX-Auth-Token: ${value}\r\n`,
    (value) => ` http://joe:${value}@host/ `,
    (value) => `?password=${value}&`,
    (value) => `&api_key=${value} `,
    (value) => `{"session_id": "${value}"}`,
    (value) => ` client_secret='${value}' `,
  ),
);

test.each(['ascii', 'utf16le'] as const)(
  'no planted secret survives in %s, the indicator does, and lengths stay',
  (encoding) => {
    fc.assert(
      fc.property(
        filler,
        planted,
        filler,
        filler,
        fc.boolean(),
        (a, [value, plant], b, c, first) => {
          const before = first ? `${a}${plant(value)}${b} ` : `${a} `;
          const after = first ? ` ${c}` : ` ${b}${plant(value)}${c}`;
          const full = card(before, after, encoding);
          const report = withCard(full);
          const reduced = redact(report, 'redacted');
          const { text, bytes, at, length } = cardOf(reduced);
          const width = encoding === 'ascii' ? 2 : 4;

          expect(text).not.toContain(value);
          expect(text.slice(at, at + length)).toBe(INDICATOR);
          expect(text).toHaveLength(full.text.length);
          expect(bytes).toHaveLength(text.length * width);
          for (const [index, character] of text.split('').entries()) {
            const digits = bytes.slice(index * width, (index + 1) * width);
            const isHidden = digits === '*'.repeat(width);
            expect(
              isHidden || digits === full.bytes.slice(index * width, (index + 1) * width),
            ).toBe(true);
            if (isHidden) expect(character).toBe('*');
          }
          expect(reportSchema.safeParse(reduced).error).toBeUndefined();
        },
      ),
    );
  },
);

test('a run of a million letters costs no more than its length', () => {
  const start = performance.now();
  commandOf(`x ${'pass'.repeat(250_000)} ${'a'.repeat(1_000_000)} ${'a-'.repeat(100_000)}://`);
  expect(performance.now() - start).toBeLessThan(5000);
});

describe('a redacted command line', () => {
  test.each([
    ['curl -u joe:secret http://x/', 'curl -u ********** http://x/'],
    ['tool --password hunter2 --verbose', 'tool --password ******* --verbose'],
    ['tool --api-key=k1 -v', 'tool --api-key=** -v'],
    ['mysql -phunter2 -h db', 'mysql -p******* -h db'],
    ['ssh -p 2222 host', 'ssh -p 2222 host'],
    ['env DB_PASSWORD=x y', 'env DB_PASSWORD=* y'],
    [`wget http://a:b@${INDICATOR}/x`, `wget http://***@${INDICATOR}/x`],
    [`beacon --token ${INDICATOR}`, `beacon --token ${INDICATOR}`],
    ['/usr/sbin/sshd -D', '/usr/sbin/sshd -D'],
  ])('%s', (given, redacted) => expect(commandOf(given)).toBe(redacted));
});

describe('without contexts', () => {
  test('a card keeps only the indicator, and a command line only its program', () => {
    const report = sampleReport({
      processes: [
        sampleProcess({
          commandLine: '/bin/x -v',
          role: 'runs /tmp/a.sh',
          cards: [card('abc ', ' def')],
        }),
      ],
    });
    const reduced = redact(report, 'none');
    expect(cardOf(reduced)).toMatchObject({
      text: INDICATOR,
      at: 0,
      length: INDICATOR.length,
      bytes: Buffer.from(INDICATOR).toString('hex'),
    });
    expect(reduced.processes[0]).toMatchObject({ commandLine: '/bin/x', role: null });
    expect(reduced.privacy).toBe('none');
    expect(reportSchema.safeParse(reduced).success).toBe(true);
  });

  test('a service is not a context', () => {
    const report = sampleReport({ processes: [sampleProcess({ role: 'service Dnscache' })] });
    expect(redact(report, 'none').processes[0]?.role).toBe('service Dnscache');
  });
});

test('the full report stays as it is, and a reduced one is never called full', () => {
  const report = withCard(card('password=x ', ''));
  expect(redact(report, 'full')).toBe(report);
  const reduced = redact(report, 'none');
  expect(redact(reduced, 'redacted')).toBe(reduced);
});
