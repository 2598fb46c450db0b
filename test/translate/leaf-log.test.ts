import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { frame, virtualPage } from '../../src/memory/address.ts';
import { MAY_EXECUTE, MAY_USER, MAY_WRITE } from '../../src/translate/entry-rules.ts';
import { LeafLog, LOG_LIMITS } from '../../src/translate/leaf-log.ts';
import type { Mapping } from '../../src/translate/mapping.ts';

const mapping = fc.record<Mapping>({
  space: fc.constant(7),
  page: fc.nat({ max: 2 ** 31 }).map((n) => virtualPage(n * 2 ** 21 + 3)),
  frame: fc.maxSafeNat().map((n) => frame(n % 2 ** 40)),
  pageBytes: fc.constantFrom(2 ** 12, 2 ** 21, 2 ** 30),
  isWritable: fc.boolean(),
  isUser: fc.boolean(),
  isExecutable: fc.boolean(),
  state: fc.constantFrom('valid', 'protected', 'transition', 'prototype'),
});

test('gives back every mapping as it was put in, however many there are', () => {
  fc.assert(
    fc.property(fc.array(mapping, { maxLength: 3000, size: 'max' }), (mappings) => {
      const log = new LeafLog(LOG_LIMITS);
      for (const use of mappings) {
        const permissions =
          (use.isWritable ? MAY_WRITE : 0) |
          (use.isUser ? MAY_USER : 0) |
          (use.isExecutable ? MAY_EXECUTE : 0);
        log.add(use.page, use.frame, permissions, use.state, use.pageBytes);
      }
      expect(mappings.map((_, entry) => log.mapping(entry, 7))).toEqual(mappings);
    }),
    { numRuns: 20 },
  );
});

test('keeps so many uses of a frame for each space, and counts the rest', () => {
  const log = new LeafLog({ ...LOG_LIMITS, perFrame: 3 });
  for (let space = 0; space < 2; space += 1) {
    log.beginSpace();
    for (let page = 0; page < 5; page += 1) log.add(page, 1, 0, 'valid', 4096);
    log.add(9, 2, 0, 'valid', 4096);
  }
  expect([log.length, log.dropped]).toEqual([8, 4]);
});

test('keeps so many uses in all', () => {
  const log = new LeafLog({ ...LOG_LIMITS, total: 10 });
  for (let page = 0; page < 25; page += 1) log.add(page, page, 0, 'valid', 4096);
  expect([log.length, log.dropped]).toEqual([10, 15]);
});

test('repeats entries further on, until the space has had its share', () => {
  const log = new LeafLog({ ...LOG_LIMITS, perSpace: 3 });
  log.add(1, 100, 0, 'valid', 4096);
  log.add(2, 200, 0, 'protected', 4096);
  log.repeat(0, 2, 512);
  log.repeat(0, 2, 1024);
  expect([log.length, log.dropped]).toEqual([5, 1]);
  expect([2, 3, 4].map((entry) => [log.page(entry), log.frame(entry)])).toEqual([
    [513, 100],
    [514, 200],
    [1025, 100],
  ]);
  expect(log.mapping(3, 0).state).toBe('protected');
});
