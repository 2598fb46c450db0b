import { expect, test } from '@jest/globals';
import { agreementOf } from '../../src/attribute/mapping-agreement.ts';
import { physical, virtual } from '../../src/memory/address.ts';
import type { Agreement } from '../../src/os/agreement.ts';
import type { PageStateKind } from '../../src/os/page-state.ts';
import { fakeEngine } from '../support/fake-engine.ts';

const AT = virtual(0x10_0ff8n);
const WHOLE = [{ address: physical(0x5ff8), length: 16 }];
const APART = [
  { address: physical(0x5ff8), length: 8 },
  { address: physical(0x9000), length: 8 },
];

/** What the books say of a page that stands in a frame; of others nothing. */
const said = (pages: Readonly<Record<string, Agreement>>, state: PageStateKind = 'anonymous') =>
  fakeEngine({
    pageState: (frame) => ({ kind: frame === 5 ? state : 'anonymous', detail: null }),
    agreement: (_space, address, frame) => pages[`${address >> 12n} ${frame}`] ?? 'unchecked',
  });

test.each([
  ['both pages', WHOLE, { '256 5': 'confirmed', '257 6': 'confirmed' }, 'confirmed'],
  ['its first page only', WHOLE, { '256 5': 'confirmed' }, 'unchecked'],
  ['frames that lie apart', APART, { '256 5': 'confirmed', '257 9': 'confirmed' }, 'confirmed'],
  ['not its second page', APART, { '256 5': 'confirmed', '257 9': 'contradicted' }, 'contradicted'],
] as const)('the books confirm %s', (_, parts, pages, whole) => {
  expect(agreementOf(said(pages), 0, AT, parts)).toBe(whole);
});

test.each(['free', 'slab', 'page-table'] as const)(
  'a frame that the kernel calls %s is no process’ frame, whatever else is said',
  (state) => {
    const engine = said({ '256 5': 'confirmed', '257 6': 'confirmed' }, state);
    expect(agreementOf(engine, 0, AT, WHOLE)).toBe('contradicted');
  },
);

test('an engine that cannot tell leaves it open', () => {
  expect(agreementOf(fakeEngine(), 0, AT, WHOLE)).toBe('unchecked');
});
