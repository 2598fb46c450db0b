/* Once, before the cases start: take nearly all free memory, which the kernel hands out as zeros, and give it
 * back, so that the boot's own leftovers (the packed kernel, the initramfs) do not swell the sample. */
#include "lab.h"
#include <sys/sysinfo.h>

int main(void) {
  struct sysinfo s;
  sysinfo(&s);
  if (s.totalram > 400UL << 20) return 0;
  for (long n = (long)(s.freeram - (10 << 20)) / PAGE; n > 0; n--) *(volatile char *)pages(1, MAP_PRIVATE) = 0;
  return 0;
}
