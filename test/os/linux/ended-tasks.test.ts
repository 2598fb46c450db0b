import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openImage, type MemoryImage } from '../../../src/image/open-image.ts';
import { openLinux } from '../../../src/os/linux/linux.ts';
import type { OperatingSystem } from '../../../src/os/operating-system.ts';
import { buildLinux } from '../../support/build-image.ts';
import { fromRoot } from '../../support/requires.ts';
import { loadTruth } from '../../support/truth.ts';
import { openBuilt } from './built-machine.ts';
import { findAnchors } from './find-anchors.ts';

const SAMPLE = fromRoot('test/samples/debian12-beacon');

describe('on a real machine', () => {
  const truth = loadTruth(`${SAMPLE}/truth.json`);
  let image: MemoryImage;
  let system: OperatingSystem;
  beforeAll(async () => {
    image = await openImage(`${SAMPLE}/endpoint.lime.xz`);
    const opened = openLinux(image.memory, findAnchors(image.memory), {});
    if (opened === null) throw new Error('the sample was not seen as Linux');
    system = opened;
  }, 120_000);
  afterAll(() => image.close());

  test('the killed process is listed as exited, without memory of its own', () => {
    const killed = system.processes.find(({ pid }) => pid === truth.ghostPid);
    expect(killed).toMatchObject({
      name: 'ghostd',
      state: 'exited',
      isHidden: false,
      isKernelThread: false,
      pageTable: null,
      sockets: [],
      path: null,
    });
    expect(killed?.startTime?.getTime()).toBeGreaterThan(system.bootTime?.getTime() ?? Infinity);
    expect(killed?.startTime?.getTime()).toBeLessThan(system.captureTime?.getTime() ?? 0);
    expect(killed && system.regions(killed)).toEqual([]);
    // Its last fragment's page may be another's by now.
    expect(killed && system.sentRanges?.(killed)).toEqual([]);
  });

  test('nobody who lives is taken for one that ended, and no number is told twice', () => {
    const living = new Set(truth.processes.map(({ pid }) => pid));
    const exited = system.processes.filter(({ state }) => state === 'exited');
    expect(exited.filter(({ pid }) => living.has(pid))).toEqual([]);
    const pids = system.processes.map(({ pid }) => pid);
    expect(new Set(pids).size).toBe(pids.length);
  });
});

test('a kernel whose types do not tell of slabs has no remains, and says nothing of them', () => {
  const system = openBuilt(buildLinux().process('one', { pid: 700 }).build());
  expect(system.processes.filter(({ state }) => state === 'exited')).toEqual([]);
  expect(system.warnings).toEqual([]);
});
