import type { Report, ReportProcess } from './report.ts';
import { ownId } from './stix/ids.ts';
import {
  fileObjects,
  imageKey,
  indicatorObject,
  type Observable,
  processObject,
  trafficObjects,
} from './stix/observables.ts';
import { forJson } from './text-safety.ts';

/** Processes that a bundle holds: the likeliest. */
const MOST_PROCESSES = 100;
const MOST_SOCKETS = 50;
/** STIX 2.1, 4.14: the largest number of observations. */
const MOST_OBSERVED = 999_999_999;

/**
 * A STIX 2.1 bundle: each process with what it holds, its program, its connections and the indicators, as observed data at
 * the time of the image, the verdict as confidence and label; and the answer as a note. The same report gives the same
 * bundle, byte for byte. Where the image tells no time nothing can be called observed: then only the indicators are left. Of a
 * live answer alone the note is told, at the time of its scan.
 */
export function printStix(report: Report): string {
  const key = imageKey(report);
  const objects = new Map<string, object>();
  const indicators = report.indicators.flatMap(
    ({ kind, text }) => indicatorObject(kind, text) ?? [],
  );
  keep(objects, indicators);
  const time = report.image
    ? (report.system?.captureTime ?? null)
    : (report.live?.provenance.startedAt ?? null);
  if (time !== null) {
    const told = author(report, time, key);
    keep(objects, [told]);
    for (const process of report.processes.slice(0, MOST_PROCESSES)) {
      const observed = observedObjects(process, report, key);
      keep(objects, [...observed, observedData(process, observed, time, key, told.id)]);
    }
    keep(objects, [noteOf(report, indicators, time, key, told.id)]);
  }
  const bundle = { type: 'bundle', id: ownId('bundle', key), objects: [...objects.values()] };
  return `${forJson(JSON.stringify(bundle, null, 2))}\n`;
}

/** What belongs to a process: the indicators that it holds, its file, its connections, itself. */
function observedObjects(process: ReportProcess, report: Report, key: string): Observable[] {
  const held = report.indicators
    .filter(({ text }) => (process.hits.byIndicator[text] ?? 0) > 0)
    .flatMap(({ kind, text }) => indicatorObject(kind, text) ?? []);
  const files = process.path === null ? [] : fileObjects(process.path);
  const traffic = process.sockets
    .filter(({ remote }) => remote !== null)
    .slice(0, MOST_SOCKETS)
    .flatMap(trafficObjects);
  const connections = traffic.filter(({ type }) => type === 'network-traffic').map(({ id }) => id);
  const itself = processObject(process, `${key} ${process.pid} ${process.startTime}`, {
    image: files.at(-1)?.id ?? null,
    connections: [...new Set(connections)],
  });
  return [...held, ...files, ...traffic, itself];
}

function observedData(
  process: ReportProcess,
  observed: readonly Observable[],
  time: string,
  key: string,
  author: string,
) {
  return {
    ...common('observed-data', `${key} ${process.pid} ${process.startTime}`, time),
    created_by_ref: author,
    first_observed: time,
    last_observed: time,
    number_observed: Math.min(Math.max(process.hits.total, 1), MOST_OBSERVED),
    object_refs: [...new Set(observed.map(({ id }) => id))],
    labels: [`ip2process:verdict=${process.verdict}`],
    confidence: process.score,
  };
}

function noteOf(
  { answer }: Report,
  indicators: readonly Observable[],
  time: string,
  key: string,
  author: string,
) {
  return {
    ...common('note', key, time),
    created_by_ref: author,
    abstract: answer.headline,
    content: [answer.headline, answer.why, ...(answer.doubt ? [answer.doubt] : [])].join('\n'),
    object_refs: indicators.map(({ id }) => id),
  };
}

const author = ({ tool }: Report, time: string, key: string) => ({
  ...common('identity', key, time),
  name: `${tool.name} ${tool.version}`,
  identity_class: 'system',
});

/** Made at the time that it tells about: a time of printing would make each bundle another one. */
const common = (type: string, key: string, time: string) => ({
  type,
  spec_version: '2.1',
  id: ownId(type, key),
  created: time,
  modified: time,
});

/** Each object once. */
function keep(objects: Map<string, object>, more: readonly { readonly id: string }[]): void {
  for (const one of more) objects.set(one.id, one);
}
