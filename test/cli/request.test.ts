import { describe, expect, test } from '@jest/globals';
import { cliRequest } from '../../src/cli/request.ts';

const asked = (...more: string[]) => cliRequest(['35.178.122.152', '--image', 'x.lime', ...more]);

describe('the command line', () => {
  test('asks for text on stdout, all of the memory’s text, and nothing more', () => {
    expect(asked()).toMatchObject({
      request: {
        image: 'x.lime',
        proxy: null,
        pivot: false,
        alert: null,
        contexts: 'full',
        hash: true,
      },
      format: 'text',
      files: [],
      explains: null,
    });
  });

  test('the hash of the image can be left out', () => {
    expect(asked('--no-sha256').request.hash).toBe(false);
  });

  test('the alert’s machine and time, a process to explain, a second look', () => {
    const { request, explains } = asked(
      '--host',
      'pc7',
      '--at',
      '2026-11-22T12:00:00+02:00',
      '--explain',
      '42',
      '--pivot',
    );
    expect(request).toMatchObject({
      pivot: true,
      alert: { host: 'pc7', at: new Date('2026-11-22T10:00:00Z') },
    });
    expect(explains).toBe(42);
  });

  test.each([
    ['a.json', 'json'],
    ['a.stix.json', 'stix'],
    ['A.HTML', 'html'],
    ['a.md', 'markdown'],
    ['a.csv', 'csv'],
    ['a.txt', 'text'],
    ['a', 'json'],
  ])('%s is written as %s', (path, format) => {
    expect(asked('--out', path).files).toEqual([{ path, format }]);
  });

  test.each<[string[], string]>([
    [['--at', '2026-11-22T10:00:00'], 'a date and time with a zone'],
    [['--at', 'yesterday'], 'a date and time with a zone'],
    [['--explain', 'beacond'], 'a process number'],
    [['--contexts', 'some'], 'full, redacted or none'],
    [['--proxy', 'x'], 'an IP address and a port'],
    [['--threads', '0'], 'a whole number from 1 to 64'],
    [['--format', 'pdf'], 'the formats are'],
    [['--nonsense'], 'Cannot read the arguments'],
  ])('%j is refused with what it should be', (more, words) => {
    expect(() => asked(...more)).toThrow(words);
  });

  test('without an image or an indicator there is nothing to do', () => {
    expect(() => cliRequest(['1.2.3.4'])).toThrow('no memory image');
    expect(() => cliRequest(['--image', 'x'])).toThrow('no indicator');
  });
});
