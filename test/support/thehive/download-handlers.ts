import { badRequest, notFound, type Answer } from './answer.ts';
import { observableOf, type Asked } from './asked.ts';
import type { StoredFile } from './store.ts';
import { zipWithPassword } from './zip-writer.ts';

/** TheHive 4: chunked and without ranges. TheHive 5: with a length. A zip is packed whole before its first byte (H4). */
export function download(
  { version, settings, range }: Asked,
  file: StoredFile,
  asZip: boolean,
): Answer {
  const named = {
    'Content-Type': file.contentType,
    'Content-Disposition': 'attachment; filename="x"',
    'Content-Transfer-Encoding': 'binary',
  };
  if (asZip) {
    const zip = zipWithPassword(file.name, Buffer.concat([...file.bytes(0)]), settings.zipPassword);
    return {
      status: 200,
      headers: {
        ...named,
        'Content-Type': 'application/zip',
        'Content-Length': String(zip.length),
      },
      stream: [zip],
    };
  }
  if (version === 4) return { status: 200, headers: named, stream: file.bytes(0) };
  const from = settings.hasRanges ? Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0) : 0;
  const headers = { ...named, 'Content-Length': String(file.size - from) };
  if (from === 0) return { status: 200, headers, stream: file.bytes(0) };
  const part = { 'Content-Range': `bytes ${from}-${file.size - 1}/${file.size}` };
  return { status: 206, headers: { ...headers, ...part }, stream: file.bytes(from) };
}

export function fileOf4(asked: Asked, id: string): StoredFile {
  if (!asked.query.get('name')) throw badRequest('a name is needed');
  const found = [...asked.store.observables.values()].find(
    ({ attachment }) => attachment?.sha256 === id,
  );
  if (!found?.attachment) throw notFound('Attachment');
  return found.attachment;
}

export function fileOf5(asked: Asked, of: string, id: string): StoredFile {
  const { attachment } = observableOf(asked, of);
  if (attachment?.id !== id) throw notFound('Attachment');
  return attachment;
}

export function fileOfCase({ store, organisation }: Asked, id: string): StoredFile {
  const files = [...store.cases.values()]
    .filter((one) => one.organisation === organisation)
    .flatMap(({ attachments }) => attachments);
  const found = files.find((file) => file.id === id);
  if (!found) throw notFound('Attachment');
  return found;
}
