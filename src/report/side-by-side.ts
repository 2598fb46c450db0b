import type { Comparison, LiveConnection, LiveFindings, LiveProcess } from './live-part.ts';
import type { Report, ReportProcess } from './report.ts';

type Imaged = Pick<Report, 'processes' | 'otherProcesses'>;
type Living = Pick<LiveFindings, 'processes' | 'otherProcesses' | 'coverage'>;

/** A process of the image or of the live machine, weighed or not. */
interface Known {
  readonly pid: number;
  readonly name: string;
  readonly path: string | null;
  readonly startTime: string | null;
  readonly side: Comparison['image'] & object;
}

/** Two tellings of one start differ by this: a boot time and clock ticks are rounded on the way. */
const SAME_START_MS = 2000;
/** Names that end here may have been cut: 15 bytes of the kernel's own name, on Linux and Windows. */
const CUT_NAME = 14;

/**
 * Image and live scan, process by process: every process that one of both has a verdict for, and what the other says of it.
 * The same process has the same PID and start time (or name, where a start is not known); the same program, started anew,
 * has the same path or name under another PID.
 */
export function sideBySide(image: Imaged, live: Living): Comparison[] {
  const imaged = imagedProcesses(image);
  const living = livingProcesses(live);
  const left = new Set(living);
  const pairs = new Map<Known, { other: Known; match: Comparison['match']; by: string }>();
  pairUp('same process', sameProcess);
  pairUp('same program', sameProgram);
  pairUp('PID reused', (one, other) => (one.pid === other.pid ? 'PID only' : null));

  const rows = [
    ...imaged.map((one) => {
      const pair = pairs.get(one);
      if (pair) return rowOf(pair.match, pair.by, one, pair.other, live);
      return rowOf('only image', null, one, null, live);
    }),
    ...[...left].map((one) => rowOf('only live', null, null, one, live)),
  ];
  return rows
    .filter((row) => isTold(row.image) || isTold(row.live))
    .toSorted((one, other) => bestOf(other) - bestOf(one));

  function pairUp(
    match: Comparison['match'],
    isSame: (one: Known, other: Known) => string | null,
  ): void {
    for (const one of imaged) {
      if (pairs.has(one)) continue;
      for (const other of left) {
        // Two that nobody suspects are no news, and may stand for a hundred of one name.
        if (match !== 'same process' && !isTold(one.side) && !isTold(other.side)) continue;
        const by = isSame(one, other);
        if (by === null) continue;
        pairs.set(one, { other, match, by });
        left.delete(other);
        break;
      }
    }
  }
}

function sameProcess(one: Known, other: Known): string | null {
  if (one.pid !== other.pid) return null;
  if (one.startTime !== null && other.startTime !== null) {
    const apart = Math.abs(Date.parse(one.startTime) - Date.parse(other.startTime));
    return apart <= SAME_START_MS ? 'PID and start time' : null;
  }
  return isSameName(one.name, other.name) ? 'PID and name' : null;
}

function sameProgram(one: Known, other: Known): string | null {
  if (one.path !== null && other.path !== null) {
    return isSamePath(one.path, other.path) ? 'path' : null;
  }
  return isSameName(one.name, other.name) ? 'name' : null;
}

function isSameName(one: string, other: string): boolean {
  const [short = '', long = ''] = [one, other]
    .map((name) => name.toLowerCase())
    .toSorted((first, second) => first.length - second.length);
  return short === long || (short.length >= CUT_NAME && long.startsWith(short));
}

/** "C:\Windows\x.exe" is "\Device\HarddiskVolume3\Windows\x.exe"; on Linux case counts. */
function isSamePath(one: string, other: string): boolean {
  if (one === other) return true;
  const [first, second] = [one, other].map((path) =>
    /^(?:[a-z]:|\\device\\harddiskvolume\d+)(\\.*)$/i.exec(path)?.[1]?.toLowerCase(),
  );
  return first !== undefined && first === second;
}

