import { agreementLines } from './agreements.ts';
import { byteCount } from './byte-count.ts';
import { endedLine } from './ended-processes.ts';
import { notInMemoryLines } from './not-in-memory.ts';
import { secondOpinionText } from './print-second-opinion.ts';
import { liveText } from './print-text-live.ts';
import type { Report, ReportProcess } from './report.ts';
import { defang, defangAll, forTerminal } from './text-safety.ts';
import { table } from './text-table.ts';
import { wrap as wrapTo } from './wrap.ts';

/** Processes told in detail, and rows of the table. */
const DETAILED = 3;
const MOST_ROWS = 20;
const WIDTH = 100;

/** For people at a terminal: the answer first, at most 100 columns, nothing that a terminal would obey. */
export function printText(report: Report): string {
  const parts = [
    answer(report),
    processTable(report),
    ...report.processes.slice(0, DETAILED).map(detail),
    orphans(report),
    pivots(report),
    ...(report.live ? liveText(report.live, WIDTH, (line) => defangAll(line, report)) : []),
    report.secondOpinion
      ? secondOpinionText(report.secondOpinion, WIDTH, (line) => defangAll(line, report))
      : '',
    nextActions(report),
    coverage(report),
    warnings(report),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function answer(report: Report): string {
  const { headline, why, doubt, hostsToTry } = report.answer;
  const { proxy } = report;
  const by = proxy
    ? `Proxy ${proxy.address}:${proxy.port} (${proxy.source === 'given' ? 'given' : 'inferred from the sockets in the image'})`
    : `No proxy given${report.image ? ', none inferred' : ''}`;
  return [
    ...[headline, why, ...(doubt ? [`Doubt: ${doubt}`] : []), by].map((line) =>
      defangAll(line, report),
    ),
    ...(hostsToTry.length > 0
      ? [`Processes asked the proxy for: ${hostsToTry.map(defang).join(', ')}`]
      : []),
  ]
    .flatMap((line) => wrap(forTerminal(line), '', ''))
    .join('\n');
}

function processTable({ processes }: Report): string {
  if (processes.length === 0) return '';
  const rows = processes
    .slice(0, MOST_ROWS)
    .map((process) => [
      String(process.rank),
      process.verdict,
      String(process.score),
      String(process.pid),
      forTerminal(process.name) + marks(process),
      String(process.hits.total),
      String(process.hits.exclusive),
      process.connectedToIndicator ? 'indicator' : process.connectedToProxy ? 'proxy' : '-',
      counts(process.hits.byRegion),
      counts(process.hits.byForm),
    ]);
  const more = processes.length - rows.length;
  return [
    ...table(
      ['#', 'VERDICT', 'SCORE', 'PID', 'PROCESS', 'HITS', 'OWN', 'SOCKET', 'WHERE', 'FORMS'],
      rows,
      WIDTH,
      new Set([0, 2, 3, 5, 6]),
    ),
    ...(more > 0 ? [`… and ${more} more (see the JSON report)`] : []),
  ].join('\n');
}

function detail(process: ReportProcess): string {
  const lines = [
    ...wrap(
      `${process.rank}. ${forTerminal(process.name)} (PID ${process.pid})${marks(process)}`,
      '',
      '   ',
    ),
    field('verdict', `${process.verdict}, ${process.score}/100`),
    field('path', process.path),
    field('role', process.role),
    field('command', process.commandLine),
    field('parent', `${process.parentName ?? '?'} (PID ${process.ppid ?? '?'})`),
    field('user', process.user),
    field('started', process.startTime),
    ...process.sockets
      .filter(({ remote }) => remote !== null)
      .slice(0, 5)
      .map(({ protocol, local, remote, state }) =>
        field(
          'socket',
          `${protocol} ${at(local)} -> ${remote ? at(remote) : '*'} ${state ?? ''}`.trimEnd(),
        ),
      ),
    ...process.reasons.flatMap((reason) => wrap(forTerminal(reason), '   + ', '     ')),
    ...process.counterReasons.flatMap((reason) => wrap(forTerminal(reason), '   - ', '     ')),
    ...process.cards
      .slice(0, 3)
      .flatMap(
        ({
          virtualAddress,
          physicalAddress,
          regionName,
          region,
          form,
          text,
          at: start,
          length,
        }) => [
          `   ${virtualAddress === null ? 'physical' : `${virtualAddress}, physical`} ${physicalAddress}: ${form}, ${forTerminal(regionName ?? region, 40)}`,
          `     ${around(text, start, length)}`,
        ],
      ),
  ];
  return lines.filter((line) => line !== '').join('\n');
}

function orphans(report: Report): string {
  const { orphans: groups } = report;
  if (groups.length === 0) return '';
  const ended = endedLine(report);
  const rows = groups
    .slice(0, MOST_ROWS)
    .map((group) => [
      String(group.hits),
      group.pageState,
      forTerminal(group.pageDetail ?? ''),
      counts(group.byForm),
    ]);
  return [
    'Hits that no process maps',
    ...table(['HITS', 'PAGES', 'OF', 'FORMS'], rows, WIDTH, new Set([0])),
    ...(ended === null ? [] : wrap(forTerminal(ended), '', '  ')),
  ].join('\n');
}

function pivots({ pivots: found }: Report): string {
  if (found.length === 0) return '';
  return [
    'Hosts next to it in the talking processes (--pivot looks for them too)',
    ...found
      .slice(0, MOST_ROWS)
      .flatMap(({ text, source, pids }) =>
        wrap(`${defang(text)}: ${source}, PID ${pids.join(', ')}`, '  ', '    '),
      ),
  ].join('\n');
}

const nextActions = ({ nextActions: all }: Report): string =>
  all.length === 0
    ? ''
    : [
        'Next',
        ...all.flatMap(({ title, command }) => [
          ...wrap(title, '  ', '    '),
          // Not folded: it is there to be copied.
          `    ${forTerminal(command)}`,
        ]),
      ].join('\n');

function coverage({ coverage: seen, image, system, engine, timings, hits }: Report): string {
  if (!image) return 'Image: none, live only';
  const phantoms = hits.filter(({ flags }) => flags.includes('phantom')).length;
  const lines = [
    `Image ${image.path} (${image.format}${image.container === 'none' ? '' : ` in ${image.container}`}, ${byteCount(image.fileBytes)})${image.sha256 ? `, SHA-256 ${image.sha256}` : ''}`,
    system
      ? `${system.release}${system.hostName ? `, host ${system.hostName}` : ''}${system.bootTime ? `, started ${system.bootTime}` : ''}${system.captureTime ? `, taken ${system.captureTime}` : ''}${system.timeZone ? `, time zone ${system.timeZone}` : ''}`
      : 'No operating system recognised',
    `Searched ${byteCount(seen.bytesSearched)} of ${byteCount(seen.imageBytes)}; ${seen.holeCount} holes; ${seen.processes} processes, ${seen.kernelThreads} kernel threads (engine ${engine})`,
    ...notInMemoryLines(seen),
    ...agreementLines(seen),
    ...(phantoms > 0
      ? [
          `${phantoms === 1 ? '1 text exists' : `${phantoms} texts exist`} only where unrelated frames are neighbours in RAM: counted for nobody`,
        ]
      : []),
    ...Object.entries(seen.hitsNotKept).map(
      ([indicator, lost]) => `${defang(indicator)}: ${lost} further hits were counted, not kept`,
    ),
    `${Math.round(Object.values(timings).reduce((sum, time) => sum + time, 0))} ms (${Object.entries(
      timings,
    )
      .map(([phase, time]) => `${phase} ${Math.round(time)}`)
      .join(', ')})`,
  ];
  return lines.flatMap((line) => wrap(forTerminal(line), '', '  ')).join('\n');
}

const warnings = ({ warnings: all }: Report): string =>
  all.flatMap((warning) => wrap(forTerminal(warning), 'Warning: ', '  ')).join('\n');

const marks = (process: ReportProcess): string =>
  `${process.hidden ? ' [hidden]' : ''}${process.exited ? ' [exited]' : ''}${process.kernelThread ? ' [kernel]' : ''}`;

const field = (name: string, value: string | null): string =>
  value === null || value === ''
    ? ''
    : wrap(forTerminal(value), `   ${name.padEnd(8)} `, '            ').join('\n');

const counts = (byName: Readonly<Record<string, number>>): string =>
  Object.entries(byName)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, hits]) => `${name} ${hits}`)
    .join(', ');

const at = ({ address, port }: { address: string; port: number }): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** As much of a context as a line holds, the indicator in its middle between guillemets. */
function around(text: string, start: number, length: number): string {
  const room = Math.max(Math.floor((WIDTH - 9 - length) / 2), 0);
  const before = text.slice(Math.max(start - room, 0), start);
  const after = text.slice(start + length, start + length + room);
  return `${before}»${text.slice(start, start + length)}«${after}`.slice(0, WIDTH - 5);
}

const wrap = (text: string, first: string, rest: string): string[] =>
  wrapTo(text, first, rest, WIDTH);
