import type { Attribution } from '../attribute/attribution.ts';
import type { Occurrence, Owner, Part } from '../attribute/occurrence.ts';
import { fileOffsetOf } from '../image/stored-memory.ts';
import { hex } from '../memory/address.ts';
import type { Process } from '../os/process.ts';
import { alertWarnings } from './alert.ts';
import { answerOf } from './answer.ts';
import { cardsOf } from './cards.ts';
import { connectionsOf } from './connections.ts';
import { coverageOf } from './coverage.ts';
import { type Findings, isReal } from './findings.ts';
import { smearIn } from './gaps.ts';
import { nextActionsOf } from './next-actions.ts';
import { reasonsOf } from './reasons.ts';
import { otherProcessesOf } from './other-processes.ts';
import { regionsOf } from './region-strip.ts';
import { secondOpinionOf } from './second-opinion.ts';
import { treeOf } from './process-tree.ts';
import { POINTS } from '../attribute/weights.ts';
import type { Report, ReportHit, ReportProcess } from './report.ts';
import { REPORT_VERSION } from './report-version.ts';

export function buildReport(findings: Findings): Report {
  const { indicators, image, system, engine, proxy, located } = findings;
  const { occurrences } = located;
  const senders = sendersOf(findings);
  const hits = occurrences.map((occurrence, index) =>
    hitOf(occurrence, senders.get(index) ?? [], findings),
  );
  const processes = findings.attributions.map((attribution, index) =>
    processOf(attribution, index + 1, findings),
  );
  const { outcome, ...answer } = answerOf(findings, processes);
  return {
    version: REPORT_VERSION,
    tool: { name: 'ip2process', version: findings.toolVersion },
    outcome,
    answer,
    indicators: indicators.map(({ kind, text, given }, index) => ({
      kind,
      text,
      given,
      origin: findings.followed.has(text) ? ('pivot' as const) : ('given' as const),
      hits: occurrences.filter((found) => found.indicator === index && isReal(found)).length,
    })),
    alert: findings.alert && { host: findings.alert.host, at: isoTime(findings.alert.at) },
    proxy: proxy && { address: proxy.address, port: proxy.port, source: proxy.source },
    image: {
      path: image.path,
      format: image.format,
      container: image.container,
      fileBytes: image.file.size,
      sha256: findings.sha256,
    },
    system: system && {
      kind: system.kind,
      release: system.release,
      hostName: system.hostName,
      timeZone: system.timeZone,
      bootTime: isoTime(system.bootTime),
      captureTime: isoTime(system.captureTime),
    },
    engine: engine.name,
    processes,
    otherProcesses: otherProcessesOf(findings),
    hits,
    orphans: orphansOf(occurrences),
    connections: connectionsOf(findings),
    tree: treeOf(findings),
    pivots: [...findings.pivots],
    nextActions: nextActionsOf(findings, processes),
    privacy: 'full',
    coverage: coverageOf(findings),
    live: null,
    secondOpinion: findings.second ? secondOpinionOf(findings.second) : null,
    warnings: [
      ...alertWarnings(findings.alert, system),
      ...image.warnings,
      ...(system?.warnings ?? []),
      ...findings.warnings,
      ...smearIn(findings),
    ],
    timings: { ...findings.timings },
  };
}

/** Who sent an occurrence, by its index. */
function sendersOf({ attributions, engine }: Findings): Map<number, ReportHit['sentBy']> {
  const senders = new Map<number, ReportHit['sentBy']>();
  for (const { process, sent } of attributions) {
    const { pid = -1, name = '' } = engine.processes[process] ?? {};
    for (const index of sent) senders.set(index, [...(senders.get(index) ?? []), { pid, name }]);
  }
  return senders;
}

function hitOf(
  occurrence: Occurrence,
  sentBy: ReportHit['sentBy'],
  { indicators, image, engine }: Findings,
): ReportHit {
  const { runs } = image.memory;
  const partOf = ({ address, length }: Part) => {
    const offset = fileOffsetOf(runs, address);
    return {
      physicalAddress: hex(address),
      fileOffset: offset === null ? null : hex(offset),
      length,
    };
  };
  const parts = occurrence.parts.map(partOf);
  return {
    indicator: indicators[occurrence.indicator]?.text ?? '',
    form: occurrence.form,
    encoding: occurrence.encoding,
    physicalAddress: parts[0]?.physicalAddress ?? '0x0',
    fileOffset: parts[0]?.fileOffset ?? null,
    length: occurrence.length,
    parts,
    pageState: occurrence.pageState.kind,
    pageDetail: occurrence.pageState.detail,
    flags: [...occurrence.flags],
    owners: occurrence.owners.map((owner) => ownerOf(owner, engine.processes)),
    sentBy,
  };
}

