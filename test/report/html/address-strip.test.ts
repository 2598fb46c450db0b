import { describe, expect, test } from '@jest/globals';
import { addressStrip } from '../../../src/report/html/address-strip.ts';
import { attributeOf, elementsOf, textOf } from '../../support/parsed-page.ts';
import { eventfulReport } from '../../support/eventful-report.ts';
import { sampleProcess } from '../../support/sample-report.ts';

const [process = sampleProcess()] = eventfulReport().processes;
const page = addressStrip(process)?.toString() ?? '';
const titles = elementsOf(page)
  .filter(({ tagName }) => tagName === 'title')
  .map(textOf);

describe('addressStrip()', () => {
  test('names every stretch: kind, rights, size, hits and range', () => {
    expect(titles).toContain(
      'heap, [heap], rw-p, 132 KiB, 2 hits, 0x5594c3f9c000 – 0x5594c3fbd000',
    );
    expect(titles).toContain(
      '2 regions: file, [file] and others, no hits, 0x7f0000000000 – 0x7f0000801000',
    );
    expect(titles.filter((title) => title.includes('without regions'))).toHaveLength(2);
  });

  test('stays within its width, and draws more hits higher', () => {
    const rects = elementsOf(page).filter(({ tagName }) => tagName === 'rect');
    for (const one of rects) {
      const x = Number.parseFloat(attributeOf(one, 'x') ?? '');
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThan(100);
    }
    const heights = rects
      .map((one) => Number(attributeOf(one, 'height')))
      .filter((height) => height !== 20);
    expect(heights).toHaveLength(2);
    expect(heights[0]).toBeGreaterThan(heights[1] ?? 0);
  });

  test('says the same as a table', () => {
    expect(textOf(page).replace(/\s+/g, ' ')).toMatch(/heap \[heap\].*132 KiB.*rw-p.*2/);
  });

  test('is nothing without regions', () => {
    expect(addressStrip(sampleProcess({ regions: [] }))).toBeNull();
  });
});
