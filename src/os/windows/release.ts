import { Structures } from '../structures.ts';
import { buildOfVersion } from './choose-layout.ts';
import type { WindowsKernel } from './kernel.ts';
import { buildInPeb, readParameters } from './process-parameters.ts';
import type { WindowsProcess } from './process-reader.ts';

/** Marketing names by build: workstation, server. Microsoft, "Windows release health". */
const RELEASES: readonly (readonly [build: number, workstation: string, server: string])[] = [
  [7600, 'Windows 7', 'Windows Server 2008 R2'],
  [7601, 'Windows 7 SP1', 'Windows Server 2008 R2 SP1'],
  [9200, 'Windows 8', 'Windows Server 2012'],
  [9600, 'Windows 8.1', 'Windows Server 2012 R2'],
  [10240, 'Windows 10 1507', 'Windows Server 2016 preview'],
  [10586, 'Windows 10 1511', 'Windows Server 2016 preview'],
  [14393, 'Windows 10 1607', 'Windows Server 2016'],
  [15063, 'Windows 10 1703', 'Windows Server 1703'],
  [16299, 'Windows 10 1709', 'Windows Server 1709'],
  [17134, 'Windows 10 1803', 'Windows Server 1803'],
  [17763, 'Windows 10 1809', 'Windows Server 2019'],
  [18362, 'Windows 10 1903', 'Windows Server 1903'],
  [18363, 'Windows 10 1909', 'Windows Server 1909'],
  [19041, 'Windows 10 2004', 'Windows Server 2004'],
  [19042, 'Windows 10 20H2', 'Windows Server 20H2'],
  [19043, 'Windows 10 21H1', 'Windows Server'],
  [19044, 'Windows 10 21H2', 'Windows Server'],
  [19045, 'Windows 10 22H2', 'Windows Server'],
  [20348, 'Windows Server 2022', 'Windows Server 2022'],
  [22000, 'Windows 11 21H2', 'Windows Server'],
  [22621, 'Windows 11 22H2', 'Windows Server'],
  [22631, 'Windows 11 23H2', 'Windows Server'],
  [25398, 'Windows Server 23H2', 'Windows Server 23H2'],
  [26100, 'Windows 11 24H2', 'Windows Server 2025'],
  [26200, 'Windows 11 25H2', 'Windows Server'],
  [28000, 'Windows 11 26H1', 'Windows Server'],
];
/** Processes that are asked: the environment of most is paged out after a while. */
const MOST_ASKED = 64;

export interface Release {
  /** Like "Windows 10 1809 (17763)". */
  readonly name: string;
  readonly build: number | null;
  readonly computerName: string | null;
}

/** What the system is, by the page that all processes see, and by what the loader told the processes. */
export function releaseOf({ shared }: WindowsKernel, known: readonly WindowsProcess[]): Release {
  let build = shared?.build ?? null;
  let computerName: string | null = null;
  const asked = known.filter(
    ({ listed, space }) => space && listed.fields.peb !== 0n && !listed.hasEnded,
  );
  for (const { space, listed } of asked.slice(0, MOST_ASKED)) {
    if (space === null) continue;
    const user = new Structures(space);
    build ??= buildInPeb(user, listed.fields.peb);
    computerName ??= readParameters(user, listed.fields.peb)?.computerName ?? null;
    if (build !== null && computerName !== null) break;
  }
  build ??= shared && buildOfVersion(shared);
  return { name: nameOf(build, shared?.isServer ?? false), build, computerName };
}

function nameOf(build: number | null, isServer: boolean): string {
  if (build === null) return 'Windows (build unknown)';
  const row = RELEASES.find(([number]) => number === build);
  return `${row?.[isServer ? 2 : 1] ?? (isServer ? 'Windows Server' : 'Windows')} (${build})`;
}

/** Like "UTC+02:00". */
export function timeZoneOf({ shared }: WindowsKernel): string | null {
  if (shared === null) return null;
  const minutes = Math.abs(shared.minutesFromUtc);
  const sign = shared.minutesFromUtc < 0 ? '-' : '+';
  return `UTC${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

const two = (value: number): string => String(value).padStart(2, '0');
