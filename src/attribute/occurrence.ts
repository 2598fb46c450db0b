import type { FormName } from '../indicator/forms.ts';
import type { Encoding } from '../indicator/pattern.ts';
import type { PhysicalAddress, VirtualAddress } from '../memory/address.ts';
import type { Agreement } from '../os/agreement.ts';
import type { PageState } from '../os/page-state.ts';
import type { Region } from '../os/region.ts';
import type { MappingState } from '../translate/mapping.ts';

/** Bytes of an occurrence that lie in one frame, or in frames that follow each other. */
export interface Part {
  readonly address: PhysicalAddress;
  /** Bytes. */
  readonly length: number;
}

/** A process that maps an occurrence. */
export interface Owner {
  /** Index into the engine's processes. */
  readonly process: number;
  /** The engine's space through which it maps it. */
  readonly space: number;
  readonly address: VirtualAddress;
  readonly region: Region | null;
  readonly state: MappingState;
  readonly isExecutable: boolean;
  /** Whether the kernel's books of frames say, too, that this process has the frame here. */
  readonly agreement: Agreement;
}

export type OccurrenceFlag =
  /** The text lies in two frames that are no neighbours in RAM: found through the owner's page tables. */
  | 'straddles-frames'
  /** The text exists only because two unrelated frames are neighbours in RAM: no process holds it. */
  | 'phantom'
  /** It touches the edge of a frame that nobody maps: what stands before or behind it is unknown. */
  | 'boundary-unproven'
  /** Page tables give it to a process, the kernel's books of frames say otherwise (`Owner.agreement`): smear, or a lie. */
  | 'contradicted';

/** One occurrence of an indicator, at the address of the indicator's own first byte, under its most specific form. */
export interface Occurrence {
  /** Index into the request's indicators. */
  readonly indicator: number;
  readonly form: FormName;
  readonly encoding: Encoding;
  /** In the text's order; one, or two where it straddles. */
  readonly parts: readonly Part[];
  readonly owners: readonly Owner[];
  readonly pageState: PageState;
  readonly flags: readonly OccurrenceFlag[];
  /** Bytes around and of it in its first owner's order (in its frame's, where nobody owns it). */
  readonly context: Uint8Array;
  /** Where in `context` the indicator's own bytes begin, and how many they are. */
  readonly contextStart: number;
  readonly length: number;
}
