import { describe, expect, test } from '@jest/globals';
import { withLive } from '../../src/report/with-live.ts';
import { withLiveProcesses } from '../../src/thehive/told-processes.ts';
import { sampleLive, sampleLiveProcess } from '../support/sample-live.ts';
import { sampleProcess, sampleReport } from '../support/sample-report.ts';

const told = (report: ReturnType<typeof sampleReport>) =>
  withLiveProcesses(report).processes.map(({ pid, verdict, score }) => [pid, verdict, score]);

describe('processes that a case should know', () => {
  test('without a live answer are those of the image', () => {
    const report = sampleReport();
    expect(withLiveProcesses(report)).toBe(report);
  });

  test('that both know stand once, with the better word and all reasons', () => {
    const weak = sampleReport({ processes: [sampleProcess({ verdict: 'possible', score: 20 })] });
    const report = withLiveProcesses(withLive(weak, sampleLive()));
    expect(report.processes).toHaveLength(1);
    expect(report.processes[0]).toMatchObject({ pid: 299, verdict: 'likely', score: 61 });
    expect(report.processes[0]?.reasons.slice(-2)).toEqual([
      'live: likely (61 of 100)',
      'live: It is connected to the proxy 172.31.0.250:8080 (given).',
    ]);
    expect(told(withLive(sampleReport(), sampleLive()))).toEqual([[299, 'responsible', 93]]);
  });

  test('that only the machine knows come with what they hold, the best word first', () => {
    const live = sampleLive({
      processes: [
        sampleLiveProcess({ pid: 5, path: '/x', name: 'x' }),
        sampleLiveProcess({ pid: 5, path: '/x', name: 'x', indicator: '10.0.0.9' }),
      ],
    });
    const possible = sampleReport({
      processes: [sampleProcess({ verdict: 'possible', score: 90 })],
    });
    expect(told(withLive(possible, live))).toEqual([
      [5, 'likely', 61],
      [299, 'possible', 90],
    ]);
    const [first] = withLiveProcesses(withLive(possible, live)).processes;
    expect(first?.hits.byIndicator).toEqual({ '35.178.122.152': 7, '10.0.0.9': 7 });
  });
});
