import type { Report } from '../report.ts';
import { defang } from '../text-safety.ts';
import { captured } from './coverage.ts';
import { hitShares } from './hit-shares.ts';
import { html, type Markup } from './html.ts';
import { plural, size } from './notation.ts';
import { colourOf } from './palette.ts';

const MOST_HOSTS = 8;

/** The top of the page: the verdict and its score, the answer, why, the doubt, and what was looked at. */
export function answer(report: Report): Markup {
  const { verdict, headline, why, doubt } = report.answer;
  // The score belongs to the answer that stands first.
  const isLive = report.live?.answer?.headline === headline;
  const [first] = isLive ? (report.live?.processes ?? []) : report.processes;
  return html`<header class="answer c-${colourOf(verdict)}">
    <div class="answer-top">
      <p class="stamp">
        <span class="word">${verdict}</span
        >${first ? html` <span class="score">${first.score}</span> <span class="of">of 100 points</span>` : null}
      </p>
      <div>
        <h1>${headline}</h1>
        <dl class="points">
          <div>
            <dt>Why</dt>
            <dd>${why}</dd>
          </div>
          ${
            doubt === null
              ? null
              : html`<div>
                  <dt>Doubt</dt>
                  <dd>${doubt}</dd>
                </div>`
          }
          ${second(report)}${hosts(report)}
        </dl>
      </div>
    </div>
    ${hitShares(report)} ${facts(report)}
  </header>`;
}

function second({ answer: { runnerUp, isTie } }: Report): Markup | null {
  if (!runnerUp) return null;
  const { name, pid, score, margin } = runnerUp;
  const behind =
    margin === 0 ? 'level with the first' : `${plural(margin, 'point')} behind the first`;
  return html`<div>
    <dt>Second</dt>
    <dd>${name} (PID ${pid}) has ${score}, ${behind}${isTie ? ': a tie' : null}.</dd>
  </div>`;
}

function hosts({ answer: { hostsToTry } }: Report): Markup | null {
  if (hostsToTry.length === 0) return null;
  const names = hostsToTry.slice(0, MOST_HOSTS).map((host) => defang(host.slice(0, 300)));
  return html`<div>
    <dt>To try</dt>
    <dd>Processes asked the proxy for ${names.join(', ')}.</dd>
  </div>`;
}

function facts({ indicators, proxy, system, image, coverage, alert, live }: Report): Markup {
  const [first] = indicators;
  const others = indicators.length - 1;
  return html`<dl class="facts">
    <div>
      <dt class="label">Indicator</dt>
      <dd>
        ${defang(first?.text ?? 'none')}<span
          >${first?.kind ?? ''},
          ${plural(first?.hits ?? 0, 'hit')}${others > 0 ? `, and ${plural(others, 'other')}` : null}</span
        >
      </dd>
    </div>
    <div>
      <dt class="label">Web proxy</dt>
      <dd>
        ${proxy === null ? 'not known' : `${proxy.address}:${proxy.port}`}<span
          >${proxy === null ? 'give it with --proxy' : PROXY_SOURCES[proxy.source]}</span
        >
      </dd>
    </div>
    <div>
      <dt class="label">Machine</dt>
      <dd>
        ${system?.hostName ?? live?.provenance.hostName ?? 'not known'}<span
          >${system?.release ?? (image ? 'no operating system recognised' : (live?.provenance.client ?? ''))}</span
        >
      </dd>
    </div>
    <div>
      <dt class="label">Image taken</dt>
      <dd>
        ${image === null ? 'none: live only' : captured(system?.captureTime ?? null)}
        ${
          image === null
            ? null
            : html`<span>started ${captured(system?.bootTime ?? null)}</span>
                <span>${size(coverage.imageBytes)} of memory, ${image.format}</span>`
        }
        ${system?.timeZone ? html`<span>time zone ${system.timeZone}</span>` : null}
      </dd>
    </div>
    ${
      alert === null
        ? null
        : html`<div>
            <dt class="label">Alert</dt>
            <dd>${alert.host ?? 'host not given'}<span>${captured(alert.at)}</span></dd>
          </div>`
    }
  </dl>`;
}

const PROXY_SOURCES = {
  given: 'as given',
  inferred: 'inferred from sockets in the image',
} as const;
