import { describe, expect, test } from '@jest/globals';
import { sideBySide } from '../../src/report/side-by-side.ts';
import { sampleLive, sampleLiveProcess } from '../support/sample-live.ts';
import { sampleProcess } from '../support/sample-report.ts';

const imaged = (changes: Parameters<typeof sampleProcess>[0] = {}) => ({
  processes: [sampleProcess(changes)],
  otherProcesses: [],
});
const living = (changes: Parameters<typeof sampleLiveProcess>[0] = {}) =>
  sampleLive({ processes: [sampleLiveProcess(changes)], otherProcesses: [] });
const LATER = '2026-11-22T12:00:00.000Z';

describe('image and live, process by process', () => {
  test.each<
    [string, Parameters<typeof imaged>[0], Parameters<typeof living>[0], string, string | null]
  >([
    ['start times a second apart', {}, {}, 'same process', 'PID and start time'],
    ['no start time, one name', { startTime: null }, {}, 'same process', 'PID and name'],
    [
      'a name cut at 15 bytes',
      { name: 'gnome-terminal-', startTime: null },
      { name: 'gnome-terminal-server' },
      'same process',
      'PID and name',
    ],
    ['another PID, one path', {}, { pid: 500, startTime: LATER }, 'same program', 'path'],
    [
      'device path and drive letter',
      { path: '\\Device\\HarddiskVolume3\\Windows\\a.exe' },
      { pid: 500, path: 'C:\\windows\\A.exe' },
      'same program',
      'path',
    ],
    [
      'another PID, no path, one name',
      { path: null },
      { pid: 500, name: 'Beacond' },
      'same program',
      'name',
    ],
    [
      'one PID, another start and program',
      {},
      { startTime: LATER, path: '/bin/x', name: 'x' },
      'PID reused',
      'PID only',
    ],
    [
      'one PID, no start, another program',
      { startTime: null },
      { path: '/bin/x', name: 'x' },
      'PID reused',
      'PID only',
    ],
  ])('%s', (_, one, other, match, by) => {
    expect(sideBySide(imaged(one), living(other))).toEqual([
      expect.objectContaining({ match, by, image: expect.anything(), live: expect.anything() }),
    ]);
  });

  test('who is on one side only is told with what that may mean', () => {
    const rows = sideBySide(imaged(), living({ pid: 500, name: 'x', path: '/bin/x', score: 20 }));
    expect(rows.map(({ match, note }) => [match, note])).toEqual([
      ['only image', expect.stringContaining('it has ended, or is hidden from the live system')],
      ['only live', expect.stringContaining('started later, or is hidden')],
    ]);
  });

  test('absence is claimed only where the scan lists all', () => {
    const { coverage } = sampleLive();
    const some = sampleLive({
      processes: [],
      otherProcesses: [],
      coverage: coverage && { ...coverage, listsAll: false },
    });
    expect(sideBySide(imaged(), some)[0]?.note).toContain('not listed live');
  });

  test('a process that only one side suspects is told with what the other knows of it', () => {
    const unread = sampleLive({
      processes: [],
      otherProcesses: [
        { pid: 299, name: 'beacond', path: null, startTime: null, notScanned: 'no access' },
      ],
    });
    expect(sideBySide(imaged(), unread)).toEqual([
      expect.objectContaining({ match: 'same process', note: 'live: not scanned: no access' }),
    ]);
    const other = {
      pid: 299,
      name: 'beacond',
      kernelThread: false,
      exited: false,
      connectedToProxy: true,
      missingTables: 0,
    };
    expect(sideBySide({ processes: [], otherProcesses: [other] }, living())).toEqual([
      expect.objectContaining({
        match: 'same process',
        image: expect.objectContaining({ verdict: null, connections: 'proxy' }),
        note: 'image: no hit',
      }),
    ]);
  });

  test('those whom nobody suspects are left out, and kernel threads never stand for a process', () => {
    const thread = {
      pid: 299,
      name: 'beacond',
      kernelThread: true,
      exited: false,
      connectedToProxy: false,
      missingTables: 0,
    };
    expect(
      sideBySide({ processes: [], otherProcesses: [thread] }, living()).map(({ match }) => match),
    ).toEqual(['only live']);
    expect(
      sideBySide(
        { processes: [], otherProcesses: [{ ...thread, kernelThread: false }] },
        sampleLive({ processes: [] }),
      ),
    ).toEqual([]);
  });

  test('a process with several addresses stands once, by its likeliest', () => {
    const two = sampleLive({
      processes: [
        sampleLiveProcess(),
        sampleLiveProcess({ indicator: '10.0.0.9', verdict: 'possible', score: 9 }),
      ],
      otherProcesses: [],
    });
    expect(sideBySide(imaged(), two)).toHaveLength(1);
  });

  test('the best score of either side stands first', () => {
    const rows = sideBySide(
      { processes: [sampleProcess({ score: 20 })], otherProcesses: [] },
      sampleLive({
        processes: [sampleLiveProcess({ pid: 5, name: 'x', path: '/x', score: 80 })],
        otherProcesses: [],
      }),
    );
    expect(rows.map(({ live, image }) => live?.score ?? image?.score)).toEqual([80, 20]);
  });
});
