import { expect, test } from '@jest/globals';
import { fromRoot, requires } from './requires.ts';
import { compare, expectedPlaces, loadTruth, parseTruth } from './truth.ts';

const hit = (pid: number, va: number, form: string, bounded = true) => {
  const place = { pid, va, form, bounded, phys: 0x1000, comm: 'some', straddles: false };
  return { ...place, vma: '[heap]', perms: 'rw-p' };
};

const truth = parseTruth({
  ioc: {
    ip: '203.0.113.7',
    v6: ['2001:db8::7', '2001:db8:0::7'],
    proxy: '10.0.0.1',
    proxy_port: 8080,
  },
  helper_pid: 9,
  processes: [],
  hits: [
    hit(1, 0x10, 'ascii'),
    hit(1, 0x20, 'utf16le'),
    hit(2, 0x10, 'bin4'),
    hit(2, 0x30, 'ascii', false),
    hit(2, 0x40, 'near_short'),
    hit(3, 0x50, 'v6_long'),
    hit(3, 0x60, 'proxy'),
    hit(9, 0x70, 'ascii'),
  ],
  tcp_sockets: { 1: ['10.0.0.5:4000 -> 10.0.0.1:8080 01'] },
});

test.each([
  ['203.0.113.7', ['1 16', '1 32', '2 16']],
  ['2001:db8:0::7', ['3 80']],
  ['10.0.0.1', ['3 96']],
])('%s is expected in its own forms, bounded, outside the helper', (indicator, places) => {
  expect(expectedPlaces(truth, indicator).map(({ pid, va }) => `${pid} ${va}`)).toEqual(places);
});

test('an indicator that the lab did not plant is refused', () => {
  expect(() => expectedPlaces(truth, '198.51.100.1')).toThrow('the lab did not plant it');
});

test('what is missed and what is invented are told apart, each place once', () => {
  const [a, b, c] = [1n, 2n, 3n].map((va) => ({ pid: 7, va }));
  if (!a || !b || !c) throw new Error('unreachable');
  expect(compare([a, b], [b, b, c, c])).toEqual({ missed: [a], invented: [c] });
  expect(compare([a], [{ ...a, pid: 8 }])).toEqual({ missed: [a], invented: [{ ...a, pid: 8 }] });
});

test('an address that a number cannot hold is refused', () => {
  expect(() => parseTruth({ hits: [hit(1, 2 ** 60, 'ascii')] })).toThrow();
});

const LAB = '../shared/images/linux-debian12-1g/endpoint.truth.json';
requires(LAB, 'make it with test/lab')(
  'the truth of the Debian image has its known numbers',
  () => {
    const lab = loadTruth(fromRoot(LAB));
    expect(expectedPlaces(lab, '35.178.122.152').length).toBe(122 + 10 + 2);
    expect(expectedPlaces(lab, '2001:db8:85a3::8a2e:370:7334').length).toBe(2);
    expect(lab.processes.length).toBe(97);
    expect(lab.ghostHits.length).toBe(258);
    expect(lab.tcpSockets.get(300)).toEqual(['172.31.16.50:53454 -> 172.31.0.250:8080 01']);
  },
);
