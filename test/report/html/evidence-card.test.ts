import { describe, expect, test } from '@jest/globals';
import { evidenceCard } from '../../../src/report/html/evidence-card.ts';
import type { EvidenceCard } from '../../../src/report/report.ts';
import { elementsOf, ofClass, textOf } from '../../support/parsed-page.ts';
import { sampleProcess } from '../../support/sample-report.ts';

const tell = (text: string): string => text.replaceAll('.', '[.]');

function card(changes: Partial<EvidenceCard> = {}): string {
  const [sample] = sampleProcess().cards;
  if (!sample) throw new Error('the sample process has a card');
  return evidenceCard({ ...sample, ...changes }, tell, false).toString();
}

describe('evidenceCard()', () => {
  test('marks the indicator in its text, told as prose is', () => {
    const [quote] = ofClass(card(), 'quote');
    expect(quote && textOf(quote)).toBe('CONNECT 35[.]178[.]122[.]152:443 HTTP/1[.]1[.][.]');
    const [mark] = elementsOf(card()).filter(({ tagName }) => tagName === 'mark');
    expect(mark && textOf(mark)).toBe('35[.]178[.]122[.]152');
  });

  test('says where it stands', () => {
    expect(textOf(card()).replace(/\s+/g, ' ')).toMatch(
      /connect-request.*heap, \[heap\].*rw-p.*0x5594c3f9c2ba.*0x1182ff3a.*anonymous/,
    );
  });

  test('says that a report without contexts has none', () => {
    expect(textOf(card({ text: '', bytes: '' }))).toContain('are not part of this report');
  });
});
