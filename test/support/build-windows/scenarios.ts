import { type WindowsBuilder, type WindowsOptions, buildWindows } from './build-windows.ts';

/** What the machines here are searched for, and the proxy that all traffic goes through. */
export const INDICATOR = '35.178.122.152';
export const PROXY = '172.31.0.250:8080';

const PAGE = 0x1000n;
const HEAP = 0x2_0000_0000n;

const proxied = (port: number) => ({ local: `172.31.0.57:${port}`, remote: PROXY });

/** One machine with every way in which the indicator can stand in memory. `at` names the case by process. */
export function everyCase(options: WindowsOptions = {}): WindowsBuilder {
  const machine = buildWindows(options);
  const person = 'S-1-5-21-1004336348-1177238915-682003330-1001';

  machine
    .process('beacon.exe', { pid: 2000, ppid: 560, sid: person, threads: 3 })
    .region(HEAP, 8, { kind: 'private' })
    .write(HEAP + 0x123n, `ascii GET http://${INDICATOR}/a HTTP/1.1`)
    .write(HEAP + 0x1800n, `utf16 http://${INDICATOR}/b`)
    .page(HEAP + 4n * PAGE, 'demand-zero')
    .page(HEAP + 5n * PAGE, 'paged-out')
    .page(HEAP + 6n * PAGE, 'compressed')
    .socket(proxied(49801));

  machine
    .process('trimmed.exe', { pid: 2100 })
    .maps(HEAP, `ascii standby ${INDICATOR} page`, { kind: 'transition' })
    .maps(HEAP + 0x10_0000n, `utf16 modified ${INDICATOR} page`, { kind: 'modified' });

  machine.process('large.exe', { pid: 2200 }).large(HEAP, `ascii large ${INDICATOR}`, 0x12_3456);

  const shared = { kind: 'shared', path: 'IpcCache' } as const;
  machine
    .process('writer.exe', { pid: 2300 })
    .region(HEAP, 4, shared)
    .write(HEAP + PAGE, `ascii shared ${INDICATOR}`);
  machine
    .process('reader.exe', { pid: 2304 })
    .region(2n * HEAP, 4, shared)
    .page(2n * HEAP + PAGE, 'valid');
  machine
    .process('pointed.exe', { pid: 2308 })
    .region(HEAP, 4, shared)
    .page(HEAP + PAGE, 'prototype');
  machine
    .process('byvad.exe', { pid: 2312 })
    .region(HEAP, 4, shared)
    .page(HEAP + PAGE, 'vad-prototype');
  machine.process('untouched.exe', { pid: 2316 }).region(HEAP, 4, shared);

  machine
    .process('logview.exe', { pid: 2400 })
    .region(HEAP, 8, { kind: 'mapped', path: '\\Users\\alice\\proxy.log' })
    .write(HEAP + 3n * PAGE + 0x40n, `ascii CONNECT ${INDICATOR}:443`, {
      kind: 'prototype-transition',
    });
  machine
    .process('patched.exe', { pid: 2404 })
    .region(HEAP, 4, { kind: 'image', path: '\\Windows\\System32\\winhttp.dll' })
    .write(HEAP + PAGE, `ascii copied on write ${INDICATOR}`, { copy: true });
  machine
    .process('injected.exe', { pid: 2408 })
    .region(HEAP, 4, { kind: 'private', protection: 'executeReadWrite' })
    .write(HEAP + 2n * PAGE, `ascii shellcode ${INDICATOR}`);

  machine
    .process('straddle.exe', { pid: 2500 })
    .region(HEAP, 8, { kind: 'private' })
    .write(HEAP + PAGE - 6n, `ascii ${INDICATOR}`)
    .write(HEAP + 4n * PAGE - 11n, `utf16 ${INDICATOR}`);

  addNeighbours(machine);
  if ((options.build ?? 17763) >= 14393) {
    machine.process('MemCompression', { pid: 1512, path: null, threads: 4 });
  }
  machine
    .process('nearmiss.exe', { pid: 2800 })
    .region(HEAP, 8, { kind: 'private' })
    .write(HEAP + 0x100n, `ascii 1${INDICATOR} ${INDICATOR}0 35.178.122.15 35.178.122.153`, {
      nearMiss: true,
    })
    .write(HEAP + PAGE, `utf16 1${INDICATOR} ${INDICATOR}.7`, { nearMiss: true });
  machine
    .process('hidden.exe', { pid: 2900, hidden: true })
    .maps(HEAP, `ascii hidden ${INDICATOR}`)
    .socket(proxied(49802));
  machine
    .process('gone.exe', {
      pid: 3000,
      terminated: true,
      exitTime: new Date('2024-03-01T09:30:00Z'),
    })
    .maps(HEAP, `ascii former ${INDICATOR} free`)
    .maps(HEAP + 0x10_0000n, `ascii former ${INDICATOR} standby`, { kind: 'transition' });
  machine.process('zombie.exe', {
    pid: 3004,
    lingering: true,
    exitTime: new Date('2024-03-01T09:45:00Z'),
  });
  machine
    .process('asleep.exe', { pid: 3008, commandLine: 'asleep.exe -q', peb: 'transition' })
    .maps(HEAP, `utf16 asleep ${INDICATOR}`);
  machine
    .process('away.exe', { pid: 3012, commandLine: 'away.exe -q', peb: 'paged-out' })
    .maps(HEAP, `ascii away ${INDICATOR}`);
  machine
    .process('old32.exe', { pid: 3100, wow64: true })
    .maps(0x1000_0000n, `ascii thirty-two ${INDICATOR}`);
  machine
    .process('browser.exe', { pid: 3200, sid: person })
    .maps(HEAP, 'ascii GET http://198.51.100.9/ HTTP/1.1')
    .socket(proxied(49803))
    .socket({ local: '[2001:db8::57]:49805', remote: '[2001:db8:0:1::250]:8080' })
    .socket({ protocol: 'udp', local: '0.0.0.0:5353' })
    .socket({ local: '0.0.0.0:445' });

  return machine
    .free(`ascii freed ${INDICATOR}`)
    .cached('\\Users\\alice\\Downloads\\list.txt', `ascii cached ${INDICATOR}`)
    .pool('AfdB', `ascii pool ${INDICATOR}`)
    .driver('netfilter2.sys', `ascii driver ${INDICATOR}`)
    .kernelImage(`ascii constant ${INDICATOR}`)
    .orphanSocket(proxied(49804));
}

/** Text that neighbouring frames of strangers make, and text deep in a run that began in a stranger's frame. */
function addNeighbours(machine: WindowsBuilder): void {
  const cut = 6;
  const first = machine
    .process('join-a.exe', { pid: 2600 })
    .maps(HEAP + PAGE - BigInt(cut), `ascii ${INDICATOR.slice(0, cut)}`);
  const second = machine
    .process('join-b.exe', { pid: 2604 })
    .maps(HEAP, `ascii ${INDICATOR.slice(cut)} not there`);
  machine.adjacent(first, HEAP, second, HEAP);

  const words = 'the quick brown fox jumps over the lazy dog ';
  const run = words.repeat(100);
  const long = machine
    .process('run-a.exe', { pid: 2700 })
    .maps(HEAP, `ascii ${run.slice(0, 4096)}`);
  const deep = machine
    .process('run-b.exe', { pid: 2704 })
    .maps(HEAP, `ascii ${run.slice(0, 3000)}${INDICATOR} ${words}`);
  machine.adjacent(long, HEAP, deep, HEAP);
}
