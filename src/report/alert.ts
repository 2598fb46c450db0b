import type { OperatingSystem } from '../os/operating-system.ts';
import type { Process } from '../os/process.ts';
import type { Alert } from './findings.ts';

/** Clocks of a machine and of its proxy differ: less than this is no contradiction. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** Does the image fit the alert? A sentence for each thing that does not: another machine, or another time. */
export function alertWarnings(
  alert: Alert | null,
  system: Pick<OperatingSystem, 'hostName' | 'bootTime' | 'captureTime' | 'timeZone'> | null,
): string[] {
  if (!alert || !system) return [];
  const { hostName, bootTime, captureTime, timeZone } = system;
  const warnings: string[] = [];
  if (alert.host !== null && hostName === null) {
    warnings.push(
      `The image does not tell the machine's name: whether it is "${alert.host}" must be known from elsewhere`,
    );
  } else if (alert.host !== null && hostName !== null && !isSameHost(alert.host, hostName)) {
    warnings.push(
      `The image is of the machine "${hostName}", the alert is about "${alert.host}": the answer may be about the wrong machine`,
    );
  }
  if (alert.at === null) return warnings;
  const at = alert.at.getTime();
  const told = `The alert's time ${alert.at.toISOString()}`;
  const zone =
    timeZone === null ? 'is the alert in UTC?' : `the machine's time zone is ${timeZone}`;
  if (bootTime !== null && at < bootTime.getTime() - CLOCK_SKEW_MS) {
    warnings.push(
      `${told} lies before the machine was started (${bootTime.toISOString()}): memory from then is gone; ${zone}`,
    );
  }
  if (captureTime !== null && at > captureTime.getTime() + CLOCK_SKEW_MS) {
    warnings.push(
      `${told} lies after the image was taken (${captureTime.toISOString()}): what caused it is not in this image; ${zone}`,
    );
  }
  return warnings;
}

/**
 * What a process' start says against it. It takes no points: a program that talks is often started anew, and then its
 * earlier self was the cause.
 */
export const startedAfter = (alert: Alert | null, { startTime }: Pick<Process, 'startTime'>) =>
  alert?.at && startTime && startTime.getTime() > alert.at.getTime() + CLOCK_SKEW_MS
    ? [
        `started at ${startTime.toISOString()}, after the alert (${alert.at.toISOString()}): it cannot have caused that one`,
      ]
    : [];

/** Names are equal without regard to case; a short name equals the full one. */
export function isSameHost(one: string, other: string): boolean {
  const [first, second] = [one, other].map((name) => name.toLowerCase().replace(/\.$/, ''));
  if (first === undefined || second === undefined) return false;
  const isShort = !first.includes('.') || !second.includes('.');
  return first === second || (isShort && first.split('.')[0] === second.split('.')[0]);
}
