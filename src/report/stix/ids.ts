import { createHash } from 'node:crypto';

/** STIX 2.1, 2.9: the namespace of identifiers made from an observable's contributing properties. */
const OBSERVABLES = '00abedb4-aa42-466c-9c01-fed23315a9b7';
/**
 * The identifier of an observable (STIX 2.1, 2.9): the same for every producer, whoever saw the same address or file.
 *
 * @param contributing its contributing properties, all of plain strings, numbers and lists of strings
 */
export const observableId = <Type extends string>(
  type: Type,
  contributing: Readonly<Record<string, unknown>>,
): `${Type}--${string}` => `${type}--${uuid5(OBSERVABLES, canonical(contributing))}`;

/**
 * The identifier of anything else, as a UUIDv4: the specification wants one for processes, and has no properties to make
 * another from. Its "random" bits are a digest of `key`, what makes the object itself: the same report has the same bundle.
 */
export const ownId = <Type extends string>(type: Type, key: string): `${Type}--${string}` =>
  `${type}--${uuid(createHash('sha256').update(`${type} ${key}`, 'utf8').digest(), 4)}`;

/** RFC 8785 for flat objects: keys in order, no blanks. */
function canonical(properties: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(properties).filter(([, value]) => value !== undefined);
  return JSON.stringify(
    Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1))),
  );
}

/** RFC 9562, 5.5. */
export const uuid5 = (namespace: string, name: string): string =>
  uuid(
    createHash('sha1')
      .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
      .update(name, 'utf8')
      .digest(),
    5,
  );

/** RFC 9562, 4: the first 16 bytes of a digest with version and variant. */
function uuid(digest: Buffer, version: 4 | 5): string {
  const bytes = digest.subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
