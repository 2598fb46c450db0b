import { expect, test } from '@jest/globals';
import {
  domainAfter,
  domainBefore,
  escapeBefore,
  FIRM,
  ipv4After,
  ipv4Before,
  numberBefore,
  OPEN,
  REJECTED,
  urlAfter,
  urlBefore,
} from '../../src/indicator/boundary.ts';
import { BYTES, UNITS } from '../../src/indicator/coded-text.ts';

type Side = (window: Uint8Array, coding: typeof BYTES | typeof UNITS) => number;

const before =
  (
    rule: (window: Uint8Array, start: number, coding: typeof BYTES | typeof UNITS) => number,
  ): Side =>
  (window, coding) =>
    rule(window, window.length, coding);

const SIDES: Readonly<Record<string, Side>> = {
  'before IPv4': before(ipv4Before),
  'before a domain': before((window, start, coding) => domainBefore(window, start, coding, 12)),
  'before a URL': before(urlBefore),
  'before a number': before(numberBefore),
  'as an escape': before(escapeBefore),
  'after IPv4': (window, coding) => ipv4After(window, 0, coding),
  'after a domain': (window, coding) => domainAfter(window, 0, coding),
  'after a URL': (window, coding) => urlAfter(window, 0, coding, false),
  'after a URL with a query': (window, coding) => urlAfter(window, 0, coding, true),
};

const ROWS: Readonly<Record<string, { firm: string[]; rejected: string[]; open: string[] }>> = {
  'before IPv4': {
    firm: [' ', 'v', ':', 'a.', '%22', String.raw`\x22`, String.raw`\u0022`],
    rejected: [' 1', 'xx22', '1.', ' 12345'],
    open: ['', '.', '1', '22', '0022'],
  },
  'before a domain': {
    firm: [' ', '.', '@', '/', 'é', '%2F', String.raw`\n`],
    rejected: [' a', '--', 'x_', ' 1', 'an'],
    open: ['', 'a', 'n', '2F'],
  },
  'before a URL': {
    firm: [' ', '=', '+', '-', ':', '%3D'],
    rejected: ['xs', ' 1'],
    open: ['', 'a'],
  },
  'before a number': { firm: ['//', '@'], rejected: ['/a', 'a/', '0', ' '], open: ['', '/'] },
  'as an escape': {
    firm: [
      '%aF',
      String.raw`\xaF`,
      String.raw`\uabCD`,
      String.raw`\n`,
      String.raw`\r`,
      String.raw`\t`,
    ],
    rejected: ['g', ' a', 'n-n', 'gxaF', 'uabCD-ab', 'guabCD', 'gabcd', 'g1'],
    open: ['a', 'aF', 'xaF', 'uabCD', 'abCD', 'n'],
  },
  'after IPv4': {
    firm: [' ', 'a', ':', '. ', '.a', '.in-addr.com'],
    rejected: ['1', '.1', '.in-addr.arpa', '.IN-ADDR.ARPA '],
    open: ['', '.', '.i', '.in-addr.arp'],
  },
  'after a domain': {
    firm: [' ', ':', '/', '. ', '..'],
    rejected: ['a', '-', '_', '.a'],
    open: ['', '.'],
  },
  'after a URL': {
    firm: [' ', '"', '<', '#', ')', ',', ';', '&', '. ', '/ ', '?"'],
    rejected: ['a', '-', '~', '%', '=', '/a', '?a', '.a', ':8', '//'],
    open: ['', '/', '.', '?'],
  },
  'after a URL with a query': { firm: [' '], rejected: ['&'], open: [''] },
};

const cases = Object.entries(ROWS).flatMap(([name, { firm, rejected, open }]) => [
  ...firm.map((text) => [text, name, 'firm', FIRM] as const),
  ...rejected.map((text) => [text, name, 'rejected', REJECTED] as const),
  ...open.map((text) => [text, name, 'open', OPEN] as const),
]);

test.each(cases)('%j %s is %s', (text, name, _, expected) => {
  expect(SIDES[name]?.(Buffer.from(text, 'latin1'), BYTES)).toBe(expected);
  expect(SIDES[name]?.(Buffer.from(text, 'utf16le'), UNITS)).toBe(expected);
});

test('a 16-bit length before a name is no part of it, even if it looks like a letter', () => {
  const name = 'a'.repeat(0x41);
  const judged = (lead: string): number =>
    domainBefore(Buffer.from(lead + name, 'latin1'), lead.length, BYTES, name.length);
  expect(judged('\0A')).toBe(FIRM);
  expect(judged('\x01A')).toBe(REJECTED);
  expect(judged('\0B')).toBe(REJECTED);
  expect(judged('A')).toBe(OPEN);
});
