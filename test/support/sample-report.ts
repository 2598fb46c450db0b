import type { Report, ReportHit, ReportProcess } from '../../src/report/report.ts';

/** A small whole report; tests change the part that they are about. */
export function sampleReport(changes: Partial<Report> = {}): Report {
  return {
    version: '1.1',
    tool: { name: 'ip2process', version: '1.2.3' },
    outcome: 'found',
    answer: {
      verdict: 'responsible',
      headline: 'beacond (PID 299) is responsible for 35.178.122.152 (93/100).',
      why: 'It has a socket to the proxy.',
      doubt: null,
      runnerUp: null,
      isTie: false,
      hostsToTry: [],
    },
    indicators: [
      {
        kind: 'ipv4',
        text: '35.178.122.152',
        given: '35[.]178[.]122[.]152',
        origin: 'given',
        hits: 2,
      },
    ],
    alert: null,
    proxy: { address: '172.31.0.250', port: 8080, source: 'given' },
    image: {
      path: 'memory.lime',
      format: 'lime',
      container: 'none',
      fileBytes: 2 ** 30 + 32,
      sha256: null,
    },
    system: {
      kind: 'linux',
      release: 'Linux 6.1.0-50-amd64',
      hostName: 'endpoint',
      timeZone: 'UTC',
      bootTime: null,
      captureTime: '2026-11-22T10:00:00.000Z',
    },
    engine: 'native',
    processes: [sampleProcess()],
    otherProcesses: [
      {
        pid: 1,
        name: 'systemd',
        kernelThread: false,
        exited: false,
        connectedToProxy: false,
        missingTables: 0,
      },
    ],
    hits: [sampleHit()],
    orphans: [{ pageState: 'free', pageDetail: null, hits: 1, byForm: { text: 1 } }],
    connections: [
      {
        pid: 299,
        name: 'beacond',
        peer: 'proxy',
        holdsIndicator: true,
        protocol: 'tcp',
        local: { address: '172.31.16.50', port: 37_476 },
        remote: { address: '172.31.0.250', port: 8080 },
        state: 'ESTABLISHED',
      },
    ],
    tree: [
      { pid: 1, ppid: 0, name: 'systemd', verdict: null },
      { pid: 299, ppid: 1, name: 'beacond', verdict: 'responsible' },
    ],
    pivots: [],
    nextActions: [{ title: 'See more', command: 'ip2process 35.178.122.152 --image memory.lime' }],
    privacy: 'full',
    coverage: {
      imageBytes: 2 ** 30,
      bytesSearched: 2 ** 30,
      holes: [],
      holeCount: 0,
      processes: 41,
      kernelThreads: 60,
      incompleteProcesses: [],
      notInMemory: null,
      nearMissesAtPageEdges: 0,
      hitsNotKept: {},
    },
    live: null,
    secondOpinion: null,
    warnings: [],
    timings: { open: 1, scan: 200.5 },
    ...changes,
  };
}

export function sampleProcess(changes: Partial<ReportProcess> = {}): ReportProcess {
  return {
    rank: 1,
    verdict: 'responsible',
    score: 93,
    evidence: [
      {
        kind: 'socket-to-proxy',
        points: 25,
        hits: 0,
        reason: 'It was talking to the proxy when the image was taken.',
        discount: null,
      },
    ],
    carrier: null,
    role: null,
    pid: 299,
    ppid: 1,
    parentName: 'systemd',
    name: 'beacond',
    path: '/usr/local/sbin/beacond',
    commandLine: '/usr/local/sbin/beacond -q',
    user: '0',
    startTime: '2026-11-22T09:00:00.000Z',
    exitTime: null,
    hidden: false,
    exited: false,
    kernelThread: false,
    threads: 1,
    hits: {
      total: 2,
      exclusive: 2,
      byIndicator: { '35.178.122.152': 2 },
      byForm: { 'connect-request': 1, text: 1 },
      byRegion: { heap: 2 },
      sent: 0,
    },
    connectedToProxy: true,
    connectedToIndicator: false,
    sockets: [
      {
        protocol: 'tcp',
        local: { address: '172.31.16.50', port: 37_476 },
        remote: { address: '172.31.0.250', port: 8080 },
        state: 'ESTABLISHED',
      },
    ],
    reasons: ['has a socket to the proxy 172.31.0.250:8080 (ESTABLISHED, local port 37476)'],
    counterReasons: [],
    cards: [
      {
        text: 'CONNECT 35.178.122.152:443 HTTP/1.1..',
        at: 8,
        length: 14,
        bytes: Buffer.from('CONNECT 35.178.122.152:443 HTTP/1.1\r\n').toString('hex'),
        form: 'connect-request',
        encoding: 'ascii',
        region: 'heap',
        regionName: '[heap]',
        protection: 'rw-p',
        pageState: 'anonymous',
        physicalAddress: '0x1182ff3a',
        virtualAddress: '0x5594c3f9c2ba',
      },
    ],
    regions: [
      {
        start: '0x5594c3f9c000',
        end: '0x5594c3fbd000',
        kind: 'heap',
        name: '[heap]',
        protection: 'rw-p',
        hits: 2,
      },
    ],
    ...changes,
  };
}

export function sampleHit(changes: Partial<ReportHit> = {}): ReportHit {
  return {
    indicator: '35.178.122.152',
    form: 'connect-request',
    encoding: 'ascii',
    physicalAddress: '0x1182ff3a',
    fileOffset: '0x1182ff5a',
    length: 14,
    parts: [{ physicalAddress: '0x1182ff3a', fileOffset: '0x1182ff5a', length: 14 }],
    pageState: 'anonymous',
    pageDetail: null,
    flags: [],
    owners: [
      {
        pid: 299,
        name: 'beacond',
        virtualAddress: '0x5594c3f9c2ba',
        region: { kind: 'heap', name: '[heap]', protection: 'rw-p' },
      },
    ],
    sentBy: [],
    ...changes,
  };
}
