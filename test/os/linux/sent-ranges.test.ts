import { expect, test } from '@jest/globals';
import { buildLinux } from '../../support/build-image.ts';
import { openBuilt, patched, word } from './built-machine.ts';

const image = buildLinux()
  .process('talker', { pid: 9 })
  .sent('GET /one HTTP/1.1')
  .sent('GET /two HTTP/1.1')
  .process('silent', { pid: 10 })
  .build();
const talker = image.truth.processes.find(({ pid }) => pid === 9);
const fragment =
  image.toPhysical(talker?.object ?? 0n) + image.offsetOf('task_struct', 'task_frag');

function sentBy(pid: number, memory = image.memory) {
  const system = openBuilt({ ...image, memory });
  const process = system.processes.find((one) => one.pid === pid);
  return process === undefined ? undefined : system.sentRanges?.(process);
}

test('what a process sent is where it was put', () => {
  const [range, earlier] = sentBy(9) ?? [];
  for (const { physical, bytes } of image.truth.loose.filter(({ pid }) => pid === 9)) {
    expect(range?.start).toBeLessThanOrEqual(physical);
    expect(physical + bytes.length).toBeLessThanOrEqual((range?.start ?? 0) + (range?.length ?? 0));
  }
  expect(range?.source).toBe('page fragment');
  expect(earlier?.source).toBe('earlier fragment');
  expect(earlier?.start).toBe((range?.start ?? 0) + (range?.length ?? 0));
  expect(sentBy(10)).toEqual([]);
});

test.each<[string, string, bigint]>([
  ['a page that is none', 'page', 0x1234n],
  ['no page at all', 'page', 0n],
  ['a page behind all memory', 'page', 0xffff_ffff_ffff_f000n],
  ['more than fits in it', 'offset', 0xffff_ffffn],
])('a fragment with %s tells nothing', (_, member, value) => {
  const at = fragment + image.offsetOf('page_frag', member);
  expect(sentBy(9, patched(image.memory, [[at, word(value)]]))).toEqual([]);
});
