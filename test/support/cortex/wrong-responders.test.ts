/** The stand-in for Cortex is only worth something if a wrong responder fails in it: one for each of its rules. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { requires } from '../requires.ts';
import { CONTAINER_NEEDS } from './commands.ts';
import type { Worker } from './cortex.ts';
import { faultsIn, type Scenario } from './scenario.ts';
import { judge, type SeenRun } from './judge.ts';
import {
  brokenInputScenarios,
  clearanceScenarios,
  clickScenarios,
  configScenarios,
  runnerScenarios,
  secretScenarios,
  signalScenarios,
} from './scenarios.ts';

const folder = mkdtempSync(join(tmpdir(), 'ip2process-wrong-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const inContainer = requires(CONTAINER_NEEDS, 'Linux, run as root, with unshare of util-linux');

/** Everything right but for `body`, which may be right too. */
function worker(body: string, mode = 0o755): Worker {
  const place = mkdtempSync(join(folder, 'responders-'));
  mkdirSync(join(place, 'Ip2Process'));
  const script = `#!/usr/bin/env node
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
let job = process.argv[2] ?? '/job';
const text = () => readFileSync(job + '/input/input.json', 'utf8');
const write = (output) => {
  writeFileSync(job + '/output/.draft', JSON.stringify(output));
  renameSync(job + '/output/.draft', job + '/output/output.json');
};
const fail = (errorMessage) => write({ success: false, errorMessage });
${body}
`;
  writeFileSync(join(place, 'Ip2Process', 'ip2process.mjs'), script, { mode });
  return { worker: join(place, 'Ip2Process'), command: 'Ip2Process/ip2process.mjs' };
}

const REFUSES = `fail('Cannot find a memory image');`;

function scenario(from: readonly Scenario[], name: string): Scenario {
  const found = from.find((one) => one.name.includes(name));
  if (!found) throw new Error(`no scenario "${name}"`);
  return found;
}
const run = (name: string) => scenario(runnerScenarios, name);
const docker = run('{"kind":"docker"}');
const kubernetes = run('{"kind":"kubernetes"}');

describe('a responder that only says what it should passes', () => {
  test('as a process', async () => {
    expect(await faultsIn(run('process'), worker(REFUSES), 4)).toEqual([]);
  });
  inContainer('in Docker and Kubernetes', async () => {
    expect(await faultsIn(docker, worker(REFUSES), 4)).toEqual([]);
    expect(await faultsIn(kubernetes, worker(REFUSES), 4)).toEqual([]);
  });
});

