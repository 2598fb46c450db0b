import { describe, expect, test } from '@jest/globals';
import { httpLibraryFinder, libraryIn } from '../../src/attribute/http-libraries.ts';
import type { Process } from '../../src/os/process.ts';
import { fakeEngine, processOf, regionOf } from '../support/fake-engine.ts';

const WINHTTP = '\\Windows\\System32\\winhttp.dll';

/** A process of a program, and the files that it maps. */
interface Mapped {
  readonly program: string;
  readonly maps?: readonly string[];
  readonly more?: Partial<Process>;
}

const many = (count: number, one: Mapped): Mapped[] => Array.from({ length: count }, () => one);

/** What is said of the first process; `reads` counts processes whose regions were asked for. */
function judge(...mapped: readonly Mapped[]) {
  const processes = mapped.map(({ program, more }, index) =>
    processOf({
      pid: index + 1,
      name: program,
      path: `\\Device\\HarddiskVolume2\\Windows\\System32\\${program}`,
      commandLine: program,
      ...more,
    }),
  );
  let reads = 0;
  const find = httpLibraryFinder(
    fakeEngine({
      processes,
      regions(process) {
        reads += 1;
        const files = mapped[processes.indexOf(process)]?.maps ?? [];
        return files.map((name) => regionOf('image', { name }));
      },
    }),
  );
  const found = find(0);
  return { found, reads };
}

const OTHERS = many(6, { program: 'other.exe' });

describe('a library for HTTP', () => {
  test.each([
    ['\\Windows\\System32\\winhttp.dll', 'winhttp.dll'],
    ['\\Windows\\SysWOW64\\WININET.dll', 'wininet.dll'],
    ['\\Users\\alice\\libcurl-x64.dll', 'libcurl-x64.dll'],
    ['/usr/lib/x86_64-linux-gnu/libcurl.so.4.8.0', 'libcurl.so.4.8.0'],
    ['/usr/lib/x86_64-linux-gnu/libcurl-gnutls.so.4', 'libcurl-gnutls.so.4'],
    ['/usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)', 'libssl.so.3'],
    ['/usr/lib/x86_64-linux-gnu/libsoup-3.0.so.0.7.3', 'libsoup-3.0.so.0.7.3'],
    [
      '/usr/lib/python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so',
      '_ssl.cpython-311-x86_64-linux-gnu.so',
    ],
    ['\\Windows\\System32\\ws2_32.dll', null],
    ['/usr/lib/x86_64-linux-gnu/libcrypto.so.3', null],
    ['/home/alice/libssl.so.3/notes.txt', null],
    ['[heap]', null],
    [null, null],
  ])('is told by its file name: %s', (region, name) => {
    expect(libraryIn(region)).toBe(name);
  });
});

describe('is unusual', () => {
  test.each<[string, Mapped[]]>([
    ['in a text editor', [{ program: 'notepad.exe', maps: [WINHTTP] }, ...OTHERS]],
    ['in a host for tasks', [{ program: 'taskhostex.exe', maps: [WINHTTP] }, ...OTHERS]],
    [
      'in a process under the name of a kernel thread',
      [
        { program: 'kworker/0:2', maps: ['/usr/lib/libcurl.so.4'], more: { path: '/tmp/x' } },
        ...OTHERS,
      ],
    ],
    [
      'in one of many of a program that the table does not know',
      [{ program: 'agent.exe', maps: [WINHTTP] }, ...many(4, { program: 'agent.exe' }), ...OTHERS],
    ],
  ])('%s', (_, machine) => {
    expect(judge(...machine).found?.name).toMatch(/winhttp|libcurl/);
  });

  test('and the report says why, with numbers', () => {
    const { found } = judge(
      { program: 'taskhostex.exe', maps: [WINHTTP] },
      ...many(3, { program: 'taskhostex.exe' }),
      ...OTHERS,
    );
    expect(found).toEqual({
      name: 'winhttp.dll',
      why: 'for which a host for other code has no use; 0 of 3 others of the same program have it',
    });
  });
});

describe('is not unusual', () => {
  test.each<[string, Mapped[]]>([
    ['in a program that may have a use for it', [{ program: 'updater.exe', maps: [WINHTTP] }]],
    [
      'where half of the machine maps it',
      [
        { program: 'notepad.exe', maps: [WINHTTP] },
        ...many(3, { program: 'other.exe', maps: [WINHTTP] }),
        ...many(3, { program: 'other.exe' }),
      ],
    ],
    [
      'where most others of the same program map it',
      [
        { program: 'rundll32.exe', maps: [WINHTTP] },
        ...many(3, { program: 'rundll32.exe', maps: [WINHTTP] }),
        ...many(20, { program: 'other.exe' }),
      ],
    ],
    [
      'among few of the same program',
      [{ program: 'agent.exe', maps: [WINHTTP] }, ...many(2, { program: 'agent.exe' }), ...OTHERS],
    ],
    [
      'among others in another role',
      [
        { program: 'python3', maps: [WINHTTP], more: { commandLine: 'python3 /opt/sync.py' } },
        ...many(5, { program: 'python3', more: { commandLine: 'python3 /opt/clock.py' } }),
        ...OTHERS,
      ],
    ],
    [
      'in a service host that does not tell its service',
      [{ program: 'svchost.exe', maps: [WINHTTP] }, ...many(5, { program: 'svchost.exe' })],
    ],
    ['where none is mapped', [{ program: 'notepad.exe' }, ...OTHERS]],
    [
      'in a process that has ended',
      [{ program: 'notepad.exe', maps: [WINHTTP], more: { state: 'exited' } }, ...OTHERS],
    ],
  ])('%s', (_, machine) => expect(judge(...machine).found).toBeNull());
});

describe('costs', () => {
  test('nothing for a program that neither the table nor others can tell of', () => {
    expect(judge({ program: 'updater.exe', maps: [WINHTTP] }, ...OTHERS).reads).toBe(0);
  });

  test('one look for a process that maps none', () => {
    expect(judge({ program: 'notepad.exe' }, ...many(500, { program: 'other.exe' })).reads).toBe(1);
  });

  test('a bounded number of looks on a machine of a thousand processes', () => {
    const { found, reads } = judge(
      { program: 'notepad.exe', maps: [WINHTTP] },
      ...many(200, { program: 'notepad.exe' }),
      ...many(1000, { program: 'other.exe' }),
    );
    expect(found?.name).toBe('winhttp.dll');
    expect(reads).toBeLessThanOrEqual(1 + 8 + 24);
  });
});
