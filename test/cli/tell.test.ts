import { mkdirSync, readFileSync } from 'node:fs';
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

const toldTo = (paths: readonly string[], format: Format, hash = true) => {
  const out: string[] = [];
  const err: string[] = [];
  const files = paths.map((path) => ({ path, format: 'json' as const }));
  const asked = { format, files, explains: null, request: { hash } };
  return { ...telling(asked, stream(out), stream(err)), out, err };
};
const told = (format: Format, hash = true) => toldTo([], format, hash);
const written = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

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
    const { onReport, out } = told('json', false);
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
  const { onReport, end, err } = toldTo([path], 'text');
  await onReport(answer);
  expect(written(path)).toMatchObject({ image: { sha256: null } });
  await onReport(hashed);
  await end(hashed);
  expect(written(path)).toMatchObject({ image: { sha256: SHA256 } });
  expect(err).toEqual([`Report: ${path}\n`]);
});

describe('a file that cannot be written', () => {
  const paths = [join(folder, 'none', 'report.json'), join(folder, 'other.json')] as const;

  test('costs neither the answer nor its hash nor the other files, and is told at the end', async () => {
    const { onReport, end, out, err } = toldTo(paths, 'text');
    await onReport(answer);
    expect(out.join('')).toContain('beacond');
    expect(written(paths[1])).toMatchObject({ image: { sha256: null } });
    await onReport(hashed);
    expect(out.slice(1)).toEqual([`SHA-256 of the image: ${SHA256}\n`]);
    expect(written(paths[1])).toMatchObject({ image: { sha256: SHA256 } });
    await expect(end(hashed)).rejects.toThrow(/^Cannot write the report ".*none/);
    expect(err).toEqual([`Report: ${paths[1]}\n`]);
  });

  test('costs programs nothing either', async () => {
    const { onReport, end, out } = toldTo([paths[0]], 'json');
    await onReport(answer);
    await onReport(hashed);
    await expect(end(hashed)).rejects.toThrow(/^Cannot write/);
    expect(out.map((text) => JSON.parse(text))).toMatchObject([{ image: { sha256: SHA256 } }]);
  });

  test('is told with each other one', async () => {
    const { onReport, end } = toldTo(
      ['one', 'two'].map((name) => join(paths[0], name)),
      'text',
    );
    await onReport(answer);
    await expect(end(answer)).rejects.toThrow(/one": .*; Cannot write the report ".*two": /);
  });

  test('is no failure once it could be', async () => {
    const path = join(folder, 'late', 'report.json');
    const { onReport, end, err } = toldTo([path], 'text');
    await onReport(answer);
    mkdirSync(join(folder, 'late'));
    await onReport(hashed);
    await end(hashed);
    expect(written(path)).toMatchObject({ image: { sha256: SHA256 } });
    expect(err).toEqual([`Report: ${path}\n`]);
  });
});
