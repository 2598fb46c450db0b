/** Drives the built program as a user does, each time in a fresh folder. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { reportSchema } from '../../src/report/report.ts';
import { buildImage } from '../support/build-image.ts';
import { Random } from '../support/build-image/random.ts';
import { elfImage, zipArchive } from '../support/image-writers.ts';
import { fromRoot } from '../support/requires.ts';

const PROGRAM = fromRoot('dist/ip2process.js');
const IP = '203.0.113.7';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ip2process-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

/** A machine on which `evil` holds the address. */
function writeImage(name = 'memory.raw'): void {
  const bytes = buildImage()
    .process('evil', { pid: 42, exe: '/tmp/evil' })
    .maps(0x7ff0_0000n, `ascii GET http://${IP}/x HTTP/1.1`)
    .toBytes();
  writeFileSync(join(folder, name), bytes);
}

describe('an answer', () => {
  test('found: exit 0, the answer and nothing else on stdout', () => {
    writeImage();
    const { status, stdout, stderr } = run(IP, '--image', 'memory.raw');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('evil (PID 42)');
    expect(stdout).toContain('203[.]0[.]113[.]7');
  });

  test('not found: exit 1, with what an absence means', () => {
    writeImage();
    const { status, stdout } = run('198.51.100.9', '--image', 'memory.raw');
    expect(status).toBe(1);
    expect(stdout).toMatch(/No trace/);
  });

  // Their decoders are parts of the built program, each loaded in its own way.
  test.each<[string, (image: Buffer) => Uint8Array]>([
    ['gz', (bytes) => gzipSync(bytes)],
    ['zip', (bytes) => zipArchive([{ name: 'memory.raw', bytes }])],
  ])('of an image packed as %s', (ending, packed) => {
    writeImage();
    const name = `memory.raw.${ending}`;
    const bytes = packed(readFileSync(join(folder, 'memory.raw')));
    writeFileSync(join(folder, name), bytes);
    const { status, stderr, stdout } = run(IP, '--image', name);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('evil (PID 42)');
    // Of the file as it lies in an evidence store, and not of what is in it.
    expect(stdout).toContain(createHash('sha256').update(bytes).digest('hex'));
  });

  test('JSON on stdout is the report by its schema', () => {
    writeImage();
    const { stdout } = run(IP, '--image', 'memory.raw', '--format', 'json');
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report.processes.map(({ pid }) => pid)).toEqual([42]);
    expect(report.hits[0]?.owners[0]?.virtualAddress).toBe('0x7ff0000b');
  });

  test('--out writes each file in the format of its ending, whole', () => {
    writeImage();
    const { status, stdout } = run(
      IP,
      '--image',
      'memory.raw',
      '--out',
      'a.json',
      '--out',
      'a.csv',
      '--out',
      'a.md',
    );
    expect(status).toBe(0);
    expect(stdout).toContain('evil (PID 42)');
    expect(
      reportSchema.parse(JSON.parse(readFileSync(join(folder, 'a.json'), 'utf8'))).version,
    ).toBe('1.1');
    expect(readFileSync(join(folder, 'a.csv'), 'utf8')).toMatch(/^indicator,form,/);
    expect(readFileSync(join(folder, 'a.md'), 'utf8')).toMatch(/^# /);
    expect(readdirSync(folder).toSorted()).toEqual(['a.csv', 'a.json', 'a.md', 'memory.raw']);
  });

  test('indicators come from a file too, with comments and defanged', () => {
    writeImage();
    writeFileSync(
      join(folder, 'list.txt'),
      '# from the proxy log\r\n203[.]0[.]113[.]7\r\n\r\nevil.example\r\n',
    );
    const { status, stdout } = run(
      '--indicators',
      'list.txt',
      '--image',
      'memory.raw',
      '--format',
      'json',
    );
    expect(status).toBe(0);
    expect(reportSchema.parse(JSON.parse(stdout)).indicators.map(({ text }) => text)).toEqual([
      IP,
      'evil.example',
    ]);
  });

  test('any number of threads gives the same hits', () => {
    writeImage();
    const [one, three] = ['1', '3'].map((threads) => {
      const { stdout } = run(IP, '--image', 'memory.raw', '--format', 'json', '--threads', threads);
      return reportSchema.parse(JSON.parse(stdout)).hits;
    });
    expect(one).toEqual(three);
  });
});

describe('a bug is no answer: exit 3', () => {
  test.each([
    ['thrown', 'throw new TypeError("bug")', []],
    [
      'thrown, where Node only warns',
      'throw new TypeError("bug")',
      ['--unhandled-rejections=warn'],
    ],
    ['waiting for what never comes', 'return new Promise(() => undefined)', []],
  ])('%s', (_, bug, flags) => {
    // So much that the next turn is waited for while it is unpacked.
    writeFileSync(join(folder, 'memory.gz'), gzipSync(Buffer.alloc(2 ** 24)));
    const hook = `require('node:timers/promises').setImmediate = () => { ${bug}; };`;
    writeFileSync(join(folder, 'hook.cjs'), hook);
    const args = [...flags, '--require', './hook.cjs', PROGRAM, IP, '--image', 'memory.gz'];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  });
});

