import type { Engine } from './engine.ts';

/** For an image in which no system could be read: hits have addresses, but no owners. */
export const noEngine = (): Engine => ({
  name: 'none',
  processes: [],
  owners: () => ({ mappingsOf: () => [], seams: [], unreadableTables: [], dropped: 0 }),
  processesOf: () => [],
  read: () => 0,
  physicalOf: () => null,
  regions: () => [],
  sentRanges: () => [],
  pageState: () => ({ kind: 'unknown', detail: null }),
});
