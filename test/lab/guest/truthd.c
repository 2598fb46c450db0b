/* The truth: with every other process stopped, what each of them holds and in which frames, as the kernel
 * tells it, written to a virtio-serial port as tab-separated lines (make-truth.py turns them into JSON).
 * Reads /proc/PID/mem, never process_vm_readv(), which pins pages and so changes what is measured; reads only
 * resident pages, so that nothing is faulted in. Its output never holds the address, and it wipes its buffers. */
#include "lab.h"
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>

#define CHUNK (256 * PAGE)
#define BEFORE 8
#define AFTER 128
#define PRESENT (1ULL << 63)
#define FRAME(e) ((e) & ((1ULL << 55) - 1))

static struct form { const char *name; char text[96]; size_t size; int width; } forms[16];
static int n_forms, kpageflags;
static char window[BEFORE + CHUNK + AFTER], out[4 << 20];
static uint64_t entries[CHUNK / PAGE];
static size_t n_out;
static struct vma { uint64_t start, end; char perms[8], name[128]; } vmas[1024];
static uint64_t ghost_frames[1024];
static int n_ghost, ghost_pid;

static void emit(const char *format, ...) {
  va_list a;
  va_start(a, format);
  n_out += vsnprintf(out + n_out, sizeof out - n_out, format, a);
  va_end(a);
  if (n_out > sizeof out - 4096) abort();
}

static void flush_to(int port) {
  for (size_t i = 0; i < n_out;) {
    ssize_t n = write(port, out + i, n_out - i);
    if (n > 0) i += n;
  }
  n_out = 0;
}

static void now(const char *what) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  emit("time\t%s\t%ld.%09ld\n", what, t.tv_sec, t.tv_nsec);
}

static struct form *form(const char *name, int width, const volatile unsigned char *masked, size_t n) {
  struct form *f = &forms[n_forms++];
  f->name = name, f->width = width;
  for (size_t i = 0; i < n; i++) f->text[f->size] = masked[i] ^ KEY, f->size += width;
  return f;
}

static void make_forms(void) {
  form("ascii", 1, IP, sizeof IP);
  form("utf16le", 2, IP, sizeof IP);
  form("near_short", 1, IP, sizeof IP - 1);
  form("v6_short", 1, V6_SHORT, sizeof V6_SHORT);
  form("v6_long", 1, V6_LONG, sizeof V6_LONG);
  form("proxy", 1, PROXY, sizeof PROXY);
  struct form *x = form("near_x", 1, IP, sizeof IP);
  for (size_t i = 0; i < x->size; i++)
    if (x->text[i] == '.') x->text[i] = 'x';
  struct form *b = &forms[n_forms++];
  b->name = "bin4", b->size = 4;
  inet_pton(AF_INET, forms[0].text, b->text);
}

/* not inside a longer number or a longer dotted quad */
static int bounded(const struct form *f, const char *at) {
  int w = f->width;
  const char *end = at + f->size;
#define WIDE_OK(p) (w == 1 || (p)[1] == 0)
#define DIGIT(p) (WIDE_OK(p) && isdigit((unsigned char)*(p)))
#define DOT(p) (WIDE_OK(p) && *(p) == '.')
  if (w == 0) return 1;
  if (DIGIT(at - w) || DIGIT(end)) return 0;
  return !(DOT(at - w) && DIGIT(at - 2 * w)) && !(DOT(end) && DIGIT(end + w));
}

typedef void found(const struct form *, uint64_t at, const char *text);

/* every hit that begins in window[BEFORE .. BEFORE + n), whose address is va */
static void search(uint64_t va, size_t n, found *tell) {
  const char *from = window + BEFORE, *to = window + BEFORE + n;
  for (int i = 0; i < n_forms; i++)
    for (const char *p = from; p < to && (p = memmem(p, to - p + forms[i].size - 1, forms[i].text, forms[i].size)); p++)
      tell(&forms[i], va + (p - from), p);
}

static void hex(const char *p, char *text) {
  for (int i = 0; i < 4; i++) sprintf(text + 2 * i, "%02x", (unsigned char)p[i]);
}

static int pid, n_vmas, pagemap, mem;

static uint64_t entry(uint64_t va) {
  uint64_t e = 0;
  if (pread(pagemap, &e, 8, va / PAGE * 8) != 8) e = 0;
  return e;
}

static void hit(const struct form *f, uint64_t va, const char *p) {
  char before[9], after[9];
  struct vma *v = vmas;
  while (v < vmas + n_vmas && va >= v->end) v++;
  uint64_t first = entry(va), last = entry(va + f->size - 1);
  hex(p - 4, before), hex(p + f->size, after);
  emit("hit\t%d\t%s\t%lx\t%lx\t%lx\t%d\t%s\t%s\t%d\t%s\t%s\n", pid, f->name, va, FRAME(first), FRAME(last), bounded(f, p), before, after, (int)(first >> 56 & 1) | (int)(first >> 61 & 1) << 1, v->perms, v->name);
  if (pid == ghost_pid && n_ghost < 1024) ghost_frames[n_ghost++] = FRAME(first);
}

