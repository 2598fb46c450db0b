/* Text across two pages that are neighbours in the address space and not in memory, as ASCII and UTF-16LE;
 * and a phantom: two unrelated pages of this process whose frames are neighbours make the text together. */
#include "lab.h"

#define POOL 256
static char *pool;
static uint64_t pfn[POOL];

static void move(int from, char *to) {
  if (mremap(pool + from * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to) perror("mremap"), exit(1);
  pfn[from] = 0;
}

/* two pages side by side at p from frames at least two apart */
static char *apart(char *p, int first) {
  int second = first + 1;
  while (pfn[second] == 0 || pfn[second] - pfn[first] + 2 < 5) second++;
  move(first, p);
  move(second, p + PAGE);
  return p + PAGE;
}

int main(void) {
  char line[256], *place = pages(64, MAP_PRIVATE), *p, *n = line;
  pool = pages(POOL, MAP_PRIVATE);
  for (int i = 0; i < POOL; i++) {
    pool[i * PAGE] = 1;
    pfn[i] = pfn_of(pool + i * PAGE);
  }
  p = apart(place, 20);
  put_ip(p - 7);
  n += sprintf(n, "ascii %p %lx %lx\n", p - 7, pfn_of(p - PAGE), pfn_of(p));
  p = apart(place + 8 * PAGE, 60);
  put_ip_wide(p - 13);
  n += sprintf(n, "utf16 %p %lx %lx\n", p - 13, pfn_of(p - PAGE), pfn_of(p));
  for (int i = 100; i < POOL; i++)
    for (int j = 100; j < POOL; j++)
      if (pfn[i] && pfn[j] == pfn[i] + 1) {
        char *a = place + 16 * PAGE, *b = place + 32 * PAGE;
        move(i, a);
        move(j, b);
        put_masked(a + PAGE - 7, IP, 7);
        put_masked(b, IP + 7, sizeof IP - 7);
        sprintf(n, "phantom %p %p %lx %lx\n", a + PAGE - 7, b, pfn_of(a), pfn_of(b));
        ready(line);
        rest();
      }
  return 1;
}
