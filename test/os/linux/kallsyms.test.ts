import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { physical } from '../../../src/memory/address.ts';
import { readSymbols } from '../../../src/os/linux/kallsyms.ts';
import { likelySymbolTables, toldSymbolTables } from '../../../src/os/linux/symbol-tables.ts';
import { buildLinux } from '../../support/build-image.ts';
import { kernelOf, patched } from './built-machine.ts';
import { findAnchors } from './find-anchors.ts';

const WANTED = ['vmemmap_base', 'tk_core', 'no_such_symbol'];

describe.each(['5.10', '6.1', '6.6'] as const)('symbols of a kernel like %s', (style) => {
  const image = buildLinux({ kernel: style, seed: 2 }).build();
  const { initTask, vmcoreinfo } = kernelOf(image);
  const known = ['init_task', initTask.address] as const;
  const expected = ['vmemmap_base', 'tk_core', 'init_task'].map((name) => image.symbols[name]);
  const told = vmcoreinfo && toldSymbolTables(image.memory, vmcoreinfo, initTask.delta);
  const digits = findAnchors(image.memory)
    .filter(({ name }) => name === 'linux-kallsyms-tokens')
    .map(({ address }) => address);

  test('are told where VMCOREINFO says where they are', () => {
    expect(told === null).toBe(style === '5.10');
    if (told === null) return;
    const symbols = readSymbols(image.memory, told, WANTED, initTask.delta, known);
    expect(found(symbols)).toEqual(expected);
    expect(symbols?.has('no_such_symbol')).toBe(false);
  });

  test('are found by the structure of their tables', () => {
    const all = [...likelySymbolTables(image.memory, digits)]
      .map((tables) => readSymbols(image.memory, tables, WANTED, initTask.delta, known))
      .filter((symbols) => symbols !== null);
    expect(all.map(found)).toEqual([expected]);
  });

  test('are not believed where they do not know what is known', () => {
    const wrong = ['init_task', initTask.address + 8n] as const;
    for (const tables of likelySymbolTables(image.memory, digits)) {
      expect(readSymbols(image.memory, tables, WANTED, initTask.delta, wrong)).toBeNull();
    }
  });

  test('are right or missing where their tables are damaged, in bounded time', () => {
    const [tables] = [...likelySymbolTables(image.memory, digits)];
    const start = Math.min(tables?.names ?? 0, tables?.offsets ?? 0) - 16;
    const change = fc.tuple(fc.nat(0x8000), fc.uint8Array({ minLength: 1, maxLength: 4 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const memory = patched(
          image.memory,
          changes.map(([offset, bytes]): [number, Uint8Array] => [start + offset, bytes]),
        );
        for (const one of likelySymbolTables(memory, digits)) {
          const symbols = readSymbols(memory, one, WANTED, initTask.delta, known);
          expect(symbols?.get('init_task') ?? initTask.address).toBe(initTask.address);
        }
      }),
      { numRuns: 30 },
    );
  });
});

test('tables that are not in the image give no symbols', () => {
  const nothing = { runs: [], read: () => 0 };
  const at = physical(0x1000);
  const tables = {
    count: 10,
    names: at,
    tokens: at,
    tokenIndex: at,
    offsets: at,
    relativeBase: 0n,
  };
  expect(readSymbols(nothing, tables, ['a'], 0n, ['b', 1n])).toBeNull();
  expect([...likelySymbolTables(nothing, [at])]).toEqual([]);
});

const found = (symbols: ReadonlyMap<string, bigint> | null) =>
  ['vmemmap_base', 'tk_core', 'init_task'].map((name) => symbols?.get(name));
