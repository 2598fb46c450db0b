import { basename } from 'node:path/posix';
import type { Process } from '../os/process.ts';

/** A trade in which a process holds other people's addresses. */
export interface Carrier {
  readonly kind: string;
  /** Factor on what it holds. Behaviour is not discounted, but for a local proxy, whose trade it is. */
  readonly factor: number;
  readonly reason: string;
}

/** A carrier, and what of it is explained by its trade. */
export interface KnownCarrier extends Carrier {
  /** What it sends and is connected to is its trade too. */
  readonly discountsBehaviour: boolean;
  /** Only content is: what it merely holds. A request in its own memory, or its command line, is not. */
  readonly isOfContent: boolean;
}

interface CarrierClass extends Carrier {
  /** File names of its programs, lower case, without ".exe". */
  readonly programs: readonly string[];
  readonly discountsBehaviour?: true;
  readonly isOfContent?: true;
}

/** Anybody can take these names: they count only for programs in a folder that an ordinary user cannot write. */
const CLASSES: readonly CarrierClass[] = [
  {
    kind: 'anti-virus',
    factor: 0.1,
    reason: 'security software holds signatures and block lists',
    programs: [
      'msmpeng',
      'mpdefendercoreservice',
      'nissrv',
      'mssense',
      'sensendr',
      'clamd',
      'freshclam',
      'clamscan',
      'falcon-sensor',
      'csfalconservice',
      'sentinelagent',
      'cbdefense',
      'cb',
      'ekrn',
      'avp',
      'savservice',
      'wdavdaemon',
      'mdatp',
      'elastic-agent',
      'elastic-endpoint',
      'osqueryd',
      'ossec-agentd',
      'wazuh-agentd',
      'wazuh-modulesd',
      'auditd',
      'rkhunter',
      'suricata',
      'snort',
    ],
  },
  {
    kind: 'resolver',
    factor: 0.15,
    reason: 'a name cache holds what every process asked for',
    programs: ['systemd-resolved', 'dnsmasq', 'nscd', 'unbound', 'named', 'sssd', 'pdnsd'],
  },
  {
    kind: 'log service',
    factor: 0.25,
    reason: 'a log service holds what others report',
    programs: [
      'systemd-journald',
      'rsyslogd',
      'syslog-ng',
      'filebeat',
      'fluentd',
      'fluent-bit',
      'vector',
      'splunkd',
      'nxlog',
      'winlogbeat',
      'promtail',
      'journalctl',
    ],
  },
  {
    kind: 'search indexer',
    factor: 0.25,
    reason: 'an indexer reads everybody’s files',
    programs: [
      'searchindexer',
      'searchprotocolhost',
      'searchapp',
      'tracker-miner-fs-3',
      'baloo_file',
      'updatedb',
      'plocate',
    ],
  },
  {
    kind: 'terminal or shell',
    factor: 0.25,
    reason: 'a shell or terminal holds what somebody typed or read',
    programs: [
      'bash',
      'sh',
      'dash',
      'zsh',
      'fish',
      'ksh',
      'script',
      'tmux',
      'screen',
      'sshd',
      'login',
      'agetty',
      'gnome-terminal-server',
      'konsole',
      'xterm',
      'alacritty',
      'kitty',
      'less',
      'more',
      'vim',
      'vi',
      'nano',
      'conhost',
      'openconsole',
      'windowsterminal',
      'cmd',
      'notepad',
      'textinputhost',
    ],
  },
  {
    kind: 'imaging or investigation tool',
    factor: 0,
    reason: 'the investigation’s own tools carry the indicator',
    programs: [
      'avml',
      'insmod',
      'winpmem',
      'dumpit',
      'ftkimager',
      'ftk imager',
      'velociraptor',
      'magnetramcapture',
      'ip2process',
      'yara',
      'strings',
      'grep',
      'lime',
    ],
  },
  {
    kind: 'browser',
    factor: 0.5,
    reason: 'a browser holds what its pages say, a report about the address too',
    isOfContent: true,
    programs: [
      'chrome',
      'chromium',
      'msedge',
      'msedgewebview2',
      'firefox',
      'firefox-esr',
      'brave',
      'opera',
      'vivaldi',
      'iexplore',
    ],
  },
  {
    kind: 'local proxy',
    factor: 0.3,
    reason:
      'a local proxy or agent holds and sends everybody’s requests: its client is the one to find',
    discountsBehaviour: true,
    programs: [
      'squid',
      'tinyproxy',
      'privoxy',
      'cntlm',
      'px',
      'zsatunnel',
      'zsaservice',
      'mitmproxy',
      'mitmdump',
      'fiddler',
      'tor',
      'stunnel',
      'stunnel4',
      'haproxy',
      'envoy',
    ],
  },
];

/** Services of a shared svchost that hold other processes' names. */
const SERVICES: readonly { readonly name: string; readonly carrier: Carrier }[] = [
  {
    name: 'dnscache',
    carrier: {
      kind: 'resolver',
      factor: 0.15,
      reason: 'the DNS client service caches what every process asked for',
    },
  },
  {
    name: 'winhttpautoproxysvc',
    carrier: {
      kind: 'resolver',
      factor: 0.2,
      reason: 'the auto-proxy service evaluates other processes’ URLs',
    },
  },
  {
    name: 'eventlog',
    carrier: {
      kind: 'log service',
      factor: 0.25,
      reason: 'the event log service holds what others report',
    },
  },
];

/** Folders in which programs are installed by an administrator. */
const SYSTEM_FOLDERS =
  /^(\/(usr|bin|sbin|lib|opt|snap)\/|(\\device\\harddiskvolume\d+|[a-z]:)\\(windows|program files|program files \(x86\)|programdata\\microsoft\\windows defender)\\)/i;

/** The trade of a process, as far as its program tells; null where it has none that explains a hit. */
export function carrierOf(process: Pick<Process, 'path' | 'commandLine'>): KnownCarrier | null {
  if (process.path === null || !SYSTEM_FOLDERS.test(process.path)) return null;
  const file = programOf(process.path);
  // One file, many programs: which one it is, is what it was called by, and it obeys that itself.
  const program = file === 'busybox' ? programOf(process.commandLine?.split(' ')[0] ?? '') : file;
  if (program === 'svchost') {
    const service = serviceOf(process.commandLine)?.toLowerCase();
    const known = SERVICES.find(({ name }) => name === service);
    return known ? { ...known.carrier, discountsBehaviour: false, isOfContent: false } : null;
  }
  const found = CLASSES.find(({ programs }) => programs.includes(program));
  if (!found) return null;
  const { kind, factor, reason, discountsBehaviour = false, isOfContent = false } = found;
  return { kind, factor, reason, discountsBehaviour, isOfContent };
}

/** A program by its file's name, as tables have it: lower case, without ".exe", nor the dash of a login shell. */
export const programOf = (path: string): string =>
  basename(path.replaceAll('\\', '/'))
    .toLowerCase()
    .replace(/^-|\.exe$/g, '');

/** `svchost.exe -k NetworkService -p -s Dnscache` serves Dnscache. */
export const serviceOf = (commandLine: string | null): string | null =>
  /\s-s\s+(\w{1,64})/.exec(commandLine ?? '')?.[1] ?? null;
