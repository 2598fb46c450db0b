/** `ip2process case` where the machine still runs: the built program, a TheHive and a Velociraptor on this machine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { image, IP } from '../support/cortex/case-with-image.ts';
import { runProgram } from '../support/run-program.ts';
import { startHive } from '../support/thehive/hive.ts';
import { CLIENT, type Fleet, fleet, type FleetOptions } from '../velociraptor/fleet.ts';

let folder = '';
let server: Fleet | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ip2process-live-case-'));
});
afterEach(() => {
  server?.close();
  server = null;
  rmSync(folder, { recursive: true, force: true });
});

/** A case with an address and the name of its machine; what the program does with it. */
async function run(options: FleetOptions, args: readonly string[], named?: string) {
  server = await fleet(options);
  writeFileSync(join(folder, 'api.yaml'), server.apiFile());
  const { hive, store, aCase, writer } = await startHive(5);
  store.addObservable(aCase._id, { data: IP, tags: ['host:WS-12'] });
  if (named !== undefined) {
    store.addObservable(aCase._id, { dataType: 'other', data: named, tags: ['memory-image'] });
  }
  const ran = await runProgram(['case', '57', '--thehive', hive.url, ...args], {
    cwd: folder,
    env: { HOME: folder, IP2PROCESS_THEHIVE_KEY: writer.key },
  });
  return { ...ran, pages: [...store.pages.values()].map(({ content }) => content).join('\n') };
}
const API = ['--velociraptor', 'api.yaml'];

test('a machine of a case without an image is asked, and its answer posted', async () => {
  const { status, stdout, stderr, pages } = await run({}, [...API, '--live']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^live WS-12: Live on WS-12, evil \(PID 42\) is likely/);
  expect(stderr).toContain('Live: flow F.NEW0 on WS-12: finished');
  expect(pages).toContain('image: none, live only');
});

test('an image is taken first, where that is asked for, and both are compared', async () => {
  const { status, stdout, pages } = await run({ image }, [...API, '--live', '--collect-image']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^WS-12\.raw: /);
  expect(pages).toContain('side by side');
});

test('an upload is an image, without any machine being asked', async () => {
  const options = { image, flows: [{ session_id: 'F.1', state: 'FINISHED' }] };
  const { status, stdout } = await run(options, API, `velociraptor:${CLIENT}/F.1/WS-12.raw`);
  expect(status).toBe(0);
  expect(stdout).toContain('evil (PID 42)');
  expect(server?.questions.some(({ vql }) => vql.includes('collect_client'))).toBe(false);
});

test.each<[FleetOptions, string[], RegExp]>([
  [
    { states: ['ERROR'], logs: ['killed'] },
    [...API, '--live'],
    /live WS-12: No live answer: .*ended as ERROR/,
  ],
  [{}, API, /Cannot find a memory image in the case/],
  [{}, [...API, '--collect-image'], /--collect-image belongs to --live/],
  [{}, ['--live'], /Cannot read the Velociraptor API file/],
])('%j with %j fails with a sentence', async (options, args, why) => {
  const { status, stderr } = await run(options, args);
  expect(status).toBe(3);
  expect(stderr).toMatch(why);
});
