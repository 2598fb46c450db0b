import { describe, expect, test } from '@jest/globals';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { FORMATS, isFormat } from '../../src/report/formats.ts';
import { PRINTERS } from '../../src/report/printers.ts';
import { type Report, reportSchema } from '../../src/report/report.ts';
import { liveReport, withLive } from '../../src/report/with-live.ts';
import { PAYLOADS } from '../support/hostile-text.ts';
import { sampleLive, sampleLiveProcess } from '../support/sample-live.ts';
import { sampleReport } from '../support/sample-report.ts';

const question = {
  indicators: [parseIndicator('35.178.122.152')],
  proxy: null,
  contexts: 'full' as const,
  toolVersion: '1.2.3',
  warnings: [],
};
const notFound = sampleReport({
  outcome: 'not-found',
  answer: {
    ...sampleReport().answer,
    verdict: 'not-found',
    headline: 'No trace.',
    why: 'Searched.',
  },
  processes: [],
});

const unread = (...reasons: string[]) =>
  reasons.map((notScanned, pid) => ({ pid, name: 'x', path: null, startTime: null, notScanned }));

const hostile = (text: string) =>
  sampleLive({
    processes: [
      sampleLiveProcess({
        name: text,
        path: text,
        commandLine: text,
        context: text,
        reasons: [text],
        user: text,
      }),
    ],
    otherProcesses: [{ pid: 9, name: text, path: text, startTime: null, notScanned: text }],
    provenance: { ...sampleLive().provenance, hostName: text, link: text },
  });

describe('an image and a live answer', () => {
  test('the image’s answer stands where it is as good, and says what live says', () => {
    const { answer, outcome } = withLive(sampleReport(), sampleLive());
    expect(outcome).toBe('found');
    expect(answer.verdict).toBe('responsible');
    expect(answer.why).toMatch(
      /^It has a socket to the proxy\. Live on endpoint, beacond \(PID 299\) is likely/,
    );
  });

  test('the live answer stands first where it is better, and says what the image says', () => {
    const { answer, outcome } = withLive(notFound, sampleLive());
    expect({ outcome, verdict: answer.verdict }).toEqual({ outcome: 'found', verdict: 'likely' });
    expect(answer.headline).toMatch(/^Live on endpoint, beacond/);
    expect(answer.why).toMatch(/The image: No trace\.$/);
  });

  test.each([
    ['all was read', unread(), 'not-found'],
    ['one process was not read', unread('no access'), 'partial'],
    ['only ours and those that ended were not read', unread('self', 'exited'), 'not-found'],
  ])('both found nothing, and %s', (_, otherProcesses, outcome) => {
    expect(withLive(notFound, sampleLive({ processes: [], otherProcesses })).outcome).toBe(outcome);
  });

  test.each(['waiting', 'failed'] as const)(
    'a live answer that is %s costs nothing but a warning',
    (state) => {
      const image = sampleReport();
      const { answer, outcome, live, warnings } = withLive(
        image,
        sampleLive({
          state,
          note: 'It is offline.',
          processes: [],
          otherProcesses: [],
          coverage: null,
        }),
      );
      expect({ answer, outcome }).toEqual({ answer: image.answer, outcome: image.outcome });
      expect(live).toMatchObject({ state, answer: null, sideBySide: [] });
      expect(warnings).toContain('No live answer: It is offline.');
    },
  );

  test('another machine, an address as name, what was not asked: each is a warning', () => {
    const { provenance, coverage } = sampleLive();
    const { warnings } = withLive(
      sampleReport(),
      sampleLive({
        provenance: { ...provenance, hostName: 'other', foundBy: 'address' },
        coverage: coverage && { ...coverage, notAsked: ['evil.example'], hitsAreCut: true },
      }),
    );
    expect(warnings).toEqual([
      expect.stringContaining('"endpoint", the live answer of "other"'),
      expect.stringContaining('found by its address only'),
      expect.stringContaining('evil.example'),
      expect.stringContaining('more are on the Velociraptor server'),
    ]);
  });
});

describe('a live answer alone', () => {
  test('is a report of the schema whose image is null', () => {
    const report = reportSchema.parse(liveReport(sampleLive(), question));
    expect(report).toMatchObject({
      image: null,
      outcome: 'found',
      answer: { verdict: 'likely' },
      processes: [],
      coverage: { bytesSearched: 0 },
    });
    expect(report.nextActions[0]?.command).toBe(
      'ip2process 35.178.122.152 --live C.1234567890abcdef --collect-image',
    );
  });

  test('keeps what the alert said, and warns of another machine', () => {
    const at = new Date('2026-11-22T10:00:00Z');
    const { alert, warnings } = liveReport(sampleLive(), {
      ...question,
      alert: { host: 'other', at },
    });
    expect(alert).toEqual({ host: 'other', at: at.toISOString() });
    expect(warnings).toEqual([expect.stringContaining('"endpoint", the alert is about "other"')]);
  });

  test('an image that was asked for and failed makes an absence partial', () => {
    const nothing = sampleLive({ processes: [], otherProcesses: [] });
    expect(liveReport(nothing, question).outcome).toBe('not-found');
    expect(
      liveReport(nothing, { ...question, warnings: ['The image was not looked at: x'] }).outcome,
    ).toBe('partial');
  });

  test.each(['redacted', 'none'] as const)(
    '%s contexts hold no secret of the machine',
    (contexts) => {
      const text = JSON.stringify(liveReport(sampleLive(), { ...question, contexts }));
      expect(text).not.toContain('s3cr3t');
      expect(text.includes('CONNECT 35.178.122.152:443')).toBe(contexts === 'redacted');
    },
  );
});

describe.each(Object.keys(FORMATS).filter(isFormat))('%s', (format) => {
  const print = (report: Report): string => PRINTERS[format].print(report);
  const reports = [withLive(sampleReport(), sampleLive()), liveReport(sampleLive(), question)];

  test('tells a live answer beside an image and alone', () => {
    for (const report of reports) {
      const text = print(report).replaceAll('\\', '');
      if (format === 'stix') expect(text).toContain('35.178.122.152');
      else if (format === 'csv') expect(text).toContain('"live"');
      else expect(text).toMatch(/guard \(7\): no access|"guard"/);
    }
  });

  test('lets no text of the machine command a terminal, a browser or a table', () => {
    for (const text of PAYLOADS) {
      for (const report of [
        withLive(sampleReport(), hostile(text)),
        liveReport(hostile(text), question),
      ]) {
        // eslint-disable-next-line no-control-regex
        expect(print(report)).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]/);
        if (format === 'html')
          expect(print(report)).not.toMatch(/<(?:img|script>window|iframe|form|base) ?/i);
      }
    }
  });
});
