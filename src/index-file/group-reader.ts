import type { Asker } from './asker.ts';
import { type Group, headBytes } from './group-writer.ts';
import type { IndexFile } from './index-file.ts';
import { CLASS_BITS, rowBytes } from './signature.ts';

/** A group that is being asked. It lies in the asker's room, until the next one does. */
export class GroupReader {
  /** Of a row: page n is bit n % 8 of byte n / 8. */
  readonly rowBytes: number;
  readonly #asker: Asker;
  readonly #file: IndexFile;
  readonly #group: Group;
  readonly #bits: number;
  /** Where the numbers, and the rows that were read, lie in memory. */
  readonly #numbersAt: number;
  readonly #rowsAt: number;
  /** Place + 1 of a row among those read; 0: not read yet. */
  readonly #places: Uint16Array;
  #read = 0;

  /** @throws IndexFault where the file is damaged, now and later */
  constructor(file: IndexFile, group: Group, asker: Asker) {
    const bits = CLASS_BITS[group.kind] ?? 0;
    const sumsAt = asker.places.room;
    this.#asker = asker;
    this.#file = file;
    this.#group = group;
    this.#bits = bits;
    this.#numbersAt = sumsAt + (bits + 1) * 4;
    // Rows begin at a multiple of 16.
    this.#rowsAt = sumsAt + Math.ceil(headBytes(group) / 16) * 16;
    this.#places = new Uint16Array(bits);
    this.rowBytes = rowBytes(group.pages);
    asker.haveRoom(this.#rowsAt - sumsAt);
    asker.read(file, group.offset, sumsAt, (bits + 1) * 4);
    asker.check(sumsAt, bits + 1, group.sum);
  }

  /** Number of each page. What they are is for the caller to check. */
  numbers(): Uint32Array {
    const { offset, pages } = this.#group;
    const at = this.#numbersAt;
    this.#asker.read(this.#file, offset + (this.#bits + 1) * 4, at, pages * 4);
    this.#asker.check(at, pages, this.#asker.words[at / 4 - 1]);
    return this.#asker.words.subarray(at / 4, at / 4 + pages);
  }

  /** Where in memory the row for one bit of the signature lies: the bits of all pages. */
  row(slot: number): number {
    const known = this.#places[slot] ?? 0;
    if (known > 0) return this.#rowsAt + (known - 1) * this.rowBytes;
    const asker = this.#asker;
    const at = this.#rowsAt + this.#read * this.rowBytes;
    asker.haveRoom(at + this.rowBytes - asker.places.room);
    const offset = this.#group.offset + headBytes(this.#group) + slot * this.rowBytes;
    asker.read(this.#file, offset, at, this.rowBytes);
    asker.check(at, this.rowBytes / 4, asker.words[asker.places.room / 4 + slot]);
    this.#read += 1;
    this.#places[slot] = this.#read;
    return at;
  }
}
