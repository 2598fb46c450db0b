import { expect, test } from '@jest/globals';
import { otherProcessesOf } from '../../src/report/other-processes.ts';
import {
  attributionOf,
  fakeEngine,
  findingsOf,
  processOf,
  PROXY,
  socketTo,
} from '../support/fake-engine.ts';

test('all that are not in the answer are told, with what could not be read of them', () => {
  const processes = [
    processOf({ pid: 1 }),
    processOf({ pid: 2, sockets: [socketTo(PROXY.address, PROXY.port)] }),
    processOf({ pid: 3, isKernelThread: true, state: 'exited' }),
  ];
  const { searched } = findingsOf();
  const others = otherProcessesOf(
    findingsOf({
      engine: fakeEngine({ processes }),
      attributions: [attributionOf({ process: 0 })],
      searched: { ...searched, unreadableTables: [0, 2, 0] },
    }),
  );
  expect(others).toEqual([
    {
      pid: 2,
      name: 'beacond',
      kernelThread: false,
      exited: false,
      connectedToProxy: true,
      missingTables: 2,
    },
    {
      pid: 3,
      name: 'beacond',
      kernelThread: true,
      exited: true,
      connectedToProxy: false,
      missingTables: 0,
    },
  ]);
});
