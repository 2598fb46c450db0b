import { expect, test } from '@jest/globals';
import type { Findings } from '../../src/report/findings.ts';
import { nextActionsOf } from '../../src/report/next-actions.ts';
import { fakeSystem, findingsOf } from '../support/fake-engine.ts';
import { sampleProcess } from '../support/sample-report.ts';

const commands = (changes: Partial<Findings>, processes = [sampleProcess()]) =>
  nextActionsOf(findingsOf(changes), processes).map(({ command }) => command);
const FILE = String.raw`'it'\''s.lime'`;

test('the score can be asked for, and a second witness called', () => {
  const [explain, second] = commands({});
  expect(explain).toBe(`ip2process 35.178.122.152 --image ${FILE} --explain 299`);
  expect(second).toContain(`vol -f ${FILE} linux.proc.Maps --pid 299`);
});

test('a process of which only the page tables are known can be named to no tool', () => {
  const unknown = sampleProcess({ pid: -1, name: 'unknown process (DTB 0x1ab000)' });
  expect(commands({}, [unknown]).filter((command) => command.includes('-1'))).toEqual([]);
});

test('on Windows the second witness looks there', () => {
  expect(commands({ system: fakeSystem({ kind: 'windows' }) })[1]).toContain('windows.memmap');
});

const pivot = { kind: 'domain', text: 'c2.example', hits: 1, pids: [1], source: 'URL' } as const;
test.each<[string, Partial<Findings>, string, boolean]>([
  ['pivots', { pivots: [{ ...pivot, pids: [1] }] }, '--pivot', true],
  [
    'pivots that were followed',
    { pivots: [{ ...pivot, pids: [1] }], followed: new Set(['x']) },
    '--pivot',
    false,
  ],
  ['no proxy', { proxy: null, system: fakeSystem() }, '--proxy IP:PORT', true],
  ['no proxy and no system', { proxy: null, system: null }, '--proxy', false],
  ['a proxy', {}, '--proxy', false],
])('%s', (_, changes, words, isThere) => {
  expect(commands(changes).join('\n').includes(words)).toBe(isThere);
});

test('where nothing is found the hosts to try are in the command', () => {
  expect(commands({ pivotHosts: ['a.example', '10.0.0.1'] }, [])).toContain(
    `ip2process a.example 10.0.0.1 --image ${FILE}`,
  );
});
