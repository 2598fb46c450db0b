/* Talking to a host through the web proxy of $http_proxy. The caller's buffers are the ones sent and
 * received into, so what is left in memory is what a client leaves. */
#include "lab.h"

static inline int proxy_connect(void) {
  struct sockaddr_in a = {.sin_family = AF_INET};
  char host[64];
  int port;
  if (sscanf(getenv("http_proxy"), "http://%63[^:]:%d", host, &port) != 2) exit(2);
  a.sin_port = htons(port);
  inet_pton(AF_INET, host, &a.sin_addr);
  int s = socket(AF_INET, SOCK_STREAM, 0);
  struct timeval t = {.tv_sec = 10};
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
  if (connect(s, (void *)&a, sizeof a) == 0) return s;
  close(s);
  return -1;
}

/* send a request and read the start of the answer: bytes read, or -1 */
static inline int ask(int s, const char *request, char *answer, size_t room) {
  size_t n = strlen(request);
  if (s < 0 || write(s, request, n) != (ssize_t)n) return -1;
  ssize_t got = read(s, answer, room - 1);
  answer[got > 0 ? got : 0] = 0;
  return got;
}

/* a CONNECT tunnel, or -1; tries until the proxy answers 200 */
static inline int tunnel(const char *request, char *answer, size_t room) {
  for (;;) {
    int s = proxy_connect();
    if (ask(s, request, answer, room) > 12 && !memcmp(answer + 9, "200", 3)) return s;
    if (s >= 0) close(s);
    sleep(1);
  }
}
