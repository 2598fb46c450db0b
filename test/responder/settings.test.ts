import { describe, expect, test } from '@jest/globals';
import { secretsOf } from '../../responder/secrets.ts';
import { settingsOf } from '../../responder/settings.ts';

const REQUIRED = { thehive_url: 'https://hive.example.org', thehive_apikey: 'k3y' };
const DEFAULTS = settingsOf(REQUIRED);

test('null, empty, blank and missing are all "not set"', () => {
  for (const unset of [null, undefined, '', '  ', []]) {
    const config = { ...REQUIRED, max_images: unset, contexts: unset, check_tlp: unset };
    if (Array.isArray(unset)) {
      expect(settingsOf({ ...REQUIRED, image_tags: unset })).toEqual(DEFAULTS);
    } else expect(settingsOf(config)).toEqual(DEFAULTS);
  }
});

test('after an edit in Cortex numbers, truths and lists may come as texts', () => {
  const settings = settingsOf({
    ...REQUIRED,
    max_images: ' 7 ',
    download_as_zip: 'true',
    check_tlp: 'false',
    image_tags: 'ram, memory',
  });
  expect(settings).toMatchObject({
    max_images: 7,
    download_as_zip: true,
    check_tlp: false,
    image_tags: ['ram', 'memory'],
  });
});

test.each<[string, Record<string, unknown>, string]>([
  ['a required one is missing', { thehive_url: ' ' }, '"thehive_url": it is not set'],
  ['a number out of range', { max_images: 0 }, '"max_images": it should be a number from 1 to 100'],
  ['a number that is none', { threads: 'all' }, '"threads": it should be a number from 0 to 64'],
  ['an unknown word', { results: 'post' }, '"results": it should be one of auto, operations'],
  ['no truth', { download_as_zip: 'perhaps' }, '"download_as_zip": it should be true or false'],
  ['no text', { evidence_folder: 7 }, '"evidence_folder": it should be text'],
  ['a limit of TLP that is none', { max_tlp: 'AMBER' }, '"max_tlp"'],
])('%s: said by name, without the value of any', (_, changes, message) => {
  expect(() => settingsOf({ ...REQUIRED, ...changes })).toThrow(message);
  expect(() => settingsOf({ ...REQUIRED, ...changes })).not.toThrow('k3y');
});

describe('secrets of a configuration', () => {
  test('are known by their names and places, in every spelling', () => {
    const secrets = secretsOf({
      thehive_apikey: ' abcd1234 ',
      smtp_pwd: 'p wd!',
      inner: { token: ['t0ken'], other: 'shown' },
      proxy_http: 'http://user:p%40ss%2Fword@proxy:3128',
      zip_password: 'malware',
    });
    expect([...secrets]).toEqual(
      expect.arrayContaining([
        'abcd1234',
        'p wd!',
        'p%20wd!',
        't0ken',
        'p@ss/word',
        'p%40ss%2Fword',
      ]),
    );
    expect(secrets.has('shown')).toBe(false);
    // Everybody's default: to hide it would hide the word.
    expect(secrets.has('malware')).toBe(false);
  });

  test('of what is no configuration there are none', () => {
    for (const config of [null, 7, 'text', []]) expect([...secretsOf(config)]).toEqual([]);
  });
});
