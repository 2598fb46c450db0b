import type { Structures } from '../structures.ts';
import type { ProcessLayout } from './offsets/layout.ts';
import {
  isProcessName,
  isProcessNumber,
  readFields,
  type ProcessFields,
} from './process-fields.ts';
import { isKernelAddress, isUserAddress, type ProcessHeader } from './process-header.ts';
import { dateOf } from './shared-data.ts';

/** Windows has no process older than NT itself. */
const EARLIEST = Date.UTC(1993, 6, 27);
/** A clock may be set forward while the machine runs. */
const CLOCK_SLACK_MS = 366 * 86_400_000;

/**
 * How well a layout reads the processes of this image: the share of checks that hold, 0 to 1. Each check is an invariant
 * of its field; fields whose neighbours are not in the image are not judged. A false layout fails most of them. Where not
 * one process is linked to another, somebody may have overwritten the list: that counts as one check that fails.
 */
export function judgeLayout(
  structures: Structures,
  layout: ProcessLayout,
  headers: readonly ProcessHeader[],
  now: Date | null,
): number {
  const latest = (now?.getTime() ?? Date.UTC(2200)) + CLOCK_SLACK_MS;
  const own = { held: 0, asked: 0 };
  const links = { held: 0, asked: 0 };
  const count = (counts: typeof own, answers: Iterable<boolean | null>): void => {
    for (const answer of answers) {
      if (answer === null) continue;
      counts.asked += 1;
      if (answer) counts.held += 1;
    }
  };
  for (const header of headers) {
    const fields = readFields(structures, layout, header.address);
    count(own, checks(header, fields, latest));
    count(links, linkChecks(structures, layout, header, fields));
  }
  const linksAsked = links.held === 0 ? Math.min(links.asked, 1) : links.asked;
  const asked = own.asked + linksAsked;
  return asked === 0 ? 0 : (own.held + links.held) / asked;
}

/** True and false: holds or not. Null: the image does not tell. */
function* checks(
  header: ProcessHeader,
  fields: ProcessFields,
  latest: number,
): Generator<boolean | null> {
  yield isProcessName(fields.name);
  yield isProcessNumber(fields.pid);
  yield isProcessNumber(fields.parentPid) && (fields.pid !== 4n || fields.parentPid === 0n);
  if (fields.name === 'System') yield fields.pid === 4n;

  const created = dateOf(fields.createTime)?.getTime() ?? null;
  yield created === null
    ? fields.createTime === 0n && fields.pid <= 4n
    : created > EARLIEST && created <= latest;
  const exited = dateOf(fields.exitTime)?.getTime() ?? null;
  // Some ended processes have no time of it, whatever the layout: where only this one check tells two apart, most have.
  yield header.hasEnded
    ? exited !== null && exited >= (created ?? 0) && exited <= latest
    : fields.exitTime === 0n;

  // The idle process is in no list and has neither objects nor areas of memory.
  if (fields.pid === 0n) return;
  yield fields.peb === 0n || (isUserAddress(fields.peb) && fields.peb % 4096n === 0n);
  yield isKernelAddress(fields.token);
  yield fields.objectTable === 0n ? header.hasEnded : isKernelAddress(fields.objectTable);
  yield fields.wow64 === 0n || isKernelAddress(fields.wow64) || isUserAddress(fields.wow64);
  yield fields.auditName === 0n || isKernelAddress(fields.auditName);
  yield fields.activeThreads < 65_536 && (header.hasThreads || fields.activeThreads === 0);
}

/** Whether its neighbours in the list of processes, where the idle process is not, know it. */
function* linkChecks(
  structures: Structures,
  layout: ProcessLayout,
  header: ProcessHeader,
  { pid, next, previous }: ProcessFields,
): Generator<boolean | null> {
  if (pid === 0n) return;
  const own = header.address + BigInt(layout.links);
  yield isLinked(structures, next, 8n, own);
  yield isLinked(structures, previous, 0n, own);
}

function isLinked(
  structures: Structures,
  neighbour: bigint,
  back: bigint,
  own: bigint,
): boolean | null {
  if (!isKernelAddress(neighbour)) return neighbour === 0n ? null : false;
  if (!structures.isReadable(neighbour + back)) return null;
  return structures.pointer(neighbour + back) === own;
}
