import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import type { Runner } from './commands.ts';
import { artifactInput, caseInput } from './inputs.ts';
import {
  changed,
  NO_IMAGE,
  onIp,
  onObservable,
  PROXY_PASSWORD,
  refused,
  refusing,
  withConfig,
  type Scenario,
  type World,
} from './scenario.ts';

const RUNNERS: readonly (readonly [string, Runner])[] = [
  ['R2', { kind: 'process' }],
  ['R3', { kind: 'docker' }],
  ['R3', { kind: 'docker', uid: 1001 }],
  ['R3', { kind: 'docker', isReadOnly: true }],
  ['R3', { kind: 'docker-3.1' }],
  ['R4', { kind: 'kubernetes' }],
  ['R4', { kind: 'kubernetes', uid: 54_321 }],
];

export const runnerScenarios: readonly Scenario[] = RUNNERS.map(([rule, runner]) => ({
  rule,
  name: `runs under ${JSON.stringify(runner)}`,
  runner,
  ask: onIp,
  check: (result, world) => [
    ...refused(rule, NO_IMAGE)(result, world),
    ...(result.starts > 1 ? [`R4: Kubernetes started it ${result.starts} times`] : []),
  ],
}));

export const configScenarios: readonly Scenario[] = [
  refusing('R1', 'text beyond ASCII and nothing optional', onIp, NO_IMAGE),
  refusing(
    'R5',
    'numbers as texts',
    withConfig({ max_images: '3', max_tlp: '2', jobTimeout: '30', threads: ' ' }),
    NO_IMAGE,
  ),
  refusing(
    'R5',
    'keys that it does not know',
    withConfig({ added_later: { deep: [1] }, proxy: {} }),
    NO_IMAGE,
  ),
  refusing(
    'R5',
    'only what is required',
    ({ ip, aCase, hive, writer }) => ({
      input: artifactInput(ip, aCase, { thehive_url: hive.url, thehive_apikey: writer.key }),
    }),
    NO_IMAGE,
  ),
  refusing(
    'R5',
    'two certificates that it does not need',
    withConfig({ cacerts: rootCertificates.slice(0, 2).join('\n') }),
    NO_IMAGE,
  ),
  refusing(
    'R5',
    'a required setting is missing',
    withConfig({ thehive_url: null }),
    /"thehive_url": it is not set/,
  ),
  refusing(
    'R5',
    'a number that is none',
    withConfig({ max_images: 'many' }),
    /"max_images": it should be a number from 1 to 100/,
  ),
];

/** Ways to fail in which a secret could slip out. */
export const secretScenarios: readonly Scenario[] = [
  refusing('R8', 'TheHive says 401', wrongKey, /401/),
  refusing(
    'R8',
    'a proxy with a password that is not there',
    withConfig({
      proxy_http: `http://user:${encodeURIComponent(PROXY_PASSWORD)}@127.0.0.1:1`,
    }),
    /nothing listens/,
  ),
  refusing(
    'R8',
    'an address with a password in it',
    withConfig({ thehive_url: `http://user:${encodeURIComponent(PROXY_PASSWORD)}@127.0.0.1:1` }),
    /user or password/,
  ),
  refusing(
    'R8',
    'TLS that nobody speaks there',
    ({ ip, aCase, config, hive }) => ({
      input: artifactInput(ip, aCase, {
        ...config,
        thehive_url: hive.url.replace('http:', 'https:'),
      }),
    }),
    /Cannot read the version/,
  ),
];

function wrongKey({ ip, aCase, config, writer, store }: World) {
  store.accounts.length = 0;
  return { input: artifactInput(ip, aCase, { ...config, thehive_apikey: writer.key }) };
}

export const clearanceScenarios: readonly Scenario[] = [
  refusing('R10', 'a TLP above the limit', tlpOf(3), /^TLP is higher than allowed/),
  refusing('R10', 'TLP 4, which Cortex gets as 3', tlpOf(4, { max_tlp: 3 }), /^TLP is higher/),
  refusing(
    'R10',
    'a PAP above the limit',
    ({ ip, store, config }) => ({
      input: artifactInput(ip, store.addCase({ pap: 3 }), config),
    }),
    /^PAP is higher than allowed/,
  ),
  refusing(
    'R10',
    'a case above the limit',
    ({ store, config }) => ({
      input: caseInput(store.addCase({ tlp: 3 }), config),
    }),
    /^TLP is higher/,
  ),
  refusing('R10', 'the check is off', tlpOf(3, { check_tlp: false }), NO_IMAGE),
  refusing('R10', 'the check is not set', tlpOf(3, { check_tlp: null }), NO_IMAGE),
  refusing('R10', 'just the limit', tlpOf(3, { max_tlp: 3 }), NO_IMAGE),
];

