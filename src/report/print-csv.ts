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
] as const;

/** A row per hit and owner; a hit of nobody is one row with the owner's columns empty. RFC 4180, CRLF. */
export function printCsv(report: Report): string {
  const paths = new Map(report.processes.map(({ pid, path }) => [pid, path]));
  const rows = report.hits.flatMap((hit) =>
    (hit.owners.length > 0 ? hit.owners : [null]).map((owner) => row(hit, owner, paths)),
  );
  return [COLUMNS.join(','), ...rows].map((line) => `${line}\r\n`).join('');
}

function row(
  hit: ReportHit,
  owner: ReportHit['owners'][number] | null,
  paths: ReadonlyMap<number, string | null>,
): string {
  const cells: Record<(typeof COLUMNS)[number], string | number | null> = {
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
  };
  return COLUMNS.map((column) => {
    const value = cells[column];
    return typeof value === 'string' ? forCsv(value) : String(value ?? '');
  }).join(',');
}
