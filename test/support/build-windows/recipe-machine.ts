import { type WindowsBuilder, type WindowsProcessOptions, buildWindows } from './build-windows.ts';
import { INDICATOR, PROXY } from './scenarios.ts';

/** The process of the recipe and the number of places where the indicator stands in its memory. */
export const RECIPE = {
  pid: 3008,
  name: 'taskhostex.exe',
  hits: 116,
  indicator: INDICATOR,
} as const;

/** The lab of the recipe: Windows 8.1 behind a proxy, with `taskhostex.exe` holding the indicator 116 times. */
export function recipeMachine(options: { readonly ramBytes?: number } = {}): WindowsBuilder {
  const machine = buildWindows({
    build: 9600,
    seed: RECIPE.pid,
    ramBytes: options.ramBytes ?? 64 * 2 ** 20,
    bootTime: new Date('2018-02-12T07:58:01Z'),
    captureTime: new Date('2018-02-12T10:41:17Z'),
  });
  for (const [name, more] of EVERYDAY) addEveryday(machine, name, more);
  const host = machine.process(RECIPE.name, {
    pid: RECIPE.pid,
    ppid: 784,
    sid: USER,
    threads: 8,
    commandLine: 'taskhostex.exe',
    createTime: new Date('2018-02-12T08:03:44Z'),
  });
  addHits(host);
  addLibraries(host, ['winhttp.dll', 'webio.dll', 'ws2_32.dll']);
  for (const port of [49213, 49214, 49377]) host.socket(proxied(port));
  machine.orphanSocket({ ...proxied(49160), state: 'TIME_WAIT' });
  return machine;
}

const USER = 'S-1-5-21-2052111302-1677128483-725345543-1001';
const PRIVATE = 0x2_1000_0000n;
const PAGE = 0x1000n;

const proxied = (port: number) => ({ local: `172.31.0.57:${port}`, remote: PROXY });

/** Requests as a client library keeps them in narrow characters, URLs as Windows keeps them in wide ones. */
function addHits(host: ReturnType<WindowsBuilder['process']>): void {
  const narrow = [
    `GET http://${INDICATOR}/news.php?id=`,
    `Host: ${INDICATOR}\r\nProxy-Connection: Keep-Alive\r\nX-Id: `,
    `POST http://${INDICATOR}/admin/get.php HTTP/1.1\r\nX: `,
  ];
  const wide = [`http://${INDICATOR}/login/process.php?`, INDICATOR];
  const pages = Math.ceil(RECIPE.hits / PER_PAGE);
  host.region(PRIVATE, pages + 4, { kind: 'private' });
  for (let index = 0; index < RECIPE.hits; index += 1) {
    const page = Math.floor(index / PER_PAGE);
    const address = PRIVATE + BigInt(page) * PAGE + BigInt(0x80 + (index % PER_PAGE) * 0x1a0);
    // Two of five are wide.
    const isWide = index % 5 === 1 || index % 5 === 3;
    const text = isWide
      ? `utf16 ${wide[index % wide.length]}`
      : `ascii ${narrow[index % narrow.length]}${index}`;
    // Part of the memory was trimmed from the working set.
    host.write(address, text, { kind: page % 4 === 3 ? 'transition' : 'valid' });
  }
}

const PER_PAGE = 9;

/** As the loader maps them, high up; nothing of them need be in RAM. */
function addLibraries(
  process: ReturnType<WindowsBuilder['process']>,
  names: readonly string[],
): void {
  for (const [index, name] of names.entries()) {
    const path = `\\Windows\\System32\\${name}`;
    process.region(LIBRARIES + BigInt(index) * 0x10_0000n, 16, { kind: 'image', path });
  }
}

const LIBRARIES = 0x7ffe_2000_0000n;

interface Everyday extends WindowsProcessOptions {
  /** Connections to the proxy, by local port. */
  readonly ports?: readonly number[];
  /** Hosts that it asked the proxy for. */
  readonly hosts?: readonly string[];
  /** Of System32, beside what every process has. */
  readonly libraries?: readonly string[];
}

