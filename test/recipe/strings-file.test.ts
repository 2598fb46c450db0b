import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { stringsFileOf } from '../../src/recipe/strings-file.ts';
import { limeImage, rawImage, type Stretch } from '../support/image-writers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('ip2process-strings-');

/** Memory with a hole, so that offsets in a LiME file are no addresses. */
function memory(text: string): Stretch[] {
  const low = Buffer.alloc(0x3000);
  const high = Buffer.alloc(0x20_0000);
  low.write(text, 0x123, 'latin1');
  high.write(text, 0x2ffd, 'latin1');
  high.write(text, 0x8000, 'utf16le');
  return [
    { start: 0x1000, bytes: low },
    { start: 0x10_0000, bytes: high },
  ];
}

async function linesOf(indicator: string, image: Uint8Array): Promise<string[]> {
  const path = join(folder, 'image');
  writeFileSync(path, image);
  const { text, hits } = await stringsFileOf(parseIndicator(indicator), path, {});
  const lines = text.split('\n').slice(0, -1);
  expect(lines).toHaveLength(hits);
  return lines;
}

test.each([
  ['raw', rawImage],
  ['LiME', limeImage],
])('%s: each hit by its physical address, near misses left out', async (_, write) => {
  const near = memory(' 203.0.113.7 1203.0.113.7 203.0.113.70 ');
  expect(await linesOf('203.0.113.7', write(near))).toEqual([
    `${0x1123 + 1}:203.0.113.7 (text, ascii)`,
    `${0x10_2ffd + 1}:203.0.113.7 (text, ascii, crosses a page edge)`,
    `${0x10_8000 + 2}:203.0.113.7 (text, utf16le)`,
  ]);
});

/** What Volatility's plugin makes of a line (its `strings_pattern`). */
const PLUGIN_LINE = /^\W*([0-9]+)\W*(\w[\w\W]+)\n?/;

test.each(['203.0.113.7', '::1:2:3', 'evil.example', 'http://evil.example/a?b=c'])(
  'Volatility’s plugin reads the line of %s as it is meant',
  async (indicator) => {
    const lines = await linesOf(indicator, rawImage(memory(` ${indicator} `)));
    expect(lines.map((line) => PLUGIN_LINE.exec(line)?.slice(1))).toEqual(
      lines.map((line) => [line.split(':')[0], line.slice(line.indexOf(':') + 1)]),
    );
    expect(lines[0]).toMatch(/^4388:/);
  },
);
