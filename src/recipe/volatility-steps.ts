import type { Indicator } from '../indicator/indicator.ts';
import type { SystemName } from './image-look.ts';
import { FILES, type RecipeStep } from './recipe-step.ts';
import { fileWord, shellWord } from './shell-word.ts';

export interface VolatilityUse {
  /** Volatility's command, a name or a path. */
  readonly program: string;
  /** Folder of symbol tables (ISF); null: Volatility's own. */
  readonly symbols: string | null;
  /** Unpacked. */
  readonly image: string;
}

/** From hits to processes, with Volatility 3. */
export const volatilitySteps = (
  system: SystemName,
  indicator: Indicator,
  use: VolatilityUse,
): RecipeStep[] => (system === 'windows' ? windows(indicator, use) : linux(indicator, use));

function windows(indicator: Indicator, use: VolatilityUse): RecipeStep[] {
  const vol = asking(use);
  return [
    vol({
      does: 'The processes of the list: what the PIDs below are called.',
      wrong: ['A process that hides from the list, or has ended, is in windows.psscan only.'],
      ask: ['windows.pslist'],
      after: SHOWN,
    }),
    vol({
      does: 'Who has connections: behind a web proxy they all end there, so this alone does not answer the question.',
      wrong: [
        'It scans for what was freed too, and has no owner for some; windows.netstat walks the lists, and needs the symbols of tcpip.sys.',
      ],
      ask: ['windows.netscan'],
      after: SHOWN,
    }),
    vol({
      does: 'Which process each hit belongs to, as the recipe does it; hits by owner.',
      wrong: [
        'As released (2.28.2 too) it takes virtual for physical addresses in its reverse map (volatility3 issue 876): nearly all hits come out as FREE MEMORY. The next two commands correct that.',
        'It goes by valid and transition entries of listed processes: pages behind prototypes, and of ended or hidden processes, have no owner here.',
      ],
      ask: ['windows.strings', '--strings-file', FILES.hits],
      after: `> strings.released.txt && ${countedOwners('strings.released.txt')}`,
    }),
    {
      does: 'A copy of that plugin with issue 876 corrected: the two addresses change places, and every page of a mapping counts.',
      wrong: [
        'It fits releases that have the fault in these lines: 1 says that it was there, and is corrected.',
      ],
      command: [
        'mkdir -p plugins',
        `sed -e 's/mapped_offset, _, offset, mapped_size, _maplayer = mapval/offset, _, mapped_offset, mapped_size, _maplayer = mapval/' -e 's/mapped_offset >> 12/val >> 12/' -e 's/class Strings(/class CorrectedStrings(/' "$(${pythonOf(use.program)} -c 'import os, volatility3; print(os.path.join(os.path.dirname(volatility3.__file__), "framework/plugins/windows/strings.py"))')" > plugins/corrected_strings.py`,
        "grep -cE '^ +offset, _, mapped_offset, mapped_size, _maplayer = mapval$' plugins/corrected_strings.py",
      ].join(' && '),
      programs: ['sed', 'grep', use.program],
    },
    vol({
      does: 'The same question to the corrected plugin; hits by owner.',
      wrong: [
        'A run of several pages is named by its first page’s address.',
        'A hit is given to the owners of the page where its run of printable characters begins.',
      ],
      before: ['--plugin-dirs', 'plugins'],
      ask: ['corrected_strings.CorrectedStrings', '--strings-file', FILES.hits],
      after: `> strings.corrected.txt && ${countedOwners('strings.corrected.txt')}`,
    }),
    vol({
      does: 'The second way: search in each process’ own memory, in its own order of pages; hits by process.',
      wrong: [
        'It takes near misses along; it skips regions over 1 GiB, and misses pages behind prototypes.',
        'It needs yara-python or yara-x in Volatility’s environment.',
      ],
      ask: ['windows.vadyarascan', ...yaraOptions(indicator)],
      after: `> yara.txt && awk -F'\\t' '$1 ~ /^0x/ { print "Process " $2 ", " $5 }' yara.txt | sort | uniq -c | sort -rn ${SHOWN}`,
    }),
  ];
}

function linux(indicator: Indicator, use: VolatilityUse): RecipeStep[] {
  const vol = asking(use);
  return [
    vol({
      does: 'The processes of the list: what the PIDs below are called.',
      wrong: ['It needs a symbol table (ISF) of exactly this kernel.'],
      ask: ['linux.pslist'],
      after: SHOWN,
    }),
    vol({
      does: 'Who has connections: behind a web proxy they all end there, so this alone does not answer the question.',
      wrong: ['Sockets that no process holds any more are not listed.'],
      ask: ['linux.sockstat'],
      after: SHOWN,
    }),
    vol({
      does: `Search in each process’ own memory; hits by process. Volatility 3 has no strings plugin for Linux, so ${FILES.hits} has no reader there.`,
      wrong: [
        'It takes near misses along; it skips regions over 1 GiB, and sees neither page cache nor freed memory.',
        'Releases before 2.22 take a region’s start and size for its start and end, and find nothing.',
        'It needs yara-python or yara-x in Volatility’s environment.',
      ],
      ask: ['linux.vmayarascan', ...yaraOptions(indicator)],
      after: `> yara.txt && awk -F'\\t' '$1 ~ /^0x/ { print "Process " $2 }' yara.txt | sort | uniq -c | sort -rn`,
    }),
  ];
}

interface Asked {
  readonly does: string;
  readonly wrong: readonly string[];
  readonly before?: readonly string[];
  /** Plugin and its options. */
  readonly ask: readonly string[];
  /** What comes behind, for the shell. */
  readonly after: string;
}

/** Names in an image are the attacker's: shown so that a terminal takes none for a command. */
const SHOWN = '| cat -v';

const asking =
  ({ program, symbols, image }: VolatilityUse) =>
  ({ does, wrong, before = [], ask, after }: Asked): RecipeStep => ({
    does,
    wrong,
    command: [
      programWord(program),
      ...before,
      '--offline',
      '-q',
      ...(symbols === null ? [] : ['-s', fileWord(symbols)]),
      '-f',
      fileWord(image),
      ...ask.map(shellWord),
      after,
    ].join(' '),
    programs: [program, ...(after.includes('awk') ? ['awk', 'sort', 'uniq'] : [])],
  });

const programWord = (program: string): string =>
  program.includes('/') ? fileWord(program) : shellWord(program);

/** The interpreter that Volatility's command itself starts with. */
const pythonOf = (program: string): string =>
  `$(sed -n '1s/^#! *//p' "$(command -v ${programWord(program)})")`;

/** Rows of the plugin have an empty first column: a string that holds tabs cannot pass for one. */
const countedOwners = (file: string): string =>
  `awk -F'\\t' '$1 == "" && NF == 3 { print $3 }' ${file} | { grep -oE 'Process [0-9]+|kernel|FREE MEMORY' || true; } | sort | uniq -c | sort -rn`;

/** The plugin puts the text between quotes as it is: what would end it there is escaped here. */
const yaraOptions = ({ kind, text }: Indicator): string[] => [
  '--yara-string',
  text.replace(/[\\"]/g, String.raw`\$&`),
  '--wide',
  ...(kind === 'domain' || kind === 'ipv6' ? ['--insensitive'] : []),
];
