/** One change of a file or of RAM. Plain data: it is printed where a mutant fails. */
export type Edit =
  /** Hex digits over what stands at `at`. */
  | { readonly kind: 'set'; readonly at: number; readonly bytes: string; readonly what: string }
  /** `length` bytes from `from` over what stands at `at`. */
  | { readonly kind: 'copy'; readonly at: number; readonly from: number; readonly length: number }
  /** Words that count up by 8 from `first` (hex): where each leads to the next, every word begins a list. */
  | { readonly kind: 'ramp'; readonly at: number; readonly length: number; readonly first: string }
  /** The same byte `length` times. */
  | { readonly kind: 'fill'; readonly at: number; readonly length: number; readonly byte: number }
  | { readonly kind: 'cut'; readonly at: number }
  /** Without the bytes from `at` on. */
  | { readonly kind: 'remove'; readonly at: number; readonly length: number }
  /** The bytes from `from` on once more at `at`, the rest moved behind them. */
  | {
      readonly kind: 'repeat';
      readonly at: number;
      readonly from: number;
      readonly length: number;
    };

export type MemoryEdit = Exclude<Edit, { readonly kind: 'cut' | 'remove' | 'repeat' }>;

const PAGE = 4096;

/** The bytes with the edits applied in this order; what was given stays as it is. */
export function applied(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  let result = new Uint8Array(bytes);
  for (const edit of edits) result = apply(result, edit);
  return result;
}

function apply(bytes: Uint8Array<ArrayBuffer>, edit: Edit): Uint8Array<ArrayBuffer> {
  const at = Math.min(edit.at, bytes.length);
  switch (edit.kind) {
    case 'set':
      bytes.set(Buffer.from(edit.bytes, 'hex').subarray(0, bytes.length - at), at);
      return bytes;
    case 'ramp':
      bytes.set(rampOf(edit).subarray(0, bytes.length - at), at);
      return bytes;
    case 'fill':
      return bytes.fill(edit.byte, at, at + edit.length);
    case 'copy':
      return bytes.copyWithin(at, edit.from, edit.from + edit.length);
    case 'cut':
      return bytes.slice(0, at);
    case 'remove':
      return joined(bytes.subarray(0, at), bytes.subarray(at + edit.length));
    case 'repeat':
      break;
  }
  const again = bytes.subarray(edit.from, edit.from + edit.length);
  return joined(bytes.subarray(0, at), again, bytes.subarray(at));
}

/** The pages that edits of RAM touch, by frame, as they are afterwards. What is copied is copied from the RAM given. */
export function changedPages(
  ram: Uint8Array,
  edits: readonly MemoryEdit[],
): Map<number, Uint8Array> {
  const pages = new Map<number, Uint8Array>();
  for (const edit of edits) {
    const bytes = bytesOf(ram, edit);
    for (let done = 0; done < bytes.length && edit.at + done < ram.length;) {
      const at = edit.at + done;
      const frame = Math.floor(at / PAGE);
      const page = pages.get(frame) ?? ram.slice(frame * PAGE, (frame + 1) * PAGE);
      const part = bytes.subarray(done, done + PAGE - (at % PAGE));
      page.set(part, at % PAGE);
      pages.set(frame, page);
      done += part.length;
    }
  }
  return pages;
}

function bytesOf(ram: Uint8Array, edit: MemoryEdit): Uint8Array {
  if (edit.kind === 'set') return Buffer.from(edit.bytes, 'hex');
  if (edit.kind === 'ramp') return rampOf(edit);
  if (edit.kind === 'fill') return new Uint8Array(edit.length).fill(edit.byte);
  return ram.subarray(edit.from, edit.from + edit.length);
}

/** A value over `width` bytes, little-endian. */
export function set(at: number, value: bigint, width: number, what: string): MemoryEdit {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return { kind: 'set', at, bytes: bytes.toString('hex', 0, width), what };
}

function rampOf({ length, first }: Extract<Edit, { kind: 'ramp' }>): Uint8Array {
  const start = BigInt(`0x${first}`);
  const words = Array.from({ length: length / 8 }, (_, index) => start + BigInt(index * 8));
  return new Uint8Array(BigUint64Array.from(words).buffer);
}

const joined = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.concat(parts));
