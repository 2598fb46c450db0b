/** Both engines answer the same questions about machines whose truth is known; what one cannot do stands in its table of gaps. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test as plainTest } from '@jest/globals';
import type { EngineChoice } from '../../src/run/choose-engine.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { ip2process } from '../../src/run/ip2process.ts';
import type { Report, ReportProcess } from '../../src/report/report.ts';
import { BUILDS, type WindowsTruth } from '../support/build-windows/build-windows.ts';
import { placesOf, type TextPlace } from '../support/build-windows/find-in-truth.ts';
import { layoutOf } from '../support/build-windows/layout.ts';
import { everyCase, INDICATOR } from '../support/build-windows/scenarios.ts';
import { SYMBOL_FOLDER, VOLATILITY } from '../support/build-windows/volatility.ts';
import { withSymbols as test } from '../support/build-windows/with-volatility.ts';
import { sharedImage } from '../support/lab-images.ts';
import { fromRoot } from '../support/from-root.ts';
import { compare, expectedPlaces, loadTruth } from '../support/truth.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('ip2process-engines-');

type Kind = 'native' | 'volatility3';

/** What an engine cannot do, by name, with the reason. A gap that closes fails its test: then its line goes. */
const GAPS: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
  native: {},
  volatility3: {
    prototype:
      'pages of sections that no valid entry maps: Volatility 3 follows no prototype entries',
  },
};

const choiceOf = (kind: Kind): EngineChoice => ({
  kind,
  volatility3: {
    command: VOLATILITY,
    symbols: fromRoot(SYMBOL_FOLDER),
    cache: join(folder, 'cache'),
    limits: { timeMs: 600_000 },
  },
});

const analyse = (kind: Kind, image: string, indicator: string): Promise<Report> =>
  ip2process({
    indicators: [parseIndicator(indicator)],
    image,
    threads: 1,
    engine: choiceOf(kind),
    toolVersion: 'test',
  });

describe.each<Kind>(['native', 'volatility3'])('engine %s', (kind) => {
  const gaps = GAPS[kind];

  describe.each(BUILDS.filter((build) => layoutOf(build).isWitnessed))('Windows %i', (build) => {
    let run: Promise<{ report: Report; truth: WindowsTruth }> | null = null;
    const once = () => (run ??= answered());
    async function answered() {
      const { bytes, truth } = everyCase({ build, seed: build, trimmedPool: true }).build();
      const path = join(folder, `${build}-${kind}.raw`);
      writeFileSync(path, bytes);
      const report = await analyse(kind, path, INDICATOR);
      rmSync(path);
      return { report, truth };
    }

    test('names every hit of every living process at its address, and no other', async () => {
      const { report, truth } = await once();
      const living = placesOf(truth, INDICATOR).filter(isOfLiving(truth));
      const cannot = living.filter((place) => gaps[stateOf(place)] !== undefined);
      const can = living.filter((place) => !cannot.includes(place));

      expect(ownersIn(report)).toEqual(keysOf(can));
      // A gap without a case would be folklore.
      if ('prototype' in gaps) expect(cannot.length).toBeGreaterThan(0);
    }, 600_000);

    test('knows names, parents, programs, command lines, start and end of processes', async () => {
      const { report, truth } = await once();
      const byPid = new Map(truth.processes.map((process) => [process.pid, process]));
      expect(report.processes.length).toBeGreaterThan(5);
      for (const process of report.processes) {
        const known = byPid.get(process.pid);
        expect(told(process)).toEqual({
          pid: known?.pid,
          ppid: known?.parentPid,
          name: known?.name,
          path: known?.path,
          commandLine: known?.commandLine,
          user: known?.sid,
          startTime: known?.createTime.toISOString(),
          hidden: known?.isHidden,
          threads: known?.threads,
        });
      }
      const all = [...report.processes, ...report.otherProcesses].map(({ pid }) => pid);
      expect(all.filter((pid) => pid !== 0).toSorted(byNumber)).toEqual(
        truth.processes.map(({ pid }) => pid).toSorted(byNumber),
      );
    });

    test('knows connections', async () => {
      const { report, truth } = await once();
      for (const { pid, sockets } of report.processes) {
        const expected = truth.sockets
          .filter((socket) => socket.pid === pid && socket.remote !== null)
          .map(({ local, remote }) => `${local} ${remote}`);
        const connected = sockets
          .filter(({ remote }) => remote !== null)
          .map(({ local, remote }) => `${endpoint(local)} ${remote ? endpoint(remote) : ''}`);
        expect(connected.toSorted()).toEqual(expected.toSorted());
      }
    });

    test('tells memory of a process by purpose', async () => {
      const { report, truth } = await once();
      const kinds = new Map(
        placesOf(truth, INDICATOR).flatMap(({ hit, va }) =>
          hit === null ? [] : [[`${hit.pid} ${va}`, REGION_KINDS[hit.region]]],
        ),
      );
      for (const { owners } of report.hits) {
        for (const { pid, virtualAddress, region } of owners) {
          expect([pid, virtualAddress, region.kind]).toEqual([
            pid,
            virtualAddress,
            kinds.get(`${pid} ${BigInt(virtualAddress)}`),
          ]);
        }
      }
    });
  });

  describe('Linux, 1 GiB with its symbol table', () => {
    const image = sharedImage();
    if (image === null) {
      plainTest.skip('needs ../shared/images/linux-debian12-1g', () => undefined);
      return;
    }
    test('names every hit of every living process at its address, and no other', async () => {
      const truth = loadTruth(image.truth);
      // Packed: Volatility reads what was unpacked through an open file that has no name.
      const report = await analyse(kind, image.path, truth.indicator.ipv4);
      const named = report.hits
        .flatMap(({ owners }) => owners)
        .map(({ pid, virtualAddress }) => ({ pid, va: BigInt(virtualAddress) }))
        .filter(({ pid }) => pid !== truth.helperPid);

      expect(compare(expectedPlaces(truth, truth.indicator.ipv4), named)).toEqual({
        missed: [],
        invented: [],
      });
    }, 900_000);
  });
});

const isOfLiving =
  ({ processes }: WindowsTruth) =>
  ({ hit }: TextPlace): boolean =>
    hit !== null && processes.some(({ pid, isTerminated }) => pid === hit.pid && !isTerminated);

const stateOf = ({ hit }: TextPlace): string => hit?.state ?? '';

const keysOf = (places: readonly TextPlace[]): string[] =>
  [...new Set(places.map(({ hit, va, physical }) => `${hit?.pid} ${va} ${physical}`))].toSorted();

const ownersIn = ({ hits }: Report): string[] =>
  hits
    .flatMap(({ physicalAddress, owners }) =>
      owners.map(
        ({ pid, virtualAddress }) => `${pid} ${BigInt(virtualAddress)} ${Number(physicalAddress)}`,
      ),
    )
    .toSorted();

const told = (process: ReportProcess) => ({
  pid: process.pid,
  ppid: process.ppid,
  name: process.name,
  path: process.path,
  commandLine: process.commandLine,
  user: process.user,
  startTime: process.startTime,
  hidden: process.hidden,
  threads: process.threads,
});

const endpoint = ({
  address,
  port,
}: {
  readonly address: string;
  readonly port: number;
}): string => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`);

const REGION_KINDS: Readonly<Record<string, string>> = {
  private: 'anonymous',
  heap: 'heap',
  stack: 'stack',
  shared: 'shared-memory',
  mapped: 'file',
  image: 'image',
};

const byNumber = (one: number, other: number): number => one - other;
