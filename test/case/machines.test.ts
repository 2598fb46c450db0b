import { expect, test } from '@jest/globals';
import { machinesOf, refuseMany } from '../../src/case/machines.ts';
import { MADE_BY_US } from '../../src/thehive/own-tags.ts';
import type { Observable } from '../../src/thehive/thehive.ts';

const observable = (
  tags: readonly string[],
  dataType = 'ip',
  data = '203.0.113.7',
): Observable => ({
  id: '~1',
  dataType,
  data,
  attachment: null,
  message: '',
  tags,
  tlp: 2,
  createdBy: 'ana',
  createdAt: 0,
});

test.each<[string, readonly string[], Observable[], Observable | null, string[]]>([
  [
    'the clicked one’s tag alone',
    ['host:other'],
    [observable(['host:b'])],
    observable(['host:a']),
    ['a'],
  ],
  [
    'tags of the case and of all observables, each once',
    ['hostname="A"'],
    [observable(['host:a']), observable(['host:b'])],
    observable([]),
    ['a', 'b'],
  ],
  [
    'observables of type hostname, where there is no tag',
    [],
    [
      observable([], 'hostname', 'ws-12'),
      observable([], 'hostname', 'WS-12'),
      observable([], 'fqdn', 'evil.example'),
    ],
    null,
    ['WS-12'],
  ],
  ['none that we added ourselves', [], [observable([MADE_BY_US], 'hostname', 'ws-12')], null, []],
  ['none whose name is no name', [], [observable([], 'hostname', 'a b; DROP')], null, []],
])('%s', (_, tags, observables, clicked, machines) => {
  expect(machinesOf({ tags }, observables, clicked)).toEqual(machines);
});

test('more than three cannot all be meant', () => {
  expect(() => refuseMany(['a', 'b', 'c'])).not.toThrow();
  expect(() => refuseMany(['a', 'b', 'c', 'd'])).toThrow(
    /Cannot ask 4 machines at once.*a, b, c, d/,
  );
});
