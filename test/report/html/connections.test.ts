import { expect, test } from '@jest/globals';
import { connections } from '../../../src/report/html/connections.ts';
import { textOf } from '../../support/parsed-page.ts';
import { sampleReport } from '../../support/sample-report.ts';

const [one] = sampleReport().connections;
const words = (page: unknown): string => textOf(String(page)).replace(/\s+/g, ' ');

test('a connection to the proxy is marked, one to the indicator louder', () => {
  if (!one) throw new Error('the sample report has a connection');
  const direct = { ...one, peer: 'indicator' as const, remote: { address: '10.0.0.9', port: 443 } };
  const report = sampleReport({ connections: [one, { ...direct, holdsIndicator: false, pid: 7 }] });
  const page = connections(report);
  expect(words(page)).toMatch(/beacond 299 rank 1.*172\.31\.0\.250:8080 ?proxy.*yes/);
  expect(words(page)).toMatch(/beacond 7 ?tcp.*10\.0\.0\.9:443 ?indicator.*no/);
  expect(String(page)).toContain('pill full c-responsible');
});

test('no connection is no table', () => {
  expect(connections(sampleReport({ connections: [] }))).toBeNull();
});
