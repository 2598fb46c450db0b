import { Ip2ProcessError } from '../errors.ts';
import type { LiveFindings } from '../report/live-part.ts';
import type { Report } from '../report/report.ts';
import { type LiveQuestion, liveReport, withLive } from '../report/with-live.ts';

/**
 * Image and running machine at once, in one report. What one of both cannot answer is a warning beside the other's answer:
 * nothing is lost by asking more.
 *
 * @param image null: there is none
 * @throws Ip2ProcessError where neither has an answer, or it was stopped
 */
export async function liveRun(
  image: (() => Promise<Report>) | null,
  live: () => Promise<LiveFindings>,
  question: Omit<LiveQuestion, 'warnings'>,
): Promise<Report> {
  const start = performance.now();
  const [imaged, lived] = await Promise.allSettled([image?.() ?? null, live()]);
  for (const { error } of [refusalOf(imaged), refusalOf(lived)]) {
    if (error?.kind === 'cancelled') throw error;
  }
  const report = imaged.status === 'fulfilled' ? imaged.value : null;
  const findings = lived.status === 'fulfilled' ? lived.value : null;
  const noImage = refusalOf(imaged).error;
  const noLive = refusalOf(lived).error?.message ?? findings?.note ?? 'nobody says why';
  if (report) {
    if (findings) return withLive(report, findings);
    return { ...report, warnings: [...report.warnings, `No live answer: ${noLive}`] };
  }
  if (findings?.state === 'answered') {
    const warnings = noImage ? [`The image was not looked at: ${noImage.message}`] : [];
    const timings = { live: Math.round(performance.now() - start) };
    return { ...liveReport(findings, { ...question, warnings }), timings };
  }
  if (noImage) {
    // What ended both is said once.
    if (noImage.message === noLive) throw noImage;
    throw new Ip2ProcessError(
      noImage.kind,
      `${noImage.message}. And no live answer: ${noLive}`,
      noImage.place,
      { cause: noImage },
    );
  }
  throw new Ip2ProcessError('analysis', `No live answer: ${noLive}`);
}

/** What was foreseen; anything else is a bug and thrown on. */
function refusalOf(settled: PromiseSettledResult<unknown>): {
  readonly error: Ip2ProcessError | null;
} {
  if (settled.status === 'fulfilled') return { error: null };
  const reason: unknown = settled.reason;
  if (!(reason instanceof Ip2ProcessError)) throw reason;
  return { error: reason };
}
