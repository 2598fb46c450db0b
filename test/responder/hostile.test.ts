/** Names of files, observables, tags, machines and processes are an attacker's: none of them gets out of the place of a text. */
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { buildImage } from '../support/build-image.ts';
import { caseWithImage, image, IP, messageOf } from '../support/cortex/case-with-image.ts';
import { click, type Clicked } from '../support/cortex/click.ts';
import { PAYLOADS } from '../support/hostile-text.ts';
import { attributeOf, elementsOf } from '../support/parsed-page.ts';
import { VERSIONS } from '../support/thehive/hive.ts';
import type { Store } from '../support/thehive/store.ts';

const ESCAPED = 'ip2process-escaped.raw';
const NAMES: readonly (readonly [string, string])[] = [
  ['climbs out of its folder', `../../${ESCAPED}`],
  ['is an absolute path', `/tmp/${ESCAPED}`],
  ['is a path of Windows', `..\\..\\${ESCAPED}`],
  ['ends at a NUL', `a.raw\u0000/../../${ESCAPED}`],
  ['gives a terminal commands', '\u001b[2J\u001b]0;x\u0007\r\n\u0008a.raw'],
  ['runs backwards', '\u202ewar.exe\u2066'],
  ['is half a character', 'a\ud800.raw'],
  ['is a megabyte', 'x'.repeat(2 ** 20)],
  ['is Markdown', '[x](javascript:alert(1)) ![y](http://out.example/i) | `a` **b** # c'],
  ['is HTML', '<script>alert(1)</script><img src=x onerror=alert(1)>"\'>'],
  ['is a template', '{{constructor.constructor("alert(1)")()}} ${7*7} <%= 7 %>'],
  ['is a key of JavaScript', '__proto__'],
  ['is nothing', ' '],
];

/** Everything that came into the case or into Cortex, but for what was hostile there before. */
function textsOf(done: Clicked, store: Store, own: ReadonlySet<string>) {
  const made = [...store.observables.values()].filter(({ _id }) => !own.has(_id));
  const markdown = [
    ...made.map(({ message }) => message),
    ...[...store.pages.values()].map(({ content }) => content),
    ...[...store.logs.values()].map(({ message }) => message),
    ...[...store.tasks.values()].map(({ description }) => description),
  ];
  const lines = [
    messageOf(done),
    ...made.flatMap(({ data, tags }) => [data ?? '', ...tags]),
    ...[...store.tasks.values()].map(({ title }) => title),
    ...[...store.pages.values()].map(({ title }) => title),
  ];
  const files = [...store.logs.values()].flatMap((log) => log.files);
  return { markdown, lines, files };
}

// eslint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f]/;
/** Less code spans, fenced code and characters that a backslash or an entity took the meaning of. */
const bare = (text: string): string =>
  text
    .replaceAll(/^(`{3,}|~{3,})[\s\S]*?^\1/gm, '')
    .replaceAll(/(`+)(?!`)[^\n]*?[^`\n]\1(?!`)/g, '')
    .replaceAll(/\\[^\s\w]/g, '');

function expectHarmless({ markdown, lines, files }: ReturnType<typeof textsOf>): void {
  for (const text of [...markdown, ...lines]) expect(text).not.toMatch(UNSEEN);
  for (const text of markdown) {
    expect(bare(text)).not.toMatch(/<[a-z/!]|\]\(|out\.example/i);
  }
  for (const line of lines) expect(line.length).toBeLessThan(4096);
  for (const { name, text } of files) {
    expect(name).toMatch(/^ip2process-[0-9a-f]{12}\.(html|json)$/);
    if (name.endsWith('.html')) expectHarmlessPage(text);
    else expect(() => z.looseObject({}).parse(JSON.parse(text))).not.toThrow();
  }
}

function expectHarmlessPage(page: string): void {
  for (const element of elementsOf(page)) {
    expect(element.tagName).not.toMatch(/^(img|iframe|form|base|object|embed)$/);
    for (const { name } of element.attrs) expect(name).not.toMatch(/^on/);
    // To a place of the page, or to no icon.
    expect(attributeOf(element, 'href') ?? '#').toMatch(/^#|^data:,$/);
  }
  // Our own, which the page's policy names by its hash.
  expect(elementsOf(page).filter(({ tagName }) => tagName === 'script').length).toBeLessThan(3);
}

function expectNoFiles(): void {
  expect(existsSync(join(tmpdir(), ESCAPED))).toBe(false);
  expect(readdirSync(tmpdir()).filter((name) => name.includes('escaped'))).toEqual([]);
}

describe.each(NAMES)("the image's name %s", (_what, name) => {
  // Turn and turn about.
  const isEven = NAMES.findIndex(([, one]) => one === name) % 2 === 0;
  test.each([
    ['a key that may write', isEven ? 4 : 5, undefined],
    ['a key that may read', isEven ? 5 : 4, []],
  ] as const)('%s, TheHive %d', async (_key, version, permissions) => {
    const world = await caseWithImage(version, permissions);
    const { store, case: of } = world;
    store.observables.delete(world.file._id);
    store.addFile(of._id, store.file(name, image), { tags: ['memory-image', `host:${name}`] });
    const own = new Set(store.observables.keys());
    const done = await click({ ...world, observable: world.ip });
    expect(done.faults).toEqual([]);
    expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
    expectHarmless(textsOf(done, store, own));
    expectNoFiles();
  });
});

/** Each name in the kernel's own record, as path, as argument and in memory. */
function hostileMachine(): Uint8Array {
  const hostName = PAYLOADS[0]?.slice(0, 60) ?? '';
  const machine = buildImage({ ramBytes: 32 * 2 ** 20, hostName });
  for (const [place, text] of PAYLOADS.entries()) {
    const argv = [text, `--server=${IP}`, text];
    machine
      .process(text.slice(0, 15), { pid: 100 + place, exe: `/tmp/${text}`, argv })
      .maps(0x7ff0_0000n, `ascii GET http://${IP}/${text} HTTP/1.1`);
  }
  return machine.toBytes();
}

test.each([
  ['a key that may write', 4, undefined],
  ['a key that may write', 5, undefined],
  ['a key that may write tasks only', 5, ['manageObservable', 'manageTask']],
  ['a key that may read', 4, []],
] as const)('%s, TheHive %d: processes with hostile names', async (_key, version, permissions) => {
  const world = await caseWithImage(version, permissions);
  const { store, case: of } = world;
  store.observables.delete(world.file._id);
  store.addFile(of._id, store.file('WS-12.raw', hostileMachine()), { tags: ['memory-image'] });
  const own = new Set(store.observables.keys());
  const done = await click({ ...world, observable: world.ip });
  expect(done.faults).toEqual([]);
  expect(done.report.status).toBe('Success');
  expectHarmless(textsOf(done, store, own));
});

test.each(VERSIONS)(
  'TheHive %d: hostile observables beside a good one are named, not looked for',
  async (version) => {
    const world = await caseWithImage(version);
    const { store, case: of } = world;
    const values = [...NAMES.map(([, name]) => name), ...PAYLOADS];
    for (const [at, data] of values.entries()) {
      const dataType = ['ip', 'domain', 'fqdn', 'hostname', 'url'][at % 5] ?? 'ip';
      store.addObservable(of._id, { dataType, data, tags: [data.slice(0, 128) || 'x'] });
    }
    const own = new Set(store.observables.keys());
    const done = await click(world);
    expect(done.faults).toEqual([]);
    expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
    expectHarmless(textsOf(done, store, own));
    expectNoFiles();
  },
);
