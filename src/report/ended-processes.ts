import type { Report } from './report.ts';

const MOST_NAMED = 16;

/**
 * Processes that had ended, where memory of nobody holds hits: it may have been theirs, which nothing proves. One line for
 * people, with names as the image has them; null where there is nothing to tell.
 */
export function endedLine({
  orphans,
  otherProcesses,
  processes,
}: Pick<Report, 'orphans' | 'otherProcesses' | 'processes'>): string | null {
  const isLoose = orphans.some(({ pageState }) => pageState === 'free');
  const ended = [...processes, ...otherProcesses].filter(({ exited }) => exited);
  if (!isLoose || ended.length === 0) return null;
  const named = ended.slice(0, MOST_NAMED).map(({ name, pid }) => `${name} (PID ${pid})`);
  const more = ended.length - named.length;
  return `Had ended when the image was taken, as their remains tell: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}. Free memory may have been theirs; nothing proves whose it was.`;
}