/* resident pages [from, to), side by side: read and searched in chunks that overlap */
static void scan(uint64_t from, uint64_t to) {
  for (uint64_t va = from; va < to; va += CHUNK) {
    uint64_t low = va - from < BEFORE ? from : va - BEFORE, n = to - va < CHUNK ? to - va : CHUNK;
    uint64_t high = to - va - n < AFTER ? to : va + n + AFTER;
    memset(window, 0, sizeof window);
    if (pread(mem, window + BEFORE - (va - low), high - low, low) != (ssize_t)(high - low)) emit("unreadable\t%d\t%lx\t%lx\n", pid, va, va + n);
    search(va, n, hit);
  }
}

static void read_vmas(const char *path) {
  static char line[512];
  FILE *f = fopen(path, "r");
  n_vmas = 0;
  while (f && fgets(line, sizeof line, f)) {
    struct vma *v = &vmas[n_vmas];
    unsigned long offset;
    *v->name = 0;
    if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %127[^\n]", &v->start, &v->end, v->perms, &offset, v->name) < 4 || v->start >> 63) continue;
    emit("vma\t%d\t%lx\t%lx\t%s\t%lx\t%s\n", pid, v->start, v->end, v->perms, offset, v->name);
    n_vmas++;
  }
  if (f) fclose(f);
}

static void scan_process(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/maps", pid);
  read_vmas(path);
  snprintf(path, sizeof path, "/proc/%d/pagemap", pid);
  pagemap = open(path, O_RDONLY);
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  mem = open(path, O_RDONLY);
  uint64_t run = 0, run_end = 0, va = 0, pfn = 0, n = 0, flags = 0;
  for (struct vma *v = vmas; v < vmas + n_vmas; v++) {
    int device = !strcmp(v->name, "[vvar]");
    for (uint64_t a = v->start; a < v->end; a += CHUNK) {
      uint64_t count = (v->end - a < CHUNK ? v->end - a : CHUNK) / PAGE;
      memset(entries, 0, sizeof entries);
      if (pread(pagemap, entries, count * 8, a / PAGE * 8) < 0) continue;
      for (uint64_t i = 0, at = a; i < count; i++, at += PAGE) {
        uint64_t e = entries[i], f = (e >> 56 & 1) << 1 | (e >> 61 & 1);
        if (e >> 62 & 1) emit("swapped\t%d\t%lx\n", pid, at);
        if (!(e & PRESENT)) continue;
        if (n && at == va + n * PAGE && FRAME(e) == pfn + n && f == flags) n++;
        else {
          if (n) emit("pages\t%d\t%lx\t%lx\t%lu\t%lu\n", pid, va, pfn, n, flags);
          va = at, pfn = FRAME(e), n = 1, flags = f;
        }
        if (device) continue;
        if (at != run_end) {
          if (run != run_end) scan(run, run_end);
          run = at;
        }
        run_end = at + PAGE;
      }
    }
  }
  if (n) emit("pages\t%d\t%lx\t%lx\t%lu\t%lu\n", pid, va, pfn, n, flags);
  if (run != run_end) scan(run, run_end);
  close(pagemap), close(mem);
}

static int slurp(const char *path, char *to, size_t room) {
  int fd = open(path, O_RDONLY), n = fd < 0 ? -1 : read(fd, to, room - 1);
  if (fd >= 0) close(fd);
  to[n > 0 ? n : 0] = 0;
  return n;
}

struct stat_line { char comm[64], state; int ppid, kernel; unsigned long start; };

static int read_stat(int p, struct stat_line *s) {
  char path[64], text[1024];
  unsigned flags;
  snprintf(path, sizeof path, "/proc/%d/stat", p);
  if (slurp(path, text, sizeof text) <= 0) return 0;
  char *open = strchr(text, '('), *close = strrchr(text, ')');
  *close = 0;
  strcpy(s->comm, open + 1);
  sscanf(close + 2, "%c %d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %lu", &s->state, &s->ppid, &flags, &s->start);
  s->kernel = flags >> 21 & 1;
  return 1;
}

static void describe(const struct stat_line *s) {
  char path[320], text[2048], exe[256] = "";
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  slurp(path, text, sizeof text);
  int uid = atoi(strstr(text, "\nUid:") + 5);
  snprintf(path, sizeof path, "/proc/%d/exe", pid);
  if (readlink(path, exe, sizeof exe - 1) < 0) *exe = 0;
  snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
  int n = slurp(path, text, sizeof text);
  for (int i = 0; i < n - 1; i++)
    if (!text[i]) text[i] = ' ';
  while (n > 0 && (!text[n - 1] || text[n - 1] == ' ')) text[--n] = 0;
  emit("process\t%d\t%d\t%c\t%d\t%d\t%lu\t%s\t%s\t%s\n", pid, s->ppid, s->state, s->kernel, uid, s->start, s->comm, exe, text);
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *d = opendir(path);
  for (struct dirent *e; d && (e = readdir(d));) {
    if (!isdigit(*e->d_name) || atoi(e->d_name) == pid) continue;
    snprintf(path, sizeof path, "/proc/%d/task/%s/comm", pid, e->d_name);
    slurp(path, text, sizeof text);
    emit("thread\t%d\t%s\t%s", pid, e->d_name, text);
  }
  if (d) closedir(d);
  snprintf(path, sizeof path, "/proc/%d/fd", pid);
  d = opendir(path);
  for (struct dirent *e; d && (e = readdir(d));) {
    snprintf(path, sizeof path, "/proc/%d/fd/%s", pid, e->d_name);
    n = readlink(path, text, 64);
    text[n > 0 ? n : 0] = 0;
    if (!strncmp(text, "socket:[", 8)) emit("socket\t%d\t%s\n", pid, text);
  }
  if (d) closedir(d);
}