function addEveryday(machine: WindowsBuilder, name: string, more: Everyday): void {
  const { ports = [], hosts = [], libraries = [], ...options } = more;
  const process = machine.process(name, options);
  for (const port of ports) process.socket(proxied(port));
  addLibraries(process, libraries);
  if (hosts.length === 0) return;
  process.region(PRIVATE, 4, { kind: 'private' });
  for (const [index, host] of hosts.entries()) {
    const at = PRIVATE + BigInt(index * 0x400);
    process.write(at, `ascii CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}\r\n`);
  }
}

const service = (
  pid: number,
  sid: string,
  group: string,
  more: Partial<Everyday> = {},
): Everyday => ({
  pid,
  ppid: 560,
  session: 0,
  sid,
  commandLine: `C:\\Windows\\system32\\svchost.exe -k ${group}`,
  threads: 4,
  ...more,
});

/** The other processes of such a machine. */
const EVERYDAY: readonly (readonly [string, Everyday])[] = [
  ['smss.exe', { pid: 252, session: null, commandLine: '\\SystemRoot\\System32\\smss.exe' }],
  ['csrss.exe', { pid: 336, ppid: 328, session: 0, threads: 5 }],
  ['wininit.exe', { pid: 388, ppid: 328, session: 0, commandLine: 'wininit.exe' }],
  ['csrss.exe', { pid: 396, ppid: 380, session: 1, threads: 6 }],
  ['winlogon.exe', { pid: 424, ppid: 380, session: 1, commandLine: 'winlogon.exe' }],
  ['lsass.exe', { pid: 496, ppid: 388, session: 0, threads: 6 }],
  ['svchost.exe', service(572, 'S-1-5-18', 'DcomLaunch')],
  ['svchost.exe', service(600, 'S-1-5-20', 'RPCSS')],
  ['dwm.exe', { pid: 680, ppid: 424, session: 1, sid: 'S-1-5-90-1', commandLine: '"dwm.exe"' }],
  [
    'svchost.exe',
    service(784, 'S-1-5-18', 'netsvcs', {
      ports: [49170],
      hosts: ['update.example'],
      libraries: ['winhttp.dll', 'webio.dll'],
    }),
  ],
  ['svchost.exe', service(828, 'S-1-5-19', 'LocalService')],
  ['svchost.exe', service(924, 'S-1-5-20', 'NetworkService')],
  ['svchost.exe', service(108, 'S-1-5-19', 'LocalServiceNoNetwork')],
  ['spoolsv.exe', { pid: 1096, ppid: 560, session: 0, threads: 5 }],
  [
    'MsMpEng.exe',
    {
      pid: 1220,
      ppid: 560,
      session: 0,
      path: 'C:\\Program Files\\Windows Defender\\MsMpEng.exe',
      libraries: ['winhttp.dll'],
    },
  ],
  [
    'vmtoolsd.exe',
    {
      pid: 1312,
      ppid: 560,
      session: 0,
      path: 'C:\\Program Files\\VMware\\VMware Tools\\vmtoolsd.exe',
    },
  ],
  ['dllhost.exe', { pid: 1588, ppid: 560, session: 0 }],
  [
    'explorer.exe',
    {
      pid: 2204,
      ppid: 2180,
      sid: USER,
      path: 'C:\\Windows\\explorer.exe',
      threads: 12,
      libraries: ['wininet.dll', 'urlmon.dll'],
    },
  ],
  ['SearchIndexer.exe', { pid: 2372, ppid: 560, session: 0, threads: 6 }],
  [
    'vmtoolsd.exe',
    {
      pid: 2596,
      ppid: 2204,
      sid: USER,
      path: 'C:\\Program Files\\VMware\\VMware Tools\\vmtoolsd.exe',
    },
  ],
  [
    'iexplore.exe',
    {
      pid: 2724,
      ppid: 2204,
      sid: USER,
      path: 'C:\\Program Files\\Internet Explorer\\iexplore.exe',
      threads: 9,
      ports: [49301, 49302, 49305],
      libraries: ['wininet.dll', 'urlmon.dll', 'winhttp.dll'],
      hosts: ['intranet.example', 'news.example', '198.51.100.23'],
    },
  ],
  ['notepad.exe', { pid: 3140, ppid: 2204, sid: USER }],
  [
    'cmd.exe',
    { pid: 3412, ppid: 2204, sid: USER, commandLine: '"C:\\Windows\\system32\\cmd.exe"' },
  ],
  ['conhost.exe', { pid: 3420, ppid: 3412, sid: USER }],
];
