/** The stand-in for Cortex is only worth something if a wrong responder fails in it: one for each of its rules. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { requires } from '../requires.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { CONTAINER_NEEDS } from './commands.ts';
import type { Worker } from './cortex.ts';
import { faultsIn, type Scenario } from './scenario.ts';
import {
  brokenInputScenarios,
  clearanceScenarios,
  clickScenarios,
  configScenarios,
  runnerScenarios,
  secretScenarios,
  signalScenarios,
} from './scenarios.ts';

const folder = temporaryFolder('ip2process-wrong-');
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

type Row = readonly [rule: string, what: string, Scenario, body: string, mode?: number];

const rows: readonly Row[] = [
  [
    'R1',
    'waits for a file',
    configScenarios[0] ?? docker,
    `readFileSync(job + '/input/attachment');`,
  ],
  [
    'R1',
    'needs authorities beside the input',
    configScenarios[0] ?? docker,
    `readFileSync(job + '/input/cacerts'); ${REFUSES}`,
  ],
  [
    'R1',
    'knows English only',
    configScenarios[0] ?? docker,
    `if (/[^\\x00-\\x7f]/.test(text())) throw new Error('what?'); ${REFUSES}`,
  ],
  [
    'R2',
    'waits for its standard input',
    run('process'),
    `if (readFileSync(0).length === 0) throw new Error('nothing'); ${REFUSES}`,
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
    'R5',
    'trusts that a proxy is set',
    scenario(configScenarios, 'texts'),
    `JSON.parse(text()).config.proxy_http.length; ${REFUSES}`,
  ],
  [
    'R5',
    'knows all keys that there ever will be',
    scenario(configScenarios, 'does not know'),
    `if ('added_later' in JSON.parse(text()).config) throw new Error('what?'); ${REFUSES}`,
  ],
  [
    'R6',
    'writes in two steps',
    run('process'),
    `writeFileSync(job + '/output/output.json', '{"success":'); await new Promise((done) => setTimeout(done, 1000)); ${REFUSES}`,
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
    'R8',
    'tells the address with its password',
    scenario(secretScenarios, 'an address with a password'),
    `fail('user or password in ' + JSON.parse(text()).config.thehive_url);`,
  ],
  [
    'R8',
    'tells the proxy with its password',
    scenario(secretScenarios, 'a proxy with a password'),
    `fail('nothing listens at ' + decodeURIComponent(JSON.parse(text()).config.proxy_http));`,
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
  [
    'R10',
    'refuses although nobody set the check',
    scenario(clearanceScenarios, 'is not set'),
    `fail('TLP is higher than allowed');`,
  ],
  ...['no case', 'an alert', 'another type', 'an empty', 'no value', 'a network', 'a megabyte'].map(
    (name): Row => ['R11', `looks for ${name} as for any`, scenario(clickScenarios, name), REFUSES],
  ),
  ...['IPv6', 'defanged', 'no case in'].map((name): Row => [
    'R11',
    `gives up at ${name}`,
    scenario(clickScenarios, name),
    `fail('what?');`,
  ]),
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
    ['R3', 'takes no argument', run('3.1'), `if (process.argv[2]) throw 1; ${REFUSES}`],
    ['R3', 'needs root', run('1001'), `process.setgroups([]); ${REFUSES}`],
    [
      'R4',
      'asks what its user is called',
      run('54321'),
      `(await import('node:os')).userInfo(); ${REFUSES}`,
    ],
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
