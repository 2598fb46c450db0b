import type { PfnLayout, ProcessLayout, SectionLayout, ThreadLayout, VadLayout } from './layout.ts';

/**
 * The few forms that the listed kernels' structures have (a test holds them against the table): what an unlisted kernel
 * is read by. Between versions whole stretches of EPROCESS move, but keep their inner distances.
 */
export interface ProcessShape {
  /** Bytes from EPROCESS.ActiveProcessLinks. */
  readonly fromLinks: Omit<ProcessLayout, 'links' | 'exitTime' | 'vadRoot'>;
  /** Where ExitTime stands: so far behind VadRoot, or behind CreateTime. */
  readonly exitTime: { readonly from: 'vadRoot' | 'createTime'; readonly distance: number };
}

/** Newest first. */
export const PROCESS_SHAPES: readonly ProcessShape[] = [
  // 18362 and later
  row([-8, 32, 248, 352, 264, 376, 112, 296, 312, 424], 'vadRoot', 104),
  // 15063 to 17763
  row([-8, 32, 248, 360, 272, 384, 112, 304, 320, 432], 'vadRoot', 104),
  // 10586, 14393, and the latter serviced
  row([-8, 24, 240, 352, 264, 376, 104, 296, 312, 424], 'vadRoot', 104),
  row([-8, 24, 240, 352, 264, 376, 104, 296, 312, 424], 'vadRoot', 112),
  // 10240 and the same serviced
  row([-8, 24, 240, 344, 264, 368, 104, 296, 312, 416], 'vadRoot', 104),
  row([-8, 24, 240, 344, 264, 368, 104, 296, 312, 416], 'vadRoot', 112),
  // 9600, 9200
  row([-8, -24, 232, 336, 256, 360, 96, 288, 304, 408], 'vadRoot', 104),
  row([-8, -24, 232, 336, 256, 360, 96, 288, 304, 408], 'vadRoot', 128),
  // 7600, 7601
  row([-8, -32, 264, 344, 432, 520, 128, 120, 408, 416], 'createTime', 8),
];

const TREE_WITH_ROOT_POINTER = {
  isRootInside: false,
  left: 0,
  right: 8,
  start: 24,
  end: 28,
  numberBytes: 4,
  startHigh: 32,
  endHigh: 33,
  flags: 48,
} as const;
const LONG_FIELDS = { subsection: 72, firstPrototype: 80, lastPrototype: 88 } as const;

/** Newest first. */
export const VAD_SHAPES: readonly VadLayout[] = [
  // 28000
  {
    ...TREE_WITH_ROOT_POINTER,
    typeBit: 4,
    protectionBit: 7,
    privateBit: 21,
    subsection: 80,
    firstPrototype: 88,
    lastPrototype: 96,
  },
  // 20348 and later; 18362, 19041; 17134, 17763; 9600 to 16299
  { ...TREE_WITH_ROOT_POINTER, typeBit: 4, protectionBit: 7, privateBit: 21, ...LONG_FIELDS },
  { ...TREE_WITH_ROOT_POINTER, typeBit: 4, protectionBit: 7, privateBit: 20, ...LONG_FIELDS },
  { ...TREE_WITH_ROOT_POINTER, typeBit: 0, protectionBit: 3, privateBit: 14, ...LONG_FIELDS },
  { ...TREE_WITH_ROOT_POINTER, typeBit: 0, protectionBit: 3, privateBit: 15, ...LONG_FIELDS },
  // 9200
  {
    isRootInside: true,
    left: 8,
    right: 16,
    start: 24,
    end: 28,
    numberBytes: 4,
    startHigh: null,
    endHigh: null,
    flags: 40,
    typeBit: 0,
    protectionBit: 3,
    privateBit: 15,
    ...LONG_FIELDS,
  },
  // 7600, 7601
  {
    isRootInside: true,
    left: 8,
    right: 16,
    start: 24,
    end: 32,
    numberBytes: 8,
    startHigh: null,
    endHigh: null,
    flags: 40,
    typeBit: 52,
    protectionBit: 56,
    privateBit: 63,
    ...LONG_FIELDS,
  },
];

/** Since 10240, and before. */
export const SECTION_SHAPES: readonly SectionLayout[] = [
  { base: 8, next: 16, pteCount: 44, filePointer: 64, controlFlags: 56 },
  { base: 8, next: 16, pteCount: 24, filePointer: 64, controlFlags: 56 },
];

/** 20348 and later; 19041; 10240 to 18362; 9200, 9600; 7600, 7601. */
export const PFN_SHAPES: readonly PfnLayout[] = [
  { pteAddress: 8, originalPte: 16, state: 32, frame: 40, frameBits: 40, prototypeBit: 63 },
  { pteAddress: 8, originalPte: 16, state: 32, frame: 40, frameBits: 36, prototypeBit: 63 },
  { pteAddress: 8, originalPte: 16, state: 32, frame: 40, frameBits: 36, prototypeBit: 57 },
  { pteAddress: 16, originalPte: 32, state: 24, frame: 40, frameBits: 36, prototypeBit: 57 },
  { pteAddress: 16, originalPte: 32, state: 24, frame: 40, frameBits: 52, prototypeBit: 57 },
];

/** Since 9200, and before. */
export const THREAD_SHAPES: readonly ThreadLayout[] = [
  { listEntry: 760, teb: 240 },
  { listEntry: 760, teb: 184 },
];

function row(
  distances: readonly number[],
  from: 'vadRoot' | 'createTime',
  distance: number,
): ProcessShape {
  const [pid = 0, createTime = 0, parentPid = 0, name = 0, peb = 0, auditName = 0, ...rest] =
    distances;
  const [token = 0, objectTable = 0, wow64 = 0, activeThreads = 0] = rest;
  return {
    fromLinks: {
      pid,
      createTime,
      parentPid,
      name,
      peb,
      auditName,
      token,
      objectTable,
      wow64,
      activeThreads,
    },
    exitTime: { from, distance },
  };
}
