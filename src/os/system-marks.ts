import type { Anchor } from '../scan/anchor.ts';
import type { ProbeName } from '../scan/page-shape.ts';
import { LINUX_ANCHORS } from './linux/anchors.ts';
import { WINDOWS_ANCHORS, WINDOWS_PROBES } from './windows/anchors.ts';

/** What `openSystem` wants to know from the scan. Apart from it, for a scan begins before anything else is loaded. */
export const SYSTEM_ANCHORS: readonly Anchor[] = [...LINUX_ANCHORS, ...WINDOWS_ANCHORS];
export const SYSTEM_PROBES: readonly ProbeName[] = WINDOWS_PROBES;
