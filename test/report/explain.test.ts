import { describe, expect, test } from '@jest/globals';
import { explain } from '../../src/report/explain.ts';
import { sampleHit, sampleProcess, sampleReport } from '../support/sample-report.ts';

const contribution = (
  kind: string,
  points: number,
  hits: number,
  discount: string | null = null,
) => ({
  kind,
  points,
  hits,
  reason: `why ${kind}`,
  discount,
});

describe('a listed process', () => {
  const text = explain(
    sampleReport({
      processes: [
        sampleProcess({
          evidence: [
            contribution('sent-bytes', 40, 1),
            contribution('socket-to-proxy', 5, 0, '× 0.2: for others'),
            contribution('holding', 20, 1),
          ],
          score: 65,
          verdict: 'likely',
          counterReasons: ['is a shell'],
        }),
      ],
      hits: [
        sampleHit(),
        sampleHit({
          owners: [],
          physicalAddress: '0xabc',
          sentBy: [{ pid: 299, name: 'beacond' }],
        }),
      ],
    }),
    299,
  );

  test.each([
    ['the word and the score', 'beacond (PID 299): likely, 65 of 100, rank 1 of 1'],
    ['every contribution with its bound', '  40.0  sent-bytes (1 hit), at most 40'],
    ['what was taken away', 'taken away: × 0.2: for others'],
    ['the hits behind what was sent', 'at physical 0xabc, kernel memory'],
    ['the hits behind holding', 'at 0x5594c3f9c2ba [heap] rw-p, physical 0x1182ff3a'],
    ['the sum', '  65.0  sum'],
    ['the rule of the word', 'likely: 65 is 45 or more and below 70'],
    ['what speaks against it', 'Against it: is a shell'],
  ])('tells %s', (_, words) => expect(text).toContain(words));

  test('a bound is told', () => {
    const capped = sampleProcess({ evidence: [contribution('holding', 60, 1)], score: 44 });
    expect(explain(sampleReport({ processes: [capped] }), 299)).toContain(
      'bounded to 44: without behaviour',
    );
  });

  test('many hits are cut', () => {
    const hits = Array.from({ length: 25 }, () => sampleHit());
    const process = sampleProcess({ evidence: [contribution('holding', 1, 25)] });
    expect(explain(sampleReport({ processes: [process], hits }), 299)).toContain('… and 5 more');
  });

  test('its name is made harmless', () => {
    const process = sampleProcess({ name: '\u001b[31mred' });
    expect(explain(sampleReport({ processes: [process] }), 299)).not.toContain('\u001b');
  });
});

describe('a process that is not listed', () => {
  const [other] = sampleReport().otherProcesses;
  const told = (changes: object) =>
    explain(
      sampleReport({ otherProcesses: other ? [{ ...other, ...changes }] : [] }),
      1,
    ).replaceAll(/\s+/g, ' ');

  test.each([
    [{}, 'no page that it maps holds 35.178.122.152'],
    [{}, 'no connection to the proxy 172.31.0.250:8080'],
    [{ kernelThread: true }, 'is a kernel thread'],
    [{ exited: true }, 'had ended'],
    [{ missingTables: 3 }, '3 of its page-table pages are not in the image'],
    [{ connectedToProxy: true }, 'a connection alone says nothing'],
  ])('%j: %s', (changes, words) => expect(told(changes)).toContain(words));

  test('or not there at all', () => {
    expect(explain(sampleReport(), 4711)).toContain('No process with PID 4711');
  });
});
