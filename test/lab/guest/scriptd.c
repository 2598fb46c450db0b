/* An administrator's session: a real interactive shell on a pseudo-terminal, into which lines that speak of
 * the address are typed a key at a time. Nothing here talks to it. */
#include "lab.h"
#include <pty.h>

static void key(int tty, char c) {
  char echo[64];
  if (write(tty, &c, 1) != 1) exit(1);
  usleep(3000);
  while (read(tty, echo, sizeof echo) > 0) {}
}

static void type(int tty, const char *before, const char *after) {
  for (; *before; before++) key(tty, *before);
  for (size_t i = 0; i < sizeof IP; i++) key(tty, IP[i] ^ KEY);
  for (; *after; after++) key(tty, *after);
}

int main(void) {
  int tty;
  if (forkpty(&tty, 0, 0, 0) == 0) {
    become(1000);
    execl("/bin/sh", "sh", "-i", (char *)0);
    _exit(1);
  }
  fcntl(tty, F_SETFL, O_NONBLOCK);
  sleep(1);
  type(tty, "ticket='please block ", " at the proxy'\n");
  type(tty, ": who asked for ", "\n");
  type(tty, "echo \"$ticket\" > /dev/null # ", "\n");
  ready("s");
  rest();
}
