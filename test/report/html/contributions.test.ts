import { expect, test } from '@jest/globals';
import { contributions } from '../../../src/report/html/contributions.ts';
import { attributeOf, elementsOf, textOf } from '../../support/parsed-page.ts';
import { sampleProcess } from '../../support/sample-report.ts';

test('every contribution has its points, as number and bar, its reason and its discount', () => {
  const evidence = [
    { kind: 'holding', points: 7.5, hits: 30, reason: 'It holds it.', discount: '× 0.25: typed' },
  ];
  const page = String(contributions(sampleProcess({ evidence, score: 8 })));
  expect(textOf(page).replace(/\s+/g, ' ')).toMatch(
    /How the score of 8 is made.*holding.*7\.5.*30.*It holds it\..*discounted × 0\.25: typed/,
  );
  const [, fill] = elementsOf(page).filter(({ tagName }) => tagName === 'rect');
  expect(fill && attributeOf(fill, 'width')).toBe('7.5%');
});

test('a process without evidence has no list', () => {
  expect(contributions(sampleProcess({ evidence: [] }))).toBeNull();
});
