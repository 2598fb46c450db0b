import { KERNEL_TRAITS, type KernelStyle } from './kernel-style.ts';

/** Address spaces, their regions, and the books about each frame. */
export const memoryTypes = (style: KernelStyle): string => `
  typedef struct { u64 ctx_id; atomic64_t tlb_gen; ~32 void *vdso; ~32 } mm_context_t;
  ${KERNEL_TRAITS[style].hasMapleTree ? mapleTree(style) : ''}
  struct mm_struct {
    struct {
      ${
        KERNEL_TRAITS[style].hasMapleTree
          ? 'struct maple_tree mm_mt;'
          : 'struct vm_area_struct *mmap; struct rb_root mm_rb; u64 vmacache_seqnum;'
      }
      void *get_unmapped_area;
      ulong mmap_base, mmap_legacy_base, task_size;
      ~32
      pgd_t *pgd;
      atomic_t membarrier_state, mm_users, mm_count;
      ~16
      int map_count;
      u32 page_table_lock;
      ~64
      struct list_head mmlist;
      ulong hiwater_rss, hiwater_vm, total_vm, locked_vm;
      ~32
      ulong start_code, end_code, start_data, end_data;
      ulong start_brk, brk, start_stack;
      ulong arg_start, arg_end, env_start, env_end;
      ulong saved_auxv[44];
      ~128
      mm_context_t context;
      ulong flags;
      ~64
      struct task_struct *owner;
      struct file *exe_file;
      ~64
    };
    ulong cpu_bitmap[1];
  };

  struct vm_area_struct {
    ${regionHead(style)}
    union { struct { struct rb_node rb; ulong rb_subtree_last; } shared; };
    struct list_head anon_vma_chain;
    struct anon_vma *anon_vma;
    const struct vm_operations_struct *vm_ops;
    ulong vm_pgoff;
    struct file *vm_file;
    void *vm_private_data;
    ~32
  };
  struct vm_special_mapping { const char *name; struct page **pages; void *fault, *mremap; };

  struct page {
    ulong flags;
    union {
      struct {
        ${style === '5.10' ? 'struct list_head lru;' : 'union { struct list_head lru; struct { void *__filler; u32 mlock_count; }; };'}
        struct address_space *mapping;
        ulong index;
        ulong private;
      };
      struct { ulong compound_head; u8 compound_dtor, compound_order; atomic_t compound_mapcount; };
      ${style === '6.6' ? '' : 'struct { ulong _pt_pad_1; void *pmd_huge_pte; ulong _pt_pad_2; struct mm_struct *pt_mm; };'}
    };
    union { atomic_t _mapcount; u32 page_type; };
    atomic_t _refcount;
    ulong memcg_data;
  };
  ${style === '5.10' ? '' : FOLIO}
  ${style === '6.6' ? TABLE_DESCRIPTOR : ''}
  enum pageflags { ${PAGE_FLAGS[style]} };

  struct address_space {
    struct inode *host;
    struct xarray i_pages;
    ~32
    atomic_t i_mmap_writable;
    struct rb_root i_mmap;
    ~32
    ulong nrpages;
    ~32
  };
  struct anon_vma { struct anon_vma *root; ~32 atomic_t refcount; };
  struct anon_vma_chain { struct vm_area_struct *vma; struct anon_vma *anon_vma; struct list_head same_vma; ~32 };
`;

/** The root moved in front of the flags and back again. */
const mapleTree = (style: KernelStyle): string =>
  style === '6.1'
    ? 'struct maple_tree { union { u32 ma_lock; }; void *ma_root; u32 ma_flags; };'
    : 'struct maple_tree { union { u32 ma_lock; }; u32 ma_flags; void *ma_root; };';

function regionHead(style: KernelStyle): string {
  if (style === '5.10') {
    return `ulong vm_start, vm_end; struct vm_area_struct *vm_next, *vm_prev; struct rb_node vm_rb;
      ulong rb_subtree_gap; struct mm_struct *vm_mm; ulong vm_page_prot, vm_flags;`;
  }
  if (style === '6.1') {
    return 'ulong vm_start, vm_end; struct mm_struct *vm_mm; ulong vm_page_prot, vm_flags;';
  }
  return `union { struct { ulong vm_start, vm_end; }; ulong vm_rcu[2]; };
    struct mm_struct *vm_mm; ulong vm_page_prot;
    union { const ulong vm_flags; ulong __vm_flags; };
    bool detached; ~16`;
}

/** A page table's own view of its struct page, split off in 6.6. */
const TABLE_DESCRIPTOR = `
  struct ptdesc {
    ulong __page_flags;
    union { struct list_head pt_list; struct { ulong _pt_pad_1; void *pmd_huge_pte; }; };
    ulong __page_mapping;
    union { struct mm_struct *pt_mm; atomic_t pt_frag_refcount; };
    ulong _pt_pad_2;
    u32 __page_type;
    atomic_t __page_refcount;
    ulong pt_memcg_data;
  };`;

const FOLIO = `
  struct folio {
    union { struct { ulong flags; struct list_head lru; struct address_space *mapping; ulong index;
      void *private; atomic_t _mapcount, _refcount; ulong memcg_data; }; struct page page; };
  };`;

/** include/linux/page-flags.h: the order differs between releases, which is why it must be read from the image. */
const PAGE_FLAGS: Readonly<Record<KernelStyle, string>> = {
  '5.10': `PG_locked, PG_referenced, PG_uptodate, PG_dirty, PG_lru, PG_active, PG_workingset, PG_waiters,
    PG_error, PG_slab, PG_owner_priv_1, PG_arch_1, PG_reserved, PG_private, PG_private_2,
    PG_writeback, PG_head, PG_mappedtodisk, PG_reclaim, PG_swapbacked, PG_unevictable, PG_mlocked,
    PG_uncached, PG_hwpoison, __NR_PAGEFLAGS, PG_swapcache = 10`,
  '6.1': `PG_locked, PG_referenced, PG_uptodate, PG_dirty, PG_lru, PG_active, PG_workingset, PG_waiters,
    PG_error, PG_slab, PG_owner_priv_1, PG_arch_1, PG_reserved, PG_private, PG_private_2,
    PG_writeback, PG_head, PG_mappedtodisk, PG_reclaim, PG_swapbacked, PG_unevictable, PG_mlocked,
    PG_uncached, PG_hwpoison, __NR_PAGEFLAGS, PG_swapcache = 10`,
  '6.6': `PG_locked, PG_writeback, PG_referenced, PG_uptodate, PG_dirty, PG_lru, PG_head, PG_waiters,
    PG_active, PG_workingset, PG_error, PG_slab, PG_owner_priv_1, PG_arch_1, PG_reserved, PG_private,
    PG_private_2, PG_mappedtodisk, PG_reclaim, PG_swapbacked, PG_unevictable, PG_mlocked, PG_uncached,
    PG_hwpoison, __NR_PAGEFLAGS, PG_swapcache = 12`,
};
