/* A log with one line about the address, in a file system whose pages are the page cache (ramfs).
 * Built twice: logmmapd maps it and touches it, logreadd only reads it (no process then holds the text). */
#include "lab.h"

int main(void) {
  char line[128], *p;
  snprintf(line, sizeof line, "/var/log/lab/%s.log", program_invocation_short_name);
  int fd = open(line, O_RDWR | O_CREAT | O_TRUNC, 0644);
  for (unsigned i = 0; i < 300; i++) {
    p = line + sprintf(line, "17953605%02u.%03u %5u 172.31.16.%u TCP_TUNNEL/200 %u CONNECT ", i / 4, i * 7 % 1000, i % 900, i % 50 + 60, i * 31 % 9999);
    if (i == 137) p = put_ip(p);
    else p += sprintf(p, "198.51.100.%u", i % 200 + 1);
    p = put(p, ":443 - HIER_DIRECT\n");
    if (write(fd, line, p - line) != p - line) return 1;
    explicit_bzero(line, sizeof line);
  }
  long size = lseek(fd, 0, SEEK_CUR), sum = 0;
#ifdef MAP
  const char *log = mmap(0, size, PROT_READ, MAP_SHARED, fd, 0);
  for (long i = 0; i < size; i += PAGE) sum += ((volatile const char *)log)[i];
#else
  lseek(fd, 0, SEEK_SET);
  while (read(fd, line, sizeof line) > 0) sum += size;
  explicit_bzero(line, sizeof line);
#endif
  ready(sum ? "l" : "");
  rest();
}
