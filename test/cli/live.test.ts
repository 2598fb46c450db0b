/** Drives the built program against a Velociraptor on this machine: the same messages, mutual TLS, nothing behind them. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { reportSchema } from '../../src/report/report.ts';
import { buildImage } from '../support/build-image.ts';
import { type Ran, runProgram } from '../support/run-program.ts';
import {
  CLIENT,
  type Fleet,
  fleet,
  type FleetOptions,
  IP,
  otherRow,
  summaryRow,
} from '../velociraptor/fleet.ts';

const image = buildImage()
  .process('evil', { pid: 42, exe: '/tmp/evil' })
  .maps(0x7ff0_0000n, `ascii GET http://${IP}/x HTTP/1.1`)
  .toBytes();

let folder = '';
let server: Fleet | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ip2process-live-'));
});
afterEach(() => {
  server?.close();
  server = null;
  rmSync(folder, { recursive: true, force: true });
});

/** The command in a folder with `api.yaml`, and with `memory.raw` where it is named. */
async function run(options: FleetOptions, args: readonly string[], user?: 'expired'): Promise<Ran> {
  server = await fleet(options);
  writeFileSync(join(folder, 'api.yaml'), server.apiFile(user));
  if (args.includes('memory.raw')) writeFileSync(join(folder, 'memory.raw'), image);
  return runProgram(args, { cwd: folder, env: { TMPDIR: folder, HOME: folder } });
}
const live = [IP, '--live', 'WS-12', '--velociraptor', 'api.yaml'];
const both = [...live, '--image', 'memory.raw'];
const jsonOf = ({ stdout }: Ran) => reportSchema.parse(JSON.parse(stdout));