function imagedProcesses({ processes, otherProcesses }: Imaged): Known[] {
  return [
    ...processes.map((process) => ({
      ...process,
      side: {
        pid: process.pid,
        name: process.name,
        verdict: process.verdict,
        score: process.score,
        hits: process.hits.total,
        connections: socketsOf(process),
        state: null,
      },
    })),
    ...otherProcesses
      .filter(({ kernelThread }) => !kernelThread)
      .map(({ pid, name, exited, missingTables, connectedToProxy }) => ({
        pid,
        name,
        path: null,
        startTime: null,
        side: {
          pid,
          name,
          verdict: null,
          score: null,
          hits: null,
          connections: connectedToProxy ? 'proxy' : '',
          state: exited
            ? 'had ended'
            : missingTables > 0
              ? 'no hit, page tables partly missing'
              : 'no hit',
        },
      })),
  ];
}

function livingProcesses({ processes, otherProcesses }: Living): Known[] {
  // One entry for each address: the first is the likeliest.
  const first = processes.filter(
    ({ pid }, index) => processes.findIndex((one) => one.pid === pid) === index,
  );
  return [
    ...first.map((process) => ({
      ...process,
      side: {
        pid: process.pid,
        name: process.name,
        verdict: process.verdict,
        score: process.score,
        hits: hitsOf(process),
        connections: process.connections.map(connectionText).join(', '),
        state: null,
      },
    })),
    ...otherProcesses.map((process) => ({
      ...process,
      side: {
        pid: process.pid,
        name: process.name,
        verdict: null,
        score: null,
        hits: null,
        connections: '',
        state: process.notScanned === null ? 'no hit' : `not scanned: ${process.notScanned}`,
      },
    })),
  ];
}

/** Requests are among the texts. */
export const hitsOf = ({ hits }: LiveProcess): number => hits.ascii + hits.utf16 + hits.binary;

export const connectionText = ({ peer, remote, localPort, state }: LiveConnection): string =>
  [
    peer,
    remote,
    ...(localPort === null ? [] : [`from ${localPort}`]),
    ...(state ? [state] : []),
  ].join(' ');

const socketsOf = ({ connectedToIndicator, connectedToProxy }: ReportProcess): string =>
  [...(connectedToIndicator ? ['indicator'] : []), ...(connectedToProxy ? ['proxy'] : [])].join(
    ', ',
  );

function rowOf(
  match: Comparison['match'],
  by: string | null,
  image: Known | null,
  live: Known | null,
  { coverage }: Living,
): Comparison {
  return {
    match,
    by,
    image: image?.side ?? null,
    live: live?.side ?? null,
    note: noteOf(match, image?.side ?? null, live?.side ?? null, coverage?.listsAll ?? false),
  };
}

function noteOf(
  match: Comparison['match'],
  image: Comparison['image'],
  live: Comparison['live'],
  listsAll: boolean,
): string {
  if (match === 'only live') return 'not in the image: it was started later, or is hidden there';
  if (match === 'only image') {
    return listsAll
      ? 'not among the live processes: it has ended, or is hidden from the live system'
      : 'not listed live: it has ended, or was read and does not hold the address';
  }
  if (match === 'PID reused') return 'two processes: its number was given anew';
  const again = match === 'same program' ? 'started anew; ' : '';
  if (image?.verdict === live?.verdict) return `${again}both say ${image?.verdict ?? 'nothing'}`;
  if (live?.verdict === null) return `${again}live: ${live.state ?? 'nothing'}`;
  if (image?.verdict === null) return `${again}image: ${image.state ?? 'nothing'}`;
  return `${again}the image says ${image?.verdict ?? ''}, live ${live?.verdict ?? ''}`;
}

const isTold = (side: Comparison['image']): boolean => side !== null && side.verdict !== null;

const bestOf = ({ image, live }: Comparison): number =>
  Math.max(image?.score ?? -1, live?.score ?? -1);
