import { wrap } from '../report/wrap.ts';

/** Every option: how it is parsed, its argument and what it does. Parser and help are made from this table. */
export const OPTIONS = {
  image: {
    type: 'string',
    argument: 'FILE',
    help: 'raw, LiME, AVML, ELF, kdump, crash dump, VMware; also in gzip, zstd, xz, zip',
  },
  proxy: {
    type: 'string',
    argument: 'IP:PORT',
    help: 'the web proxy of the machine (default: inferred from its sockets)',
  },
  live: {
    type: 'string',
    argument: 'CLIENT',
    help: 'ask the running machine too, or alone: its name or client id in Velociraptor',
  },
  velociraptor: {
    type: 'string',
    argument: 'FILE',
    help: 'API file (api_client.yaml) of its server; see docs/velociraptor.md',
  },
  org: { type: 'string', argument: 'ID', help: 'organisation there, of a server with several' },
  'collect-image': {
    type: 'boolean',
    help: 'with --live: have an image of its memory taken first, and look into that too',
  },
  'live-wait': {
    type: 'string',
    argument: 'MINUTES',
    help: 'how long to wait for the machine (default: 20; 240 with --collect-image)',
  },
  indicators: {
    type: 'string',
    multiple: true,
    argument: 'FILE',
    help: 'further indicators, one a line, # for comments, - for standard input',
  },
  pivot: {
    type: 'boolean',
    help: 'look a second time, for hosts that stand next to the indicators in talkers too',
  },
  host: {
    type: 'string',
    argument: 'NAME',
    help: 'the machine of the alert: a warning tells when the image is of another one',
  },
  at: {
    type: 'string',
    argument: 'TIME',
    help: 'the alert, like 2026-11-22T10:00:00Z: a warning tells when it does not fit',
  },
  explain: {
    type: 'string',
    argument: 'PID',
    help: 'print every contribution to the score of this process, or why it is not listed',
  },
  contexts: {
    type: 'string',
    argument: 'HOW',
    help: 'text from memory in reports: full (default), redacted (secrets masked) or none',
  },
  format: {
    type: 'string',
    argument: 'FORMAT',
    help: 'text, json, csv, markdown, html or stix (default: by --out, or text)',
  },
  out: {
    type: 'string',
    multiple: true,
    argument: 'FILE',
    help: 'write the report there; may be repeated; the text answer still goes to stdout',
  },
  engine: {
    type: 'string',
    argument: 'ENGINE',
    help: 'native (default), volatility3, or both: what Volatility 3 says beside it',
  },
  symbols: {
    type: 'string',
    argument: 'FOLDER',
    help: 'symbol tables (ISF) for Volatility 3; see docs/volatility3.md',
  },
  volatility: {
    type: 'string',
    argument: 'COMMAND',
    help: 'its command (default: the one of npm run setup:volatility3, else vol)',
  },
  'volatility-way': {
    type: 'string',
    argument: 'WAY',
    help: 'with both: plugin (default, ours), vadyarascan, or strings (known to be wrong)',
  },
  'volatility-minutes': {
    type: 'string',
    argument: 'N',
    help: 'how long it may take (default: 30)',
  },
  'allow-download': {
    type: 'boolean',
    help: 'let it download symbols of the Windows kernel from Microsoft',
  },
  threads: {
    type: 'string',
    argument: 'N',
    help: 'threads that scan (default: one per core, at most 8)',
  },
  scratch: {
    type: 'string',
    argument: 'FOLDER',
    help: 'for the unpacked copy of a compressed image (default: the temporary folder)',
  },
  'no-sha256': {
    type: 'boolean',
    help: 'do not hash the image behind the answer (a second read of it)',
  },
  index: {
    type: 'boolean',
    help: 'keep an index beside the image: the next question about it is answered without reading it all',
  },
  'index-folder': {
    type: 'string',
    argument: 'FOLDER',
    help: "keep the index there, where the image's own folder cannot be written; implies --index",
  },
  verify: {
    type: 'boolean',
    help: 'with --index: hash the image first, and use the index only if the hash is the same',
  },
  timings: {
    type: 'boolean',
    help: 'print milliseconds by phase on stderr, with what each phase is',
  },
  quiet: { type: 'boolean', help: 'no progress bar' },
  help: { type: 'boolean', short: 'h', help: 'this text' },
  version: { type: 'boolean', short: 'V', help: 'the version' },
} as const;

/** Columns of a terminal that the help fits. */
const WIDTH = 100;
const USAGE = 27;

export function helpText(): string {
  const lines = Object.entries(OPTIONS).flatMap(([name, option]) => {
    const usage = `  --${name}${'argument' in option ? ` ${option.argument}` : ''}`;
    return wrap(option.help, usage.padEnd(USAGE), ' '.repeat(USAGE), WIDTH);
  });
  return `Usage: ip2process INDICATOR… --image FILE [options]
       ip2process INDICATOR… --live CLIENT [--image FILE] [options]
       ip2process case ID --thehive URL [options]    see: ip2process case --help
       ip2process recipe INDICATOR --image FILE      see: ip2process recipe --help

Finds the process that talks to an IP (or IPv6 address, domain, URL; defanged is fine) in a memory
image of a machine whose connections all end at its web proxy. Needs no symbols and no internet.

${lines.join('\n')}

Exit status: 0 found, 1 not found, 2 partial (what could not be read might change the answer),
3 failed, 130 interrupted.

Examples:
  ip2process 35.178.122.152 --image memory.lime --proxy 172.31.0.250:8080
  ip2process 35[.]178[.]122[.]152 evil.example --image memory.elf.zst --out report.json
`;
}
