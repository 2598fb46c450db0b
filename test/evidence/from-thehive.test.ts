import { describe, expect, test } from '@jest/globals';
import { fetchImage } from '../../src/evidence/fetch-image.ts';
import { findImages } from '../../src/evidence/find-images.ts';
import { caseFiles } from '../../src/thehive/case-files.ts';
import { sessionOf, sha256Of, someBytes, startHive, VERSIONS } from '../support/thehive/hive.ts';
import type { Fault } from '../support/thehive/faults.ts';

const SIZE = 3_000_000;
const DOWNLOAD = /GET .*(datastore|download)/;

/** A case with an IP, a report, and a tagged image; the client of TheHive is handed over as it is. */
async function caseWithImage(version: 4 | 5) {
  const { hive, store, aCase, writer } = await startHive(version);
  const bytes = (from: number) => someBytes(SIZE, from);
  const image = store.file('../WS-12.raw', new Uint8Array(0), {
    size: SIZE,
    sha256: sha256Of(bytes(0)),
    bytes,
  });
  store.addFile(aCase._id, store.file('report.pdf', Buffer.from('%PDF')));
  store.addFile(aCase._id, image, { tags: ['memory-image', 'host:WS-12'] });
  const files = caseFiles(await sessionOf(hive, writer, { retries: 1, retryDelayMs: 1 }));
  const [candidate] = findImages({
    observables: await files.observables(aCase._id),
    attachments: await files.attachments(aCase._id),
  });
  if (!candidate) throw new Error('no image');
  return { hive, candidate, places: { attachments: files }, sha256: image.sha256 };
}

describe.each(VERSIONS)('TheHive %d', (version) => {
  test.each(['plain', 'zip'] as const)('its tagged file comes whole, %s', async (form) => {
    const { candidate, places, sha256 } = await caseWithImage(version);
    expect(candidate).toMatchObject({ name: '../WS-12.raw', host: 'WS-12', bytes: SIZE, sha256 });
    const fetched = await fetchImage(candidate, places, { form });
    expect(await fetched.source.complete).toEqual({ bytes: SIZE, sha256 });
    await fetched.release();
  });

  test.each<[string, Fault['what'], RegExp]>([
    ['wrong bytes', { kind: 'wrong-bytes' }, /its SHA-256 is .*, it should be/],
    ['deleted meanwhile', { kind: 'status', status: 404 }, /404|not|gone/i],
    ['cut in mid-download, each time', { kind: 'body', after: 1000, ending: 'cut' }, /cut after/],
  ])('%s is told', async (_, what, message) => {
    const { hive, candidate, places } = await caseWithImage(version);
    hive.faults.add({ when: DOWNLOAD, what });
    const failure = await fetchImage(candidate, places).then(
      async (fetched) => {
        const reason = await fetched.source.complete.then(() => 'none', String);
        await fetched.release();
        return reason;
      },
      (error: unknown) => String(error),
    );
    expect(failure).toMatch(message);
  });
});
