import cliProgress from 'cli-progress';

export interface ProgressBar {
  readonly update: (phase: string, done: number, total: number) => void;
  stop(): void;
}

/** A bar with phase and time left, on a terminal only; elsewhere it shows nothing. */
export function progressBar(stream: NodeJS.WriteStream): ProgressBar {
  if (!stream.isTTY) return { update: () => undefined, stop: () => undefined };
  const bar = new cliProgress.SingleBar({
    stream,
    format: '{phase} {bar} {percentage}% · {done} of {all} MiB{eta_formatted}',
    formatTime: timeLeft,
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    fps: 10,
  });
  let shown = '';
  return {
    update(phase, done, total) {
      const payload = { phase, done: mebibytes(done), all: mebibytes(total) };
      if (phase !== shown) {
        bar.stop();
        bar.start(total, done, payload);
        shown = phase;
      }
      bar.setTotal(total);
      bar.update(done, payload);
    },
    stop() {
      bar.stop();
      shown = '';
    },
  };
}

/** Nothing where the library has no number: at the beginning of a phase, and while nothing moves. */
function timeLeft(seconds: unknown): string {
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return '';
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  if (minutes === 0) return ` · ${whole} s left`;
  if (minutes < 60) return ` · ${minutes} min ${whole % 60} s left`;
  return ` · ${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
