/* In the stack of one of its threads. */
#include "lab.h"
#include <pthread.h>

static void *work(void *arg) {
  char name[16], on_stack[64];
  snprintf(name, sizeof name, "mt-worker-%ld", (long)arg);
  prctl(PR_SET_NAME, name);
  if (arg == (void *)2) {
    *put_ip(put(on_stack, "upstream ")) = 0;
    ready("t");
  }
  rest();
  return 0;
}

int main(void) {
  pthread_t t;
  for (long i = 0; i < 4; i++) pthread_create(&t, 0, work, (void *)i);
  rest();
}
