import type { RegionKind } from '../os/region.ts';

/** What speaks for a process, at how many points of 100, and why so many. */
export const POINTS = {
  'sent-bytes': {
    points: 40,
    behaviour: true,
    reason:
      'The kernel keeps these bytes because this process sent them: nothing that merely holds the address has them.',
  },
  'sent-earlier': {
    points: 25,
    behaviour: true,
    reason:
      'It stands in the page from which this process sends, behind what it sent last: an earlier request, unless the page held it before the process got it.',
  },
  'socket-to-indicator': {
    points: 45,
    behaviour: true,
    reason: 'An open connection to the address itself is talking to it.',
  },
  'socket-to-proxy': {
    points: 25,
    behaviour: true,
    reason: 'It was talking to the proxy when the image was taken; but others use the proxy too.',
  },
  'request-text': {
    points: 15,
    behaviour: false,
    reason:
      'A request to it (CONNECT, absolute URI, Host) in memory that only this process writes is what a client prepares or keeps.',
  },
  'private-code': {
    points: 15,
    behaviour: false,
    reason: 'It stands in executable memory without a file behind it: injected or unpacked code.',
  },
  'http-library': {
    points: 4,
    behaviour: false,
    reason:
      'It has a library for HTTP or TLS mapped that its kind of program has no reason for, or that hardly another process of the same program has. Such libraries also come along with others (a dialog brings wininet.dll), so it counts little.',
  },
  'command-line': {
    points: 10,
    behaviour: false,
    reason: 'It was started with it. Tools that only look the address up are started so too.',
  },
  holding: {
    points: 30,
    behaviour: false,
    reason:
      'It holds it in its memory: the sum of form × place × √n over forms and places, approaching this bound.',
  },
  'several-forms': {
    points: 5,
    behaviour: false,
    reason:
      'Three forms or more are written by code that works with it, not by one copy of a text.',
  },
} as const satisfies Record<string, { points: number; behaviour: boolean; reason: string }>;

export type EvidenceKind = keyof typeof POINTS;

/** Holding is counted in units: this many units give half of its points. One URL in a heap is one unit, about. */
export const HALF_HOLDING = 1;

/** Where it stands: factor on a hit's form weight. */
export const PLACES: Readonly<Record<RegionKind, { factor: number; reason: string }>> = {
  heap: { factor: 1.2, reason: 'the process made it' },
  stack: { factor: 1.2, reason: 'the process was working with it' },
  anonymous: { factor: 1.2, reason: 'the process made it' },
  image: { factor: 1, reason: 'its program file brings it along' },
  file: { factor: 0.3, reason: 'it reads a file: the text is the file’s' },
  'shared-memory': { factor: 0.3, reason: 'another process may have written it' },
  special: { factor: 0.2, reason: 'the system put it there' },
  kernel: { factor: 0.2, reason: 'a kernel buffer, not its own memory' },
  unknown: { factor: 0.6, reason: 'what this memory is for could not be read' },
};

/** Integrity and surroundings: factors on a hit. */
export const FACTORS = {
  shared: { factor: 0.5, reason: 'other processes map the same page' },
  list: {
    factor: 0.2,
    reason: 'it stands in a list of many addresses: reading material, not behaviour',
  },
  contradicted: { factor: 0.2, reason: 'page tables and the kernel’s books of frames disagree' },
  elsewhere: {
    factor: 0.2,
    reason: 'what it last sent through the proxy was for other hosts',
  },
  bare: { factor: 0, reason: 'four bytes stand anywhere by chance' },
} as const;

/** Without behaviour a process stays below "likely", whatever it holds: holding is not talking. */
export const CAP_WITHOUT_BEHAVIOUR = 44;

/** At and above these scores the verdict words begin. */
export const THRESHOLDS = { responsible: 70, likely: 45 } as const;

/** Two processes whose scores differ by less are told as a tie. */
export const TIE_MARGIN = 10;
