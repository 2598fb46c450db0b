/* A second culprit, under a kernel worker's name and with no command line: one tunnel that stays open. */
#include "talk.h"

int main(int argc, char **argv) {
  (void)argc;
  static char name[32];
  program_invocation_short_name = strcpy(name, "kmasqd");
  prctl(PR_SET_NAME, "kworker/0:2-mm_");
  memset(argv[0], 0, strlen(argv[0]));
  char *hello = malloc(256), *answer = malloc(1024);
  char *p = put_ip(put(hello, "CONNECT "));
  p = put_ip(put(p, ":443 HTTP/1.0\r\nHost: "));
  *put(p, "\r\n\r\n") = 0;
  int t = tunnel(hello, answer, 1024);
  for (;; sleep(2)) {
    if (ask(t, "ping kmasqd\n", answer, 1024) > 0) ready("k");
    else close(t), t = tunnel(hello, answer, 1024);
  }
}
