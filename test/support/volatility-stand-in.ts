import { chmodSync, writeFileSync } from 'node:fs';

/** A row of our plugin. */
export type PluginRow = readonly [kind: string, record: unknown];

/** A process as the plugin for Windows tells it. */
export const processRow = (pid: number, more: object = {}): PluginRow => [
  'process',
  {
    pid,
    parentPid: 4,
    name: `p${pid}`,
    path: null,
    commandLine: null,
    user: null,
    startTime: null,
    exitTime: null,
    isExited: false,
    isHidden: false,
    isKernelThread: false,
    threads: 1,
    object: '0x1000',
    pageTable: 4096,
    session: null,
    isWow64: false,
    ...more,
  },
];

/** Runs of pages, as the plugin packs them: page, frame, pages. */
export const packedRuns = (...numbers: number[]): string =>
  Buffer.from(Float64Array.from(numbers).buffer).toString('base64');

/**
 * A stand-in for Volatility's command, which says these rows.
 *
 * @param shell what it does before and after
 * @returns its path
 */
export function volatilityStandIn(
  path: string,
  rows: readonly PluginRow[],
  shell: { readonly before?: string; readonly after?: string } = {},
): string {
  const lines = rows.map(([Kind, record]) =>
    JSON.stringify({ Kind, Record: JSON.stringify(record), __children: [] }),
  );
  writeFileSync(
    path,
    `#!/bin/sh
echo "Volatility 3 Framework 2.28.2" >&2
${shell.before ?? ''}
cat <<'ROWS'
${lines.join('\n')}
ROWS
${shell.after ?? ''}
`,
  );
  chmodSync(path, 0o755);
  return path;
}
