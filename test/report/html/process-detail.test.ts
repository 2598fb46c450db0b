import { describe, expect, test } from '@jest/globals';
import { processDetail } from '../../../src/report/html/process-detail.ts';
import type { ReportProcess } from '../../../src/report/report.ts';
import { ofClass, textOf } from '../../support/parsed-page.ts';
import { sampleProcess } from '../../support/sample-report.ts';

const detail = (changes: Partial<ReportProcess> = {}, cards = 5): string =>
  processDetail(sampleProcess(changes), (text) => text, { isOpen: true, cards }).toString();
const words = (page: string): string => textOf(page).replace(/\s+/g, ' ');

describe('processDetail()', () => {
  test('tells for and against, and that there is nothing against', () => {
    const page = detail({ reasons: ['sent it'], counterReasons: ['had ended'] });
    expect(ofClass(page, 'for').map((one) => words(textOf(one)).trim())).toEqual(['for: sent it']);
    expect(ofClass(page, 'against').map((one) => words(textOf(one)).trim())).toEqual([
      'against: had ended',
    ]);
    expect(words(detail())).toContain('No reason against it was found.');
  });

  test('tells who it is: program, command line, parent, times, hits and sockets', () => {
    const text = words(detail({ exitTime: '2026-11-22T09:30:00.000Z', exited: true }));
    for (const fact of [
      'program /usr/local/sbin/beacond',
      'command line /usr/local/sbin/beacond -q',
      'parent systemd, PID 1',
      'started 2026-11-22 09:00:00 UTC',
      'ended 2026-11-22 09:30:00 UTC',
      'state exited',
      'tcp 172.31.16.50:37476 → 172.31.0.250:8080',
    ]) {
      expect(text).toContain(fact);
    }
  });

  test('bounds sockets and cards', () => {
    const [socket] = sampleProcess().sockets;
    const [card] = sampleProcess().cards;
    if (!socket || !card) throw new Error('the sample process has a socket and a card');
    const page = detail(
      {
        sockets: Array.from({ length: 30 }, () => socket),
        cards: Array.from({ length: 9 }, () => card),
      },
      2,
    );
    expect(words(page)).toContain('and 22 more');
    expect(ofClass(page, 'card')).toHaveLength(2);
  });
});
