/* The culprit: every second a plain GET through the proxy, and a CONNECT tunnel that stays open.
 * Its heap holds its settings, its requests and the URLs of its last beacons. */
#include "talk.h"

int main(void) {
  become(1001);
  char *settings = malloc(256), *hello = malloc(256), *get = malloc(512), *answer = malloc(2048), *url[32] = {0}, number[16];
  *put(put_ip(put(settings, "{\"c2\":\"")), "\",\"port\":443,\"interval\":1,\"jitter\":0}") = 0;
  char *p = put_ip(put(hello, "CONNECT "));
  p = put_ip(put(p, ":443 HTTP/1.1\r\nHost: "));
  *put(p, ":443\r\nUser-Agent: beacond\r\n\r\n") = 0;
  int t = tunnel(hello, answer, 2048);
  for (int i = 0;; i++) {
    snprintf(number, sizeof number, "%d", i);
    free(url[i % 32]);
    url[i % 32] = malloc(128);
    *put(put(put_ip(put(url[i % 32], "http://")), "/api/v1/beacon?agent=beacond&seq="), number) = 0;
    p = put(put(put(get, "GET "), url[i % 32]), " HTTP/1.1\r\nHost: ");
    *put(put_ip(p), "\r\nUser-Agent: beacond\r\nConnection: close\r\n\r\n") = 0;
    int s = proxy_connect();
    int ok = ask(s, get, answer, 2048) > 0;
    close(s);
    if (ask(t, "ping beacond\n", answer, 2048) <= 0) close(t), t = tunnel(hello, answer, 2048);
    else if (ok) ready("b");
    sleep(1);
  }
}
