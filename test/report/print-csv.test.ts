import { describe, expect, test } from '@jest/globals';
import { printCsv } from '../../src/report/print-csv.ts';
import { sampleHit, sampleReport } from '../support/sample-report.ts';

describe('csv', () => {
  test('has a row per hit and owner, and one for a hit of nobody', () => {
    const [owner] = sampleHit().owners;
    const report = sampleReport({
      hits: [
        sampleHit({ owners: owner ? [owner, { ...owner, pid: 300 }] : [] }),
        sampleHit({ owners: [] }),
      ],
    });
    const rows = printCsv(report).trimEnd().split('\r\n');
    expect(rows).toHaveLength(4);
    expect(rows[2]).toContain(',300,"beacond",');
    expect(rows[3]).toMatch(/,,,,,,,"image",$/);
  });
});
