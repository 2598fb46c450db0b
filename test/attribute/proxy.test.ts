import { describe, expect, test } from '@jest/globals';
import { inferProxy, isConnectedTo } from '../../src/attribute/proxy.ts';
import { processOf, PROXY, socketTo } from '../support/fake-engine.ts';

const connected = (pid: number, ...peers: [string, number][]) =>
  processOf({ pid, sockets: peers.map(([address, port]) => socketTo(address, port)) });

describe('the proxy is inferred', () => {
  test.each<[string, ReturnType<typeof connected>[], string | undefined]>([
    [
      'from two processes that share it',
      [connected(1, ['10.0.0.9', 8080]), connected(2, ['10.0.0.9', 8080])],
      '10.0.0.9',
    ],
    ['not from one process', [connected(1, ['10.0.0.9', 8080], ['10.0.0.9', 8080])], undefined],
    [
      'not on a port that proxies do not use',
      [connected(1, ['10.0.0.9', 443]), connected(2, ['10.0.0.9', 443])],
      undefined,
    ],
    [
      'not from two candidates alike',
      [
        connected(1, ['10.0.0.9', 8080], ['10.0.0.8', 3128]),
        connected(2, ['10.0.0.9', 8080], ['10.0.0.8', 3128]),
      ],
      undefined,
    ],
    [
      'as the one that most use',
      [
        connected(1, ['10.0.0.9', 8080], ['10.0.0.8', 3128]),
        connected(2, ['10.0.0.8', 3128]),
        connected(3, ['10.0.0.8', 3128]),
      ],
      '10.0.0.8',
    ],
    ['not from processes without connections', [processOf(), processOf()], undefined],
  ])('%s', (_, processes, address) => expect(inferProxy(processes)?.address).toBe(address));

  test('and says that it is', () => {
    const processes = [connected(1, ['10.0.0.9', 8080]), connected(2, ['10.0.0.9', 8080])];
    expect(inferProxy(processes)?.source).toBe('inferred');
  });
});

test('connected is who has a socket to address and port', () => {
  expect(isConnectedTo(connected(1, [PROXY.address, PROXY.port]), PROXY)).toBe(true);
  expect(isConnectedTo(connected(1, [PROXY.address, 443]), PROXY)).toBe(false);
  expect(isConnectedTo(processOf({ sockets: [{ ...socketTo('', 0), remote: null }] }), PROXY)).toBe(
    false,
  );
});
