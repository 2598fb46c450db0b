import { describe, expect, test } from '@jest/globals';
import { hitShares } from '../../../src/report/html/hit-shares.ts';
import { attributeOf, elementsOf, textOf } from '../../support/parsed-page.ts';
import { sampleHit, sampleProcess, sampleReport } from '../../support/sample-report.ts';

const [owner] = sampleHit().owners;
const owned = (...pids: number[]) =>
  sampleHit({ owners: pids.flatMap((pid) => (owner ? [{ ...owner, pid }] : [])) });
const processes = [
  sampleProcess({ pid: 1, verdict: 'responsible' }),
  sampleProcess({ pid: 2, verdict: 'possible' }),
];

describe('hitShares()', () => {
  test('counts each hit once, for the best verdict among those who hold or sent it', () => {
    const hits = [
      owned(1),
      owned(2, 1),
      owned(2),
      owned(),
      sampleHit({ owners: [], sentBy: [{ pid: 1, name: 'x' }] }),
      sampleHit({ flags: ['phantom'] }),
    ];
    const page = hitShares(sampleReport({ processes, hits }))?.toString() ?? '';
    expect(textOf(page).replace(/\s+/g, ' ')).toContain(
      'Of 5 hits:3 with responsible processes1 with possible ones1 with nobody',
    );
  });

  test('fills its bar', () => {
    const page = hitShares(sampleReport({ processes, hits: [owned(1), owned(2), owned()] }));
    const widths = elementsOf(page?.toString() ?? '')
      .filter(({ tagName }) => tagName === 'rect')
      .map((one) => Number.parseFloat(attributeOf(one, 'width') ?? ''));
    expect(widths.reduce((sum, width) => sum + width, 0)).toBeCloseTo(100, 0);
  });

  test('is nothing without hits', () => {
    expect(hitShares(sampleReport({ hits: [] }))).toBeNull();
  });
});
