/* Fills 256 pages with the address; the truth program kills it just before the dump. */
#include "lab.h"

int main(void) {
  char *p = pages(256, MAP_PRIVATE);
  for (int i = 0; i < 256; i++) put_ip(p + i * PAGE + 1024);
  put_ip(malloc(64));
  ready("g");
  rest();
}
