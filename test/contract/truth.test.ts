/** The whole program against real machines whose truth was taken from within: nothing missed, nothing invented. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { ip2process } from '../../src/run/ip2process.ts';
import type { Report } from '../../src/report/report.ts';
import { labImages, sharedImage, unpacked, type LabImage } from '../support/lab-images.ts';
import { fromRoot, requires } from '../support/requires.ts';
import { talkersOf } from '../support/talkers.ts';
import { compare, expectedPlaces, loadTruth, type LabTruth } from '../support/truth.ts';

const SAMPLE = 'test/samples/debian12-beacon';

describe('the embedded sample', () => {
  againstTruth({
    name: 'sample',
    path: fromRoot(`${SAMPLE}/endpoint.lime.xz`),
    truth: fromRoot(`${SAMPLE}/truth.json`),
  });
});

describe('the model image of ../shared', () => {
  const image = sharedImage();
  if (image === null) {
    test.skip('needs ../shared/images/linux-debian12-1g', () => undefined);
  } else if (requires('zstd', 'apt-get install zstd').isPresent) {
    const { path, remove } = unpacked(image);
    afterAll(remove);
    againstTruth({ ...image, path });
  } else {
    requires('zstd', 'apt-get install zstd')('is unpacked by zstd', () => undefined);
  }
});

describe('images of the lab', () => {
  const images = labImages();
  if (images.length === 0)
    test.skip('needs IP2PROCESS_LAB: see test/lab/README.md', () => undefined);
  for (const image of images) describe(image.name, () => againstTruth(image));
});

function againstTruth(image: LabImage): void {
  let analysed: Promise<{ truth: LabTruth; report: Report }> | undefined;
  const run = () => (analysed ??= analyse(image));

  test('every hit of every living process is found at its address, and no other', async () => {
    const { truth, report } = await run();
    for (const { text } of report.indicators) {
      const reported = report.hits
        .filter((hit) => hit.indicator === text)
        .flatMap(({ owners }) => owners)
        .map(({ pid, virtualAddress }) => ({ pid, va: BigInt(virtualAddress) }))
        .filter(({ pid }) => pid !== truth.helperPid);
      expect(compare(expectedPlaces(truth, text), reported)).toEqual({
        missed: [],
        invented: [],
      });
    }
  });

  test('processes have the names, parents, programs and command lines of the truth', async () => {
    const { truth, report } = await run();
    const byPid = new Map(truth.processes.map((process) => [process.pid, process]));
    for (const process of report.processes.filter(({ pid }) => pid !== truth.helperPid)) {
      const known = byPid.get(process.pid);
      expect({ name: process.name, ppid: process.ppid, path: process.path }).toEqual({
        name: known?.comm,
        ppid: known?.parentPid,
        path: known?.exe,
      });
    }
    const kernelThreads = truth.processes.filter(({ isKernelThread }) => isKernelThread);
    expect(report.coverage.kernelThreads).toBe(kernelThreads.length);
  });

  test('the pages of the killed process are told as free', async () => {
    const { truth, report } = await run();
    const states = new Map(report.hits.map((hit) => [Number(hit.physicalAddress), hit]));
    const found = truth.ghostHits.map((address) => states.get(address));
    expect(new Set(found.map((hit) => hit?.pageState))).toEqual(
      new Set(truth.ghostHits.length > 0 ? ['free'] : []),
    );
    expect(found.flatMap((hit) => hit?.owners ?? [])).toEqual([]);
  });

  test('what only the page cache holds names its file', async () => {
    const { truth, report } = await run();
    const details = new Map(
      report.hits.map((hit) => [Number(hit.physicalAddress), hit.pageDetail]),
    );
    for (const { path, physical } of truth.pageCacheHits) {
      if (details.has(physical)) expect(details.get(physical)).toContain(path);
    }
  });

  test('who talks is responsible or likely; who only holds it is neither', async () => {
    const { truth, report } = await run();
    const talkers = talkersOf(truth).toSorted((a, b) => a - b);
    const named = report.processes
      .filter(({ verdict }) => verdict === 'responsible' || verdict === 'likely')
      .map(({ pid }) => pid)
      .toSorted((a, b) => a - b);
    expect(talkers.length).toBeGreaterThan(0);
    expect(named).toEqual(talkers);
  });
}

async function analyse(image: LabImage): Promise<{ truth: LabTruth; report: Report }> {
  const truth = loadTruth(image.truth);
  const report = await ip2process({
    indicators: [truth.indicator.ipv4, ...truth.indicator.ipv6.slice(0, 1)].map(parseIndicator),
    image: image.path,
    threads: 1,
    toolVersion: 'test',
  });
  return { truth, report };
}
