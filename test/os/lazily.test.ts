import { expect, test } from '@jest/globals';
import { lazily } from '../../src/os/lazily.ts';

test.each([[7], [null], [undefined]])(
  '%p is made once, and not before it is asked for',
  (value) => {
    let times = 0;
    const get = lazily(() => {
      times += 1;
      return value;
    });
    expect(times).toBe(0);
    expect([get(), get()]).toEqual([value, value]);
    expect(times).toBe(1);
  },
);

test('what could not be made is made anew', () => {
  let times = 0;
  const get = lazily(() => {
    times += 1;
    if (times === 1) throw new Error('not yet');
    return times;
  });
  expect(get).toThrow('not yet');
  expect(get()).toBe(2);
});
