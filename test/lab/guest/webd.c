/* The "internet" behind the proxy: answers on ports 80 and 443 of every address of the machine, and prints what
 * it was asked, which is the truth about the traffic. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void serve(int s, int port) {
  char ask[2048], host[32];
  struct sockaddr_in me;
  socklen_t n = sizeof me;
  getsockname(s, (void *)&me, &n);
  inet_ntop(AF_INET, &me.sin_addr, host, sizeof host);
  for (ssize_t got; (got = read(s, ask, sizeof ask - 1)) > 0;) {
    ask[got] = 0;
    printf("asked %s:%d %.*s\n", host, port, (int)strcspn(ask, "\r\n"), ask);
    const char *answer = port == 80 ? "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n" : "pong\n";
    if (write(s, answer, strlen(answer)) < 0 || port == 80) return;
  }
}

int main(void) {
  signal(SIGCHLD, SIG_IGN);
  setvbuf(stdout, 0, _IOLBF, 0);
  int port = fork() ? 80 : 443, one = 1, l = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
  setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(l, (void *)&a, sizeof a) || listen(l, 16)) return perror("webd"), 1;
  for (;;) {
    int s = accept(l, 0, 0);
    if (fork() == 0) return serve(s, port), 0;
    close(s);
  }
}