function tlpOf(tlp: number, changes: Readonly<Record<string, unknown>> = {}) {
  return ({ store, aCase, config }: World) => ({
    input: artifactInput(store.addObservable(aCase._id, { tlp }), aCase, { ...config, ...changes }),
  });
}

export const clickScenarios: readonly Scenario[] = [
  refusing(
    'R11',
    'an observable of another type',
    onObservable({ dataType: 'mail', data: 'ana@example.org' }),
    /observable of type "mail": run this on one of type ip, domain/,
  ),
  refusing(
    'R11',
    'a file without the tag of an image',
    onObservable({ dataType: 'file', data: null }),
    /observable of type "file".*tagged "memory-image"/,
  ),
  refusing(
    'R11',
    'something of TheHive that is no case',
    ({ ip, aCase, config }) => ({
      input: { ...artifactInput(ip, aCase, config), dataType: 'thehive:alert' },
    }),
    /run the responder on a case/,
  ),
  refusing(
    'R11',
    "an alert's observable",
    changed((data) => {
      delete data['case'];
      data['alert'] = { _id: '~1' };
    }),
    /make a case of the alert first/,
  ),
  refusing(
    'R11',
    'no case in the input',
    changed((data) => delete data['case']),
    NO_IMAGE,
  ),
  refusing('R11', 'an empty value', onObservable({ data: ' ' }), /it is empty/),
  refusing(
    'R11',
    'no value',
    changed((data) => delete data['data']),
    /it is empty/,
  ),
  refusing('R11', 'IPv6', onObservable({ data: '2001:DB8::0007' }), NO_IMAGE),
  refusing('R11', 'defanged', onObservable({ data: '203[.]0[.]113[.]7' }), NO_IMAGE),
  refusing('R11', 'a network', onObservable({ data: '203.0.113.0/24' }), /it is a network/),
  refusing(
    'R11',
    'a megabyte of text',
    onObservable({ data: '7'.repeat(2 ** 20) }),
    /1048576 characters long/,
  ),
  refusing(
    'R11',
    'a name that climbs out of folders, in control characters',
    onObservable({ dataType: 'domain', data: '../../etc/\u001b[31mpasswd\u202e' }),
    /Cannot look for/,
  ),
  refusing(
    'R11',
    'an identifier with a path in it',
    changed((data) => {
      data['_id'] = '../../user/current';
    }),
    /404|missing|not/,
  ),
];

export const brokenInputScenarios: readonly Scenario[] = [
  refusing('R12', 'no input', (world) => ({ ...onIp(world), inputText: null }), /it is not there/),
  refusing(
    'R12',
    'half an input',
    (world) => ({ ...onIp(world), inputText: '{"dataType":"thehive:case_artifact","data":{"_id' }),
    /not whole JSON/,
  ),
  refusing(
    'R12',
    'an input of another kind',
    (world) => ({ ...onIp(world), inputText: '[1]' }),
    /no.* job of Cortex/,
  ),
];

/** TheHive takes the request and says nothing: the job is in the middle of its work. */
function silent({ hive }: World): void {
  hive.faults.add({ when: /status/, what: { kind: 'silence' } });
}

async function whenBegun(job: string): Promise<void> {
  while (!existsSync(join(job, 'output', 'output.json'))) await wait(5);
  await wait(400);
}

const interrupted = (signal: NodeJS.Signals, message: RegExp): Scenario => ({
  rule: 'R9',
  name: `${signal} in the middle of the work`,
  ask: (world) => {
    silent(world);
    return {
      ...onIp(world),
      interrupt: async ({ kill, job }) => {
        await whenBegun(job);
        kill(signal);
      },
    };
  },
  check: (result, world) => [
    ...refused('R9', message)(result, world),
    ...(result.millisecondsAfterSignal > 2000
      ? [`R9: it ended ${Math.round(result.millisecondsAfterSignal)} ms after ${signal}`]
      : []),
  ],
});

export const signalScenarios: readonly Scenario[] = [
  interrupted('SIGTERM', /^Stopped by SIGTERM/),
  interrupted('SIGKILL', /^Killed before the answer was there/),
];

/** Those that ask TheHive something, and so depend on its version. */
export const CONNECTED: readonly Scenario[] = [...runnerScenarios, ...clickScenarios];

export const OTHERS: readonly Scenario[] = [
  ...configScenarios,
  ...secretScenarios,
  ...clearanceScenarios,
  ...brokenInputScenarios,
  ...signalScenarios,
];
