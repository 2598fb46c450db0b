import { expect, test } from '@jest/globals';
import { buildLinux, type SocketOptions } from '../../support/build-image.ts';
import { openBuilt } from './built-machine.ts';

function socketOf(socket: SocketOptions) {
  const image = buildLinux().process('p', { pid: 9 }).socket(socket).build();
  return openBuilt(image).processes.find(({ pid }) => pid === 9)?.sockets;
}
const end = (address: string, port: number) => ({ address, port });

test.each<[SocketOptions, unknown]>([
  [
    { local: '10.0.0.1:40000', remote: '10.0.0.2:8080' },
    { protocol: 'tcp', family: 4, local: end('10.0.0.1', 40000), remote: end('10.0.0.2', 8080), state: 'ESTABLISHED' }, // prettier-ignore
  ],
  [
    { local: '0.0.0.0:22' },
    { protocol: 'tcp', family: 4, local: end('0.0.0.0', 22), remote: null, state: 'LISTEN' },
  ],
  [
    { local: '[::]:443' },
    { protocol: 'tcp', family: 6, local: end('::', 443), remote: null, state: 'LISTEN' },
  ],
  [
    { local: '[2001:db8::1]:5353', protocol: 'udp' },
    { protocol: 'udp', family: 6, local: end('2001:db8::1', 5353), remote: null, state: null },
  ],
  [
    { local: '[::ffff:10.0.0.1]:40000', remote: '[::ffff:10.0.0.2]:443' },
    { protocol: 'tcp', family: 4, local: end('10.0.0.1', 40000), remote: end('10.0.0.2', 443), state: 'ESTABLISHED' }, // prettier-ignore
  ],
])('%j', (given, expected) => expect(socketOf(given)).toEqual([expected]));

test.each(['SYN-SENT', 'TIME-WAIT', 'CLOSE-WAIT', 'LAST-ACK', 'CLOSING'])(
  'a connection that is in %s says so',
  (state) => {
    const written = state.replaceAll('-', '_');
    const found = socketOf({ local: '10.0.0.1:1', remote: '10.0.0.2:2', state: written });
    expect(found?.map((socket) => socket.state)).toEqual([state]);
  },
);
