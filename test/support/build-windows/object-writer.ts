import type { KernelImage } from './kernel-image-writer.ts';

/** Objects of the object manager: their headers, and the table of their types. */
export class ObjectWriter {
  readonly #image: KernelImage;

  constructor(image: KernelImage) {
    this.#image = image;
    this.#writeTypes();
  }

  /**
   * An object's body, behind its headers; 64-byte aligned since Windows 10, where it says so with a padding header.
   *
   * @param tag of the pool, as Windows 8 and later write it
   */
  object(tag: string, type: ObjectType, bytes: number, isUsers = false): bigint {
    const { kernel } = this.#image;
    const { build } = kernel.layout;
    const isTen = build >= 10240;
    const padding = isTen && isUsers ? 0x30 : 0;
    const lead = padding + QUOTA_BYTES + HEADER_BYTES;
    const body =
      kernel.pool(build < 9200 ? protectedTag(tag) : tag, lead + Math.ceil(bytes / 16) * 16, {
        align: isTen ? 64 : 16,
        lead,
      }) + BigInt(lead);
    const header = body - BigInt(HEADER_BYTES);
    if (padding > 0) kernel.number(header - BigInt(QUOTA_BYTES + 4), padding, 4);
    kernel.field(header, 'OBJECT_HEADER.PointerCount', isTen ? 0x2ff00 : 12);
    kernel.field(header, 'OBJECT_HEADER.HandleCount', 3);
    kernel.field(header, 'OBJECT_HEADER.InfoMask', padding > 0 ? 0x88 : 0x08, 1);
    this.setType(body, TYPES.indexOf(type));
    return body;
  }

  /** Encoded with the address and a secret of the boot since Windows 10. Index 1 marks a deleted object. */
  setType(body: bigint, index: number): void {
    const { kernel, cookie } = this.#image;
    const header = body - BigInt(HEADER_BYTES);
    const addressByte = Number((header >> 8n) & 0xffn);
    const stored = cookie === null ? index : index ^ cookie ^ addressByte;
    kernel.field(header, 'OBJECT_HEADER.TypeIndex', stored, 1);
  }

  #writeTypes(): void {
    const { kernel } = this.#image;
    const table = this.#image.at('ObTypeIndexTable');
    kernel.number(
      table + 8n,
      kernel.layout.build >= 10240 ? kernel.addresses.pagedPool : 0xbad0b0b0n,
    );
    for (const [index, name] of TYPES.entries()) {
      if (index < 2) continue;
      const type = kernel.pool('ObjT', 0x100);
      const text = kernel.pool('ObNm', 0x40);
      kernel.unicode(type + BigInt(kernel.layout.at('OBJECT_TYPE.Name')), text, name);
      kernel.field(type, 'OBJECT_TYPE.Index', index, 1);
      kernel.number(table + BigInt(index * 8), type);
    }
  }
}

/** By index; the first two are never given. */
const TYPES = [
  '',
  '',
  'Type',
  'Directory',
  'SymbolicLink',
  'Token',
  'Job',
  'Process',
  'Thread',
  'File',
  'Section',
] as const;
export type ObjectType = (typeof TYPES)[number];

const HEADER_BYTES = 0x30;
const QUOTA_BYTES = 0x20;

/** Up to Windows 7 the tag of an object has its last character's high bit set. */
const protectedTag = (tag: string): string =>
  tag.slice(0, 3) + String.fromCharCode(tag.charCodeAt(3) | 0x80);
