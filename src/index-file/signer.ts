import { PAGE_BYTES } from '../memory/address.ts';
import { CLASS_BITS, GROUP_PAGES, rowBytes } from './signature.ts';
import { SIGNER_BINARY } from './signer-binary.ts';

/** Makes signatures, and turns those of a group into rows. */
export interface Signer {
  /** The page to be signed is put here. */
  readonly page: Uint8Array;
  /** Signs the page; returns its class, or -1 where it is all zero: such a page needs no signature. */
  sign(): number;
  /** Keeps the signature as the class' page `number`, 0 to `GROUP_PAGES` - 1, in ascending order. */
  add(kind: number, number: number): void;
  /** The rows of the class' first `pages` pages, `rowBytes(pages)` each: a copy. The class begins anew. */
  takeRows(kind: number, pages: number): Uint8Array<ArrayBuffer>;
}

/** The signer in WebAssembly with SIMD: assembly/signer.ts. Takes 33 MiB. */
export function wasmSigner(): Signer {
  const module = new WebAssembly.Module(Buffer.from(SIGNER_BINARY, 'base64'));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const core = new WebAssembly.Instance(module, { env: { memory } }).exports;
  memory.grow(Math.ceil(core.memoryBytes() / 65_536));
  const pageAt = core.placeOf(CLASS_BITS.length);
  return {
    page: new Uint8Array(memory.buffer, pageAt, PAGE_BYTES),
    sign: () => core.sign(pageAt),
    add: (kind, number) => core.add(kind, number),
    takeRows(kind, pages) {
      const bits = CLASS_BITS[kind] ?? 0;
      if (pages % BATCH !== 0) core.settle(kind, pages - 1);
      const from = core.placeOf(kind) + LANES * bits;
      const all = new Uint8Array(memory.buffer, from, bits * WHOLE_ROW);
      const length = rowBytes(pages);
      const rows = new Uint8Array(bits * length);
      for (let bit = 0; bit < bits; bit += 1) {
        rows.set(all.subarray(bit * WHOLE_ROW, bit * WHOLE_ROW + length), bit * length);
      }
      return rows;
    },
  };
}

const LANES = 16;
const BATCH = LANES * 8;
const WHOLE_ROW = rowBytes(GROUP_PAGES);

/** What assembly/signer.ts exports. */
interface Core {
  memoryBytes(): number;
  placeOf(kind: number): number;
  sign(pageAt: number): number;
  add(kind: number, number: number): void;
  settle(kind: number, number: number): void;
}

/** The part of it used here: the typings of Node 20 leave it to those of browsers. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  };
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Core };
};
