import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { askVolatility3 } from '../../../src/engine/volatility3/ask.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import {
  packedRuns,
  type PluginRow,
  processRow,
  volatilityStandIn,
} from '../../support/volatility-stand-in.ts';

const folder = temporaryFolder('ip2process-');

const SYSTEM = ['system', { kind: 'windows', release: 'Windows 10.0 build 17763' }] as const;
const END = ['end', { seconds: { pages: 1.5 }, peakBytes: 2 ** 26 }] as const;

/** A stand-in for Volatility that says these rows of the plugin for Windows, and knows no Linux. */
function program(rows: readonly PluginRow[], code = 0): string {
  return volatilityStandIn(join(folder, `vol-${rows.length}-${code}`), rows, {
    before: `case "$*" in *linux.ip2process*) echo "['kernel.layer_name']" >&2; exit 1;; esac`,
    after: `[ ${code} = 0 ] || echo "['kernel.symbol_table_name']" >&2\nexit ${code}`,
  });
}

const ask = (command: string, system: 'windows' | 'linux' | null = 'windows') =>
  askVolatility3({ command }, { image: '/ram.raw', system, plugins: '/own' });

test('gathers processes with their sockets, pages and regions', async () => {
  const knowledge = await ask(
    program([
      SYSTEM,
      processRow(8),
      ['pages', { table: 4096, runs: packedRuns(16, 5, 2) }],
      ['pages', { table: 4096, runs: packedRuns(32, 9, 1) }],
      processRow(12, { pageTable: 8192, isExited: true }),
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
    await expect(ask(program([SYSTEM, processRow(8)]))).rejects.toMatchObject({
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
