import type { Environment } from './arguments.ts';
import { inForeground } from './foreground.ts';
import type { runLive } from './live-options.ts';
import { cliRequest } from './request.ts';
import { telling } from './tell.ts';
import { timingsText } from './timings.ts';
import { uploadNamed } from '../evidence/find-images.ts';
import type { Report } from '../report/report.ts';
import { ip2process } from '../run/ip2process.ts';
import type { ScanTimes } from '../scan/scan-part.ts';
import { VERSION } from '../version.ts';

/** One run of the command. @returns the exit status by name */
export const runCommand = (
  argv: readonly string[],
  environment: Environment,
): Promise<Report['outcome'] | 'failed' | 'interrupted'> =>
  inForeground(async ({ signal, progress, say }) => {
    const asked = cliRequest(argv);
    const onState = (sentence: string): void => say('Live', sentence);
    const options = {
      signal,
      ...(asked.isQuiet ? {} : { onProgress: progress.update, onState }),
    };
    const { image } = asked.request;
    let scanned: ScanTimes | null = null;
    const told = telling(asked, process.stdout, process.stderr);
    const onReport = async (latest: Report): Promise<void> => {
      progress.stop();
      await told.onReport(latest);
    };
    const onNote = (note: string): void => say('Note', note);
    if (image === null || asked.live.machine !== null || uploadNamed(image)) {
      const report = await live(asked, environment, options);
      await onReport(report);
      return ended(report);
    }
    const report = await ip2process(
      { ...asked.request, image, toolVersion: VERSION },
      { ...options, onReport, onNote, onScanned: (spent) => (scanned = spent) },
    );
    return ended(report);

    async function ended(last: Report): Promise<Report['outcome']> {
      progress.stop();
      await told.end(last);
      if (asked.showsTimings) process.stderr.write(timingsText(last.timings, scanned));
      return last.outcome;
    }
  });

/** Loaded only now: most runs need no gRPC. */
const live: typeof runLive = async (...request) =>
  (await import('./live-options.ts')).runLive(...request);