const ownerOf = (owner: Owner, processes: readonly Process[]): ReportHit['owners'][number] => ({
  pid: processes[owner.process]?.pid ?? -1,
  name: processes[owner.process]?.name ?? '',
  virtualAddress: hex(owner.address),
  agreement: owner.agreement,
  region: {
    kind: owner.region?.kind ?? 'unknown',
    name: owner.region?.name ?? null,
    protection: owner.region?.protection ?? null,
  },
});

/** Processes whose regions are told, for the picture. */
const PICTURED = 5;

function processOf(attribution: Attribution, rank: number, findings: Findings): ReportProcess {
  const { engine, indicators, located } = findings;
  const process = engine.processes[attribution.process];
  if (!process) throw new Error(`attribution names process ${attribution.process}: no such index`);
  const { holdings, carrier } = attribution;
  const byIndicator: Record<string, number> = {};
  for (const index of holdings.occurrences) {
    const text = indicators[located.occurrences[index]?.indicator ?? -1]?.text ?? '';
    byIndicator[text] = (byIndicator[text] ?? 0) + 1;
  }
  return {
    rank,
    verdict: attribution.verdict,
    score: attribution.score,
    evidence: attribution.evidence.map(({ kind, points, hits, discount }) => ({
      kind,
      points: Math.round(points * 10) / 10,
      hits,
      reason:
        kind === 'http-library' && attribution.httpLibrary
          ? `${POINTS[kind].reason} Here: ${attribution.httpLibrary.name}, ${attribution.httpLibrary.why}.`
          : POINTS[kind].reason,
      discount,
    })),
    carrier: carrier && { kind: carrier.kind, reason: carrier.reason },
    role: attribution.role,
    pid: process.pid,
    ppid: process.parentPid,
    parentName: engine.processes.find(({ pid }) => pid === process.parentPid)?.name ?? null,
    name: process.name,
    path: process.path,
    commandLine: process.commandLine,
    user: process.user,
    startTime: isoTime(process.startTime),
    exitTime: isoTime(process.exitTime),
    hidden: process.isHidden,
    exited: process.state === 'exited',
    kernelThread: process.isKernelThread,
    threads: process.threads,
    hits: {
      total: holdings.occurrences.length,
      exclusive: holdings.exclusive,
      byIndicator,
      byForm: Object.fromEntries(holdings.byForm),
      byRegion: Object.fromEntries(holdings.byRegion),
      sent: attribution.sent.length,
    },
    connectedToProxy: attribution.isConnectedToProxy,
    connectedToIndicator: attribution.isConnectedToIndicator,
    sockets: process.sockets.map(({ protocol, local, remote, state }) => ({
      protocol,
      local,
      remote,
      state,
    })),
    ...reasonsOf(attribution, process, findings),
    cards: cardsOf(attribution, located.occurrences),
    regions: rank <= PICTURED ? regionsOf(attribution, process, findings) : [],
  };
}

/** What no process maps, by page state: files first by path, the largest groups first. */
function orphansOf(occurrences: readonly Occurrence[]): Report['orphans'] {
  const groups = new Map<string, Report['orphans'][number]>();
  for (const occurrence of occurrences) {
    if (occurrence.owners.length > 0 || !isReal(occurrence)) continue;
    const { kind, detail } = occurrence.pageState;
    const key = `${kind}\0${detail ?? ''}`;
    const group = groups.get(key) ?? { pageState: kind, pageDetail: detail, hits: 0, byForm: {} };
    group.hits += 1;
    group.byForm[occurrence.form] = (group.byForm[occurrence.form] ?? 0) + 1;
    groups.set(key, group);
  }
  return [...groups.values()].toSorted((one, other) => other.hits - one.hits);
}

const isoTime = (time: Date | null): string | null => time?.toISOString() ?? null;
