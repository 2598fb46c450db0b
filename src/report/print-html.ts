import { answer } from './html/answer.ts';
import { connections } from './html/connections.ts';
import { coverage, reproduction } from './html/coverage.ts';
import { defangedReport } from './html/defanged-report.ts';
import { constant, html, type Markup } from './html/html.ts';
import { live, sideBySideTable } from './html/live.ts';
import { nextActions, pivots } from './html/next-steps.ts';
import { defangIn, type Tell } from './html/notation.ts';
import { orphans } from './html/orphans.ts';
import { otherProcesses } from './html/other-processes.ts';
import { processTree } from './html/process-tree.ts';
import { carriers, processDetails, ranking } from './html/processes.ts';
import { hashOf, SCRIPT } from './html/script.ts';
import { secondOpinion } from './html/second-opinion.ts';
import { STYLE } from './html/style.ts';
import type { Report } from './report.ts';

/**
 * One file that needs nothing else: for reading, sending and printing. Text of the report only ever fills holes of `html`;
 * should one nevertheless be wrong, the policy lets no script run but ours, and no request leave.
 */
export function printHtml(original: Report): string {
  const tell = defangIn(original);
  const report = defangedReport(original, tell);
  const { tool, answer: answered, system } = report;
  const sections = sectionsOf(report, tell);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${answered.verdict}: ${answered.headline}</title>
        <link rel="icon" href="data:," />
        ${constant(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <a class="skip" href="#${sections[0]?.id ?? ''}">Skip to the details</a>
        <div class="page">
          ${answer(report)}
          <div class="frame">
            <nav class="contents" aria-label="Contents">
              <ul>
                ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
              </ul>
            </nav>
            <main>
              ${sections.map(
                ({ id, title, lead, body }) =>
                  html`<section id="${id}">
                    <h2>${title}</h2>
                    <p class="lead">${lead}</p>
                    ${body}
                  </section>`,
              )}
              <p class="foot">
                ${tool.name}
                ${tool.version}${system?.hostName ? html`, on an image of ${system.hostName}` : null}${report.image ? null : ', live only, without an image'}.
                Indicators are defanged in text; bytes and commands are as they are.
              </p>
            </main>
          </div>
        </div>
        ${constant(`<script>${SCRIPT}</script>`)}
      </body>
    </html> `;
  return page.toString();
}

const POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(SCRIPT)}`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

interface Section {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly body: Markup;
}

/** The sections that have something to tell, in the order of reading. */
function sectionsOf(report: Report, tell: Tell): Section[] {
  return [
    ...section(
      'processes',
      'Processes',
      'Those who hold the indicator or talk to it, likeliest first. Own hits are held by no other process; sent ones stand in bytes that it gave to a socket. Notches in a bar are the scores at which likely and responsible begin.',
      ranking(report),
    ),
    ...section(
      'evidence',
      'Evidence',
      'Each process with what speaks for and against it, and the hits behind that.',
      processDetails(report, tell),
    ),
    ...section(
      'carriers',
      'Discounted carriers',
      'They hold the indicator because of their trade or by chance. Nothing is hidden: judge the reasons.',
      carriers(report, tell),
    ),
    ...section(
      'connections',
      'Connections',
      'Open or recent sockets to the proxy or to the indicator.',
      connections(report),
    ),
    ...section(
      'tree',
      'Process tree',
      'The processes above and their ancestors.',
      processTree(report),
    ),
    ...section(
      'others',
      'Other processes',
      'The rest of the machine: nothing ties them to the indicator.',
      otherProcesses(report),
    ),
    ...section(
      'orphans',
      'Hits of nobody',
      'No process maps these. They count for no one.',
      orphans(report),
    ),
    ...section(
      'pivots',
      'Further indicators',
      'Names and addresses that stand next to the indicator: worth a search of their own.',
      pivots(report),
    ),
    ...section(
      'side-by-side',
      'Image and live',
      'Each process as the image and as the running machine know it.',
      sideBySideTable(report),
    ),
    ...section(
      'live',
      'Live machine',
      'What the running machine answered through Velociraptor. Its scores lack what only an image shows: sent bytes, injected code.',
      live(report),
    ),
    ...section(
      'second-opinion',
      'Second opinion',
      'What another engine says about the same image. The answer above stays the answer.',
      secondOpinion(report),
    ),
    ...section('next', 'Next steps', 'Ready to copy.', nextActions(report)),
    ...section(
      'coverage',
      'Coverage',
      'What was searched, and what could not be.',
      coverage(report),
    ),
    ...section(
      'reproduce',
      'Reproducing this',
      'What another examiner needs to come to the same result.',
      reproduction(report),
    ),
  ];
}

const section = (id: string, title: string, lead: string, body: Markup | null): Section[] =>
  body ? [{ id, title, lead, body }] : [];
