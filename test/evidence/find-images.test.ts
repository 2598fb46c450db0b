import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CaseAttachment, CaseObservable } from '../../src/evidence/evidence.ts';
import { findImages, imageOf } from '../../src/evidence/find-images.ts';

const SHA = 'ab'.repeat(32);

const attachment = (fields: Partial<CaseAttachment> = {}): CaseAttachment => ({
  id: '~9007199254740993',
  name: 'WS-12.raw',
  size: 2 ** 30,
  sha256: SHA,
  sha1: null,
  md5: null,
  holder: { kind: 'observable', id: '~1' },
  ...fields,
});

const observable = (fields: Partial<CaseObservable> = {}): CaseObservable => ({
  id: '~1',
  dataType: 'file',
  data: null,
  attachment: attachment(),
  tags: ['memory-image', 'host:WS-12'],
  ...fields,
});

const text = (dataType: string, data: string, tags: string[] = ['memory-image']): CaseObservable =>
  observable({ dataType, data, attachment: null, tags });

const numbered = (count: number): CaseObservable[] =>
  Array.from({ length: count }, (_, index) =>
    observable({
      id: `~${index}`,
      attachment: attachment({ id: `~${index}`, name: `${index}.raw`, sha256: null }),
      tags: ['memory-image', `host:WS-${index}`],
    }),
  );

const found = (observables: CaseObservable[], attachments: CaseAttachment[] = []) =>
  findImages({ observables, attachments });

test('a tagged file is an image, with what the case says of it', () => {
  const one = observable();
  expect(found([text('ip', '203.0.113.7', []), one])).toEqual([
    {
      name: 'WS-12.raw',
      host: 'WS-12',
      bytes: 2 ** 30,
      sha256: SHA,
      observable: '~1',
      source: { kind: 'attachment', attachment: one.attachment },
    },
  ]);
});

describe('an observable that names an image', () => {
  test.each<[string, string, object]>([
    ['other', 'path:ws12/memory.raw', { kind: 'folder', path: 'ws12/memory.raw' }],
    ['other', ' path: a b.raw ', { kind: 'folder', path: 'a b.raw' }],
    ['url', 'https://files.example/x.raw', { kind: 'url', url: 'https://files.example/x.raw' }],
    ['other', 'https://files.example/x.raw', { kind: 'url', url: 'https://files.example/x.raw' }],
    [
      'other',
      'velociraptor:C.0123/F.CR5/uploads/PhysicalMemory.raw',
      { kind: 'velociraptor', client: 'C.0123', flow: 'F.CR5', path: 'uploads/PhysicalMemory.raw' },
    ],
  ])('%s "%s"', (dataType, data, source) => {
    expect(imageOf(text(dataType, data))?.source).toEqual(source);
  });

  test.each([
    ['ip', '203.0.113.7'],
    ['ip', 'path:memory.raw'],
    ['other', 'memory.raw'],
    ['other', 'path:'],
    ['other', 'velociraptor:C.0123/../x'],
    ['other', `path:${'x'.repeat(5000)}`],
  ])('is not %s "%s"', (dataType, data) => expect(imageOf(text(dataType, data))).toBeNull());

  test('has the name of its last part, and the hash of its tag', () => {
    const tags = ['Memory-Image', `sha256:${SHA.toUpperCase()}`];
    const url = text('url', 'https://files.example/a/b.raw?key=secret#x', tags);
    expect(imageOf(url)).toMatchObject({ name: 'b.raw', sha256: SHA, bytes: null });
  });
});

test.each([
  [['host:WS-12'], 'WS-12'],
  [['hostname="ws_12.example.org"'], 'ws_12.example.org'],
  [['HOST:a', 'host:b'], 'a'],
  [['host:<b>x</b>'], null],
  [['host:'], null],
  [['ghost:x'], null],
])('of the tags %j the host is %j', (tags, host) => {
  expect(imageOf(observable({ tags: ['ip2process:image', ...tags] }))?.host).toBe(host);
});

test('the clicked observable is the one that is meant, if it is an image', () => {
  const observables = numbered(5);
  const [clicked] = observables;
  const images = findImages({ observables, attachments: [], clicked: clicked ?? null });
  expect(images.map(({ name }) => name)).toEqual(['0.raw']);
  const ip = text('ip', '203.0.113.7', []);
  expect(findImages({ observables: numbered(3), attachments: [], clicked: ip })).toHaveLength(3);
});

test('the same file twice is one image', () => {
  const twin = observable({ id: '~2', attachment: attachment({ id: '~other', name: 'copy.raw' }) });
  expect(found([observable(), twin]).map(({ name }) => name)).toEqual(['WS-12.raw']);
});

test('too many are refused, and listed with their hosts', () => {
  expect(() => found(numbered(4))).toThrow(
    'Cannot search 4 memory images at once, at most 3: "0.raw (WS-0)", "1.raw (WS-1)", "2.raw (WS-2)", "3.raw (WS-3)". Start on the image that is meant, take the tag off the others, or raise the limit',
  );
  expect(findImages({ observables: numbered(4), attachments: [] }, { limit: 4 })).toHaveLength(4);
  expect(() => found(numbered(10_000))).toThrow(/and 9990 more/);
});

describe('files of the case itself have no tags', () => {
  const files = ['memory.lime', 'notes.pdf', 'WS-13.RAW.gz'].map((name) =>
    attachment({ id: name, name, sha256: null, holder: { kind: 'case', id: '~5' } }),
  );
  test('their names tell', () => {
    expect(found([], files).map(({ name }) => name)).toEqual(['memory.lime', 'WS-13.RAW.gz']);
  });
  test('a tag is a decision, a name a guess', () => {
    expect(found([observable()], files).map(({ name }) => name)).toEqual(['WS-12.raw']);
  });
});

describe('where there is none, it says how to tag', () => {
  test('the files that could be meant are named', () => {
    const untagged = observable({ tags: [] });
    expect(() => found([untagged], [attachment({ name: 'notes.pdf' })])).toThrow(
      'Cannot find a memory image in the case: no file, URL or path among its observables has the tag "memory-image"; it has these files: "WS-12.raw", "notes.pdf". Add the image as a file observable (or, where it is large, an observable of type other with "path:FOLDER/FILE") and tag it "memory-image" and "host:NAME"',
    );
  });
  test('a tag on something else is pointed out', () => {
    expect(() => found([text('ip', '203.0.113.7')])).toThrow(
      /the observable "203\.0\.113\.7" of type ip has that tag, but is neither a file/,
    );
  });
  test('the tag of the settings is the one named', () => {
    const rules = { tags: ['ram'] };
    expect(() => findImages({ observables: [observable()], attachments: [] }, rules)).toThrow(
      /has the tag "ram"/,
    );
  });
});

test('hostile names stay short and harmless wherever they are shown', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.constant('x'.repeat(2 ** 20)),
        fc.constant('../../etc/passwd\0\u001b[2J\u202e'),
      ),
      (name) => {
        const image = imageOf(
          observable({ attachment: attachment({ name }), tags: ['memory-image', `host:${name}`] }),
        );
        expect(image?.name).not.toMatch(/[\p{Cc}\u202e]/u);
        expect(image?.name.length).toBeLessThan(900);
        expect(image?.host ?? '').toMatch(/^[\w.-]*$/);
        const untagged = observable({ attachment: attachment({ name }), tags: [name] });
        expect(() => found([untagged])).toThrow(/^Cannot find a memory image[^\p{Cc}]{1,2000}$/u);
      },
    ),
  );
});
