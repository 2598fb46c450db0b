/* Shared by the small programs of the lab's endpoint. The address under examination is kept masked in
 * the program files and unmasked straight into the place that a case is about. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "masked.h"

#define PAGE 4096

static inline char *put(char *p, const char *s) {
  while (*s) *p++ = *s++;
  return p;
}

static inline char *put_masked(char *p, const volatile unsigned char *m, size_t n) {
  while (n--) *p++ = *m++ ^ KEY;
  return p;
}
#define put_ip(p) put_masked(p, IP, sizeof IP)

/* UTF-16LE: only the even bytes are written, the odd ones are set to zero */
static inline char *put_ip_wide(char *p) {
  for (size_t i = 0; i < sizeof IP; i++) *p++ = IP[i] ^ KEY, *p++ = 0;
  return p;
}

static inline char *pages(size_t n, int flags) {
  char *p = mmap(0, n * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) perror("mmap"), exit(1);
  return p;
}

/* the frame of a page of this process (needs root) */
static inline uint64_t pfn_of(const void *p) {
  uint64_t e = 0;
  int fd = open("/proc/self/pagemap", O_RDONLY);
  if (pread(fd, &e, 8, (uintptr_t)p / PAGE * 8) != 8) perror("pagemap"), exit(1);
  close(fd);
  return e & ((1ULL << 55) - 1);
}

/* "this case is set up", with a line that never holds the address, for init and the truth */
static inline void ready(const char *line) {
  char path[64];
  snprintf(path, sizeof path, "/run/lab/%s.ready", program_invocation_short_name);
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
  dprintf(fd, "%s", line);
  close(fd);
}

static inline void become(unsigned id) {
  if (setgroups(0, 0) || setgid(id) || setuid(id)) perror("setuid"), exit(1);
}

static inline void rest(void) {
  for (;;) pause();
}
