import { expect, test } from '@jest/globals';
import { MEMORY_MODELS } from '../../src/scan/byte-model.ts';

const models = MEMORY_MODELS.flatMap(({ even, odd }) => [even, odd]);
const everyByte = Array.from({ length: 256 }, (_, byte) => byte);

test('the kinds of memory are all of it', () => {
  expect(MEMORY_MODELS.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
});

test.each(models.map((model, number) => [number, model] as const))(
  'model %d: a set of bytes has the same share by its bytes and by their halves',
  (_, model) => {
    const digits = everyByte.slice(0x30, 0x38);
    expect(model.ofHalves(0x00ff, 1 << 3)).toBeCloseTo(model.of(digits));
    expect(model.ofHalves(0xffff, 0x0001)).toBeCloseTo(model.of(everyByte.slice(0, 16)));
    expect(model.ofLower([0x11, 0x21])).toBeCloseTo(
      model.of(everyByte.filter((byte) => (byte & 15) === 1)),
    );
    expect(model.of(everyByte)).toBe(1);
    expect(model.ofHalves(0xffff, 0xffff)).toBeCloseTo(1);
  },
);
