import { checksum } from './checksum.ts';
import { type Group, headBytes } from './group-writer.ts';
import { damaged, type IndexFile } from './index-file.ts';
import { CLASS_BITS, rowBytes } from './signature.ts';

/** Words of the rows for which there is room at first. */
const ROOM = 2 ** 15;

/** A group that is being asked. */
export class GroupReader {
  /** Number of each page; below the image's number of pages. */
  readonly numbers: Uint32Array;
  /** Words of a row: page n is bit n % 32 of word n / 32. */
  readonly rowWords: number;
  /** The rows that were read. */
  rows: Uint32Array<ArrayBuffer>;
  readonly #file: IndexFile;
  readonly #firstRow: number;
  readonly #sums: Uint32Array;
  /** Place + 1 of a row in `rows`, in rows; 0: not read yet. */
  readonly #places: Uint16Array;
  #read = 0;

  /**
   * @param rows of a group that is asked no more: room for this one's
   * @throws IndexFault where the file is damaged, now and in `row`
   */
  constructor(file: IndexFile, group: Group, rows = new Uint32Array(ROOM)) {
    const bits = CLASS_BITS[group.kind] ?? 0;
    const head = new Uint32Array(headBytes(group) / 4);
    file.read(group.offset, new Uint8Array(head.buffer));
    if (checksum(head) !== group.sum) throw damaged();
    this.#file = file;
    this.#firstRow = group.offset + head.byteLength;
    this.#sums = head.subarray(0, bits);
    this.#places = new Uint16Array(bits);
    this.numbers = head.subarray(bits);
    this.rowWords = rowBytes(group.pages) / 4;
    this.rows = rows;
  }

  /** First word in `rows` of the row for one bit of the signature: the bits of all pages. */
  row(slot: number): number {
    const known = this.#places[slot] ?? 0;
    if (known > 0) return (known - 1) * this.rowWords;
    const at = this.#read * this.rowWords;
    if (at + this.rowWords > this.rows.length) {
      const more = new Uint32Array(this.rows.length * 2);
      more.set(this.rows);
      this.rows = more;
    }
    const length = this.rowWords * 4;
    this.#file.read(
      this.#firstRow + slot * length,
      new Uint8Array(this.rows.buffer),
      at * 4,
      length,
    );
    if (checksum(this.rows, at, this.rowWords) !== this.#sums[slot]) throw damaged();
    this.#read += 1;
    this.#places[slot] = this.#read;
    return at;
  }
}