const rows: readonly (readonly [
  rule: string,
  what: string,
  Scenario,
  body: string,
  mode?: number,
])[] = [
  [
    'R1',
    'waits for a file',
    configScenarios[0] ?? docker,
    `readFileSync(job + '/input/attachment');`,
  ],
  [
    'R2',
    'looks for its files in the current folder',
    run('process'),
    `readFileSync('Ip2Process.json'); ${REFUSES}`,
  ],
  ['R2', 'needs a home', run('process'), `process.env.HOME.length; ${REFUSES}`],
  ['R2', 'cannot be executed', run('process'), REFUSES, 0o644],
  [
    'R5',
    'trusts that a number is set',
    scenario(configScenarios, 'texts'),
    `JSON.parse(text()).config.threads.toFixed(); ${REFUSES}`,
  ],
  [
    'R5',
    'trusts that a list has something',
    scenario(configScenarios, 'certificates'),
    `JSON.parse(text()).config.image_tags[0].length; ${REFUSES}`,
  ],
  [
    'R6',
    'writes in two steps',
    run('process'),
    `writeFileSync(job + '/output/output.json', '{"success":'); await new Promise((done) => setTimeout(done, 100)); ${REFUSES}`,
  ],
  ['R6', 'leaves a file', run('process'), `${REFUSES} writeFileSync(job + '/output/scratch', '');`],
  ['R6', 'forgets the report', run('process'), ''],
  ['R8', 'tells its configuration', scenario(secretScenarios, '401'), `fail('401 ' + text());`],
  [
    'R8',
    'logs its configuration',
    scenario(secretScenarios, '401'),
    `console.error(text()); fail('401');`,
  ],
  [
    'R9',
    'knows no SIGTERM',
    scenario(signalScenarios, 'SIGTERM'),
    `fail('begun'); setTimeout(() => {}, 3000);`,
  ],
  [
    'R9',
    'ends late',
    scenario(signalScenarios, 'SIGTERM'),
    `fail('Stopped by SIGTERM'); process.on('SIGTERM', () => setTimeout(() => process.exit(0), 2500)); setInterval(() => {}, 1000);`,
  ],
  [
    'R9',
    'says nothing before it is killed',
    scenario(signalScenarios, 'SIGKILL'),
    `writeFileSync(job + '/output/output.json', ''); setTimeout(() => {}, 3000);`,
  ],
  ['R10', 'knows no TLP', scenario(clearanceScenarios, 'a TLP above'), REFUSES],
  [
    'R10',
    'reads the TLP of the job only',
    scenario(clearanceScenarios, 'TLP 4'),
    `JSON.parse(text()).tlp > 3 ? fail('TLP is higher than allowed') : fail('Cannot find a memory image');`,
  ],
  ['R10', 'knows no PAP', scenario(clearanceScenarios, 'a PAP above'), REFUSES],
  [
    'R10',
    'refuses although the check is off',
    scenario(clearanceScenarios, 'is off'),
    `fail('TLP is higher than allowed');`,
  ],
  ['R11', 'takes any type', scenario(clickScenarios, 'another type'), REFUSES],
  [
    'R11',
    'writes before it looks',
    scenario(clickScenarios, 'another type'),
    `const { config, data } = JSON.parse(text());
     await fetch(config.thehive_url + '/api/v1/case/' + data.case._id, { method: 'PATCH', body: '{"tags":[]}', headers: { 'content-type': 'application/json', authorization: 'Bearer ' + config.thehive_apikey } });
     fail('observable of type "mail": run this on one of type ip, domain');`,
  ],
  [
    'R12',
    'trusts that there is an input',
    scenario(brokenInputScenarios, 'no input'),
    `JSON.parse(text()); ${REFUSES}`,
  ],
  [
    'R12',
    'trusts that the input is whole',
    scenario(brokenInputScenarios, 'half'),
    `JSON.parse(text()); ${REFUSES}`,
  ],
];

describe('a wrong responder fails', () => {
  for (const [rule, what, of, body, mode] of rows) {
    test(`${rule}: one that ${what}`, async () => {
      expect((await faultsIn(of, worker(body, mode), 4)).join('\n')).toContain(`${rule}: `);
    });
  }

  const contained: readonly (readonly [string, string, Scenario, string])[] = [
    ['R3', 'needs an argument', docker, `process.argv[2].length; ${REFUSES}`],
    [
      'R3',
      'changes its user',
      docker,
      `chmodSync(job, 0o700); process.setuid(1000); text(); ${REFUSES}`,
    ],
    [
      'R3',
      'needs the environment for a proxy',
      docker,
      `process.env.https_proxy.length; ${REFUSES}`,
    ],
    ['R3', 'writes beside the job', run('isReadOnly'), `writeFileSync('/state', ''); ${REFUSES}`],
    ['R4', 'writes into the job itself', kubernetes, `mkdirSync(job + '/tmp'); ${REFUSES}`],
    ['R4', 'changes its input', kubernetes, `writeFileSync(job + '/input/seen', ''); ${REFUSES}`],
    ['R4', 'exits with 1 for a refusal', kubernetes, `${REFUSES} process.exit(1);`],
  ];
  for (const [rule, what, of, body] of contained) {
    inContainer(`${rule}: one that ${what}`, async () => {
      expect((await faultsIn(of, worker(body), 4)).join('\n')).toContain(`${rule}: `);
    });
  }
});

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
