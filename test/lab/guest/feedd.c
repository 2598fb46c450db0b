/* Innocent, and hard to tell: holds the address and talks through the proxy, but to another host, named on its command line.
 * feedd has a list of addresses to block; alertd, built from this too, an alert that quotes a culprit's own request. */
#include "talk.h"

int main(int argc, char **argv) {
  const char *host = argv[argc - 1];
  char *hello = malloc(256), *answer = malloc(1024), *text = malloc(4096), *p = text;
#ifdef ALERT
  p = put_ip(put(p, "{\"rule\":\"beacon\",\"action\":\"alert\",\"request\":\"GET http://"));
  p = put_ip(put(p, "/api/v1/beacon?seq=3 HTTP/1.1\",\"host\":\""));
  p = put(p, "\",\"count\":3}\n");
#else
  for (int i = 1; i < 100; i++) {
    p += sprintf(p, "deny 203.0.113.%d\n", i);
    if (i == 40) p = put(put_ip(put(p, "deny ")), "\n");
  }
#endif
  snprintf(hello, 256, "CONNECT %s:443 HTTP/1.1\r\nHost: %s:443\r\n\r\n", host, host);
  char ping[64];
  snprintf(ping, sizeof ping, "ping %s\n", program_invocation_short_name);
  for (int t = tunnel(hello, answer, 1024);; sleep(2)) {
    if (ask(t, ping, answer, 1024) > 0) ready("f");
    else close(t), t = tunnel(hello, answer, 1024);
  }
}
