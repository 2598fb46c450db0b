import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { processTree } from '../../../src/report/html/process-tree.ts';
import { attributeOf, elementsOf, textOf } from '../../support/parsed-page.ts';
import { sampleReport } from '../../support/sample-report.ts';

const node = (pid: number, ppid: number | null, verdict: string | null = null) => ({
  pid,
  ppid,
  name: `p${pid}.`,
  verdict,
});
const drawn = (tree: ReturnType<typeof node>[]): string =>
  processTree(sampleReport({ tree }))?.toString() ?? '';

describe('processTree()', () => {
  test('puts processes under their parents and marks those with a verdict', () => {
    const page = drawn([node(1, 0), node(5, 1), node(7, 5, 'responsible'), node(6, 1, 'possible')]);
    expect(textOf(page).replace(/\s+/g, ' ')).toMatch(
      /p1\. 1 ?p5\. 5 ?p7\. 7 ?responsible ?p6\. 6 ?possible/,
    );
    const pills = elementsOf(page).filter((one) => /pill/.test(attributeOf(one, 'class') ?? ''));
    expect(pills).toHaveLength(2);
    expect(elementsOf(page).filter(({ tagName }) => tagName === 'ul')).toHaveLength(3);
  });

  test('draws every process once, whoever calls whom parent', () => {
    const pid = fc.nat(12);
    fc.assert(
      fc.property(fc.array(fc.tuple(pid, fc.option(pid)), { maxLength: 40 }), (pairs) => {
        const page = drawn(pairs.map(([own, parent]) => node(own, parent)));
        const items = elementsOf(page).filter(({ tagName }) => tagName === 'li');
        expect(items).toHaveLength(pairs.length);
      }),
    );
  });

  test('goes no deeper than a page can, and tells how many it leaves out', () => {
    const page = drawn(Array.from({ length: 1000 }, (_, pid) => node(pid, pid - 1)));
    const lists = elementsOf(page).filter(({ tagName }) => tagName === 'ul');
    expect(lists.length).toBeLessThanOrEqual(13);
    expect(textOf(page)).toContain('… and 800 more');
  });
});
