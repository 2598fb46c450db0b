import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { telling } from '../../src/cli/tell.ts';
import type { Format } from '../../src/report/formats.ts';
import { sampleReport } from '../support/sample-report.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('ip2process-tell-');

const SHA256 = 'ab'.repeat(32);
const { image } = sampleReport();
const answer = sampleReport({ image: image && { ...image, sha256: null } });
const hashed = sampleReport({ image: image && { ...image, sha256: SHA256 } });

const stream = (list: string[]) => ({ write: (text: string) => list.push(text) > 0 });

function told(format: Format, path: string | null = null, hash = true) {
  const out: string[] = [];
  const err: string[] = [];
  const files = path === null ? [] : [{ path, format: 'json' as const }];
  const asked = { format, files, explains: null, request: { hash } };
  return { ...telling(asked, stream(out), stream(err)), out, err };
}

describe('text on stdout', () => {
  test('is there before the hash, which follows in one line', async () => {
    const { onReport, end, out } = told('text');
    await onReport(answer);
    expect(out.join('')).toContain('beacond');
    await onReport(hashed);
    await end(hashed);
    expect(out.slice(1)).toEqual([`SHA-256 of the image: ${SHA256}\n`]);
  });

  test('is whole where the hash never comes', async () => {
    const { onReport, end, out } = told('text');
    await onReport(answer);
    await end(answer);
    expect(out).toHaveLength(1);
  });
});

describe('JSON on stdout', () => {
  test('waits for the hash and is printed once', async () => {
    const { onReport, end, out } = told('json');
    await onReport(answer);
    expect(out).toEqual([]);
    await onReport(hashed);
    await end(hashed);
    expect(out.map((text) => JSON.parse(text))).toMatchObject([{ image: { sha256: SHA256 } }]);
  });

  test('waits for nothing where no hash is asked for', async () => {
    const { onReport, out } = told('json', null, false);
    await onReport(answer);
    expect(out).toHaveLength(1);
  });

  test('comes without the hash where that was given up', async () => {
    const { onReport, end, out } = told('json');
    await onReport(answer);
    await end(answer);
    expect(out.map((text) => JSON.parse(text))).toMatchObject([{ image: { sha256: null } }]);
  });
});

test('a file is written with the answer, completed with the hash, and named once', async () => {
  const path = join(folder, 'report.json');
  const { onReport, end, err } = told('text', path);
  await onReport(answer);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ image: { sha256: null } });
  await onReport(hashed);
  await end(hashed);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ image: { sha256: SHA256 } });
  expect(err).toEqual([`Report: ${path}\n`]);
});

test('a file that cannot be written costs neither the answer nor the other files', async () => {
  const path = join(folder, 'other.json');
  const files = [join(folder, 'none', 'report.json'), path].map((each) => ({
    path: each,
    format: 'json' as const,
  }));
  const out: string[] = [];
  const err: string[] = [];
  const asked = { format: 'text' as const, files, explains: null, request: { hash: true } };
  const { onReport } = telling(asked, stream(out), stream(err));
  await expect(onReport(answer)).rejects.toThrow(/Cannot write the report ".*none/);
  expect(out.join('')).toContain('beacond');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveProperty('image');
  expect(err).toEqual([`Report: ${path}\n`]);
});
