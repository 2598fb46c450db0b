import type { Environment, runLive } from './live-options.ts';
import { cliRequest } from './request.ts';
import { telling } from './tell.ts';
import { timingsText } from './timings.ts';
import { Ip2ProcessError } from '../errors.ts';
import { uploadNamed } from '../evidence/find-images.ts';
import { ip2process } from '../run/ip2process.ts';
import type { ProgressBar } from './progress-bar.ts';
import { forTerminal } from '../report/text-safety.ts';
import type { Report } from '../report/report.ts';
import type { ScanTimes } from '../scan/block-scanner.ts';
import { VERSION } from '../version.ts';

/** One run of the command: its exit status by name. Foreseen failures become one sentence on stderr. */
export async function runCommand(
  argv: readonly string[],
  environment: Environment,
): Promise<Report['outcome'] | 'failed' | 'interrupted'> {
  const stop = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const progress = await progressOn(process.stderr);
  try {
    const asked = cliRequest(argv);
    const options = {
      signal: stop.signal,
      ...(asked.isQuiet ? {} : { onProgress: progress.update, onState }),
    };
    const { image } = asked.request;
    let scanned: ScanTimes | null = null;
    const told = telling(asked, process.stdout, process.stderr);
    const onReport = (latest: Report): void => {
      progress.stop();
      told.onReport(latest);
    };
    const onNote = (note: string): void => {
      progress.stop();
      process.stderr.write(`Note: ${forTerminal(note)}\n`);
    };
    if (image === null || asked.live.machine !== null || uploadNamed(image)) {
      const report = await live(asked, environment, options);
      onReport(report);
      return ended(report);
    }
    const report = await ip2process(
      { ...asked.request, image, toolVersion: VERSION },
      { ...options, onReport, onNote, onScanned: (spent) => (scanned = spent) },
    );
    return ended(report);

    function ended(last: Report): Report['outcome'] {
      progress.stop();
      told.end(last);
      if (asked.showsTimings) process.stderr.write(timingsText(last.timings, scanned));
      return last.outcome;
    }
  } catch (error) {
    progress.stop();
    if (!(error instanceof Ip2ProcessError)) throw error;
    process.stderr.write(`ip2process: ${forTerminal(error.message)}\n`);
    return error.kind === 'cancelled' ? 'interrupted' : 'failed';
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }

  function onState(sentence: string): void {
    progress.stop();
    process.stderr.write(`Live: ${forTerminal(sentence)}\n`);
  }
}

/** On a terminal only: elsewhere the bar's library is not even loaded. */
async function progressOn(stream: NodeJS.WriteStream): Promise<ProgressBar> {
  if (!stream.isTTY) return { update: () => undefined, stop: () => undefined };
  return (await import('./progress-bar.ts')).progressBar(stream);
}

/** Loaded only now: most runs need no gRPC. */
const live: typeof runLive = async (...request) =>
  (await import('./live-options.ts')).runLive(...request);