describe('bad input ends in one sentence, exit 3, no stack and no file left', () => {
  const files: Record<string, string | Uint8Array> = {
    empty: '',
    text: `a line with ${IP}\n`.repeat(60_000),
    random: noise(2 ** 21),
    arm: coreOf(183),
  };

  test.each([
    ['a missing image', [IP, '--image', 'missing'], /no such file/],
    ['an empty image', [IP, '--image', 'empty'], /it is empty/],
    [
      'random bytes',
      [IP, '--image', 'random'],
      /nothing in it speaks of a Linux or Windows kernel/,
    ],
    ["another processor's core", [IP, '--image', 'arm'], /aarch64.*only x86-64/],
    ['a program', [IP, '--image', process.execPath], /not the memory of a machine/],
    ['a text file', [IP, '--image', 'text'], /text file/],
    ['a directory', [IP, '--image', '.'], /directory/],
    ['no image', [IP], /no memory image given/],
    ['no indicator', ['--image', 'empty'], /no indicator given/],
    ['an indicator that is none', ['1.2.3', '--image', 'empty'], /Cannot look for "1.2.3"/],
    ['an octet too large', ['1.2.3.256', '--image', 'empty'], /256/],
    ['an unknown option', [IP, '--image', 'empty', '--colour'], /--colour/],
    ['an unknown format', [IP, '--image', 'empty', '--format', 'pdf'], /pdf/],
    ['a proxy that is none', [IP, '--image', 'empty', '--proxy', 'squid'], /proxy/],
    ['a list that is not there', ['--indicators', 'no', '--image', 'empty'], /no/],
    ['no threads', [IP, '--image', 'empty', '--threads', '0'], /threads/],
    ['a control character', ['\u001b[31m', '--image', 'empty'], /\\u\{1b\}/],
  ])('%s', (_, args, sentence) => {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    const before = readdirSync(folder);
    const { status, stdout, stderr } = run(...args);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(before);
  });

  test('a report that cannot be written, with the answer, the other report and the index', () => {
    writeImage();
    const { status, stdout, stderr } = run(
      IP,
      '--image',
      'memory.raw',
      '--index',
      '--out',
      'no/such/folder/report.json',
      '--out',
      'beside.json',
    );
    expect(status).toBe(3);
    expect(JSON.parse(readFileSync(join(folder, 'beside.json'), 'utf8'))).toMatchObject({
      image: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(existsSync(join(folder, 'memory.raw.ip2process-index'))).toBe(true);
    expect(stderr).toMatch(/^ip2process: Cannot write the report "no\/such\/folder\/report.json"/m);
    expect(stdout).toContain('evil (PID 42)');
  });

  test('an image that is cut off is analysed as far as it goes, and never answered with certainty', () => {
    writeImage();
    truncateSync(join(folder, 'memory.raw'), 2 * 2 ** 20);
    const { status, stderr } = run('198.51.100.9', '--image', 'memory.raw');
    expect([2, 3]).toContain(status);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

test("without the kernel's types the hits are told, without owners, and why", () => {
  const bytes = buildImage().process('evil', { pid: 42 }).maps(0x7ff0_0000n, IP).toBytes();
  const types = Buffer.from(bytes.buffer).indexOf(Buffer.from('9feb0100', 'hex'));
  bytes.fill(0, types, types + 24);
  writeFileSync(join(folder, 'memory.raw'), bytes);
  const { status, stdout, stderr } = run(IP, '--image', 'memory.raw');
  expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
  expect(stdout).toMatch(/no process maps any of them/);
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/Warning: Cannot list processes: .*BTF/);
});

test('--help tells every option and the exit status, --version the version', () => {
  expect(run('--help').stdout).toMatch(/--image FILE[^]*--proxy IP:PORT[^]*Exit status/);
  const widest = Math.max(
    ...run('--help')
      .stdout.split('\n')
      .map((line) => line.length),
  );
  expect(widest).toBeLessThanOrEqual(100);
  expect(run('--version').stdout).toMatch(/^ip2process \d+\.\d+\.\d+\n$/);
});

const onLinux = process.platform === 'linux' ? test : test.skip;
onLinux('Ctrl-C while it unpacks leaves nothing behind', async () => {
  const sample = fromRoot('test/samples/debian12-beacon/endpoint.lime.xz');
  const child = spawn(process.execPath, [PROGRAM, IP, '--image', sample, '--scratch', folder], {
    cwd: folder,
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  while (!holdsFileIn(folder, child.pid)) await wait(10);
  child.kill('SIGINT');
  const status = await ended;
  expect(status).toBe(130);
  expect(existsSync(folder) && readdirSync(folder)).toEqual([]);
});

/** The unpacked copy has no name any more, but it is open. */
function holdsFileIn(parent: string, pid = 0): boolean {
  const open = `/proc/${pid}/fd`;
  return readdirSync(open).some((fd) => {
    try {
      return readlinkSync(join(open, fd)).startsWith(parent);
    } catch {
      // Closed meanwhile.
      return false;
    }
  });
}

/** Bytes without any order, always the same. */
function noise(length: number): Uint8Array {
  const random = new Random(5);
  return Uint8Array.from({ length }, () => random.below(256));
}

/** The head of an ELF64 core of another machine, and a page of memory. */
function coreOf(machine: number): Uint8Array {
  const file = elfImage([{ start: 0, bytes: new Uint8Array(4096) }]);
  new DataView(file.buffer, file.byteOffset).setUint16(18, machine, true);
  return file;
}
