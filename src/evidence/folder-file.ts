import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { Ip2ProcessError } from '../errors.ts';
import { forTerminal } from '../report/text-safety.ts';

/**
 * Opens a file under the evidence folder for reading. The path is anybody's who may write into the case: it must not lead
 * out of the folder, by "..", from the root, or through a symbolic link, nor to anything but a file.
 *
 * What is checked is what is open, so that a link that is turned meanwhile helps nobody; where the system cannot say what is
 * open (no /proc), the place is resolved before and after.
 *
 * @throws Ip2ProcessError of kind 'request' (leads elsewhere, is no file) or 'system' (missing, no permission)
 */
export async function openInFolder(folder: string, path: string): Promise<FileHandle> {
  const refuse = refusalOf(path);
  if (path.includes('\0')) throw refuse('it holds a zero byte');
  if (isAbsolute(path) || /^[a-z]:|^\\\\/i.test(path)) {
    throw refuse('it is absolute; give it as seen from the evidence folder');
  }
  const root = await realpath(folder).catch((cause: unknown) => {
    throw unreadable(folder, 'the evidence folder', cause);
  });
  if (!isInside(root, resolve(root, path))) throw refuse('it leads out of the evidence folder');

  const place = await realpath(resolve(root, path)).catch((cause: unknown) => {
    throw unreadable(path, 'under the evidence folder', cause);
  });
  if (!isInside(root, place)) throw refuse('it leads out of the evidence folder, by a link');

  // A FIFO without a writer would keep us waiting; a last link was resolved already.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);
  const file = await open(place, flags).catch((cause: unknown) => {
    throw unreadable(path, 'under the evidence folder', cause);
  });
  try {
    if (!(await file.stat()).isFile()) throw refuse('it is a folder, device or pipe, not a file');
    const opened = await realpath(`/proc/self/fd/${file.fd}`).catch(() => realpath(place));
    if (!isInside(root, opened)) throw refuse('it leads out of the evidence folder, by a link');
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

function isInside(root: string, place: string): boolean {
  const way = relative(root, place);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

const refusalOf = (path: string) => (reason: string) =>
  new Ip2ProcessError('request', `Cannot use "${forTerminal(path, 200)}" as evidence: ${reason}`);

function unreadable(path: string, where: string, cause: unknown): Ip2ProcessError {
  const code =
    typeof cause === 'object' && cause !== null && 'code' in cause
      ? String(cause.code)
      : String(cause);
  const reason = REASONS[code] ?? code;
  return new Ip2ProcessError(
    'system',
    `Cannot open "${forTerminal(path, 200)}" (${where}): ${reason}`,
    {},
    { cause },
  );
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'the permission is missing',
  EPERM: 'the permission is missing',
  ELOOP: 'its links lead in a circle',
  ENOTDIR: 'a part of the path is not a folder',
  ENAMETOOLONG: 'the path is too long',
  ENXIO: 'it is a pipe or device, not a file',
};
