import type { WindowsKernel } from './kernel.ts';
import {
  isProcessName,
  isProcessNumber,
  readFields,
  type ProcessFields,
} from './process-fields.ts';
import { headerOf, isKernelAddress, type ProcessHeader } from './process-header.ts';

/** A process object that was found, by whatever way. */
export interface ListedProcess {
  readonly header: ProcessHeader;
  readonly fields: ProcessFields;
  readonly hasEnded: boolean;
  /** Alive, but not in the kernel's list although that could be read: somebody took it out. */
  readonly isHidden: boolean;
}

/** What was reached by the list, and whether it led back to where it began. */
interface Links {
  readonly order: readonly ProcessHeader[];
  readonly isComplete: boolean;
}

/** Windows can number 2^26 processes; machines with more than this have never been seen. */
const MOST_LINKED = 65_536;

/**
 * All processes: those that the kernel's list tells in either direction, then those that only the scan found, ended
 * ones among them. In the list's order, the rest by number.
 */
export function listProcesses(kernel: WindowsKernel): readonly ListedProcess[] {
  const { structures, layout } = kernel;
  const headers = new Map<bigint, ProcessHeader>();
  for (const header of kernel.headers) headers.set(header.address, header);
  const start = systemOf(kernel);
  const list = start === null ? { order: [], isComplete: false } : wholeList(kernel, start);
  for (const header of list.order) headers.set(header.address, header);
  if (!list.isComplete) {
    kernel.warn(
      start === null
        ? "The image lacks the System process, where the kernel's list of processes begins: processes come from a search for their objects"
        : "The kernel's list of processes breaks off in this image: further processes come from a search for their objects",
    );
  }

  const linked = new Set(list.order.map(({ address }) => address));
  const listed: ListedProcess[] = [];
  for (const header of headers.values()) {
    const fields = readFields(structures, layout.process, header.address);
    if (!isProcess(header, fields)) continue;
    const hasEnded = header.hasEnded || (fields.exitTime !== 0n && !header.hasThreads);
    const isInList =
      linked.has(header.address) || (!list.isComplete && !isUnlinked(kernel, header, fields));
    listed.push({
      header,
      fields,
      hasEnded,
      isHidden: !isInList && !hasEnded && fields.pid !== 0n,
    });
  }
  // Where nobody but System is in the list, it is the list that was destroyed.
  const others = listed.filter(
    ({ header, hasEnded, fields }) =>
      !hasEnded && fields.pid !== 0n && header.address !== start?.address,
  );
  const isDestroyed = !list.isComplete && others.length > 1 && others.every((one) => one.isHidden);
  const place = new Map(list.order.map(({ address }, index) => [address, index]));
  const rank = ({ header, fields }: ListedProcess): number =>
    place.get(header.address) ?? MOST_LINKED + Number(fields.pid);
  return listed
    .map((one) => (isDestroyed ? { ...one, isHidden: false } : one))
    .toSorted((one, other) => rank(one) - rank(other));
}

function systemOf({ headers, structures, layout }: WindowsKernel): ProcessHeader | null {
  const isSystem = ({ address }: ProcessHeader): boolean => {
    const { pid, name, parentPid } = readFields(structures, layout.process, address);
    return pid === 4n && name === 'System' && parentPid === 0n;
  };
  return headers.find(isSystem) ?? null;
}

/** A ring that leaves out most living processes is no list of them: then its being closed proves nothing. */
function wholeList(kernel: WindowsKernel, start: ProcessHeader): Links {
  const list = followLinks(kernel, start);
  const living = kernel.headers.filter(({ hasEnded }) => !hasEnded).length;
  return { ...list, isComplete: list.isComplete && list.order.length * 2 >= living };
}

/** The ring of links goes through one place that is no process: its head, in the kernel's own data. */
function followLinks(kernel: WindowsKernel, start: ProcessHeader): Links {
  const forward = walk(kernel, start, 0);
  if (forward.isComplete) return forward;
  const backward = walk(kernel, start, 8);
  const seen = new Set(forward.order.map(({ address }) => address));
  const others = backward.order.filter(({ address }) => !seen.has(address));
  return { order: [...forward.order, ...others.toReversed()], isComplete: backward.isComplete };
}

function walk(
  { structures, space, layout }: WindowsKernel,
  start: ProcessHeader,
  direction: 0 | 8,
): Links {
  const links = BigInt(layout.process.links);
  const first = start.address + links;
  const order = [start];
  const seen = new Set([first]);
  let heads = 0;
  for (let at = structures.pointer(first, direction); order.length < MOST_LINKED;) {
    if (at === first) return { order, isComplete: true };
    if (!isKernelAddress(at) || seen.has(at)) break;
    seen.add(at);
    const header = headerOf(space, at - links);
    if (header !== null) order.push(header);
    else heads += 1;
    if (heads > 1) break;
    at = structures.pointer(at, direction);
  }
  return { order, isComplete: false };
}

/** Its neighbours know nothing of it; null links belong to Idle. Where they are not in the image it is taken as linked. */
function isUnlinked(
  { structures, layout }: WindowsKernel,
  { address }: ProcessHeader,
  { next, previous }: ProcessFields,
): boolean {
  const own = address + BigInt(layout.process.links);
  if (next === own || previous === own) return true;
  const denies = (neighbour: bigint, back: bigint): boolean =>
    isKernelAddress(neighbour) &&
    structures.isReadable(neighbour + back) &&
    structures.pointer(neighbour + back) !== own;
  return denies(next, 8n) && denies(previous, 0n);
}

/** Whoever has an access token is one, under whatever name; what is left of ended ones must look like one. */
function isProcess({ hasEnded }: ProcessHeader, fields: ProcessFields): boolean {
  if (!isProcessNumber(fields.pid) || !isProcessNumber(fields.parentPid)) return false;
  if (isKernelAddress(fields.token)) return fields.name !== '';
  return (hasEnded || fields.pid === 0n) && isProcessName(fields.name);
}
