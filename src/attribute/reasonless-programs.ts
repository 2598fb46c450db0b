import type { Process } from '../os/process.ts';
import { programOf } from './carriers.ts';

/**
 * Programs that have no business with HTTP, and what they are. Left out on purpose: whatever reports errors, licences or
 * updates over HTTP (WerFault, sihost, lsass, explorer), service hosts, interpreters, and what links TLS for other ends.
 */
const TRADES: readonly { readonly trade: string; readonly programs: readonly string[] }[] = [
  {
    trade: 'a text editor or another small tool',
    programs: ['notepad', 'wordpad', 'write', 'mspaint', 'calc', 'win32calc', 'charmap', 'magnify'],
  },
  // It loads what its task or its command line names: then that is the code which speaks HTTP.
  {
    trade: 'a host for other code',
    programs: ['taskhost', 'taskhostex', 'taskhostw', 'rundll32', 'regsvr32', 'dllhost'],
  },
  {
    trade: 'a part of the system without business on the network',
    programs: [
      'csrss',
      'smss',
      'wininit',
      'winlogon',
      'dwm',
      'fontdrvhost',
      'conhost',
      'ctfmon',
      'splwow64',
      'services',
      'agetty',
      'cron',
      'atd',
      'dbus-daemon',
      'irqbalance',
    ],
  },
  {
    trade: 'a build or installation tool',
    programs: ['msbuild', 'installutil', 'regasm', 'regsvcs', 'cmstp', 'odbcconf', 'csc'],
  },
  {
    trade: 'a shell or a small tool',
    programs: [
      'cmd',
      'sh',
      'dash',
      'bash',
      'sleep',
      'cat',
      'tail',
      'tee',
      'less',
      'login',
      'script',
    ],
  },
];

/** Names that the kernel gives to its own threads: a process with memory of its own only borrows them. */
const KERNEL_NAMES = /^(kworker|kthreadd|ksoftirqd|migration|kswapd|rcu_|kdevtmpfs|watchdogd)/;

/** What kind of program this is, if one that has no business with HTTP: "a host for other code". */
export function reasonless({ path, name }: Pick<Process, 'path' | 'name'>): string | null {
  if (KERNEL_NAMES.test(name)) return 'a process under the name of a kernel thread';
  const program = programOf(path ?? name);
  return TRADES.find(({ programs }) => programs.includes(program))?.trade ?? null;
}
