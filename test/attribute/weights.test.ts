import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  CAP_WITHOUT_BEHAVIOUR,
  FACTORS,
  PLACES,
  POINTS,
  THRESHOLDS,
} from '../../src/attribute/weights.ts';
import { fromRoot } from '../support/requires.ts';

const DOCUMENT = fromRoot('docs/scoring.md');
const MARKS = /(?<=<!-- weights -->\n).*?(?=<!-- \/weights -->)/s;

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The document's table, made from the code's. */
function table(): string {
  return [
    '| Evidence | Points | Behaviour | Because |',
    '| --- | --: | --- | --- |',
    ...Object.entries(POINTS).map(([kind, { points, behaviour, reason }]) =>
      row([kind, String(points), behaviour ? 'yes' : '', reason]),
    ),
    '',
    '| Place or circumstance | × | Because |',
    '| --- | --: | --- |',
    ...Object.entries({ ...PLACES, ...FACTORS }).map(([name, { factor, reason }]) =>
      row([name, String(factor), reason]),
    ),
    '',
  ].join('\n');
}

test('the document shows the table of the code [IP2PROCESS_UPDATE=1 writes it anew]', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  if (process.env['IP2PROCESS_UPDATE'] === '1') {
    writeFileSync(
      DOCUMENT,
      text.replace(MARKS, () => table()),
    );
  }
  expect(MARKS.exec(readFileSync(DOCUMENT, 'utf8'))?.[0]).toBe(table());
});

describe('the weights together', () => {
  test('holding alone never reaches likely', () => {
    expect(CAP_WITHOUT_BEHAVIOUR).toBeLessThan(THRESHOLDS.likely);
  });

  test('holding and a connection to the proxy can be likely, and responsible only with every sign', () => {
    const { points } = POINTS['socket-to-proxy'];
    expect(points + POINTS.holding.points).toBeGreaterThan(THRESHOLDS.likely);
    expect(points + POINTS.holding.points).toBeLessThan(THRESHOLDS.responsible);
  });

  test('whoever reads a URL, uses the proxy and has an odd library stays below likely', () => {
    const sum =
      POINTS['socket-to-proxy'].points + POINTS['http-library'].points + POINTS.holding.points / 2;
    expect(Math.round(sum)).toBeLessThan(THRESHOLDS.likely);
  });

  test('a discounted connection with all that a process can hold in one text stays below likely', () => {
    const discounted = POINTS['socket-to-proxy'].points * FACTORS.elsewhere.factor;
    expect(discounted + POINTS.holding.points / 2 + POINTS['request-text'].points).toBeLessThan(
      THRESHOLDS.likely,
    );
  });

  test('sending and a connection are nearly responsible by themselves; all kinds of behaviour exceed it', () => {
    expect(POINTS['sent-bytes'].points + POINTS['socket-to-proxy'].points).toBeGreaterThan(
      THRESHOLDS.likely,
    );
    const behaviour = Object.values(POINTS).filter(({ behaviour: counts }) => counts);
    const sum = behaviour.reduce((total, { points }) => total + points, 0);
    expect(sum).toBeGreaterThan(THRESHOLDS.responsible);
  });

  test('no factor makes a hit more than one of its place', () => {
    for (const { factor } of Object.values(FACTORS)) {
      expect(factor).toBeGreaterThanOrEqual(0);
      expect(factor).toBeLessThan(1);
    }
  });
});
