import type { LivePart } from './live-part.ts';
import type { Report, ReportHit } from './report.ts';
import { forCsv } from './text-safety.ts';

const COLUMNS = [
  'indicator',
  'form',
  'encoding',
  'physical_address',
  'file_offset',
  'length',
  'page_state',
  'page_detail',
  'flags',
  'pid',
  'process',
  'path',
  'virtual_address',
  'region',
  'region_name',
  'protection',
  'source',
  'agreement',
] as const;

/**
 * A row per hit and owner; a hit of nobody is one row with the owner's columns empty; a live hit has no place in an image.
 * RFC 4180, CRLF.
 */
export function printCsv(report: Report): string {
  const paths = new Map(report.processes.map(({ pid, path }) => [pid, path]));
  const rows = report.hits.flatMap((hit) =>
    (hit.owners.length > 0 ? hit.owners : [null]).map((owner) => row(hit, owner, paths)),
  );
  const live = (report.live?.hits ?? []).map((hit) => liveRow(hit, report.live?.processes ?? []));
  return [COLUMNS.join(','), ...rows, ...live].map((line) => `${line}\r\n`).join('');
}

function row(
  hit: ReportHit,
  owner: ReportHit['owners'][number] | null,
  paths: ReadonlyMap<number, string | null>,
): string {
  return lineOf({
    indicator: hit.indicator,
    form: hit.form,
    encoding: hit.encoding,
    physical_address: hit.physicalAddress,
    file_offset: hit.fileOffset,
    length: hit.length,
    page_state: hit.pageState,
    page_detail: hit.pageDetail,
    flags: hit.flags.join(' '),
    pid: owner?.pid ?? null,
    process: owner?.name ?? null,
    path: owner ? (paths.get(owner.pid) ?? null) : null,
    virtual_address: owner?.virtualAddress ?? null,
    region: owner?.region.kind ?? null,
    region_name: owner?.region.name ?? null,
    protection: owner?.region.protection ?? null,
    source: 'image',
    agreement: owner?.agreement ?? null,
  });
}

function liveRow(
  { pid, name, indicator, form, virtualAddress, region, place }: LivePart['hits'][number],
  processes: LivePart['processes'],
): string {
  return lineOf({
    indicator,
    form,
    encoding: null,
    physical_address: null,
    file_offset: null,
    length: null,
    page_state: null,
    page_detail: null,
    flags: null,
    pid,
    process: name,
    path: processes.find((process) => process.pid === pid)?.path ?? null,
    virtual_address: virtualAddress,
    region: place,
    region_name: region,
    protection: null,
    source: 'live',
    agreement: null,
  });
}

function lineOf(cells: Record<(typeof COLUMNS)[number], string | number | null>): string {
  return COLUMNS.map((column) => {
    const value = cells[column];
    return typeof value === 'string' ? forCsv(value) : String(value ?? '');
  }).join(',');
}
