import { Ip2ProcessError } from '../src/errors.ts';
import type { CaseData, Job, ObservableData } from './job.ts';
import type { Settings } from './settings.ts';

/**
 * Whether the case may be looked at, by its TLP and PAP. Cortex leaves that to the worker. TheHive 5 has a TLP 4 (RED),
 * which Cortex cannot carry in the job itself: the highest of what stands there counts.
 *
 * @throws Ip2ProcessError kind 'request'
 */
export function checkClearance(
  { tlp, pap }: Job,
  data: ObservableData | CaseData,
  settings: Settings,
): void {
  check('TLP', Math.max(tlp, data.tlp ?? 0), settings.check_tlp, settings.max_tlp);
  check('PAP', Math.max(pap, data.pap ?? 0), settings.check_pap, settings.max_pap);
}

function check(name: 'TLP' | 'PAP', level: number, isChecked: boolean, most: number): void {
  if (!isChecked || level <= most) return;
  throw new Ip2ProcessError(
    'request',
    `${name} is higher than allowed: it is ${level}, and the responder's max_${name.toLowerCase()} is ${most}`,
  );
}
