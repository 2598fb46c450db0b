import { describe, expect, test } from '@jest/globals';
import { carriers, processDetails, ranking } from '../../../src/report/html/processes.ts';
import { attributeOf, elementsOf, ofClass, textOf } from '../../support/parsed-page.ts';
import { eventfulReport } from '../../support/eventful-report.ts';
import { sampleProcess, sampleReport } from '../../support/sample-report.ts';

const same = (text: string): string => text;
const words = (page: unknown): string => textOf(String(page)).replace(/\s+/g, ' ');

describe('ranking()', () => {
  const page = ranking(eventfulReport())?.toString() ?? '';

  test('has those who are no carriers, likeliest first, each with its score as a bar', () => {
    const names = ofClass(page, 'name').map(textOf);
    expect(names).toEqual(['beacond', 'agent', 'reader']);
    const bars = elementsOf(page).filter((one) => one.tagName === 'svg');
    expect(bars.map((one) => attributeOf(one, 'aria-label'))).toEqual([
      '93 of 100 points',
      '50 of 100 points',
      '9 of 100 points',
    ]);
  });

  test('tells what a process is connected to, and that it hides', () => {
    expect(words(page)).toMatch(/beacond ?299 missing from the process list.*the proxy/);
  });

  test('bounds its rows and says so', () => {
    const processes = Array.from({ length: 70 }, (_, index) => sampleProcess({ rank: index + 1 }));
    const long = ranking(sampleReport({ processes }))?.toString() ?? '';
    expect(elementsOf(long).filter(({ tagName }) => tagName === 'tr')).toHaveLength(51);
    expect(words(long)).toContain('… and 20 more in the JSON report');
  });
});

test('processDetails() opens the first process and further talkers, and folds the rest', () => {
  const page = processDetails(eventfulReport(), same)?.toString() ?? '';
  const open = ofClass(page, 'process').map((one) => attributeOf(one, 'open') !== null);
  expect(open).toEqual([true, true, false]);
});

describe('carriers()', () => {
  test('folds them, each with its trade, its reasons and what was taken off', () => {
    const page = carriers(eventfulReport(), same)?.toString() ?? '';
    const [fold] = elementsOf(page).filter(({ tagName }) => tagName === 'details');
    expect(fold && attributeOf(fold, 'open')).toBeNull();
    expect(words(page)).toMatch(/Show the one carrier.*bash.*terminal or shell.*× 0\.25: typed/);
  });

  test('is nothing where there are none', () => {
    expect(carriers(sampleReport(), same)).toBeNull();
  });
});
