/**
 * What of the kernel's structures is worth lying about: members that an analyser reads, and those that lead it on. A member that a
 * kernel style lacks is left out.
 */
export interface StructureFields {
  readonly fields: readonly string[];
  /** Member that points to a structure → which one. */
  readonly leads?: Readonly<Record<string, string>>;
}

export const LINUX_STRUCTURES: Readonly<Record<string, StructureFields>> = {
  task_struct: {
    fields: words(`
      pid tgid flags exit_state group_leader real_parent parent comm tasks.next tasks.prev
      children.next children.prev sibling.next thread_node.next start_time start_boottime
      stack mm active_mm signal cred files nsproxy thread_pid pid_links.next
      task_frag.page task_frag.offset task_frag.size
    `),
    leads: {
      mm: 'mm_struct',
      signal: 'signal_struct',
      cred: 'cred',
      files: 'files_struct',
      nsproxy: 'nsproxy',
      thread_pid: 'pid',
      real_parent: 'task_struct',
    },
  },
  signal_struct: { fields: words('nr_threads thread_head.next thread_head.prev') },
  cred: { fields: words('uid euid') },
  nsproxy: { fields: words('uts_ns mnt_ns'), leads: { uts_ns: 'uts_namespace' } },
  uts_namespace: { fields: words('name.release name.nodename') },
  pid: { fields: words('tasks level numbers') },
  mm_struct: {
    fields: words(`
      pgd map_count mmap mm_mt.ma_root mm_mt.ma_flags exe_file owner start_brk brk
      start_stack arg_start arg_end env_start env_end
    `),
    leads: { exe_file: 'file', mmap: 'vm_area_struct' },
  },
  vm_area_struct: {
    fields: words(`
      vm_start vm_end vm_mm vm_flags vm_file vm_next vm_ops vm_pgoff vm_private_data
      anon_vma
    `),
    leads: { vm_next: 'vm_area_struct', vm_file: 'file' },
  },
  files_struct: { fields: words('fdt'), leads: { fdt: 'fdtable' } },
  fdtable: { fields: words('max_fds fd') },
  file: {
    fields: words('f_path.dentry f_path.mnt f_inode private_data f_mapping'),
    leads: { 'f_path.dentry': 'dentry', f_inode: 'inode', private_data: 'socket' },
  },
  socket: { fields: words('file sk state'), leads: { sk: 'sock' } },
  sock: {
    fields: words(`
      __sk_common.skc_family __sk_common.skc_state __sk_common.skc_num
      __sk_common.skc_dport __sk_common.skc_daddr __sk_common.skc_rcv_saddr sk_protocol
      sk_socket sk_write_queue.next tcp_rtx_queue.rb_node
    `),
  },
  dentry: {
    fields: words('d_parent d_name.len d_name.name d_inode d_hash.pprev d_u.d_alias'),
    leads: { d_parent: 'dentry', d_inode: 'inode' },
  },
  inode: {
    fields: words('i_mode i_ino i_sb i_mapping i_dentry'),
    leads: { i_sb: 'super_block', i_mapping: 'address_space' },
  },
  super_block: {
    fields: words('s_type s_mounts.next s_mounts.prev s_root'),
    leads: { s_type: 'file_system_type', s_root: 'dentry' },
  },
  file_system_type: { fields: words('name') },
  address_space: { fields: words('host i_pages.xa_head nrpages') },
  timekeeper: {
    fields: words('xtime_sec tkr_mono.xtime_nsec tkr_mono.shift offs_real offs_boot'),
  },
  pid_namespace: { fields: words('idr.idr_rt.xa_head idr.idr_next') },
};

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
