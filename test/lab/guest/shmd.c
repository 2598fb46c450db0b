/* Two processes hold one page: shared memory, and forkcowd a private page shared copy-on-write after fork().
 * Built twice. */
#include "lab.h"

int main(void) {
#ifdef COW
  char *p = pages(1, MAP_PRIVATE);
#else
  char *p = pages(1, MAP_SHARED);
#endif
  put_ip(put(p, "peer="));
  put_ip(put(p + 2048, "also "));
  if (fork() == 0) {
#ifndef COW
    prctl(PR_SET_NAME, "shmreader");
#endif
    if (((volatile char *)p)[5] == 0) return 1;
    rest();
  }
  ready("2");
  rest();
}
