import { spawn, type ChildProcess } from 'node:child_process';
import { Ip2ProcessError } from '../../errors.ts';

/** A program to be run, and how far it may go. */
export interface ChildRun {
  readonly command: string;
  readonly args: readonly string[];
  /** Handed on as the child's descriptor 3. */
  readonly fd?: number | null;
  /** Folder for what it keeps between runs: its XDG_CACHE_HOME. */
  readonly cache?: string;
  readonly limits: ChildLimits;
  readonly signal?: AbortSignal | undefined;
  /** One line of its output, without the line's end. What it throws ends the child and is thrown on. */
  readonly onLine: (line: string) => void;
}

export interface ChildLimits {
  readonly timeMs: number;
  /** Address space of each of its processes, in bytes. */
  readonly memoryBytes: number;
  /** Bytes on its standard output. */
  readonly outputBytes: number;
}

/** How it ended by itself. */
export interface ChildEnd {
  /** Null: a signal ended it. */
  readonly code: number | null;
  readonly stderr: string;
}

/**
 * Sets limits that outlive us, then becomes the program: arguments stay arguments, nothing of them is read as shell text.
 * $1 KiB of address space (not kept by macOS) and $2 seconds of processor time, for a child whose parent was killed;
 * $3 its folder for caches, which else would be in the home folder, and that may not be writable.
 */
const LIMITED = `ulimit -c 0; ulimit -v "$1" 2>/dev/null; ulimit -t "$2"
[ -z "$3" ] || export XDG_CACHE_HOME="$3"
shift 3
PYTHONIOENCODING=utf-8 PYTHONDONTWRITEBYTECODE=1 exec "$@"`;
/** Of its standard error the last part says what went wrong. */
const STDERR_BYTES = 2 ** 16;
/** A line that is longer is not of this conversation: our plugin writes lines of a quarter of it. */
const LINE_BYTES = 2 ** 20;

/**
 * Runs a program in a process group of its own, line by line.
 *
 * @throws Ip2ProcessError `cancelled` by the signal; `system` when it passes a limit or cannot be started; the group is
 *   ended first
 */
export async function runChild(run: ChildRun): Promise<ChildEnd> {
  const { command, args, fd, cache = '', limits, signal, onLine } = run;
  if (signal?.aborted === true) throw cancelled(command);
  const cpuSeconds = Math.ceil(limits.timeMs / 1000);
  const kibibytes = Math.ceil(limits.memoryBytes / 1024);
  const child = spawn(
    'sh',
    ['-c', LIMITED, 'sh', String(kibibytes), String(cpuSeconds), cache, command, ...args],
    { detached: true, stdio: ['ignore', 'pipe', 'pipe', ...(fd == null ? [] : [fd])] },
  );
  let failure: unknown = null;
  const stop = (reason: unknown): void => {
    failure ??= reason;
    endGroup(child);
  };
  const onAbort = (): void => stop(cancelled(command));
  const onExit = (): void => endGroup(child);
  const timer = setTimeout(() => stop(tooLong(command, limits.timeMs)), limits.timeMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  process.once('exit', onExit);

  const tail = new Tail();
  child.stderr?.on('data', (data: Buffer) => tail.add(data));
  const lines = new Lines(onLine);
  let outputBytes = 0;
  child.stdout?.on('data', (data: Buffer) => {
    if (failure !== null) return;
    outputBytes += data.length;
    try {
      if (outputBytes > limits.outputBytes) throw tooMuch(command, limits.outputBytes);
      lines.add(data);
    } catch (error) {
      stop(error);
    }
  });
  try {
    const code = await ended(child);
    if (failure === null) lines.end();
    if (failure !== null) throw failure;
    return { code, stderr: tail.text() };
  } finally {
    // A grandchild may have stayed.
    endGroup(child);
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    process.off('exit', onExit);
  }
}

/** Resolves when its output is closed, too. */
function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('close', (code) => resolve(code));
    child.once('error', (cause) =>
      reject(
        new Ip2ProcessError('system', `Cannot start a program: ${cause.message}`, {}, { cause }),
      ),
    );
  });
}

/** The whole group: a Python script may have started others. */
function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

/** Bytes into lines; an unfinished one is kept in pieces, so that a long one is joined once. */
class Lines {
  readonly #onLine: (line: string) => void;
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(data: Buffer): void {
    let from = 0;
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, from)) {
      this.#keep(data.subarray(from, end));
      this.end();
      from = end + 1;
    }
    this.#keep(data.subarray(from));
  }

  end(): void {
    if (this.#length === 0) return;
    const line = Buffer.concat(this.#pieces).toString('utf8');
    this.#pieces = [];
    this.#length = 0;
    this.#onLine(line);
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#length += piece.length;
    if (this.#length > LINE_BYTES) {
      throw new Ip2ProcessError(
        'system',
        `Cannot read what a program said: a line is longer than ${LINE_BYTES} bytes`,
      );
    }
    this.#pieces.push(piece);
  }
}

/** The last bytes of a stream. */
class Tail {
  #bytes = Buffer.alloc(0);

  add(data: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, data]).subarray(-STDERR_BYTES);
  }

  text(): string {
    return this.#bytes.toString('utf8');
  }
}

const cancelled = (command: string): Ip2ProcessError =>
  new Ip2ProcessError('cancelled', `Cannot finish running "${command}": stopped on request`, {
    command,
  });

const tooLong = (command: string, timeMs: number): Ip2ProcessError =>
  new Ip2ProcessError(
    'system',
    `Cannot finish running "${command}": it took longer than ${Math.round(timeMs / 1000)} seconds; give it more time`,
    { command, timeMs },
  );

const tooMuch = (command: string, bytes: number): Ip2ProcessError =>
  new Ip2ProcessError(
    'system',
    `Cannot take what "${command}" says: more than ${bytes} bytes of output`,
    { command, bytes },
  );
