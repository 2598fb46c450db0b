import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { requires } from '../support/requires.ts';
import { scanRule } from './scan-rule.ts';

const withYara = requires('yara', 'apt-get install yara');

const IP = '10.2.3.4';
const IP6 = '2001:db8::7f:1';
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ip2process-yara-'));
  writeFileSync(join(folder, 'rule.yar'), scanRule([IP, IP6]));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Kinds of the strings that match, as the artifact's KindOf() names them, once for each place; the target is a file or the id of a process. */
function kindsIn(target: string): string[] {
  const out = execFileSync('yara', ['-s', join(folder, 'rule.yar'), target], {
    encoding: 'latin1',
  });
  return [...out.matchAll(/^0x[0-9a-f]+:\$([a-z0-9]+?)w?_/gm)]
    .map(([, kind = '']) => kind)
    .toSorted();
}

function kindsOf(bytes: Buffer): string[] {
  const file = join(folder, 'sample');
  writeFileSync(file, bytes);
  return kindsIn(file);
}

const narrow = (text: string): Buffer => Buffer.from(text, 'latin1');
const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
/** Neither text nor zeros, as memory around a string often is. */
const junk = hex('c3 91 fe 88');
const around = (bytes: Buffer): Buffer => Buffer.concat([junk, bytes, junk]);

describe('the rule of the scan artifacts, run by YARA', () => {
  // As the image report decides (src/indicator/boundary.ts).
  const texts: [text: string, count: number][] = [
    ['10.2.3.4', 1],
    ['110.2.3.4', 0],
    ['10.2.3.45', 0],
    ['5.10.2.3.4', 0],
    ['10.2.3.4.7', 0],
    ['at 10.2.3.4. Then', 1],
    ['10.2.3.4.', 1],
    ['..10.2.3.4', 1],
    ['v10.2.3.4', 1],
    ['10.2.3.4 10.2.3.4', 2],
    ['10x2x3x4', 0],
    ['x2001:db8::7f:1', 0],
    ['2001:db8::7f:1', 1],
    ['2001:DB8::7F:1', 1],
    ['2001:db8:0:0:0:0:7f:1', 1],
    ['2001:0db8:0000:0000:0000:0000:007f:0001', 1],
    ['2001:db8::7f:12', 0],
    ['2001:db8::7f:1:2', 0],
    ['a:2001:db8::7f:1', 0],
    ['2001:db8::7f:1, or', 1],
  ];
  for (const [text, count] of texts) {
    withYara(
      `${JSON.stringify(text)} holds an address ${count} times, in ASCII and UTF-16, anywhere`,
      () => {
        const ascii = Array.from({ length: count }, () => 'ascii');
        const utf16 = Array.from({ length: count }, () => 'utf16');
        expect(kindsOf(narrow(text))).toEqual(ascii);
        expect(kindsOf(around(narrow(text)))).toEqual(ascii);
        expect(kindsOf(wide(text))).toEqual(utf16);
        expect(kindsOf(around(wide(text)))).toEqual(utf16);
      },
    );
  }

  const escapes: [text: string, count: number][] = [
    ['%2210.2.3.4', 1],
    [String.raw`\x2210.2.3.4`, 1],
    [String.raw`\u002210.2.3.4`, 1],
    ['x2210.2.3.4', 0],
    ['10.2.3.4.in-addr.arpa', 0],
    ['10.2.3.4.is it', 1],
    ['10.2.3.4.in it', 1],
  ];
  for (const [text, count] of escapes) {
    withYara(`${JSON.stringify(text)} holds an address ${count} times`, () => {
      expect(kindsOf(narrow(text))).toHaveLength(count);
    });
  }

  const forms: [text: string, kind: string | null][] = [
    ['CONNECT 10.2.3.4:443 HTTP/1.1', 'connect'],
    ['CONNECT [2001:db8::7f:1]:443 HTTP/1.1', 'connect'],
    ['RECONNECT 10.2.3.4:443', null],
    ['disconnect 10.2.3.4:443', null],
    ['CONNECT 10.2.3.4', null],
    ['GET http://10.2.3.4/a HTTP/1.1', 'absuri'],
    ['POST https://me:pass@10.2.3.4:8443/a', 'absuri'],
    ['GET http://10.2.3.45/', null],
    ['Host: 10.2.3.4\r\n', 'host'],
    ['X-Forwarded-Host: 10.2.3.4\r\n', null],
  ];
  for (const [text, kind] of forms) {
    withYara(`${JSON.stringify(text)} is ${kind ?? 'no request'}, in ASCII and UTF-16`, () => {
      for (const bytes of [narrow(text), wide(text)]) {
        const requests = kindsOf(around(bytes)).filter((one) => /connect|absuri|host/.test(one));
        expect(requests).toEqual(kind === null ? [] : [kind]);
      }
    });
  }

  const binaries: [what: string, bytes: string, kinds: string[]][] = [
    ['a sockaddr_in', '0200 01bb 0a020304 0000000000000000', ['sockaddr']],
    ['a sockaddr_in with something behind', '0200 01bb 0a020304 0000000000000001', []],
    ['a DNS answer', '0001 0001 0000003c 0004 0a020304', ['dns']],
    ['an IPv4-mapped address', '00000000000000000000 ffff 0a020304', ['mapped']],
    ['four bare bytes', '0a020304', []],
    [
      'a sockaddr_in6 of Linux',
      '0a00 01bb 00000000 20010db800000000 00000000007f0001 00000000',
      ['bytes', 'sockaddr6'],
    ],
    [
      'a sockaddr_in6 of Windows',
      '1700 01bb 00000000 20010db800000000 00000000007f0001 00000000',
      ['bytes', 'sockaddr6'],
    ],
  ];
  for (const [what, bytes, kinds] of binaries) {
    withYara(`${what} is ${kinds.join(' and ') || 'nothing'}`, () => {
      expect(kindsOf(around(hex(bytes)))).toEqual(kinds);
    });
  }

  withYara('a text without the address matches all the same: it was read', () => {
    const file = join(folder, 'clean');
    writeFileSync(file, 'nothing here');
    expect(execFileSync('yara', [join(folder, 'rule.yar'), file], { encoding: 'utf8' })).toMatch(
      /^ip2process /,
    );
  });

  withYara('the text of the rule does not match itself in IPv4', () => {
    expect(kindsOf(narrow(scanRule([IP])))).toEqual([]);
  });
});

