import { describe, expect, test } from '@jest/globals';
import { redactedLive } from '../../src/report/redact-live.ts';
import { withLive } from '../../src/report/with-live.ts';
import { sampleLive, sampleLiveProcess } from '../support/sample-live.ts';
import { sampleReport } from '../support/sample-report.ts';

const IP = '35.178.122.152';

function shown(context: string, mode: 'full' | 'redacted' | 'none'): string {
  const { live } = withLive(
    sampleReport(),
    sampleLive({ processes: [sampleLiveProcess({ context })] }),
  );
  if (!live) throw new Error('no live part');
  return redactedLive(live, mode, [IP]).processes[0]?.context ?? '';
}

describe('contexts of live memory', () => {
  test.each([
    [`CONNECT ${IP}:443 HTTP/1.1..Host: ${IP}`, `CONNECT ${IP}:443 HTTP/1.1..Host: ${IP}`],
    [
      `GET /?password=hunter2 HTTP/1.1..Host: ${IP}`,
      `GET /?password=******* HTTP/1.1..Host: ${IP}`,
    ],
    [`t0ken; x=${IP}`, `*****; x=${IP}`],
  ])('%j is shown as %j', (context, masked) => {
    expect(shown(context, 'redacted')).toBe(masked);
    expect(shown(context, 'full')).toBe(context);
    expect(shown(context, 'none')).toBe('');
  });
});
