/**
 * A text as one word of a POSIX-like shell (bash): whatever it holds, the shell hands it on as it is, and a terminal that shows it
 * is given no command. Text from a file's name is the attacker's.
 */
export function shellWord(text: string): string {
  if (/^[A-Za-z0-9_./:@%+=,-]+$/.test(text)) return text;
  if (!UNSAFE.test(text)) return `'${text.replaceAll("'", String.raw`'\''`)}'`;
  const escaped = text
    .replace(/[\\']/g, String.raw`\$&`)
    .replace(new RegExp(UNSAFE, 'gu'), (character) =>
      [...Buffer.from(character)]
        .map((byte) => String.raw`\x${byte.toString(16).padStart(2, '0')}`)
        .join(''),
    );
  return `$'${escaped}'`;
}

/** Of an argument that names a file: never an option, never a URL. */
export const fileWord = (path: string): string =>
  shellWord(path.startsWith('/') ? path : `./${path}`);

/** What a line cannot hold, or a terminal would take for a command or for text of another direction. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
