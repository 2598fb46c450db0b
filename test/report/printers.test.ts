import { expect, test } from '@jest/globals';
import { PRINTERS } from '../../src/report/printers.ts';
import { sampleHit, sampleProcess, sampleReport } from '../support/sample-report.ts';

const HOSTILE = '\u001b]0;x\u0007<script>alert(1)</script>|`=1\r\n[a](b)\u202e"';

test.each(['text', 'csv', 'markdown'] as const)(
  'no control character from the image reaches the %s',
  (format) => {
    const report = sampleReport({
      processes: [
        sampleProcess({ name: HOSTILE, path: HOSTILE, commandLine: HOSTILE, parentName: HOSTILE }),
      ],
      hits: [sampleHit({ pageDetail: HOSTILE })],
      orphans: [{ pageState: 'page-cache', pageDetail: HOSTILE, hits: 1, byForm: { text: 1 } }],
      warnings: [HOSTILE],
    });
    // eslint-disable-next-line no-control-regex
    expect(PRINTERS[format].print(report)).not.toMatch(/(?![\r\n])\p{Cc}|\u202e/u);
  },
);
