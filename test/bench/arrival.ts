/**
 * How long after the last byte the answer stands, and how much memory it takes, when an image comes over HTTP.
 *
 *   tsx test/bench/arrival.ts IMAGE INDICATOR [MIB_PER_SECOND]
 *   tsx test/bench/arrival.ts --made GIB [MIB_PER_SECOND]     a made-up raw image of noise
 *
 * The server runs in another process, so that only the program itself is measured. Prints one line of JSON.
 */
import { spawn } from 'node:child_process';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer, get, type ServerResponse } from 'node:http';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fetchImage } from '../../src/evidence/fetch-image.ts';
import type { AttachmentSource, CaseAttachment } from '../../src/evidence/evidence.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { ip2process } from '../../src/run/ip2process.ts';

const PIECE = 2 ** 20;

/** Serves one body, at most so fast. */
function serve([kind = '', what = '', rate = '0']: string[]): void {
  const server = createServer((_, response) => void send(response));
  server.listen(0, '127.0.0.1', () =>
    process.stdout.write(`${JSON.stringify(server.address())}\n`),
  );
  process.stdin.resume().on('end', () => process.exit());

  async function send(response: ServerResponse): Promise<void> {
    const size = kind === 'made' ? Number(what) * 2 ** 30 : statSync(what).size;
    response.writeHead(200, { 'content-length': size });
    const body =
      kind === 'made'
        ? Readable.from(noise(size))
        : createReadStream(what, { highWaterMark: PIECE });
    const start = performance.now();
    let sent = 0;
    for await (const piece of body) {
      if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
      sent += piece.length;
      const due = Number(rate) > 0 ? (sent / PIECE / Number(rate)) * 1000 : 0;
      const ahead = due - (performance.now() - start);
      if (ahead > 5) await wait(ahead);
    }
    response.end();
  }
}

function* noise(size: number): Generator<Buffer> {
  const piece = Buffer.alloc(PIECE);
  let state = 1;
  for (let at = 0; at < PIECE; at += 4) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    piece.writeUInt32LE(state, at);
  }
  for (let sent = 0; sent < size; sent += PIECE) {
    piece.writeDoubleLE(sent, 64);
    yield Buffer.from(piece);
  }
}

async function measureArrival([first = '', second = '', rate = '0']: string[]): Promise<void> {
  const isMade = first === '--made';
  const self = fileURLToPath(import.meta.url);
  const child = spawn(
    process.execPath,
    [...process.execArgv, self, 'serve', ...(isMade ? ['made', second] : ['file', first]), rate],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const line = await new Promise<string>((resolve) =>
    child.stdout.once('data', (text) => resolve(String(text))),
  );
  const { port } = JSON.parse(line);
  const size = isMade ? Number(second) * 2 ** 30 : statSync(first).size;
  const attachment: CaseAttachment = {
    id: '~1',
    name: isMade ? 'made.raw' : basename(first),
    size,
    sha256: null,
    sha1: null,
    md5: null,
    holder: { kind: 'case', id: '~2' },
  };

  let peak = 0;
  const rss = setInterval(() => (peak = Math.max(peak, resident())), 20);
  const start = performance.now();
  const fetched = await fetchImage(
    {
      name: attachment.name,
      host: null,
      bytes: size,
      sha256: null,
      observable: null,
      source: { kind: 'attachment', attachment },
    },
    { attachments: overHttp(port) },
  );
  let lastByte = 0;
  fetched.source.complete.then(
    () => (lastByte = performance.now()),
    () => undefined,
  );
  const outcome = await ip2process({
    indicators: [parseIndicator(isMade ? '35.178.122.152' : second)],
    image: attachment.name,
    source: fetched.source,
    toolVersion: 'bench',
  });
  const end = performance.now();
  clearInterval(rss);
  await fetched.release();
  child.stdin.end();
  process.stdout.write(
    `${JSON.stringify({
      image: attachment.name,
      bytes: size,
      rateMibPerSecond: Number(rate),
      arrivedMs: Math.round(lastByte - start),
      answerAfterLastByteMs: Math.round(end - lastByte),
      peakMib: Math.round(peak),
      timings: outcome.timings,
      verdict: outcome.answer.verdict,
    })}\n`,
  );
}

/** Anonymous memory: pages of files that are in memory anyway do not count against anybody. */
function resident(): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

const overHttp = (port: number): AttachmentSource => ({
  download: ({ size }) =>
    new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port }, (response) => resolve({ size, chunks: response })).on(
        'error',
        reject,
      );
    }),
});

const [command = '', ...rest] = process.argv.slice(2);
if (command === 'serve') serve(rest);
else await measureArrival([command, ...rest]);
