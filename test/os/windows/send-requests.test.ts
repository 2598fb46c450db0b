import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { bytesSource } from '../../../src/memory/byte-source.ts';
import type { OperatingSystem } from '../../../src/os/operating-system.ts';
import {
  BUILDS,
  buildWindows,
  type BuiltWindows,
} from '../../support/build-windows/build-windows.ts';
import { INDICATOR } from '../../support/build-windows/scenarios.ts';
import { SYMBOL_FOLDER } from '../../support/build-windows/volatility.ts';
import { fromRoot, requires } from '../../support/requires.ts';
import { openScanned, rawMemory } from './open-built.ts';

const HEAP = 0x2_0000_0000n;
/** Over a page's end: two frames that are no neighbours. */
const AT = HEAP + 0xf00n;
const REQUEST = `GET http://${INDICATOR}/${'a'.repeat(600)} HTTP/1.1\r\n\r\n`;

const open = async ({ bytes }: BuiltWindows): Promise<OperatingSystem> => {
  const { system } = await openScanned(rawMemory(bytes), undefined, bytesSource(bytes));
  return system;
};
const sentBy = (system: OperatingSystem, pid: number) => {
  const process = system.processes.find((one) => one.pid === pid);
  return process ? (system.sentRanges?.(process) ?? []) : [];
};
const frameOf = ({ truth }: BuiltWindows, pid: number, va: bigint): number =>
  truth.pages.find((page) => page.pid === pid && page.va === va)?.frame ?? -1;

describe('a request to send that waits', () => {
  test.each(BUILDS)('is its process’ own bytes, frame by frame: build %i', async (build) => {
    const built = buildWindows({ build })
      .process('client.exe', { pid: 2000 })
      .region(HEAP, 4, { kind: 'private' })
      .write(AT, REQUEST)
      .sending(AT, REQUEST.length)
      .process('other.exe', { pid: 2004 })
      .maps(HEAP, REQUEST)
      .build();
    const system = await open(built);
    const [first, second] = [HEAP, HEAP + 0x1000n].map((va) => frameOf(built, 2000, va) * 4096);
    expect(sentBy(system, 2000)).toEqual([
      { start: (first ?? 0) + 0xf00, length: 0x100, source: 'send request' },
      { start: second, length: REQUEST.length - 0x100, source: 'send request' },
    ]);
    expect(sentBy(system, 2004)).toEqual([]);
  });

  test.each<[string, (machine: ReturnType<typeof buildWindows>) => void]>([
    [
      'to receive',
      (machine) =>
        void machine
          .process('client.exe', { pid: 2000 })
          .maps(HEAP, REQUEST)
          .sending(HEAP, 64, { isReceive: true }),
    ],
    [
      'to another driver',
      (machine) =>
        void machine
          .process('client.exe', { pid: 2000 })
          .maps(HEAP, REQUEST)
          .sending(HEAP, 64, { driver: '\\Driver\\Disk' }),
    ],
    [
      'whose frames are not the process’ frames',
      (machine) =>
        void machine
          .process('client.exe', { pid: 2000 })
          .maps(HEAP, REQUEST)
          .sending(HEAP + 0x10_0000n, 64),
    ],
  ])('is not one %s', async (_, describeMachine) => {
    const machine = buildWindows();
    describeMachine(machine);
    expect(sentBy(await open(machine.build()), 2000)).toEqual([]);
  });

  test('is not believed where the buffer’s process is none', async () => {
    const built = buildWindows()
      .process('client.exe', { pid: 2000 })
      .maps(HEAP, REQUEST)
      .sending(HEAP, 64)
      .build();
    const object = built.truth.processes.find(({ pid }) => pid === 2000)?.object ?? 0n;
    const at = placesOf(built.bytes, 'Mdl ').map((tag) => tag + 12 + 0x10);
    const view = new DataView(built.bytes.buffer, built.bytes.byteOffset);
    const owned = at.filter((place) => view.getBigUint64(place, true) === object);
    expect(owned).toHaveLength(1);
    for (const place of owned) view.setBigUint64(place, object + 0x40n, true);
    expect(sentBy(await open(built), 2000)).toEqual([]);
  });
});

const symbols = requires(SYMBOL_FOLDER, 'symbol tables (ISF) of the kernels');
const program = requires('xz', 'apt-get install xz-utils');
const witnessed = symbols.isPresent ? program : symbols;

describe('the layout', () => {
  witnessed('is what the symbols of every kernel at hand say', () => {
    const folder = fromRoot(join(SYMBOL_FOLDER, 'windows/ntkrnlmp.pdb'));
    const tables = readdirSync(folder).filter((name) => name.endsWith('.json.xz'));
    expect(tables.length).toBeGreaterThan(0);
    for (const table of tables) {
      const { stdout } = spawnSync('xz', ['-dc', join(folder, table)], { maxBuffer: 2 ** 28 });
      const { user_types: types } = Symbols.parse(JSON.parse(stdout.toString()));
      const field = (type: string, name: string): number => types[type]?.fields[name]?.offset ?? -1;
      const overlay = Object.entries(types).find(
        ([, { fields }]) => 'CurrentStackLocation' in fields && 'AuxiliaryBuffer' in fields,
      );
      expect({
        irp: ['MdlAddress', 'RequestorMode', 'StackCount', 'CurrentLocation'].map((name) =>
          field('_IRP', name),
        ),
        current: field('_IRP', 'Tail') + field(overlay?.[0] ?? '', 'CurrentStackLocation'),
        stack: field('_IO_STACK_LOCATION', 'DeviceObject'),
        mdl: ['Size', 'MdlFlags', 'Process', 'StartVa', 'ByteCount', 'ByteOffset'].map((name) =>
          field('_MDL', name),
        ),
        names: [field('_DEVICE_OBJECT', 'DriverObject'), field('_DRIVER_OBJECT', 'DriverName')],
        sizes: ['_IRP', '_IO_STACK_LOCATION', '_MDL'].map((name) => types[name]?.size),
      }).toEqual({
        irp: [0x08, 0x40, 0x42, 0x43],
        current: 0xb8,
        stack: 0x28,
        mdl: [0x08, 0x0a, 0x10, 0x20, 0x28, 0x2c],
        names: [0x08, 0x38],
        sizes: [0xd0, 0x48, 0x30],
      });
    }
  });
});

const Symbols = z.object({
  user_types: z.record(
    z.string(),
    z.object({ size: z.number(), fields: z.record(z.string(), z.object({ offset: z.number() })) }),
  ),
});

/** Where four characters stand. */
function placesOf(bytes: Uint8Array, tag: string): number[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const places: number[] = [];
  for (let at = buffer.indexOf(tag); at >= 0; at = buffer.indexOf(tag, at + 1)) places.push(at);
  return places;
}
