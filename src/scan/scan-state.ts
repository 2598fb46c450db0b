/** What the threads of a scan share: which block is next, how far they are, whether to stop. */
export class ScanState {
  readonly buffer: SharedArrayBuffer;
  private readonly words: BigUint64Array;

  constructor(buffer = new SharedArrayBuffer(WORDS * 8)) {
    this.buffer = buffer;
    this.words = new BigUint64Array(buffer);
  }

  /** Leaves out the blocks before: another scan has done them. */
  startAt(block: number): void {
    Atomics.store(this.words, NEXT_BLOCK, BigInt(block));
  }

  /** Number of the next block that nobody has taken. */
  takeBlock(): number {
    return Number(Atomics.add(this.words, NEXT_BLOCK, 1n));
  }

  /** Bytes dealt with, whether they could be read or not. */
  get done(): number {
    return Number(Atomics.load(this.words, DONE));
  }

  addDone(bytes: number): void {
    Atomics.add(this.words, DONE, BigInt(bytes));
  }

  get isStopped(): boolean {
    return Atomics.load(this.words, STOPPED) !== 0n;
  }

  stop(): void {
    Atomics.store(this.words, STOPPED, 1n);
  }
}

const NEXT_BLOCK = 0;
const DONE = 1;
const STOPPED = 2;
const WORDS = 3;
