/** The built worker at its time limit: what was answered by then is told, and the next click does the rest. */
import { expect, test } from '@jest/globals';
import * as z from 'zod';
import { caseWithImage, image, messageOf } from '../support/cortex/case-with-image.ts';
import { click } from '../support/cortex/click.ts';
import { DOWNLOAD } from '../support/cortex/troubles.ts';

const full = z.looseObject({ images: z.array(z.looseObject({ name: z.string() })) });

test('at the second image', async () => {
  const world = await caseWithImage(5);
  const { store, hive } = world;
  const other = store.file('WS-13.raw', Buffer.concat([image, Buffer.alloc(4096)]));
  store.addFile(world.case._id, other, { tags: ['memory-image', 'host:WS-13'] });
  // A download that never ends: all before it has the rest of the time.
  const what = { kind: 'body', after: 70_000, ending: 'drip' } as const;
  hive.faults.add({ when: DOWNLOAD, after: 1, what });

  const done = await click({ ...world, config: { ...world.config, jobTimeout: 0.4 } });
  expect(done.faults).toEqual([]);
  expect(messageOf(done)).toMatch(
    /^WS-12\.raw: .*evil \(PID 42\).* WS-13\.raw: Stopped: the job's time limit of 0\.4 minutes/,
  );
  const { images } = full.parse('full' in done.report ? done.report.full : null);
  expect(images).toEqual([
    expect.objectContaining({ name: 'WS-12.raw', outcome: 'found' }),
    expect.objectContaining({ name: 'WS-13.raw', error: expect.stringMatching(/^Stopped: /) }),
  ]);
  // The first one's report stands in the case.
  expect(store.pages.size + store.logs.size).toBeGreaterThan(0);
  expect(images[0]).not.toHaveProperty('report');

  hive.faults.clear();
  expect(messageOf(await click(world))).toMatch(
    /^WS-12\.raw: answered before.* WS-13\.raw: .*evil \(PID 42\)/,
  );
}, 120_000);
