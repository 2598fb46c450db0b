/** What a run leaves is only worth judging if each wrong one is found. */
import { describe, expect, test } from '@jest/globals';
import { judge, type SeenRun } from './judge.ts';

const seen = (output: string | Uint8Array): SeenRun => ({
  output: typeof output === 'string' ? Buffer.from(output) : output,
  files: ['output.json'],
  tornReadings: 0,
  exitCode: 0,
  stdout: '',
  stderr: '',
});

const withOperations = (...operations: readonly object[]): string =>
  JSON.stringify({ success: true, full: { message: 'm' }, operations });

describe('a report that Cortex or TheHive would misread', () => {
  const expected = { ranOn: 'case', secrets: [], mostObservables: 1 } as const;
  const process = { type: 'AddArtifactToCase', dataType: 'other', data: 'a (1)', message: 'm' };

  test('a good one has no faults', () => {
    expect(judge(seen('{"success":false,"errorMessage":"e"}'), expected)).toEqual([]);
    expect(judge(seen(withOperations(process)), expected)).toEqual([]);
  });

  test.each<[string, string | Uint8Array]>([
    ['R6: output.json begins', '\ufeff{}'],
    ['R6: output.json is not JSON', '{"success":true'],
    ['R6: output.json is not JSON', Uint8Array.of(0x22, 0xff, 0x22)],
    ['R6: output.json is no report', '[]'],
    ['R6: output.json is no report', '{"success":"true","full":{"message":"m"}}'],
    ['R6: output.json is no report', '{"success":true}'],
    ['R6: output.json is no report', '{"success":true,"full":{"message":""}}'],
    ['R6: output.json is no report', '{"success":false,"errorMessage":""}'],
    ['R6: the message has several lines', '{"success":true,"full":{"message":"a\\nb"}}'],
    ['R6: output.json has', JSON.stringify({ success: false, errorMessage: 'x'.repeat(2 ** 20) })],
    ['R7: unknown operation', withOperations({ type: 'RemoveTag', tag: 'a' })],
    ['R7: AddTagToCase is wrong', withOperations({ type: 'AddTagToCase', tag: 7 })],
    ['R7: AddTagToCase is wrong', withOperations({ type: 'AddTagToCase', tag: 'x'.repeat(129) })],
    ['R7: AddTagToArtifact where', withOperations({ type: 'AddTagToArtifact', tag: 'a' })],
    ['R7: AddTagToArtifact is wrong', withOperations({ type: 'AddTagToArtifact', tag: '' })],
    ['R7: AddArtifactToCase is wrong', withOperations({ ...process, tlp: 5 })],
    ['R7: AddArtifactToCase is wrong', withOperations({ ...process, tags: [''] })],
    ['R7: AddArtifactToCase is wrong', withOperations({ ...process, data: 'x'.repeat(4097) })],
    ['R7: AddArtifactToCase is wrong', withOperations({ ...process, data: '' })],
    ['R7: AddArtifactToCase is wrong', withOperations({ ...process, tlp: '2' })],
    ['R7: AddArtifactToCase is wrong', withOperations({ ...process, data: 'two\nlines' })],
    ['R7: AddArtifactToCase is wrong', withOperations({ ...process, data: ' a' })],
    ['R7: CreateTask is wrong', withOperations({ type: 'CreateTask', title: 't' })],
    ['R7: ["other","a (1)"] twice', withOperations(process, process)],
    ['R7: 2 observables', withOperations(process, { ...process, data: 'b (2)' })],
  ])('%s', (fault, output) => {
    expect(judge(seen(output), expected).join('\n')).toContain(fault);
  });
});