/** Whether this user may read the memory of processes that are not its children's parents: root, or Yama is off. */
const mayAttach = (): boolean => {
  const yama = '/proc/sys/kernel/yama/ptrace_scope';
  return process.getuid?.() === 0 || !existsSync(yama) || readFileSync(yama, 'utf8').trim() === '0';
};
const onProcesses = mayAttach() ? withYara : requires('root-to-read-processes', 'run as root');

describe('the rule of the scan artifacts on live processes', () => {
  // Neither program holds the address in its text: it is put together from what comes by its input.
  const HOLDER = `process.stdin.on('data', (d) => { globalThis.kept = d.toString().trim().split(' '); console.log('ready'); });`;
  const BEACON = `
    const net = require('node:net');
    process.stdin.once('data', (d) => {
      const [port, ...octets] = d.toString().trim().split(' ');
      const socket = net.connect(Number(port), '127.0.0.1', () => {
        const beat = () => socket.write('CONNECT ' + octets.join('.') + ':443 HTTP/1.1\\r\\nHost: ' + octets.join('.') + ':443\\r\\n\\r\\n');
        beat();
        setInterval(beat, 300);
      });
      socket.once('data', () => console.log('ready'));
    });`;

  onProcesses(
    'a beacon behind a proxy is found by its requests, a process without is only read',
    async () => {
      const proxy = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.on('data', () =>
          socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'),
        );
      });
      const processes: ChildProcess[] = [];
      try {
        await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
        const address = proxy.address();
        const port = typeof address === 'object' ? address?.port : 0;
        const beacon = await started(BEACON, `${port} ${IP.split('.').join(' ')}`, processes);
        const holder = await started(HOLDER, IP.split('.').join(' '), processes);

        const kinds = new Set(kindsIn(String(beacon)));
        expect(kinds).toContain('connect');
        expect(kinds).toContain('host');
        expect(kinds).toContain('ascii');
        expect(kindsIn(String(holder))).toEqual([]);
      } finally {
        for (const child of processes) child.kill('SIGKILL');
        proxy.close();
      }
    },
    60_000,
  );
});

/** Starts a program, gives it its input and waits until it says that it holds it. */
async function started(program: string, input: string, list: ChildProcess[]): Promise<number> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  list.push(child);
  child.stdin.write(`${input}\n`);
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', () => reject(new Error('the program ended before it was ready')));
  });
  return child.pid ?? 0;
}
