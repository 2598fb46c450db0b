import type { Report, ReportHit, ReportProcess } from '../../src/report/report.ts';

/** A small whole report; tests change the part that they are about. */
export function sampleReport(changes: Partial<Report> = {}): Report {
  return {
    version: '1.0',
    tool: { name: 'ip2process', version: '1.2.3' },
    outcome: 'found',
    answer: {
      headline: 'beacond (PID 299) holds 35.178.122.152 in 2 places.',
      why: 'It is also connected to the proxy; 0 other processes hold it without that.',
      doubt: null,
    },
    indicators: [{ kind: 'ipv4', text: '35.178.122.152', given: '35[.]178[.]122[.]152', hits: 2 }],
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
      bootTime: null,
      captureTime: '2026-11-22T10:00:00.000Z',
    },
    engine: 'native',
    processes: [sampleProcess()],
    hits: [sampleHit()],
    orphans: [{ pageState: 'free', pageDetail: null, hits: 1, byForm: { text: 1 } }],
    coverage: {
      imageBytes: 2 ** 30,
      bytesSearched: 2 ** 30,
      holes: [],
      holeCount: 0,
      processes: 41,
      kernelThreads: 60,
      incompleteProcesses: [],
      nearMissesAtPageEdges: 0,
      hitsNotKept: {},
    },
    warnings: [],
    timings: { open: 1, scan: 200.5 },
    ...changes,
  };
}

export function sampleProcess(changes: Partial<ReportProcess> = {}): ReportProcess {
  return {
    rank: 1,
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
    contexts: [
      {
        text: 'CONNECT 35.178.122.152:443 HTTP/1.1..',
        at: 8,
        length: 14,
        form: 'connect-request',
        region: '[heap]',
        physicalAddress: '0x1182ff3a',
        virtualAddress: '0x5594c3f9c2ba',
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
    ...changes,
  };
}
