import type { KernelStyle } from './kernel-style.ts';

/** Files, their names, and sockets. */
export const fileTypes = (style: KernelStyle): string => `
  struct qstr { union { struct { u32 hash, len; }; u64 hash_len; }; const char *name; };
  struct dentry {
    u32 d_flags, d_seq;
    struct hlist_bl_node d_hash;
    struct dentry *d_parent;
    struct qstr d_name;
    struct inode *d_inode;
    char d_iname[32];
    u64 d_lockref;
    const struct dentry_operations *d_op;
    struct super_block *d_sb;
    ulong d_time;
    void *d_fsdata;
    struct list_head d_lru, d_child, d_subdirs;
    union { struct hlist_node d_alias; struct hlist_bl_node d_in_lookup_hash; } d_u;
  };
  struct inode {
    u16 i_mode, i_opflags;
    kuid_t i_uid; kgid_t i_gid;
    u32 i_flags;
    ~32
    struct super_block *i_sb;
    struct address_space *i_mapping;
    ~16
    ulong i_ino;
    u32 i_nlink, i_rdev;
    s64 i_size;
    ~64
    union { struct hlist_head i_dentry; struct list_head i_rcu; };
    ~64
    struct address_space i_data;
    ~64
  };
  struct file_system_type { const char *name; int fs_flags; };
  struct super_block {
    struct list_head s_list;
    u32 s_dev;
    s64 s_maxbytes;
    struct file_system_type *s_type;
    ~64
    ulong s_flags, s_iflags, s_magic;
    struct dentry *s_root;
    ~64
    struct list_head s_mounts;
    ~64
    char s_id[32];
    ~64
  };
  struct vfsmount { struct dentry *mnt_root; struct super_block *mnt_sb; int mnt_flags; };
  struct mount {
    struct hlist_node mnt_hash;
    struct mount *mnt_parent;
    struct dentry *mnt_mountpoint;
    struct vfsmount mnt;
    ~64
    struct list_head mnt_mounts, mnt_child, mnt_instance;
    const char *mnt_devname;
    struct list_head mnt_list;
    ~64
  };
  struct path { struct vfsmount *mnt; struct dentry *dentry; };
  struct file {
    ${
      style === '6.6'
        ? 'union { struct list_head f_llist; struct hlist_node f_rcuhead; u32 f_iocb_flags; }; u32 f_lock, f_mode; s64 f_count; ~32 s64 f_pos; u32 f_flags; ~32'
        : 'union { struct list_head f_llist; } f_u;'
    }
    struct path f_path;
    struct inode *f_inode;
    const struct file_operations *f_op;
    ~128
    void *private_data;
    ~32
    struct address_space *f_mapping;
  };
  struct fdtable {
    u32 max_fds;
    struct file **fd;
    ulong *close_on_exec, *open_fds, *full_fds_bits;
  };
  struct files_struct {
    atomic_t count; bool resize_in_progress; ~24
    struct fdtable *fdt;
    struct fdtable fdtab;
    ~64
    u32 next_fd;
    ulong close_on_exec_init[1], open_fds_init[1], full_fds_bits_init[1];
    struct file *fd_array[64];
  };

  enum socket_state { SS_FREE, SS_UNCONNECTED, SS_CONNECTING, SS_CONNECTED, SS_DISCONNECTING };
  struct socket {
    enum socket_state state;
    short type;
    ulong flags;
    struct file *file;
    struct sock *sk;
    const struct proto_ops *ops;
  };
  struct in6_addr { union { u8 u6_addr8[16]; u16 u6_addr16[8]; u32 u6_addr32[4]; } in6_u; };
  struct sock_common {
    union { u64 skc_addrpair; struct { u32 skc_daddr, skc_rcv_saddr; }; };
    union { u32 skc_hash; u16 skc_u16hashes[2]; };
    union { u32 skc_portpair; struct { u16 skc_dport, skc_num; }; };
    u16 skc_family;
    volatile u8 skc_state;
    u8 skc_reuse:4, skc_reuseport:1, skc_ipv6only:1, skc_net_refcnt:1;
    int skc_bound_dev_if;
    union { struct hlist_node skc_bind_node, skc_portaddr_node; };
    struct proto *skc_prot;
    struct net *skc_net;
    struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
    atomic64_t skc_cookie;
    union { ulong skc_flags; struct sock *skc_listener; };
    union { struct hlist_node skc_node; struct hlist_nulls_node skc_nulls_node; };
    u16 skc_tx_queue_mapping;
    atomic_t skc_refcnt;
  };
  ${bufferTypes(style)}
  struct sock {
    struct sock_common __sk_common;
    ~256
    struct sk_buff_head sk_write_queue;
    union { struct sk_buff *sk_send_head; struct rb_root tcp_rtx_queue; };
    u8 sk_padding:1, sk_kern_sock:1, sk_no_check_tx:1;
    ${style === '5.10' ? 'u8 sk_pacing_shift; u16 sk_type, sk_protocol;' : 'u16 sk_type, sk_protocol;'}
    ~128
    struct socket *sk_socket;
    void *sk_user_data;
    ~64
  };
  struct inet_sock { struct sock sk; void *pinet6; u32 inet_saddr; short uc_ttl; u16 inet_sport; ~64 };
  struct proto { ~128 char name[32]; ~16 };
  struct inet_ehash_bucket { struct hlist_nulls_head chain; };
  struct inet_hashinfo {
    struct inet_ehash_bucket *ehash;
    u32 *ehash_locks;
    u32 ehash_mask, ehash_locks_mask;
    ~64
  };
`;

/**
 * Data on its way (include/linux/skbuff.h). The buffer's end is where its skb_shared_info begins; that counts, like the
 * end, from the head. Pieces in pages were struct bio_vec from 5.4 on, a type of their own again since 6.9: here from 6.6.
 */
const bufferTypes = (style: KernelStyle): string => `
  struct sk_buff_head { struct sk_buff *next, *prev; u32 qlen, lock; };
  struct sk_buff {
    union {
      struct { struct sk_buff *next, *prev; void *dev; };
      struct rb_node rbnode;
    };
    struct sock *sk;
    u64 tstamp;
    char cb[48];
    u32 len, data_len;
    ${style === '5.10' ? 'u64 headers[12];' : 'u64 headers[9];'}
    u32 tail, end;
    u8 *head, *data;
    u32 truesize, users;
  };
  struct bio_vec { struct page *bv_page; u32 bv_len, bv_offset; };
  ${style === '6.6' ? 'struct skb_frag { ulong netmem; u32 len, offset; }; typedef struct skb_frag skb_frag_t;' : 'typedef struct bio_vec skb_frag_t;'}
  struct skb_shared_info {
    u8 flags, meta_len, nr_frags, tx_flags;
    u16 gso_size, gso_segs;
    struct sk_buff *frag_list;
    u64 hwtstamps;
    u32 gso_type, tskey;
    atomic_t dataref;
    void *destructor_arg;
    skb_frag_t frags[17];
  };`;
