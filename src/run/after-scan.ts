/**
 * What a run needs when the scan has ended, in one piece: the run loads it while the scan's threads work, instead of making
 * them wait for it.
 */
export { MOST_FOLLOWED } from '../attribute/pivots.ts';
export { inferProxy } from '../attribute/proxy.ts';
export { openSystem } from '../os/open-system.ts';
export { buildReport } from '../report/build-report.ts';
export { redact } from '../report/redact.ts';
export { chooseEngine } from './choose-engine.ts';
export { weigh } from './weigh.ts';
