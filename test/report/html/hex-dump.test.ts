import { describe, expect, test } from '@jest/globals';
import { hexDump } from '../../../src/report/html/hex-dump.ts';
import type { EvidenceCard } from '../../../src/report/report.ts';
import { elementsOf, textOf } from '../../support/parsed-page.ts';
import { sampleProcess } from '../../support/sample-report.ts';

function card(changes: Partial<EvidenceCard>): EvidenceCard {
  const [sample] = sampleProcess().cards;
  if (!sample) throw new Error('the sample process has a card');
  return { ...sample, ...changes };
}

const dumped = (changes: Partial<EvidenceCard>): string => hexDump(card(changes))?.toString() ?? '';
const marks = (page: string): string[] =>
  elementsOf(page)
    .filter(({ tagName }) => tagName === 'mark')
    .map(textOf);

describe('hexDump()', () => {
  test('has sixteen bytes a row with the virtual address of each, hex and text', () => {
    const page = dumped({
      bytes: Buffer.from('CONNECT 10.0.0.1:443 <').toString('hex'),
      length: 8,
    });
    expect(textOf(page)).toBe(
      '5594c3f9c2b2  43 4f 4e 4e 45 43 54 20 31 30 2e 30 2e 30 2e 31  CONNECT 10.0.0.1\n' +
        '5594c3f9c2c2  3a 34 34 33 20 3c                                :443 <\n',
    );
  });

  test('marks the indicator in hex and in text, over the end of a row', () => {
    const bytes = Buffer.from('0123456789ab1.2.3.4.').toString('hex');
    expect(marks(dumped({ bytes, at: 12, length: 7 }))).toEqual([
      '31 2e 32 2e',
      '1.2.',
      '33 2e 34',
      '3.4',
    ]);
  });

  test('counts two bytes to a character of UTF-16', () => {
    const bytes = Buffer.from('ab1.2', 'utf16le').toString('hex');
    expect(marks(dumped({ bytes, encoding: 'utf16le', at: 2, length: 3 }))).toEqual([
      '31 00 2e 00 32 00',
      '1...2.',
    ]);
  });

  test('shows physical addresses where the process maps nothing', () => {
    expect(dumped({ virtualAddress: null, at: 0 })).toContain('<i>00001182ff3a</i>');
  });

  test('shows masked bytes as masked', () => {
    expect(textOf(dumped({ bytes: '41****42', at: 0, length: 1 }))).toMatch(
      /41 \*\* \*\* 42 +A\*\*B/,
    );
  });

  test('is nothing where there are no bytes, and ends after 40 rows', () => {
    expect(hexDump(card({ bytes: '' }))).toBeNull();
    expect(
      textOf(dumped({ bytes: '00'.repeat(100_000) }))
        .trimEnd()
        .split('\n'),
    ).toHaveLength(40);
  });
});
