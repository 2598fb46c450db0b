import type { Engine, FrameOwners } from '../engine/engine.ts';
import { formOf } from '../indicator/forms.ts';
import type { Indicator } from '../indicator/indicator.ts';
import type { BytePattern, Recognition } from '../indicator/pattern.ts';
import { recognise } from '../indicator/recognise.ts';
import {
  frame,
  frameOf,
  PAGE_BYTES,
  type PhysicalAddress,
  physical,
  type VirtualAddress,
  virtual,
  virtualPageStart,
} from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import type { Agreement } from '../os/agreement.ts';
import type { PageState } from '../os/page-state.ts';
import type { Hit } from '../scan/hit.ts';
import type { Mapping } from '../translate/mapping.ts';
import type { Occurrence, OccurrenceFlag, Owner, Part } from './occurrence.ts';
import { occurrenceTable } from './occurrence-table.ts';
import { holdsAt } from './literal.ts';
import { agreementOf } from './mapping-agreement.ts';
import { frameWindow, ownerWindow, type Window } from './owner-window.ts';
import type { Question } from './question.ts';
import { regionFinder } from './region-finder.ts';
import { seamTexts } from './seam-texts.ts';

export interface Located {
  /** Ascending by the address of their first part. */
  readonly occurrences: readonly Occurrence[];
  /** Texts that looked like the indicator in their frame, but run on in the owner's neighbouring page: near misses. */
  readonly nearMisses: number;
}

/**
 * Turns what a linear look at RAM found into occurrences as the owners see them: a text at a page's edge is judged
 * by the owner's neighbouring page, a text over two frames counts only where somebody maps them in this order, and
 * texts over distant frames are found at the seams.
 */
export function locate(
  question: Question,
  hits: readonly Hit[],
  owners: FrameOwners,
  engine: Engine,
  memory: PhysicalMemory,
): Located {
  const table = occurrenceTable();
  const regionOf = regionFinder(engine);
  let nearMisses = 0;

  for (const hit of hits) {
    const pattern = question.patterns[hit.pattern];
    const indicator = pattern && question.indicators[pattern.indicator];
    if (!pattern || !indicator) continue;
    const first = frameOf(hit.address);
    const mappings = owners.mappingsOf(first);
    let refused = 0;
    for (const mapping of mappings) {
      if (!locateInSpace(hit, pattern, indicator, mapping)) refused += 1;
    }
    if (mappings.length === refused) {
      if (hit.crossesFrames) addCrossing(hit, pattern, indicator, mappings.length > 0);
      else if (mappings.length === 0) addUnowned(hit, pattern, indicator, []);
      else nearMisses += 1;
    }
  }
  for (const { seam, pattern, indicator, recognition, window } of seamTexts(
    question,
    owners.seams,
    memory,
  )) {
    const address = virtual(seam.address + BigInt(PAGE_BYTES + window.start - window.edge));
    addOwned(pattern, indicator, recognition, window, seam.space, address, null);
  }
  return { occurrences: table.sorted(), nearMisses };

  /** False: in this space's order the text is another one. */
  function locateInSpace(
    hit: Hit,
    pattern: BytePattern,
    indicator: Indicator,
    mapping: Mapping,
  ): boolean {
    const { space } = mapping;
    const address = virtual(virtualPageStart(mapping.page) + BigInt(hit.address % PAGE_BYTES));
    const window = ownerWindow(engine, space, address, hit.length);
    const recognition = recogniseAgain(pattern, indicator, window, hit.length);
    if (!recognition) return false;

    const start = virtual(address + BigInt(recognition.start - window.start));
    addOwned(pattern, indicator, recognition, window, space, start, mapping);
    return true;
  }

  function addOwned(
    pattern: BytePattern,
    indicator: Indicator,
    recognition: Recognition,
    window: Window,
    space: number,
    address: VirtualAddress,
    mapping: Mapping | null,
  ): void {
    const parts = partsOf(engine, space, address, recognition.length);
    const agreement = agreementOf(engine, space, address, parts);
    add(pattern, indicator, recognition, window, {
      parts,
      owners: ownersAt(space, address, mapping, agreement),
      flags: [
        ...(parts.length > 1 ? (['straddles-frames'] as const) : []),
        ...(agreement === 'contradicted' ? (['contradicted'] as const) : []),
      ],
    });
  }

  function addCrossing(
    hit: Hit,
    pattern: BytePattern,
    indicator: Indicator,
    firstIsOwned: boolean,
  ): void {
    const second = frame(frameOf(hit.address) + 1);
    const isOwned = firstIsOwned || owners.mappingsOf(second).length > 0;
    const together = !isOwned && belongTogether(pageStateAt(hit.address), engine.pageState(second));
    addUnowned(hit, pattern, indicator, [together ? 'boundary-unproven' : 'phantom']);
  }

  function addUnowned(
    hit: Hit,
    pattern: BytePattern,
    indicator: Indicator,
    flags: readonly OccurrenceFlag[],
  ): void {
    const window = frameWindow(memory, hit.address, hit.length);
    const isOpen = (hit.openBefore || hit.openAfter) && flags.length === 0;
    add(
      pattern,
      indicator,
      { start: window.start, length: hit.length, openBefore: false, openAfter: false },
      window,
      {
        parts: [{ address: hit.address, length: hit.length }],
        owners: [],
        flags: isOpen && pattern.spelling !== 'bytes' ? ['boundary-unproven'] : flags,
      },
    );
  }

  function add(
    pattern: BytePattern,
    indicator: Indicator,
    recognition: Recognition,
    window: Window,
    found: {
      parts: readonly Part[];
      owners: readonly Owner[];
      flags: readonly OccurrenceFlag[];
    },
  ): void {
    const start = found.parts[0]?.address ?? physical(0);
    table.add({
      indicator: pattern.indicator,
      form: formOf(pattern, indicator, window.bytes, recognition.start, recognition.length),
      encoding: pattern.encoding,
      ...found,
      pageState: pageStateAt(start, found.owners.length > 0),
      context: window.bytes,
      contextStart: recognition.start,
      length: recognition.length,
    });
  }

  function ownersAt(
    space: number,
    address: VirtualAddress,
    mapping: Mapping | null,
    agreement: Agreement,
  ): Owner[] {
    return engine.processesOf(space).map((process) => ({
      process,
      space,
      address,
      region: regionOf(process, address),
      state: mapping?.state ?? 'valid',
      isExecutable: mapping?.isExecutable ?? false,
      agreement,
    }));
  }

  function pageStateAt(address: PhysicalAddress, isOwned = false): PageState {
    const state = engine.pageState(frameOf(address), address % PAGE_BYTES);
    return state.kind === 'unknown' && isOwned ? { kind: 'mapped', detail: null } : state;
  }
}

