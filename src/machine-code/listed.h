/*
 * A look at pages of a file wherever they lie, by a thread of Node's pool: which of them show something. See
 * machine-code.ts.
 */
#pragma once
#include <stddef.h>
#include <node_api.h>
#include "sieve.h"
#include "system-call.h"

enum { LISTED_BUFFERS = 5, MOST_LISTED = 64 };

/* Pages [first, until), which lie in the file one behind the other from that byte on. */
struct stretch { double first, until, offset; };

struct listed {
  napi_async_work work;
  napi_deferred deferred;
  /* What the thread uses, so that Node keeps it meanwhile. */
  napi_ref kept[LISTED_BUFFERS];
  /* Looks at [from, until), or the pages before that. */
  struct sieve sieve;
  int32_t fd;
  /* A bit for each page. */
  uint32_t *pages;
  size_t page_words;
  const struct stretch *stretches;
  size_t stretch_count;
  /* One byte: whether nobody wants the rest any more. */
  const uint8_t *stop;
};

/* Whether the stretches have no page without a bit. */
static bool are_stretches_valid(const struct listed *listed) {
  for (size_t number = 0; number < listed->stretch_count; number += 1) {
    const struct stretch *one = listed->stretches + number;
    if (!(one->first >= 0 && one->first <= one->until && one->until <= 32.0 * (double)listed->page_words &&
          one->until <= 0x1p32))
      return false;
    if (!(one->offset >= 0 && one->offset <= 0x1p53)) return false;
  }
  return true;
}

/*
 * Reads so many pages of a stretch one behind the other, neighbours in one go.
 *
 * Returns those that cannot be read, a bit each: nobody can say no of them.
 */
static uint64_t read_listed(const struct listed *listed, const struct stretch *stretch, const uint32_t *numbers,
                            size_t count) {
  uint8_t *into = listed->sieve.memory + listed->sieve.from;
  uint64_t missed = 0;
  for (size_t from = 0, to; from < count; from = to) {
    for (to = from + 1; to < count && numbers[to] == numbers[to - 1] + 1; to += 1) continue;
    const int64_t offset = (int64_t)stretch->offset + (numbers[from] - (int64_t)stretch->first) * PAGE;
    const int64_t read = system_call(SYS_PREAD64, listed->fd, (int64_t)(into + from * PAGE), (int64_t)((to - from) * PAGE), offset);
    for (size_t page = from + (size_t)(read < 0 ? 0 : read) / PAGE; page < to; page += 1) missed |= 1ull << page;
  }
  return missed;
}

/* Those of the first pages that show a literal, a bit each. What only seems to stand over the joint of two is shown, too. */
static uint64_t shown_in(struct sieve sieve, size_t count) {
  const struct tables *tables = sieve.tables;
  sieve.end = sieve.until = sieve.from + (uint32_t)count * PAGE;
  sieve_pages(&sieve, 0);
  uint64_t shown = 0;
  const word32 *list = (const word32 *)(sieve.memory + tables->found);
  for (uint32_t number = 0; number < list[0]; number += 1) {
    const uint32_t what = list[1 + 2 * number], at = list[2 + 2 * number];
    if (what != (uint32_t)PROCESS && what != (uint32_t)TOP_TABLE) shown |= 1ull << (at - sieve.from) / PAGE;
  }
  const uint8_t *crowded = sieve.memory + tables->sets_of_pages + CROWDED * tables->set_bytes;
  for (size_t page = 0; page < count; page += 1) shown |= (uint64_t)(crowded[page / 8] >> page % 8 & 1) << page;
  return shown;
}

/* Takes those of the pages away that show nothing. Other threads take others, perhaps of the same word. */
static void sift_listed(const struct listed *listed, const struct stretch *stretch, const uint32_t *numbers, size_t count) {
  const uint64_t missed = read_listed(listed, stretch, numbers, count), shown = shown_in(listed->sieve, count);
  for (size_t page = 0; page < count; page += 1)
    if (((missed | shown) >> page & 1) == 0)
      __atomic_fetch_and(listed->pages + numbers[page] / 32, ~(1u << numbers[page] % 32), __ATOMIC_RELAXED);
}

static bool is_stopped(const struct listed *listed) { return __atomic_load_n(listed->stop, __ATOMIC_RELAXED) != 0; }

/* On another thread: calls nothing of Node's. */
static void sift_all_listed(napi_env env, void *data) {
  (void)env;
  const struct listed *listed = data;
  const size_t fitting = (listed->sieve.until - listed->sieve.from) / PAGE;
  const size_t room = fitting < MOST_LISTED ? fitting : MOST_LISTED;
  uint32_t numbers[MOST_LISTED];
  for (size_t at = 0; at < listed->stretch_count; at += 1) {
    const struct stretch *stretch = listed->stretches + at;
    size_t count = 0;
    for (uint64_t number = (uint64_t)stretch->first; number < (uint64_t)stretch->until; number += 1) {
      const uint32_t rest = __atomic_load_n(listed->pages + number / 32, __ATOMIC_RELAXED) >> number % 32;
      /* To the next one, or to the end of the word. */
      number += rest != 0 ? _tzcnt_u32(rest) : 31 - number % 32;
      if (rest == 0 || number >= (uint64_t)stretch->until) continue;
      numbers[count++] = (uint32_t)number;
      if (count < room) continue;
      if (is_stopped(listed)) return;
      sift_listed(listed, stretch, numbers, count);
      count = 0;
    }
    if (is_stopped(listed)) return;
    if (count != 0) sift_listed(listed, stretch, numbers, count);
  }
}

static void end_listed(napi_env env, napi_status status, void *data) {
  struct listed *listed = data;
  napi_value nothing = 0;
  napi_get_undefined(env, &nothing);
  /* Nobody cancels it; else nobody would be told. */
  if (status == napi_ok) napi_resolve_deferred(env, listed->deferred, nothing);
  else napi_reject_deferred(env, listed->deferred, nothing);
  napi_delete_async_work(env, listed->work);
  /* One of them holds `listed` itself. */
  napi_ref kept[LISTED_BUFFERS];
  for (int one = 0; one < LISTED_BUFFERS; one += 1) kept[one] = listed->kept[one];
  for (int one = 0; one < LISTED_BUFFERS; one += 1) napi_delete_reference(env, kept[one]);
}
