import type { Report } from '../../src/report/report.ts';
import { sampleHit, sampleProcess, sampleReport } from './sample-report.ts';

/** A report with something in every place that a printer can show. */
export function eventfulReport(changes: Partial<Report> = {}): Report {
  const [card] = sampleProcess().cards;
  if (!card) throw new Error('the sample process has a card');
  return sampleReport({
    indicators: [
      { kind: 'ipv4', text: '35.178.122.152', given: '35.178.122.152', origin: 'given', hits: 2 },
    ],
    answer: {
      verdict: 'responsible',
      headline: 'beacond (PID 299) is responsible for 35.178.122.152 (93/100).',
      why: 'It has a socket to the proxy.',
      doubt: 'The image is cut off.',
      runnerUp: { pid: 300, name: 'agent', score: 50, margin: 43 },
      isTie: true,
      hostsToTry: ['cdn.example'],
    },
    processes: [
      sampleProcess({
        role: 'runs a.py',
        hidden: true,
        counterReasons: ['shares its pages'],
        exitTime: '2026-11-22T09:30:00.000Z',
        cards: [
          card,
          {
            ...card,
            text: 'GET http://35.178.122.152/a',
            at: 11,
            length: 14,
            bytes: Buffer.from('GET http://35.178.122.152/a', 'utf16le').toString('hex'),
            encoding: 'utf16le',
            virtualAddress: null,
          },
        ],
        regions: [
          region('0x5594c3f9c000', '0x5594c3fbd000', 'heap', 2),
          region('0x7f0000000000', '0x7f0000001000', 'file', 0),
          region('0x7f0000001000', '0x7f0000801000', 'file', 0),
          region('0x7ffc00000000', '0x7ffc00021000', 'stack', 1),
        ],
      }),
      sampleProcess({ rank: 2, pid: 300, name: 'agent', verdict: 'likely', score: 50 }),
      sampleProcess({
        rank: 3,
        pid: 301,
        name: 'reader',
        verdict: 'possible',
        score: 9,
        cards: [],
      }),
      sampleProcess({
        rank: 4,
        pid: 302,
        name: 'bash',
        verdict: 'carrier-only',
        score: 3,
        carrier: { kind: 'terminal or shell', reason: 'it holds what somebody typed' },
        evidence: [
          {
            kind: 'holding',
            points: 3,
            hits: 2,
            reason: 'It holds it.',
            discount: '× 0.25: typed',
          },
        ],
      }),
    ],
    hits: [sampleHit(), sampleHit({ owners: [] }), sampleHit({ flags: ['phantom'] })],
    orphans: [
      { pageState: 'free', pageDetail: null, hits: 1, byForm: { text: 1 } },
      { pageState: 'page-cache', pageDetail: '/var/log/a.log', hits: 2, byForm: { url: 2 } },
    ],
    pivots: [
      { kind: 'domain', text: 'evil.example', hits: 3, pids: [299, 300], source: 'Host header' },
    ],
    coverage: {
      ...sampleReport().coverage,
      holes: [{ start: '0x1000', end: '0x2000' }],
      holeCount: 1,
      incompleteProcesses: [{ pid: 301, name: 'reader', missingTables: 2 }],
      notInMemory: [
        { pid: 301, name: 'reader', compressedPages: 3, pagedOutPages: 0 },
        { pid: 302, name: 'writer', compressedPages: 2, pagedOutPages: 1 },
      ],
      nearMissesAtPageEdges: 1,
      hitsNotKept: { '35.178.122.152': 5 },
    },
    warnings: ['a page is damaged'],
    alert: { host: 'endpoint', at: '2026-11-22T09:59:00.000Z' },
    otherProcesses: [
      other({ pid: 2, name: 'kthreadd', kernelThread: true }),
      other({ pid: 467, name: 'sleep', exited: true, connectedToProxy: true, missingTables: 3 }),
    ],
    ...changes,
  });
}

const region = (start: string, end: string, kind: string, hits: number) => ({
  start,
  end,
  kind,
  name: `[${kind}]`,
  protection: 'rw-p',
  hits,
});

const other = (changes: Partial<Report['otherProcesses'][number]>) => ({
  pid: 1,
  name: 'init',
  kernelThread: false,
  exited: false,
  connectedToProxy: false,
  missingTables: 0,
  ...changes,
});
