import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { OutputFile } from '../../responder/output.ts';

let job = '';
beforeEach(() => {
  job = mkdtempSync(join(tmpdir(), 'ip2process-output-'));
});
afterEach(() => rmSync(job, { recursive: true, force: true }));

const written = (): unknown => JSON.parse(readFileSync(join(job, 'output', 'output.json'), 'utf8'));

test('the last report counts, and nothing else is left', () => {
  const output = new OutputFile(job);
  output.write({ success: false, errorMessage: 'first' });
  output.write({ success: true, full: { message: 'second' }, operations: [] });
  expect(written()).toEqual({ success: true, full: { message: 'second' }, operations: [] });
  expect(readdirSync(join(job, 'output'))).toEqual(['output.json']);
});

test('secrets are masked in every text, also inside operations', () => {
  const output = new OutputFile(job);
  output.hide(['s3cr"et']);
  output.write({
    success: true,
    full: { message: 'a s3cr"et b', inner: ['s3cr"et'] },
    operations: [{ type: 'AddTagToCase', tag: 's3cr"et' }],
  });
  expect(written()).toEqual({
    success: true,
    full: { message: 'a *** b', inner: ['***'] },
    operations: [{ type: 'AddTagToCase', tag: '***' }],
  });
});

test('what is too long for Cortex loses its details, not its operations', () => {
  const operation = { type: 'AddTagToCase', tag: 't' } as const;
  new OutputFile(job).write({
    success: true,
    full: { message: 'm', details: 'x'.repeat(2 ** 20) },
    operations: [operation],
  });
  expect(written()).toMatchObject({ full: { message: 'm' }, operations: [operation] });
});

test('what a killed attempt left is removed, and nothing that is not ours', () => {
  const output = new OutputFile(job);
  output.write({ success: false, errorMessage: 'killed' });
  for (const name of [
    '.ip2process-output.part',
    'ip2process-1.tmp',
    'ip2process-1.part',
    'other',
  ]) {
    writeFileSync(join(job, 'output', name), '');
  }
  output.clean();
  expect(readdirSync(join(job, 'output')).toSorted()).toEqual(['other', 'output.json']);
});
