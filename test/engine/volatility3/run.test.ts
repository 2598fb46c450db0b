import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { argumentsOf, runVolatility3 } from '../../../src/engine/volatility3/run.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder('ip2process-');

/** A stand-in that says what `script` says. */
function program(script: string): string {
  const path = join(folder, `vol-${script.length}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}
const Row = z.object({ PID: z.number() });
const RUN = { plugin: 'windows.pslist', image: '/ram.raw' };
const SAYS = 'echo "Volatility 3 Framework 2.28.2" >&2';

describe('argumentsOf()', () => {
  test('stays offline unless told, and names every folder', () => {
    expect(
      argumentsOf(
        { command: 'vol', symbols: '/isf' },
        { ...RUN, args: ['--pid', '4'], plugins: '/own' },
        '/cache',
      ).join(' '),
    ).toBe(
      '--offline -q -r jsonl --cache-path /cache --plugin-dirs /own --symbol-dirs /isf -f /ram.raw windows.pslist --pid 4',
    );
    expect(argumentsOf({ command: 'vol', allowsDownload: true }, RUN, '/c')).not.toContain(
      '--offline',
    );
  });

  test('an open file is handed on as descriptor 3', () => {
    expect(argumentsOf({ command: 'vol' }, { ...RUN, image: 17 }, '/c')).toContain('/dev/fd/3');
  });
});

describe('runVolatility3()', () => {
  test('rows are the lines that are objects; the version is told', async () => {
    const command = program(
      `${SAYS}; echo; echo '{"PID": 4, "__children": []}'; echo '{"PID": 8}'`,
    );
    expect(await runVolatility3({ command }, RUN, Row)).toEqual({
      rows: [{ PID: 4 }, { PID: 8 }],
      version: '2.28.2',
      warnings: [],
    });
  });

  test('another version is a warning', async () => {
    const command = program('echo "Volatility 3 Framework 2.11.0" >&2');
    const { warnings } = await runVolatility3({ command }, RUN, Row);
    expect(warnings).toEqual([expect.stringContaining('is 2.11.0, tested is 2.28.2')]);
  });

  test.each([
    ['no JSON', `${SAYS}; echo '{nonsense'`],
    ['another shape', `${SAYS}; echo '{"PID": "four"}'`],
  ])('%s is refused', async (_name, script) => {
    await expect(runVolatility3({ command: program(script) }, RUN, Row)).rejects.toMatchObject({
      kind: 'system',
      message: expect.stringContaining('a row is not what 2.28.2 writes'),
    });
  });

  test('what is not installed is told with how to install it', async () => {
    await expect(
      runVolatility3({ command: join(folder, 'nothing') }, RUN, Row),
    ).rejects.toMatchObject({ message: expect.stringContaining('npm run setup:volatility3') });
  });
});
