/** What the kernel's own books say about a frame. */
export type PageStateKind =
  | 'mapped'
  /** Cached content of a file. */
  | 'page-cache'
  /** Private memory of some process, by the kernel's books. */
  | 'anonymous'
  | 'slab'
  | 'page-table'
  /** The kernel's own: image, stack, buffers, reserved. */
  | 'kernel'
  | 'free'
  | 'standby'
  | 'modified'
  | 'transition'
  | 'unknown';

export interface PageState {
  readonly kind: PageStateKind;
  /** Path of the cached file, name of the slab cache, pool tag … */
  readonly detail: string | null;
}
