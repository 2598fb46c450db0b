import { expect, test } from '@jest/globals';
import { connectionsOf } from '../../src/report/connections.ts';
import {
  attributionOf,
  fakeEngine,
  findingsOf,
  processOf,
  PROXY,
  socketTo,
} from '../support/fake-engine.ts';

const proxy = socketTo(PROXY.address, PROXY.port);

test('sockets to the proxy and to the indicator are told, those of holders first', () => {
  const processes = [
    processOf({ pid: 1, sockets: [proxy] }),
    processOf({ pid: 2, sockets: [socketTo('10.0.0.1', 22), { ...proxy, remote: null }] }),
    processOf({ pid: 3, sockets: [proxy, socketTo('35.178.122.152', 443)] }),
  ];
  const connections = connectionsOf(
    findingsOf({
      engine: fakeEngine({ processes }),
      attributions: [attributionOf({ process: 2 })],
    }),
  );
  expect(connections.map(({ pid, peer, holdsIndicator }) => [pid, peer, holdsIndicator])).toEqual([
    [3, 'proxy', true],
    [3, 'indicator', true],
    [1, 'proxy', false],
  ]);
});

test('without a proxy only those to the indicator are told', () => {
  const processes = [processOf({ sockets: [proxy] })];
  expect(connectionsOf(findingsOf({ engine: fakeEngine({ processes }), proxy: null }))).toEqual([]);
});

test('there are five hundred at most', () => {
  const processes = [processOf({ sockets: Array.from({ length: 600 }, () => proxy) })];
  expect(connectionsOf(findingsOf({ engine: fakeEngine({ processes }) }))).toHaveLength(500);
});
