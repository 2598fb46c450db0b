import { describe, expect, test } from '@jest/globals';
import { overallVerdict, type ProcessVerdict, verdictOf } from '../../src/attribute/verdict.ts';
import type { EvidenceKind } from '../../src/attribute/weights.ts';

describe('the word for a process', () => {
  test.each<[number, EvidenceKind[], boolean, ProcessVerdict]>([
    [70, ['sent-bytes', 'holding'], false, 'responsible'],
    [69, ['sent-bytes', 'holding'], false, 'likely'],
    [45, ['socket-to-proxy', 'holding'], false, 'likely'],
    [44, ['socket-to-proxy', 'holding'], false, 'possible'],
    [100, ['sent-bytes'], false, 'possible'],
    [100, ['holding', 'request-text'], false, 'possible'],
    [10, ['holding'], true, 'carrier-only'],
    [80, ['sent-bytes', 'holding'], true, 'responsible'],
    [0, [], false, 'possible'],
  ])('%d points of %j, carrier %s: %s', (score, kinds, isCarrier, word) => {
    expect(verdictOf(score, new Set(kinds), isCarrier)).toBe(word);
  });
});

describe('the word for a report', () => {
  test.each<[ProcessVerdict[], number, string]>([
    [['possible', 'responsible', 'likely'], 3, 'responsible'],
    [['carrier-only', 'possible'], 2, 'possible'],
    [['carrier-only'], 1, 'carrier-only'],
    [[], 5, 'no-owner'],
    [[], 0, 'not-found'],
  ])('%j and %d hits: %s', (words, hits, word) => {
    expect(
      overallVerdict(
        words.map((verdict) => ({ verdict })),
        hits,
      ),
    ).toBe(word);
  });
});
