/**
 * Undoes what people do to an indicator so that nobody clicks on it, and takes off what stood around it: blanks,
 * quotes, angle brackets. `hxxps[:]//evil[.]example` becomes `https://evil.example`; what is not defanged stays.
 */
export function refang(text: string): string {
  let bare = text;
  for (let layer = 0; layer < MAX_LAYERS; layer += 1) {
    const peeled = bare.replace(BLANKS_AROUND, '').replace(WRAPPED, '$1$2');
    if (peeled === bare) break;
    bare = peeled;
  }

  for (const [defanged, plain] of SUBSTITUTES) bare = bare.replace(defanged, plain);
  return bare;
}

/** `"<…>"` with blanks between is the deepest that people paste. */
const MAX_LAYERS = 4;

// \s holds no-break space and byte order mark; the others are invisible ones that word processors leave behind.
const BLANKS_AROUND = /^[\s\u200b-\u200f\u2060]+|[\s\u200b-\u200f\u2060]+$/gu;
const WRAPPED = /^["'`“”‘’„«](.*)["'`“”‘’»]$|^<(.*)>$/su;

const SUBSTITUTES: readonly (readonly [RegExp, string])[] = [
  [/ ?[[({] ?(?:\.|dot) ?[\])}] ?/giu, '.'],
  [/\\\./gu, '.'],
  [/[[({] ?(?::|colon) ?[\])}]/giu, ':'],
  [/[[({]:\/\/[\])}]/gu, '://'],
  [/[[({]\/[\])}]/gu, '/'],
  [/ ?[[({] ?(?:@|at) ?[\])}] ?/giu, '@'],
  [/^(?:h[x*]{2}p|meow)(s?)(?=:)/iu, 'http$1'],
  [/^f[x*]p(s?)(?=:)/iu, 'ftp$1'],
];
