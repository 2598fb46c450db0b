import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { askVolatility3 } from '../../../src/engine/volatility3/ask.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ip2process-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const SYSTEM = ['system', { kind: 'windows', release: 'Windows 10.0 build 17763' }] as const;
const process = (pid: number, more: object = {}) =>
  [
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
  ] as const;
const END = ['end', { seconds: { pages: 1.5 }, peakBytes: 2 ** 26 }] as const;
const runs = (...numbers: number[]): string =>
  Buffer.from(Float64Array.from(numbers).buffer).toString('base64');

/** A stand-in for Volatility that says these rows of the plugin for Windows, and knows no Linux. */
function program(rows: readonly (readonly [string, unknown])[], code = 0): string {
  const path = join(folder, `vol-${rows.length}-${code}`);
  const lines = rows.map(([Kind, record]) =>
    JSON.stringify({ Kind, Record: JSON.stringify(record), __children: [] }),
  );
  writeFileSync(
    path,
    `#!/bin/sh
echo "Volatility 3 Framework 2.28.2" >&2
case "$*" in *linux.ip2process*) echo "['kernel.layer_name']" >&2; exit 1;; esac
cat <<'ROWS'
${lines.join('\n')}
ROWS
[ ${code} = 0 ] || echo "['kernel.symbol_table_name']" >&2
exit ${code}
`,
  );
  chmodSync(path, 0o755);
  return path;
}

const ask = (command: string, system: 'windows' | 'linux' | null = 'windows') =>
  askVolatility3({ command }, { image: '/ram.raw', system, plugins: '/own' });

test('gathers processes with their sockets, pages and regions', async () => {
  const knowledge = await ask(
    program([
      SYSTEM,
      process(8),
      ['pages', { table: 4096, runs: runs(16, 5, 2) }],
      ['pages', { table: 4096, runs: runs(32, 9, 1) }],
      process(12, { pageTable: 8192, isExited: true }),
      [
        'regions',
        {
          process: 0,
          regions: [
            ['0x20000', '0x21000', 'heap', null, 'rw-p'],
            ['0x10000', '0x12000', 'file', 'a.dll', 'r--s'],
          ],
        },
      ],
      [
        'socket',
        {
          pid: 8,
          protocol: 'tcp',
          family: 4,
          local: ['10.0.0.5', 50_000],
          remote: ['172.31.0.250', 8080],
          state: 'ESTABLISHED',
        },
      ],
      ['warning', { text: 'Volatility could not finish its scan for sockets' }],
      ['warning', { text: 'Volatility could not finish its scan for sockets' }],
      END,
    ]),
  );
  expect(knowledge.system?.release).toBe('Windows 10.0 build 17763');
  expect(knowledge.processes.map(({ pid, state }) => [pid, state])).toEqual([
    [8, 'alive'],
    [12, 'exited'],
  ]);
  expect(knowledge.processes[0]?.sockets).toEqual([
    {
      protocol: 'tcp',
      family: 4,
      local: { address: '10.0.0.5', port: 50_000 },
      remote: { address: '172.31.0.250', port: 8080 },
      state: 'ESTABLISHED',
    },
  ]);
  expect(knowledge.regions.map((list) => list.map(({ start }) => start))).toEqual([
    [0x1_0000n, 0x2_0000n],
    [],
  ]);
  expect([16, 17, 32].map((page) => knowledge.pages.get(4096)?.frameOf(page))).toEqual([5, 6, 9]);
  expect(knowledge.warnings).toEqual(['Volatility could not finish its scan for sockets']);
  expect(knowledge.peakBytes).toBe(2 ** 26);
});

describe('what cannot be used', () => {
  test('an answer without its end was cut off', async () => {
    await expect(ask(program([SYSTEM, process(8)]))).rejects.toMatchObject({
      kind: 'system',
      message: expect.stringContaining('cut off'),
    });
  });

  test('where the system is not known both are tried, and the first reason is told', async () => {
    await expect(ask(program([], 1), null)).rejects.toMatchObject({
      kind: 'analysis',
      message: expect.stringContaining('windows.ip2process'),
    });
  });

  test('a system of the other kind is not tried', async () => {
    await expect(ask(program([END]), 'linux')).rejects.toMatchObject({
      message: expect.stringContaining('linux.ip2process'),
    });
  });
});
