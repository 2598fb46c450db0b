import { agreementLines } from './agreements.ts';
import { endedLine } from './ended-processes.ts';
import { notInMemoryLines } from './not-in-memory.ts';
import { liveMarkdown } from './print-markdown-live.ts';
import { secondOpinionMarkdown } from './print-second-opinion.ts';
import type { Report, ReportProcess } from './report.ts';
import { defang, defangAll, forMarkdown, forMarkdownCode } from './text-safety.ts';

const DETAILED = 5;
const MOST_ROWS = 25;

/** For a case page or task log (GitHub Markdown): text from the image stands escaped or in code spans. */
export function printMarkdown(report: Report): string {
  const { answer, proxy } = report;
  const parts = [
    `# ${forMarkdown(defangAll(answer.headline, report))}`,
    [
      answer.why,
      ...(answer.doubt ? [`Doubt: ${answer.doubt}`] : []),
      ...(answer.hostsToTry.length > 0
        ? [`Processes asked the proxy for: ${answer.hostsToTry.map(defang).join(', ')}`]
        : []),
    ]
      .map((line) => forMarkdown(defangAll(line, report)))
      .join('\n\n'),
    proxy
      ? `Proxy: ${forMarkdownCode(`${proxy.address}:${proxy.port}`)} (${proxy.source})`
      : `Proxy: none given${report.image ? ', none inferred' : ''}.`,
    processTable(report),
    ...report.processes.slice(0, DETAILED).map(detail),
    orphans(report),
    pivots(report),
    ...(report.live ? liveMarkdown(report.live, (line) => defangAll(line, report)) : []),
    report.secondOpinion
      ? secondOpinionMarkdown(report.secondOpinion, (line) => defangAll(line, report))
      : '',
    coverage(report),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function processTable({ processes }: Report): string {
  if (processes.length === 0) return '';
  return [
    '## Processes',
    '',
    ...markdownTable(
      [
        '#',
        'Verdict',
        'Score',
        'PID',
        'Process',
        'Parent',
        'User',
        'Hits',
        'Own',
        'Socket',
        'Where',
        'Forms',
      ],
      processes
        .slice(0, MOST_ROWS)
        .map((process) => [
          String(process.rank),
          process.verdict,
          String(process.score),
          String(process.pid),
          forMarkdown(process.name),
          forMarkdown(`${process.parentName ?? '?'} (${process.ppid ?? '?'})`),
          forMarkdown(process.user ?? ''),
          String(process.hits.total),
          String(process.hits.exclusive),
          process.connectedToIndicator ? 'indicator' : process.connectedToProxy ? 'proxy' : 'none',
          forMarkdown(counts(process.hits.byRegion)),
          forMarkdown(counts(process.hits.byForm)),
        ]),
    ),
  ].join('\n');
}

function detail(process: ReportProcess): string {
  const lines = [
    `### ${process.rank}\\. ${forMarkdown(process.name)} (PID ${process.pid})`,
    '',
    ...(process.path ? [`- path ${forMarkdownCode(process.path)}`] : []),
    ...(process.commandLine ? [`- command line ${forMarkdownCode(process.commandLine)}`] : []),
    ...process.reasons.map((reason) => `- for: ${forMarkdown(reason)}`),
    ...process.counterReasons.map((reason) => `- against: ${forMarkdown(reason)}`),
    ...process.cards.map(
      ({ virtualAddress, physicalAddress, form, region, regionName, text }) =>
        `- ${virtualAddress ?? `physical ${physicalAddress}`}, ${forMarkdown(form)}, ${forMarkdown(regionName ?? region)}: ${forMarkdownCode(text)}`,
    ),
  ];
  return lines.join('\n');
}

function orphans(report: Report): string {
  const { orphans: groups } = report;
  if (groups.length === 0) return '';
  const ended = endedLine(report);
  return [
    '## Hits that no process maps',
    '',
    ...markdownTable(
      ['Hits', 'Pages', 'Of', 'Forms'],
      groups
        .slice(0, MOST_ROWS)
        .map((group) => [
          String(group.hits),
          forMarkdown(group.pageState),
          group.pageDetail ? forMarkdownCode(group.pageDetail) : '',
          forMarkdown(counts(group.byForm)),
        ]),
    ),
    ...(ended === null ? [] : ['', forMarkdown(ended)]),
  ].join('\n');
}

function pivots({ pivots: found }: Report): string {
  if (found.length === 0) return '';
  return [
    '## Hosts next to it in the talking processes',
    '',
    ...markdownTable(
      ['Host', 'Where', 'PIDs', 'Hits'],
      found
        .slice(0, MOST_ROWS)
        .map(({ text, source, pids, hits }) => [
          forMarkdownCode(defang(text)),
          forMarkdown(source),
          pids.join(', '),
          String(hits),
        ]),
    ),
  ].join('\n');
}

function coverage({ coverage: seen, image, system, tool, warnings, engine }: Report): string {
  return [
    '## Coverage',
    '',
    ...(image
      ? [
          `- image ${forMarkdownCode(image.path)}, ${image.format}, ${image.fileBytes} bytes${image.sha256 ? `, SHA-256 ${image.sha256}` : ''}`,
          `- system ${system ? forMarkdown(system.release) : 'not recognised'}${system?.hostName ? `, host ${forMarkdownCode(system.hostName)}` : ''}${system?.captureTime ? `, taken ${system.captureTime}` : ''}`,
          `- searched ${seen.bytesSearched} of ${seen.imageBytes} bytes, ${seen.holeCount} holes, ${seen.processes} processes`,
          ...[...notInMemoryLines(seen), ...agreementLines(seen)].map(
            (line) => `- ${forMarkdown(line)}`,
          ),
        ]
      : ['- image: none, live only']),
    `- ${tool.name} ${tool.version}, engine ${engine}`,
    ...warnings.map((warning) => `- warning: ${forMarkdown(warning)}`),
  ].join('\n');
}

const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);

const counts = (byName: Readonly<Record<string, number>>): string =>
  Object.entries(byName)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, hits]) => `${name} ${hits}`)
    .join(', ');
