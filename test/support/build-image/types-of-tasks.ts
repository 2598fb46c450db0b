import { KERNEL_TRAITS, type KernelStyle } from './kernel-style.ts';

/** Lists, processes and what belongs to them. Members next to each other in every kernel stay so here. */
export const taskTypes = (style: KernelStyle): string => `
  struct list_head { struct list_head *next, *prev; };
  struct hlist_node { struct hlist_node *next, **pprev; };
  struct hlist_head { struct hlist_node *first; };
  struct hlist_bl_node { struct hlist_bl_node *next, **pprev; };
  struct hlist_nulls_node { struct hlist_nulls_node *next, **pprev; };
  struct hlist_nulls_head { struct hlist_nulls_node *first; };
  struct rb_node { ulong __rb_parent_color; struct rb_node *rb_right, *rb_left; };
  struct rb_root { struct rb_node *rb_node; };
  typedef struct { int counter; } atomic_t;
  typedef struct { s64 counter; } atomic64_t;
  typedef int pid_t;
  typedef u32 uid_t;
  typedef struct { uid_t val; } kuid_t;
  typedef struct { uid_t val; } kgid_t;
  typedef s64 ktime_t;
  typedef struct { ulong pgd; } pgd_t;

  struct kref { atomic_t refcount; };
  struct thread_info { ulong flags, syscall_work; u32 status, cpu; };
  struct plist_node { int prio; struct list_head prio_list, node_list; };
  struct page_frag { struct page *page; u32 offset, size; };

  struct task_struct {
    struct thread_info thread_info;
    ${style === '5.10' ? 'volatile long state;' : 'u32 __state;'}
    void *stack;
    atomic_t usage;
    u32 flags, ptrace;
    ~512
    struct list_head tasks;
    struct plist_node pushable_tasks;
    struct rb_node pushable_dl_tasks;
    struct mm_struct *mm, *active_mm;
    ~64
    int exit_state, exit_code, exit_signal, pdeath_signal;
    ulong jobctl;
    u32 personality;
    u32 sched_reset_on_fork:1, sched_contributes_to_load:1, in_execve:1, in_iowait:1;
    ulong atomic_flags;
    ~64
    pid_t pid, tgid;
    ulong stack_canary;
    struct task_struct *real_parent, *parent;
    struct list_head children, sibling;
    struct task_struct *group_leader;
    ~64
    struct pid *thread_pid;
    struct hlist_node pid_links[4];
    struct list_head thread_group, thread_node;
    ~64
    u64 utime, stime, gtime;
    ulong nvcsw, nivcsw;
    u64 start_time, start_boottime;
    ulong min_flt, maj_flt;
    ~128
    const struct cred *ptracer_cred, *real_cred, *cred;
    struct key *cached_requested_key;
    char comm[16];
    struct nameidata *nameidata;
    ~32
    struct fs_struct *fs;
    struct files_struct *files;
    ${style === '5.10' ? '' : 'struct io_uring_task *io_uring;'}
    struct nsproxy *nsproxy;
    struct signal_struct *signal;
    struct sighand_struct *sighand;
    ~512
    struct page_frag task_frag;
    ~2048
  };

  struct signal_struct {
    atomic_t sigcnt, live;
    int nr_threads;
    ${style === '5.10' ? '' : 'int quick_threads;'}
    struct list_head thread_head;
    ~128
    int group_exit_code;
    ~256
    struct tty_struct *tty;
    ~512
  };

  struct cred {
    ${style === '6.6' ? 'atomic64_t usage;' : 'atomic_t usage;'}
    kuid_t uid; kgid_t gid; kuid_t suid; kgid_t sgid; kuid_t euid; kgid_t egid;
    kuid_t fsuid; kgid_t fsgid;
    ~64
    struct user_namespace *user_ns;
  };

  struct xarray { u32 xa_lock, xa_flags; void *xa_head; };
  struct xa_node {
    u8 shift, offset, count, nr_values;
    struct xa_node *parent;
    struct xarray *array;
    union { struct list_head private_list; };
    void *slots[64];
    ulong tags[3];
  };
  struct idr { struct xarray idr_rt; u32 idr_base, idr_next; };
  struct pid_namespace {
    ${style === '5.10' ? 'struct kref kref;' : ''}
    struct idr idr;
    ~32
    u32 pid_allocated;
    struct task_struct *child_reaper;
    void *pid_cachep;
    u32 level;
    struct pid_namespace *parent;
    ~64
  };
  struct upid { int nr; struct pid_namespace *ns; };
  struct pid {
    atomic_t count;
    u32 level, lock;
    struct hlist_head tasks[4], inodes;
    ~32
    struct upid numbers[1];
  };

  struct new_utsname {
    char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65];
  };
  struct uts_namespace {
    ${style === '5.10' ? 'struct kref kref;' : ''}
    struct new_utsname name;
    struct user_namespace *user_ns;
  };
  struct nsproxy {
    atomic_t count;
    struct uts_namespace *uts_ns;
    struct ipc_namespace *ipc_ns;
    struct mnt_namespace *mnt_ns;
    struct pid_namespace *pid_ns_for_children;
    struct net *net_ns;
  };

  struct timespec64 { s64 tv_sec; long tv_nsec; };
  struct tk_read_base {
    struct clocksource *clock; u64 mask, cycle_last; u32 mult, shift; u64 xtime_nsec;
    ktime_t base; u64 base_real;
  };
  struct timekeeper {
    struct tk_read_base tkr_mono;
    ${style === '6.6' ? '~64' : 'struct tk_read_base tkr_raw;'}
    u64 xtime_sec;
    ulong ktime_sec;
    struct timespec64 wall_to_monotonic;
    ktime_t offs_real, offs_boot, offs_tai;
    int tai_offset;
    ~64
  };

  struct pt_regs {
    ulong r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags,
      sp, ss;
  };
  ${KERNEL_TRAITS[style].hasMapleTree ? MAPLE : ''}
`;

/** include/linux/maple_tree.h: nodes of 256 bytes; a node that is not full keeps its end in the last slot. */
const MAPLE = `
  struct maple_metadata { u8 end, gap; };
  struct maple_pnode { ulong unused; };
  struct maple_range_64 {
    struct maple_pnode *parent;
    ulong pivot[15];
    union { void *slot[16]; struct { void *pad[15]; struct maple_metadata meta; }; };
  };
  struct maple_arange_64 {
    struct maple_pnode *parent;
    ulong pivot[9];
    void *slot[10];
    ulong gap[10];
    struct maple_metadata meta;
  };
  struct maple_node {
    union { struct { struct maple_pnode *parent; void *slot[31]; }; struct maple_range_64 mr64;
      struct maple_arange_64 ma64; };
  };
  enum maple_type { maple_dense, maple_leaf_64, maple_range_64, maple_arange_64 };
`;
