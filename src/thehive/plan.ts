import { createHash } from 'node:crypto';
import { PRINTERS } from '../report/printers.ts';
import { redact } from '../report/redact.ts';
import type { Report } from '../report/report.ts';
import { defang, forMarkdownCode } from '../report/text-safety.ts';
import { findingObservables, indicatorsOf, oneLine } from './finding-observables.ts';
import type { LogFile } from './logs.ts';
import type { NewObservable } from './observables.ts';
import { ANALYSED, ownTag, tagText } from './own-tags.ts';
import { hostOf, type PostingContext } from './posting.ts';
import type { Observable } from './thehive.ts';
import { withLiveProcesses } from './told-processes.ts';

/** All that a report puts into a case, before it is known what stands there and which way it goes. */
export interface Plan {
  /** Of image and indicators: by it the same question is found again. */
  readonly key: string;
  /** Of the page, or of the task that operations create. */
  readonly title: string;
  /** The whole report, redacted; its last line names the key. */
  readonly markdown: string;
  /** The report with which it goes as files: HTML for people, JSON for programs. */
  readonly files: readonly LogFile[];
  readonly caseTags: readonly string[];
  readonly indicatorTags: readonly {
    readonly observable: Observable;
    readonly tags: readonly string[];
  }[];
  readonly observables: readonly NewObservable[];
  /** Findings beyond the limit. */
  readonly leftOut: number;
}

/** Processes that an indicator's tags name. */
const MOST_PIDS = 5;
/** Larger files are for the disk, not for a case. */
const LARGEST_FILE = 16 * 2 ** 20;

export function planOf(full: Report, context: PostingContext): Plan {
  const report = redact(asTheCaseKnowsIt(full, context), 'redacted');
  const given = report.indicators.filter(({ origin }) => origin === 'given');
  const key = questionKey({ indicators: given, image: report.image ?? NO_FILE }, context.image);
  const told = withLiveProcesses(report);
  const { wanted, leftOut } = findingObservables(told, context);
  return {
    key,
    title: titleOf(given, context, key),
    markdown: `${PRINTERS.markdown.print(report).trimEnd()}\n\n${markOf(key)}\n`,
    files: filesOf(report, key),
    caseTags: [ANALYSED, `ip2process:host=${tagText(hostOf(report, context), 80)}`],
    indicatorTags: indicatorTagsOf(told, context),
    observables: wanted,
    leftOut,
  };
}

/** The file's name in the case, and not where it lay on the machine that analysed it. */
const asTheCaseKnowsIt = (report: Report, { image }: PostingContext): Report => ({
  ...report,
  image: report.image && {
    ...report.image,
    path: oneLine(image.name, 255),
    sha256: report.image.sha256 ?? image.sha256,
  },
});

/** A live answer: its name alone tells it from others. */
const NO_FILE = { fileBytes: 0 };

/** 12 hex digits of what was asked: the image, and the set of given indicators. */
export function questionKey(
  {
    indicators,
    image: { fileBytes },
  }: {
    readonly indicators: readonly { readonly text: string }[];
    readonly image: { readonly fileBytes: number };
  },
  { sha256, name }: Pick<PostingContext['image'], 'sha256' | 'name'>,
): string {
  const texts = indicators.map(({ text }) => text).toSorted();
  const image = sha256 ?? `${name}\n${fileBytes}`;
  return createHash('sha256')
    .update(JSON.stringify([image, texts]))
    .digest('hex')
    .slice(0, 12);
}

/** The line by which a log is found again. */
export const markOf = (key: string): string => `ip2process report \`${key}\``;

/** At most 128 characters, TheHive's limit for a task. */
function titleOf(indicators: Report['indicators'], { image }: PostingContext, key: string): string {
  const [first] = indicators;
  const more = indicators.length > 1 ? ` and ${indicators.length - 1} more` : '';
  const what = `${defang(oneLine(first?.text ?? '', 45))}${more}`.slice(0, 64);
  return `ip2process: ${what} in ${oneLine(image.name, 32)} [${key}]`;
}

function filesOf(report: Report, key: string): LogFile[] {
  return [
    { name: `ip2process-${key}.html`, contentType: 'text/html', text: PRINTERS.html.print(report) },
    {
      name: `ip2process-${key}.json`,
      contentType: 'application/json',
      text: PRINTERS.json.print(report),
    },
  ].filter(({ text }) => text.length <= LARGEST_FILE);
}

function indicatorTagsOf(report: Report, context: PostingContext): Plan['indicatorTags'][number][] {
  const host = hostOf(report, context);
  return context.sources.flatMap(({ indicator, observable }) => {
    const asked = report.indicators.find(({ text }) => text === indicator);
    if (!asked) return [];
    const holders = report.processes.filter((process) =>
      indicatorsOf(process, report).includes(indicator),
    );
    const [best] = holders;
    const verdict = best?.verdict ?? (asked.hits > 0 ? 'no-owner' : 'not-found');
    const suspects = holders.filter((process) => process.verdict !== 'carrier-only');
    const pids = suspects.slice(0, MOST_PIDS).map(({ pid }) => ownTag('pid', String(pid), host));
    return [{ observable, tags: [ownTag('verdict', verdict, host), ...pids] }];
  });
}

/** A text in TheHive's limits, cut between lines; says so. */
export function shortened(markdown: string, longest: number, key: string): string {
  if (markdown.length <= longest) return markdown;
  const note = `\n\nShortened: ${forMarkdownCode(`${markdown.length}`)} characters are too many for this place.\n\n${markOf(key)}\n`;
  const cut = markdown.slice(0, longest - note.length);
  return `${cut.slice(0, Math.max(cut.lastIndexOf('\n'), 0))}${note}`;
}
