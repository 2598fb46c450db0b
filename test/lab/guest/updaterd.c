/* Innocent: talks through the same proxy to another host, named on its command line. */
#include "talk.h"

int main(int argc, char **argv) {
  become(1002);
  const char *host = argv[argc - 1];
  char *hello = malloc(256), *get = malloc(512), *answer = malloc(2048);
  snprintf(hello, 256, "CONNECT %s:443 HTTP/1.1\r\nHost: %s:443\r\nUser-Agent: updaterd\r\n\r\n", host, host);
  int t = tunnel(hello, answer, 2048);
  for (int i = 0;; i++) {
    snprintf(get, 512, "GET http://%s/updates?agent=updaterd&seq=%d HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host, i, host);
    int s = proxy_connect();
    int ok = ask(s, get, answer, 2048) > 0;
    close(s);
    if (ask(t, "ping updaterd\n", answer, 2048) <= 0) close(t), t = tunnel(hello, answer, 2048);
    else if (ok) ready("u");
    sleep(2);
  }
}
