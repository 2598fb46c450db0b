/* Programs that hold the address in one manner and never talk. Built once for each CASE. */
#include "lab.h"

static void protnoned(void) {
  char *p = pages(1, MAP_PRIVATE);
  put_ip(p + 256);
  mprotect(p, PAGE, PROT_NONE);
}

static void wided(void) {
  put_ip_wide(put_ip_wide((char *)malloc(256) + 32) + 64);
}

static void binaddrd(void) {
  char *p = malloc(128), text[32] = {0};
  put_ip(text);
  inet_pton(AF_INET, text, p + 36);
  memcpy(p + 68, p + 36, 4);
  explicit_bzero(text, sizeof text);
}

static void v6holder(void) {
  char *p = calloc(1, 512);
  put_masked(p + 64, V6_SHORT, sizeof V6_SHORT);
  put_masked(p + 256, V6_LONG, sizeof V6_LONG);
}

static void nearmissd(void) {
  char *p = calloc(1, 1024);
  put_ip(put(p, "1"));
  put_ip(put(p + 64, "5."));
  put(put_ip(p + 128), "0");
  put_masked(p + 192, IP, sizeof IP - 1);
  for (size_t i = 0; i < sizeof IP; i++) p[256 + i] = (IP[i] ^ KEY) == '.' ? 'x' : IP[i] ^ KEY;
  put_ip_wide(put(p + 320, "1") + 1);
}

static void thpd(void) {
  char *p = pages(1024, MAP_PRIVATE);
  p = (char *)(((uintptr_t)p + (2 << 20) - 1) & -(uintptr_t)(2 << 20));
  madvise(p, 2 << 20, MADV_HUGEPAGE);
  put_ip(p + 0x1234);
  put_ip(p + 0x100000 - 6);
  put_ip(p + 0x123456);
}

static void nsagent(void) {
  put_ip(put(malloc(64), "ns "));
}

int main(void) {
  CASE();
  ready("h");
  rest();
}
