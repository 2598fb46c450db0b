import { expect, test } from '@jest/globals';
import { caseRequest } from '../../src/cli/case-request.ts';

const asked = (...more: string[]) =>
  caseRequest(
    ['57', '--thehive', 'https://hive.example.org', ...more],
    { IP2PROCESS_THEHIVE_KEY: ' the key\n' },
    new AbortController().signal,
  );

test('a case and where it is are enough: an image of the case, by REST, memory’s text redacted', async () => {
  expect(await asked()).toMatchObject({
    connection: { url: 'https://hive.example.org', apiKey: 'the key', organisation: null },
    request: {
      caseId: '57',
      find: {},
      places: { folder: null, urls: null },
      fetch: { cache: null },
      isAutomatic: false,
      again: false,
      results: 'rest',
      analysis: { proxy: null, contexts: 'redacted' },
    },
    live: { isWanted: false, asksMachines: false, collects: false },
    isQuiet: false,
  });
});

test.each([
  [['--live'], { isWanted: true, asksMachines: true, collects: false, waitMs: 20 * 60_000 }],
  [['--live', '--collect-image'], { collects: true, waitMs: 240 * 60_000 }],
  [['--live', '--live-wait', '0.5'], { waitMs: 30_000 }],
  [['--velociraptor', 'api.yaml'], { isWanted: true, asksMachines: false, apiFile: 'api.yaml' }],
])('%j: what Velociraptor is asked', async (more, live) => {
  expect((await asked(...more)).live).toMatchObject(live);
});

test.each([
  [['58'], 'Cannot start: one case should be named'],
  [['--collect-image'], 'Cannot start: --collect-image belongs to --live'],
  [['--max-images', '0'], 'Cannot start: --max-images should be a whole number from 1 to 100'],
  [['--key-file', '/nowhere/key'], 'Cannot read "/nowhere/key": ENOENT'],
])('%j is refused', async (more, message) => {
  await expect(asked(...more)).rejects.toThrow(message);
});
