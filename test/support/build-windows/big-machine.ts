import { PAGE_BYTES } from '../../../src/memory/address.ts';
import { Random } from '../build-image/random.ts';
import { type Build, type WindowsTruth, buildWindows } from './build-windows.ts';
import { INDICATOR, PROXY } from './scenarios.ts';

export interface BigMachineOptions {
  readonly build?: Build;
  /** 120 unless told. */
  readonly processes?: number;
  /** 4 GiB unless told. */
  readonly ramBytes?: number;
  /** Of all processes together; three quarters of the RAM unless told. */
  readonly mappedBytes?: number;
  readonly seed?: number;
}

/**
 * Writes the raw image of a full machine page by page: never whole in memory. Every tenth process holds the indicator
 * and talks to the proxy. The truth lists what was planted, not the pages of the mass.
 */
export function bigMachine(path: string, options: BigMachineOptions = {}): WindowsTruth {
  const { processes = 120, ramBytes = 4 * 2 ** 30, seed = 1, build = 19041 } = options;
  const mapped = options.mappedBytes ?? ramBytes * 0.75;
  const machine = buildWindows({ build, seed, ramBytes });
  const pages = Math.floor(mapped / PAGE_BYTES / processes);
  for (let index = 0; index < processes; index += 1) {
    const process = machine.process(`worker${index}.exe`, {
      pid: 1000 + index * 4,
      threads: 2,
      environment: ENVIRONMENT,
    });
    process.region(MASS, pages, { kind: 'private', dense: true });
    if (index % 10 !== 0) continue;
    for (let hit = 0; hit < 20; hit += 1) {
      const page = BigInt(Math.floor((hit * pages) / 20));
      const form = hit % 2 === 0 ? 'ascii' : 'utf16';
      process.write(MASS + page * 0x1000n + 0x200n, `${form} http://${INDICATOR}/${index}/${hit} `);
    }
    process.socket({ local: `172.31.0.57:${49200 + index}`, remote: PROXY });
  }
  const { ram, truth } = machine.assemble();
  ram.background = massOf(seed);
  ram.toFile(path);
  return truth;
}

/** As every process has one that the session manager started. */
const ENVIRONMENT = [
  'ALLUSERSPROFILE=C:\\ProgramData',
  'COMPUTERNAME=WORKSTATION7',
  'ComSpec=C:\\Windows\\system32\\cmd.exe',
  'NUMBER_OF_PROCESSORS=4',
  'OS=Windows_NT',
  'SystemRoot=C:\\Windows',
  'TEMP=C:\\Windows\\TEMP',
  'USERNAME=SYSTEM',
  'windir=C:\\Windows',
];

const MASS = 0x2_0000_0000n;

/** What the mass of memory holds: noise, text, numbers and zeros, by frame. */
function massOf(seed: number): (frame: number, page: Uint8Array) => void {
  const random = new Random(seed);
  const noise = Buffer.from(random.bytes(SAMPLE_BYTES));
  const words = [
    'http',
    'www',
    'example',
    '10.0.0.1',
    'index',
    'GET',
    'Host:',
    '35.178.',
    '\r\n',
    '{"a":1}',
  ];
  let line = '';
  while (line.length < SAMPLE_BYTES) line += `${words[random.below(words.length)]} `;
  const text = Buffer.from(line);
  const wide = Buffer.from(line, 'utf16le');
  return (frame, page) => {
    const choice = (frame * 2_654_435_761) >>> 0;
    const from = choice % (SAMPLE_BYTES - PAGE_BYTES);
    const source = [noise, text, noise, wide, null][choice % 5];
    if (source) page.set(source.subarray(from, from + PAGE_BYTES));
    new DataView(page.buffer, page.byteOffset).setUint32(0, choice, true);
  };
}

const SAMPLE_BYTES = 2 ** 20;
