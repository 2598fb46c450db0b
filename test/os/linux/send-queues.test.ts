import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseIndicator } from '../../../src/indicator/parse-indicator.ts';
import { ip2process } from '../../../src/run/ip2process.ts';
import { buildLinux, type BuiltImage, type MachineOptions } from '../../support/build-image.ts';
import { openBuilt, patched, word } from './built-machine.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const IP = '35.178.122.152';
const WAITING = `GET http://${IP}/waiting HTTP/1.1\r\n\r\n`;
const SENT = `GET http://${IP}/unacknowledged HTTP/1.1\r\n\r\n`;
const END = { local: '10.0.0.5:40001', remote: '172.31.0.250:8080' };

const machine = (kernel: MachineOptions['kernel'] = '6.1'): BuiltImage =>
  buildLinux({ kernel })
    .process('talker', { pid: 9 })
    .socket({ ...END, queued: WAITING, queuedInPages: SENT })
    .process('silent', { pid: 10 })
    .socket({ ...END, local: '10.0.0.5:40002' })
    .build();

function rangesOf(pid: number, image: BuiltImage) {
  const system = openBuilt(image);
  const process = system.processes.find((one) => one.pid === pid);
  const ranges = process === undefined ? undefined : system.sentRanges?.(process);
  expect(system.warnings.filter((one) => one.includes('sent'))).toEqual([]);
  return ranges ?? [];
}

const placeOf = ({ bytes }: BuiltImage, text: string): number => Buffer.from(bytes).indexOf(text);

test.each(['5.10', '6.1', '6.6'] as const)('what waits in a socket is sent, on %s', (kernel) => {
  const image = machine(kernel);
  expect(rangesOf(9, image)).toEqual(both(image));
  expect(rangesOf(10, image)).toEqual([]);
});

const folder = temporaryFolder('ip2process-queues-');

test.each(['queued', 'queuedInPages'] as const)('%s bytes are proof of sending', async (place) => {
  const image = join(folder, `${place}.raw`);
  const built = buildLinux()
    .process('talker', { pid: 9, exe: '/usr/bin/talker' })
    .region(0x55d0_2000_0000n, 1, { kind: 'heap' })
    .write(0x55d0_2000_0100n, WAITING)
    .socket({ ...END, [place]: WAITING });
  writeFileSync(image, built.toBytes());
  const indicators = [parseIndicator(IP)];
  const report = await ip2process({ indicators, image, threads: 1, toolVersion: 'test' });
  const [first] = report.processes;
  expect(first).toMatchObject({ pid: 9, verdict: 'responsible' });
  expect(first?.evidence.map(({ kind }) => kind)).toContain('sent-bytes');
});

const both = (image: BuiltImage) =>
  [WAITING, SENT]
    .map((text) => ({ start: placeOf(image, text), length: text.length, source: 'send queue' }))
    .toSorted((a, b) => a.start - b.start);

/** The talker's buffers, by address: the one is found by what points to its data, the other through its socket. */
function buffersOf(image: BuiltImage): { waiting: bigint; sent: bigint } {
  const bytes = Buffer.from(image.bytes);
  const pointer = (at: number): bigint => bytes.readBigUInt64LE(at);
  const direct = pointer(image.toPhysical(image.symbols['page_offset_base'] ?? 0n));
  const data = bytes.indexOf(word(direct + BigInt(placeOf(image, WAITING))));
  const waiting = data - image.offsetOf('sk_buff', 'data');
  const sock = image.toPhysical(pointer(waiting + image.offsetOf('sk_buff', 'sk')));
  const sent = pointer(sock + image.offsetOf('sock', 'tcp_rtx_queue'));
  return { waiting: direct + BigInt(waiting), sent };
}

/** Behind `len` stands `data_len`: 8 bytes set both. */
test.each<[string, 'waiting' | 'sent', string, bigint, number]>([
  ['of the most bytes there can be', 'waiting', 'len', 0xffff_ffffn, 8],
  ['with more in pages than there is', 'waiting', 'len', 0xffff_ffff_0000_0000n, 8],
  ['whose data is before its head', 'waiting', 'data', 0xffff_8000_0000_0000n, 8],
  ['whose end is behind all memory', 'sent', 'end', 0xffff_ffffn, 4],
])('a buffer %s tells nothing, the other one all', (_, which, member, value, size) => {
  const image = machine();
  const at = image.toPhysical(buffersOf(image)[which]) + image.offsetOf('sk_buff', member);
  const memory = patched(image.memory, [[at, word(value).subarray(0, size)]]);
  const other = which === 'waiting' ? SENT : WAITING;
  expect(rangesOf(9, { ...image, memory })).toEqual([
    { start: placeOf(image, other), length: other.length, source: 'send queue' },
  ]);
});

test('lists and trees that lead back to themselves end, and no buffer has 255 pieces', () => {
  const image = machine();
  const { waiting, sent } = buffersOf(image);
  const member = (buffer: bigint, path: string): number =>
    image.toPhysical(buffer) + image.offsetOf('sk_buff', path);
  const bytes = Buffer.from(image.bytes);
  const shared =
    image.toPhysical(bytes.readBigUInt64LE(member(sent, 'head'))) +
    bytes.readUInt32LE(member(sent, 'end'));
  const memory = patched(image.memory, [
    [member(waiting, 'next'), word(waiting)],
    [member(sent, 'rbnode.rb_left'), word(sent)],
    [member(sent, 'rbnode.rb_right'), word(waiting)],
    [shared + image.offsetOf('skb_shared_info', 'nr_frags'), Uint8Array.of(255)],
  ]);
  expect(rangesOf(9, { ...image, memory })).toEqual(both(image));
});