/* call it for every process but this one: pid is set */
static void each(void (*visit)(const struct stat_line *)) {
  DIR *d = opendir("/proc");
  for (struct dirent *e; (e = readdir(d));) {
    struct stat_line s;
    pid = atoi(e->d_name);
    if (pid > 0 && read_stat(pid, &s)) visit(&s);
  }
  closedir(d);
}

static int running;
static void stop(const struct stat_line *s) {
  if (pid == getpid() || pid == 1 || s->kernel || strchr("TZX", s->state)) return;
  kill(pid, SIGSTOP);
  running++;
}

static void visit(const struct stat_line *s) {
  if (!strcmp(s->comm, "ghostd")) ghost_pid = pid;
  describe(s);
  if (!s->kernel && pid != getpid()) scan_process();
}

static const char *file;
static void file_hit(const struct form *f, uint64_t offset, const char *p) {
  emit("file_hit\t%s\t%s\t%lx\t%d\n", file, f->name, offset, bounded(f, p));
}

/* the pages of a file in the page cache, through a mapping of our own that is gone before the dump */
static void scan_file(const char *path) {
  struct stat st;
  int fd = open(path, O_RDONLY);
  if (fd < 0 || fstat(fd, &st) || st.st_size > CHUNK) return;
  file = path;
  const char *p = mmap(0, st.st_size, PROT_READ, MAP_SHARED, fd, 0);
  memset(window, 0, sizeof window);
  memcpy(window + BEFORE, p, st.st_size);
  emit("file\t%s\t%ld\n", path, st.st_size);
  for (long i = 0; i < st.st_size; i += PAGE) emit("file_page\t%s\t%lx\t%lx\n", path, i, pfn_of(p + i));
  search(0, st.st_size, file_hit);
  munmap((void *)p, st.st_size);
  close(fd);
}

static void copy_lines(const char *tag, const char *path) {
  static char line[512];
  FILE *f = fopen(path, "r");
  while (f && fgets(line, sizeof line, f)) emit("%s\t%s", tag, line);
  if (f) fclose(f);
}

static void frame_flags(void) {
  uint64_t first = 0, n = 0, last = 0, at = 0;
  for (ssize_t got; (got = pread(kpageflags, entries, sizeof entries, at * 8)) > 0; at += got / 8)
    for (int i = 0; i < got / 8; i++) {
      if (n && entries[i] == last) { n++; continue; }
      if (n) emit("flags\t%lx\t%lu\t%lx\n", first, n, last);
      first = at + i, n = 1, last = entries[i];
    }
  emit("flags\t%lx\t%lu\t%lx\n", first, n, last);
}

int main(int argc, char **argv) {
  int port = open(argv[1], O_WRONLY);
  kpageflags = open("/proc/kpageflags", O_RDONLY);
  if (port < 0) return perror("port"), 1;
  mlockall(MCL_CURRENT | MCL_FUTURE);
  now("start");
  do {
    running = 0;
    each(stop);
    usleep(50000);
  } while (running);
  now("stopped");
  make_forms();
  emit("helper\t%d\n", getpid());
  each(visit);
  for (int i = 2; i < argc; i++) scan_file(argv[i]);
  copy_lines("tcp", "/proc/net/tcp");
  copy_lines("iomem", "/proc/iomem");
  copy_lines("setup", "/run/lab/straddled.ready");
  frame_flags();
  now("end");

  /* wipe, here and in the kernel's page through which /proc/PID/mem is copied */
  explicit_bzero(forms, sizeof forms);
  memset(window, 0, sizeof window);
  mem = open("/proc/self/mem", O_RDONLY);
  for (int i = 0; i < 16; i++) pread(mem, window, CHUNK, (uintptr_t)window);
  close(mem);
  flush_to(port);

  /* last of all, so that nothing takes its pages: the ghost goes */
  char path[64];
  snprintf(path, sizeof path, "/proc/%d", ghost_pid);
  if (ghost_pid) kill(ghost_pid, SIGKILL);
  while (ghost_pid && access(path, F_OK) == 0) usleep(20000);
  usleep(200000);
  for (int i = 0; i < n_ghost; i++) {
    uint64_t f = 0;
    pread(kpageflags, &f, 8, ghost_frames[i] * 8);
    emit("ghost_flags\t%lx\t%lx\n", ghost_frames[i], f);
  }
  emit("done\n");
  flush_to(port);
  rest();
}
