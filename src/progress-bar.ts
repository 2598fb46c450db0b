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
    format: '{phase} {bar} {percentage}% · {done} of {all} MiB · {eta_formatted} left',
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
    stop: () => bar.stop(),
  };
}

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