/** The hit's own literal, sought again in the owner's order, where more of its surroundings may be seen. */
function recogniseAgain(
  pattern: BytePattern,
  indicator: Indicator,
  window: Window,
  length: number,
): Recognition | null {
  const last = window.start + Math.max(length - pattern.bytes.length, 0);
  for (let at = window.start; at <= last; at += 1) {
    if (!holdsAt(pattern, window.bytes, at)) continue;
    const recognition = recognise(pattern, indicator, window.bytes, at);
    if (!recognition) continue;
    if (!recognition.openBefore && !recognition.openAfter) return recognition;
    // The owner has no page there: nothing stands before or behind, and a digit is no end of an escape.
    const closed = recognise(pattern, indicator, closedIn(window.bytes), at + MARGIN);
    if (closed) return { ...closed, start: closed.start - MARGIN };
  }
  return null;
}

/** Longer than what decides a boundary: `\u0022` in UTF-16, `.in-addr.arpa`. */
const MARGIN = 32;

function closedIn(bytes: Uint8Array): Uint8Array {
  const closed = new Uint8Array(bytes.length + 2 * MARGIN);
  closed.set(bytes, MARGIN);
  return closed;
}

/** Where a text of a space lies in RAM; neighbouring pieces are one part. */
function partsOf(engine: Engine, space: number, address: VirtualAddress, length: number): Part[] {
  const parts: Part[] = [];
  for (let done = 0; done < length;) {
    const at = virtual(address + BigInt(done));
    const inPage = Number(at % BigInt(PAGE_BYTES));
    const piece = Math.min(length - done, PAGE_BYTES - inPage);
    const start = engine.physicalOf(space, at);
    if (start === null) break;
    const last = parts.at(-1);
    if (last && last.address + last.length === start) {
      parts[parts.length - 1] = { address: last.address, length: last.length + piece };
    } else {
      parts.push({ address: start, length: piece });
    }
    done += piece;
  }
  return parts;
}

/** Two neighbouring frames of nobody: could one text run through both? Free or kernel memory may, files' pages not. */
function belongTogether(first: PageState, second: PageState): boolean {
  return first.kind === second.kind && first.kind !== 'page-cache' && first.kind !== 'anonymous';
}
