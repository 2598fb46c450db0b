import type { ProgressBar } from './progress-bar.ts';
import { Ip2ProcessError } from '../errors.ts';
import { forTerminal } from '../report/text-safety.ts';

/** What a command has of the terminal while it runs. */
export interface Foreground {
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly progress: ProgressBar;
  /** One sentence to stderr, where the bar stood. */
  readonly say: (about: 'Live' | 'Note', sentence: string) => void;
}

/**
 * Runs one command up to its exit status, by name. The first Ctrl-C (or SIGTERM) asks it to stop, a second one ends it at
 * once. A foreseen failure becomes one sentence on stderr; anything else is a bug and thrown on.
 */
export async function inForeground<Status>(
  command: (foreground: Foreground) => Promise<Status>,
): Promise<Status | 'failed' | 'interrupted'> {
  const stop = new AbortController();
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const progress = await progressOn(process.stderr);
  try {
    return await command({ signal: stop.signal, progress, say });
  } catch (error) {
    if (!(error instanceof Ip2ProcessError)) throw error;
    say('ip2process', error.message);
    return error.kind === 'cancelled' ? 'interrupted' : 'failed';
  } finally {
    progress.stop();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }

  function say(about: string, sentence: string): void {
    progress.stop();
    process.stderr.write(`${about}: ${forTerminal(sentence)}\n`);
  }
}

/** On a terminal only: elsewhere the bar's library is not even loaded. */
async function progressOn(stream: NodeJS.WriteStream): Promise<ProgressBar> {
  if (!stream.isTTY) return { update: () => undefined, stop: () => undefined };
  return (await import('./progress-bar.ts')).progressBar(stream);
}
