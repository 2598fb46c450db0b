import type { Indicator } from '../indicator/indicator.ts';
import type { ImageLook } from './image-look.ts';
import { FILES, type RecipeStep } from './recipe-step.ts';
import { fileWord, shellWord } from './shell-word.ts';

/** The image as the commands are to read it: unpacked. */
export const plainImage = ({ path, container }: ImageLook): string =>
  container === null ? path : FILES.image;

/** From the image to a file of lines `<decimal offset>:<string>`, as Volatility's strings plugin wants them. */
export function stringsSteps(indicator: Indicator, look: ImageLook): RecipeStep[] {
  return [
    ...unpackSteps(look),
    findStep(indicator, look, 'ascii'),
    findStep(indicator, look, 'wide'),
    joinStep(look),
    ...nearMissSteps(indicator, look),
    ...(look.isPhysical ? [] : [ownHitsStep(indicator, look)]),
  ];
}

const UNPACK = {
  gzip: 'gzip -dc <',
  zstd: 'zstd -dc <',
  xz: 'xz -dc <',
  zlib: 'pigz -dc <',
  zip: 'unzip -p',
} as const;

function unpackSteps({ path, container }: ImageLook): RecipeStep[] {
  if (container === null) return [];
  const command = UNPACK[container];
  return [
    {
      does: `Unpacks the image (${container}): strings and Volatility read none that is packed.`,
      wrong: ['It takes the whole space of the image.'],
      command: `${command} ${fileWord(path)} > ${FILES.image}`,
      programs: [command.split(' ')[0] ?? command],
    },
  ];
}

function findStep(indicator: Indicator, look: ImageLook, encoding: 'ascii' | 'wide'): RecipeStep {
  const isAscii = encoding === 'ascii';
  const strings = `strings -a -td${isAscii ? '' : ' -el'} ${fileWord(plainImage(look))}`;
  const grep = `LC_ALL=C grep -aF${ignoresCase(indicator) ? 'i' : ''} -e ${shellWord(indicator.text)}`;
  return {
    does: isAscii
      ? 'Every run of printable ASCII with its decimal offset in the file; those that hold the indicator, as <offset>:<string>.'
      : 'The same for UTF-16 (little-endian), which Windows uses inside.',
    wrong: isAscii
      ? [
          'The offset is that of the run of printable characters, which may begin a page before the indicator.',
          'A text that runs over a page’s edge is cut, or joined with what happens to lie behind it in RAM: neighbours in RAM are no neighbours in a process.',
          `Only this one spelling: ${UNSEEN[indicator.kind]}`,
          ...fileOffsetDoubts(look),
        ]
      : ['strings -el keeps to ASCII characters, and cuts as above.'],
    command: `${strings} | ${grep} | sed -E 's/^ *([0-9]+) /\\1:/' > ${FILES[encoding]}`,
    programs: ['strings', 'grep', 'sed'],
    quietStatus: 1,
  };
}

const ignoresCase = ({ kind }: Indicator): boolean => kind === 'domain' || kind === 'ipv6';

const UNSEEN = {
  ipv4: 'the four bytes of a socket address, percent-encoded, decimal and hexadecimal forms are not seen.',
  ipv6: 'the many other ways to write it, and its sixteen bytes, are not seen.',
  domain: 'the name as DNS packets and resolvers hold it (lengths instead of dots) is not seen.',
  url: 'a percent-encoded one, or one in another case of its host, is not seen.',
} as const;

function fileOffsetDoubts({ format, isPhysical, isPlain }: ImageLook): string[] {
  const name = format ?? 'what is in the container';
  return [
    ...(isPhysical
      ? []
      : [
          `Offsets are those of the file, Volatility's strings plugin wants physical addresses: in ${name} they are not the same.`,
        ]),
    ...(isPlain ? [] : [`${name} holds memory compressed: strings sees next to nothing of it.`]),
  ];
}

function joinStep({ isPhysical }: ImageLook): RecipeStep {
  const file = isPhysical ? FILES.hits : FILES.fileOffsets;
  return {
    does: 'Both in one file, and how many there are.',
    wrong: isPhysical ? [] : ['These offsets are not for Volatility, see above.'],
    command: `cat ${FILES.ascii} ${FILES.wide} > ${file}; wc -l < ${file}`,
    programs: ['cat', 'wc'],
  };
}

/** grep -F finds the indicator inside a longer one, too. */
function nearMissSteps({ kind, text }: Indicator, { isPhysical }: ImageLook): RecipeStep[] {
  const touching = TOUCHING[kind];
  if (touching === null) return [];
  const file = isPhysical ? FILES.hits : FILES.fileOffsets;
  // A bracket expression of one character means itself, whatever it is.
  const literal = text.replace(/[^A-Za-z0-9:-]/g, '[$&]');
  const { longer, example } = touching;
  return [
    {
      does: 'How many of these lines hold it inside a longer one: near misses, which the recipe counts as hits.',
      wrong: [`grep -F takes along ${example(text)}.`],
      command: `LC_ALL=C grep -aciE -e ${shellWord(`${longer}${literal}|${literal}${longer}`)} ${file}`,
      programs: ['grep'],
      quietStatus: 1,
    },
  ];
}

const TOUCHING = {
  ipv4: { longer: '[0-9]', example: (text: string) => `1${text}, or ${text}0` },
  ipv6: null,
  domain: { longer: '[0-9a-z-]', example: (text: string) => `not-${text}` },
  url: null,
} as const;

function ownHitsStep({ text }: Indicator, { path }: ImageLook): RecipeStep {
  return {
    does: 'The hits with physical addresses, in the form that Volatility’s strings plugin wants: all spellings, near misses left out.',
    wrong: [],
    command: `ip2process recipe ${shellWord(text)} --image ${fileWord(path)} --strings-file ${FILES.hits}`,
    programs: ['ip2process'],
  };
}