describe('a running machine alone', () => {
  test('is asked for the address, by name, and answers in a report without an image', async () => {
    const ran = await run({}, [...live, '--proxy', '10.20.0.5:3128', '--format', 'json']);
    expect({ ...ran, stdout: '' }).toMatchObject({ status: 0 });
    const report = jsonOf(ran);
    expect(report).toMatchObject({
      outcome: 'found',
      image: null,
      answer: { verdict: 'likely', headline: expect.stringContaining('evil (PID 42)') },
      live: {
        state: 'answered',
        provenance: {
          client: CLIENT,
          hostName: 'WS-12',
          foundBy: 'host name',
          flow: 'F.NEW0',
          user: 'cortex',
          startedBy: 'cortex',
          artifact: 'Custom.Linux.Memory.IPScan',
          artifactVersion: '1.0',
        },
        coverage: { processes: 3, scanned: 2, searched: [IP] },
      },
    });
    expect(report.live?.otherProcesses).toContainEqual(
      expect.objectContaining({ name: 'guard', notScanned: 'no access' }),
    );
    const asked = server?.questions.find(({ vql }) => vql.includes('collect_client'));
    expect(asked?.env).toMatchObject({
      IPAddress: IP,
      ProxyEndpoints: 'Address,Port\n10.20.0.5,3128\n',
      ShowScanned: 'Y',
    });
  });

  test('is told in every format, with what was not scanned', async () => {
    const files = ['a.txt', 'a.md', 'a.html', 'a.csv', 'a.json', 'a.stix.json'];
    const { status, stdout } = await run({}, [
      ...live,
      ...files.flatMap((file) => ['--out', file]),
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain('Image: none, live only');
    for (const file of ['a.txt', 'a.md', 'a.html']) {
      const text = readFileSync(join(folder, file), 'utf8').replaceAll('\\', '');
      expect([file, text]).toEqual([file, expect.stringContaining('guard (4): no access')]);
    }
    expect(readFileSync(join(folder, 'a.csv'), 'utf8')).toContain('"live"');
    for (const file of files) expect(existsSync(join(folder, file))).toBe(true);
  });

  test.each<[string, FleetOptions, number]>([
    ['without a trace, all read: 1', { summary: [otherRow(7, 'sshd')] }, 1],
    ['without a trace, not all read: 2', { summary: [otherRow(4, 'guard', 'timeout')] }, 2],
    [
      'held, not seen to talk, not all read: 2',
      { summary: [summaryRow({ Verdict: 'possible' }), otherRow(4, 'guard', 'no access')] },
      2,
    ],
    ['held, not seen to talk, all read: 0', { summary: [summaryRow({ Verdict: 'possible' })] }, 0],
  ])('%s', async (_, options, status) => {
    expect(await run(options, live)).toMatchObject({ status });
  });

  test('contexts are reduced as an image’s are', async () => {
    const ran = await run({}, [...live, '--contexts', 'redacted', '--format', 'json']);
    expect(ran.stdout).toContain(`CONNECT ${IP}:443`);
    expect(ran.stdout).not.toContain('s3cr3t');
  });

  test('a flow of the same question is taken up, whoever started it', async () => {
    const flow = {
      session_id: 'F.OLD',
      state: 'RUNNING',
      create_time: (Date.now() - 60_000) * 1000,
      request: {
        creator: 'kim',
        artifacts: ['Custom.Linux.Memory.IPScan'],
        specs: [
          {
            artifact: 'Custom.Linux.Memory.IPScan',
            parameters: {
              env: [
                { key: 'IPAddress', value: ` ${IP},` },
                { key: 'CaseId', value: '~4128' },
              ],
            },
          },
        ],
      },
    };
    const ran = await run({ flows: [flow] }, [...live, '--format', 'json']);
    expect(jsonOf(ran).live?.provenance).toMatchObject({
      flow: 'F.OLD',
      wasRunning: true,
      startedBy: 'kim',
    });
    expect(server?.questions.some(({ vql }) => vql.includes('collect_client'))).toBe(false);
    expect(ran.stderr).toContain('was there already');
  });
});

describe('image and running machine', () => {
  test('stand side by side, process by process', async () => {
    const summary = [
      summaryRow({ CreateTime: null }),
      summaryRow({ Pid: 99, Name: 'later', Exe: '/tmp/later', Verdict: 'possible', Score: 20 }),
      otherRow(4, 'guard', 'no access'),
    ];
    const ran = await run({ summary }, [...both, '--format', 'json']);
    expect(ran.status).toBe(0);
    const report = jsonOf(ran);
    expect(report.image?.path).toBe('memory.raw');
    expect(report.answer.verdict).toBe('likely');
    expect(report.live?.sideBySide).toEqual([
      expect.objectContaining({
        match: 'same process',
        by: 'PID and name',
        image: expect.objectContaining({ pid: 42, verdict: 'possible' }),
        live: expect.objectContaining({ pid: 42, verdict: 'likely', score: 61 }),
      }),
      expect.objectContaining({ match: 'only live', image: null }),
    ]);
  });

  test.each<[string, FleetOptions, RegExp]>([
    [
      'nobody has a right',
      {
        answers: {
          collect_client: { logs: ['collect_client: Permission denied: COLLECT_CLIENT'] },
        },
      },
      /may not/,
    ],
    [
      'the server has no artifact',
      { answers: { artifact_definitions: { rows: [] } } },
      /administrator must import/,
    ],
    [
      'the machine is not known',
      { answers: { 'clients(': { rows: [] } } },
      /has none whose host name is exactly that/,
    ],
    [
      'the flow ran out of time',
      { states: ['ERROR'], logs: ['Query timed out after 3600 seconds'] },
      /ended as ERROR .*timed out/,
    ],
    [
      'an answer is too large',
      {
        answers: {
          '"Summary"': {
            fails: { code: 8, details: 'received message larger than max (5000000 vs. 4194304)' },
          },
        },
      },
      /larger than is taken in one message/,
    ],
  ])('the image answers where %s', async (_, options, why) => {
    const ran = await run(options, [...both, '--format', 'json']);
    expect(ran.status).toBe(0);
    const report = jsonOf(ran);
    expect(report.processes.map(({ pid }) => pid)).toEqual([42]);
    expect(report.live).toMatchObject({ state: 'failed', answer: null });
    expect(report.warnings).toContainEqual(expect.stringMatching(why));
  });

  test('the image answers where the machine is offline, and the flow waits for it', async () => {
    const ran = await run({ states: ['RUNNING'], unseen: 3600 }, [
      ...both,
      '--live-wait',
      '0',
      '--format',
      'json',
    ]);
    expect(ran.status).toBe(0);
    const report = jsonOf(ran);
    expect(report.live).toMatchObject({ state: 'waiting', provenance: { flow: 'F.NEW0' } });
    expect(report.warnings).toContainEqual(
      expect.stringMatching(/is offline: it will start when it is back/),
    );
  });

  test('the machine answers where the image cannot be opened', async () => {
    const ran = await run({}, [...live, '--image', 'missing.raw', '--format', 'json']);
    expect(ran.status).toBe(0);
    expect(jsonOf(ran)).toMatchObject({
      image: null,
      warnings: expect.arrayContaining([expect.stringContaining('The image was not looked at')]),
    });
  });
});

describe('a machine without an answer and without an image', () => {
  test.each<[string, FleetOptions, RegExp]>([
    [
      'offline',
      { states: ['RUNNING'], unseen: 3600 },
      /No live answer: Flow F.NEW0 .* offline: .*the same flow is taken up/,
    ],
    [
      'failed',
      { states: ['ERROR'], logs: ['killed'] },
      /No live answer: .*ended as ERROR \(killed\)/,
    ],
    [
      'denied',
      { answers: { 'clients(': { fails: { code: 7, details: 'User cortex: no role' } } } },
      /No live answer: .*roles api and investigator/,
    ],
  ])('%s: exit 3 and one sentence', async (_, options, why) => {
    const { status, stdout, stderr } = await run(options, [...live, '--live-wait', '0', '--quiet']);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toMatch(why);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('an expired certificate is told before anybody is asked', async () => {
    const { status, stderr } = await run({}, live, 'expired');
    expect(status).toBe(3);
    expect(stderr).toMatch(/certificate for "cortex" is valid from .* make a new one/);
    expect(server?.questions).toEqual([]);
  });

  test.each<[string[], RegExp]>([
    [['evil.example', '--live', 'WS-12'], /IP addresses only/],
    [[IP, '--live', 'WS-12', '--explain', '1'], /without an image/],
    [[IP, '--collect-image', '--image', 'x'], /stands instead of --image/],
    [[IP, '--live', 'WS-12', '--live-wait', 'long'], /from 0 to 1440/],
    [[IP, '--live', 'WS-12', '--velociraptor', 'none.yaml'], /Velociraptor API file: ENOENT/],
    [[IP, '--live', 'WS-12'], /IP2PROCESS_VELOCIRAPTOR/],
  ])('%j is refused', async (args, why) => {
    const { status, stderr } = await run({}, args);
    expect(status).toBe(3);
    expect(stderr).toMatch(why);
  });
});

describe('an image that the machine gives', () => {
  test('is taken before the question is asked, fetched while it is scanned, and compared', async () => {
    const summary = [summaryRow({ CreateTime: null })];
    const ran = await run({ image, summary }, [...live, '--collect-image', '--format', 'json']);
    expect(ran.stderr).toContain('Live: image, flow');
    expect(ran.status).toBe(0);
    const report = jsonOf(ran);
    expect(report.image?.path).toBe(`velociraptor:${CLIENT}/F.NEW0/WS-12.raw`);
    expect(report.processes.map(({ pid }) => pid)).toEqual([42]);
    expect(report.live?.sideBySide.map(({ match }) => match)).toContain('same process');
    const [first, second] = (server?.questions ?? []).filter(({ vql }) =>
      vql.includes('collect_client'),
    );
    expect(JSON.stringify(first)).not.toContain(IP);
    expect(second?.env).toMatchObject({ IPAddress: IP });
  });

  test('is read by its name on the server, without asking the machine', async () => {
    const ran = await run({ image, flows: [{ session_id: 'F.1', state: 'FINISHED' }] }, [
      IP,
      '--image',
      `velociraptor:${CLIENT}/F.1/WS-12.raw`,
      '--velociraptor',
      'api.yaml',
      '--format',
      'json',
    ]);
    expect(ran).toMatchObject({ status: 0 });
    expect(jsonOf(ran)).toMatchObject({ live: null, image: { format: 'raw' } });
  });

  test.each<[string, FleetOptions, RegExp]>([
    ['is not whole', { upload: { stored: 4096 } }, /4096 of \d+ bytes are on the server/],
    [
      'has another hash',
      { upload: { sha256: 'ab'.repeat(32) } },
      /SHA-256 is [0-9a-f]{64}, the machine sent abab/,
    ],
    [
      'is refused by the machine',
      { answers: { '"Image"': { rows: [{ Status: 'refused', Reason: 'too little free disk' }] } } },
      /refused \(too little free disk\)/,
    ],
  ])('that %s gives no answer, and the machine’s stands', async (_, options, why) => {
    const ran = await run({ image, ...options }, [...live, '--collect-image', '--format', 'json']);
    expect(ran.status).toBe(0);
    expect(jsonOf(ran)).toMatchObject({
      image: null,
      answer: { verdict: 'likely' },
      warnings: expect.arrayContaining([expect.stringMatching(why)]),
    });
  });

  test('comes in smaller pieces through a limit on messages', async () => {
    const onRead: FleetOptions['onRead'] = (_, offset, length) =>
      length > 2 ** 20
        ? { code: 8, details: 'trying to send message larger than max (2097152 vs. 1048576)' }
        : image.subarray(offset, offset + length);
    const ran = await run({ image, onRead }, [...live, '--collect-image', '--format', 'json']);
    expect(jsonOf(ran).image?.path).toMatch(/WS-12\.raw$/);
    expect(server?.reads.every(([, length]) => length <= 2 ** 21)).toBe(true);
  });
});

test('no query that was ever sent holds a value: all go as its environment', async () => {
  await run({ image }, [...live, '--collect-image', '--proxy', '10.20.0.5:3128']);
  const texts = server?.questions.map(({ vql }) => vql) ?? [];
  expect(texts.length).toBeGreaterThan(10);
  for (const value of [IP, 'WS-12', CLIENT, 'F.NEW', '10.20.0.5', '3128']) {
    expect(texts.filter((vql) => vql.includes(value))).toEqual([]);
  }
});
