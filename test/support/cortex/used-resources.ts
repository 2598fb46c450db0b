import { readFileSync } from 'node:fs';

/**
 * What a process has used when it was last looked at. Only on Linux, and only while the process stands there; both numbers
 * only grow, so the last look is the highest.
 *
 * Source: proc_pid_status(5), VmHWM; proc_pid_io(5), rchar.
 */
export class UsedResources {
  readonly #pid: number;
  /** Most memory that it held at one time. */
  peakBytes = 0;
  /** Bytes that it read, of files and connections, all threads together. */
  readBytes = 0;

  constructor(pid: number) {
    this.#pid = pid;
  }

  look(): void {
    this.peakBytes = this.#number('status', /^VmHWM:\s+(\d+) kB$/m, 1024) ?? this.peakBytes;
    this.readBytes = this.#number('io', /^rchar: (\d+)$/m, 1) ?? this.readBytes;
  }

  #number(file: string, shape: RegExp, unit: number): number | null {
    try {
      const found = shape.exec(readFileSync(`/proc/${this.#pid}/${file}`, 'utf8'))?.[1];
      return found === undefined ? null : Number(found) * unit;
    } catch {
      return null;
    }
  }
}
