import { expect, test } from '@jest/globals';
import { openSystem } from '../../src/os/open-system.ts';
import { SYSTEM_ANCHORS, SYSTEM_PROBES } from '../../src/os/system-marks.ts';
import { bytesSource } from '../../src/memory/byte-source.ts';
import { scan } from '../../src/scan/scan.ts';
import { buildLinux } from '../support/build-image.ts';
import { buildWindows } from '../support/build-windows/build-windows.ts';
import { rawMemory } from './windows/open-built.ts';

async function open(bytes: Uint8Array): Promise<ReturnType<typeof openSystem>> {
  const memory = rawMemory(bytes);
  const options = { anchors: SYSTEM_ANCHORS, probes: SYSTEM_PROBES, threads: 1 };
  const { anchors } = await scan({ source: bytesSource(bytes), memory }, [], [], options);
  return openSystem(memory, anchors, {});
}

test('a Windows machine is opened as Windows', async () => {
  const { system, warnings } = await open(buildWindows({ build: 22621 }).toBytes());
  expect(system?.kind).toBe('windows');
  expect(system?.release).toBe('Windows 11 22H2 (22621)');
  expect(warnings).toEqual([]);
});

test('a Linux machine is opened as Linux', async () => {
  const { system } = await open(buildLinux({}).build().bytes);
  expect(system?.kind).toBe('linux');
});

test('memory of neither has no system, and says so', async () => {
  const { system, warnings } = await open(new Uint8Array(0x10_0000));
  expect(system).toBeNull();
  expect(warnings).toEqual([expect.stringMatching(/no Linux or Windows kernel/)]);
});
