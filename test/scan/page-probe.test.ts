import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PAGE_BYTES, physical } from '../../src/memory/address.ts';
import { bytesSource } from '../../src/memory/byte-source.ts';
import { indexLiterals } from '../../src/scan/literal-index.ts';
import type { Matcher } from '../../src/scan/matcher.ts';
import { portableMatcher } from '../../src/scan/portable-matcher.ts';
import { scan } from '../../src/scan/scan.ts';
import { isWasmSupported, wasmMatcher } from '../../src/scan/wasm-matcher.ts';

const PAGES = 3;
const LAST = PAGE_BYTES - 0x30;
const KERNEL = 0xffff_e38f_3ed1_a000n;

/** What a process object begins with, and how each of its fields can be wrong. */
interface Object {
  readonly page: number;
  readonly offset: number;
  readonly type?: number;
  readonly flink?: bigint;
  readonly blink?: bigint;
  readonly table?: bigint;
}

function write(bytes: Uint8Array, object: Object): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + object.page * PAGE_BYTES);
  const list = KERNEL + BigInt(object.offset) + 0x18n;
  view.setUint8(object.offset, object.type ?? 3);
  view.setBigUint64(object.offset + 0x18, object.flink ?? list, true);
  view.setBigUint64(object.offset + 0x20, object.blink ?? list, true);
  view.setBigUint64(object.offset + 0x28, object.table ?? 0x1ad002n, true);
}

const index = indexLiterals([{ bytes: Buffer.from('abcd'), ignoresCase: false }]);
const MATCHERS: readonly (readonly [string, () => Matcher])[] = [
  ['portable', () => portableMatcher(index, (PAGES + 1) * PAGE_BYTES)],
  ...(isWasmSupported()
    ? ([['wasm', () => wasmMatcher(index, (PAGES + 1) * PAGE_BYTES)]] as const)
    : []),
];

function found(matcher: Matcher, until = PAGES * PAGE_BYTES): number[] {
  const places: number[] = [];
  matcher.probe('windows-process', 0, until, (at) => places.push(at));
  return places;
}

describe.each(MATCHERS)('the %s matcher', (_name, make) => {
  test.each([0, 0x10, 0x540, 0xfc0, LAST])('finds a process object at 0x%d of a page', (offset) => {
    const matcher = make();
    write(matcher.bytes, { page: 1, offset });
    expect(found(matcher)).toEqual([PAGE_BYTES + offset]);
  });

  test.each<[string, Partial<Object>]>([
    ['another type', { type: 6 }],
    ['a list that is not empty', { blink: KERNEL + 0x7f8n }],
    ['a list somewhere else', { flink: KERNEL + 0x568n, blink: KERNEL + 0x568n }],
    ['a list in user memory', { flink: 0x7fff_0000_0558n, blink: 0x7fff_0000_0558n }],
    ['no page table', { table: 0x2n }],
  ])('leaves out an object with %s', (_what, wrong) => {
    const matcher = make();
    write(matcher.bytes, { page: 0, offset: 0x540, ...wrong });
    expect(found(matcher)).toEqual([]);
  });

  test('leaves out an object that is cut off by the page or the end of what it may look at', () => {
    const matcher = make();
    write(matcher.bytes, { page: 0, offset: LAST + 0x10 });
    write(matcher.bytes, { page: 2, offset: 0x100 });
    expect(found(matcher, 2 * PAGE_BYTES + 0x800)).toEqual([]);
  });

  test('tells bit 7 of the type apart from the type, as the kernel does', () => {
    const matcher = make();
    write(matcher.bytes, { page: 0, offset: 0x80, type: 0x83 });
    expect(found(matcher)).toEqual([0x80]);
  });
});

test('both matchers find the same objects, wherever they stand and whatever is around', () => {
  if (!isWasmSupported()) return;
  const place = fc.record({
    page: fc.nat(PAGES - 1),
    offset: fc.nat(255).map((step) => step * 16),
    type: fc.constantFrom(3, 0x83, 4),
    table: fc.constantFrom(0n, 2n, 0x1000n, 1n << 32n),
  });
  const filling = fc.uint8Array({ minLength: 64, maxLength: 64 });
  fc.assert(
    fc.property(filling, fc.array(place, { maxLength: 6 }), (noise, places) => {
      const results = MATCHERS.map(([, make]) => {
        const matcher = make();
        for (let at = 0; at < PAGES * PAGE_BYTES; at += 64) matcher.bytes.set(noise, at);
        for (const object of places.filter(({ offset }) => offset <= LAST)) {
          write(matcher.bytes, object);
        }
        return found(matcher);
      });
      expect(results[1]).toEqual(results[0]);
    }),
    { numRuns: 60 },
  );
});

test('a scan collects them among the anchors, each once, whatever the size of its blocks', async () => {
  const bytes = new Uint8Array(8 * PAGE_BYTES);
  for (const page of [0, 3, 4, 7]) write(bytes, { page, offset: 0x540 });
  const memory = {
    runs: [{ start: physical(0x10_0000), length: bytes.length, fileOffset: 0 }],
    read(at: number, into: Uint8Array) {
      const part = bytes.subarray(at - 0x10_0000, at - 0x10_0000 + into.length);
      into.set(part);
      return part.length;
    },
  };
  for (const blockBytes of [PAGE_BYTES, 4 * PAGE_BYTES, 64 * PAGE_BYTES]) {
    const options = { probes: ['windows-process'] as const, blockBytes };
    const { anchors } = await scan({ source: bytesSource(bytes), memory }, [], [], options);
    expect(anchors).toEqual(
      [0, 3, 4, 7].map((page) => ({
        name: 'windows-process',
        address: 0x10_0540 + page * PAGE_BYTES,
      })),
    );
  }
});
