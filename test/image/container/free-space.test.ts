import { expect, test } from '@jest/globals';
import { checkSpace } from '../../../src/image/container/free-space.ts';

const MIB = 2 ** 20;
const need = { doing: 'unpack it', folder: '/scratch', advice: 'make room' };

test.each([
  [256 * MIB, 0],
  [300 * MIB, 44 * MIB],
])('%d bytes free are enough for %d more', (free, expected) => {
  expect(() => checkSpace(need, free, expected)).not.toThrow();
});

test.each([
  [256 * MIB - 1, 0, 'the image needs more'],
  [256 * MIB, 1, '268435457 bytes are needed'],
])('%d bytes free are too few for %d more: a reserve stays', (free, expected, needed) => {
  expect(() => checkSpace(need, free, expected)).toThrow(
    expect.objectContaining({
      kind: 'system',
      message: `Cannot unpack it into "/scratch": ${free} bytes are free there, ${needed}; make room`,
      place: { folder: '/scratch', free },
    }),
  );
});
