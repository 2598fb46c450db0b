/*
 * What Node itself does slowly or not at all, as a Node-API module that needs no library: see machine-code.ts. Compiled by
 * compile.ts. For Linux on x86-64.
 */
#include "listed.h"
#include "preparation.h"
#include <cpuid.h>
#include <node_api.h>

static bool has_avx2(void) {
  uint32_t a, b, c, d, low, high;
  if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_OSXSAVE) == 0) return false;
  /* Whether the system keeps the wide registers. */
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & 6) != 6) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_AVX2) != 0 && (b & bit_BMI) != 0;
}

/* A typed array of that type, its bytes and its length; false for anything else. */
static bool array_of(napi_env env, napi_value value, napi_typedarray_type wanted, void **data, size_t *length) {
  napi_typedarray_type type;
  bool is_one = false;
  return napi_is_typedarray(env, value, &is_one) == napi_ok && is_one &&
         napi_get_typedarray_info(env, value, &type, length, data, 0, 0) == napi_ok && type == wanted;
}

/* Throws where what was given is not `expected`. */
static napi_value told(napi_env env, bool is_valid, double result, const char *expected) {
  napi_value value = 0;
  if (!is_valid) napi_throw_range_error(env, 0, expected);
  else if (napi_create_double(env, result, &value) != napi_ok) return 0;
  return value;
}

static const char OUTSIDE[] = "Cannot look through memory: an argument lies outside of it";

/* The tables at that address of a memory, for the pages [from, until) of what it holds up to `end`; false where they do not fit. */
static bool sieve_of(void *memory, size_t length, uint32_t tables_at, uint32_t from, uint32_t until, uint32_t end,
                     struct sieve *sieve) {
  const struct tables *tables = (const struct tables *)((uint8_t *)memory + tables_at);
  *sieve = (struct sieve){memory, tables, from, until, end, 0};
  /* Keys reach over both ends of the bytes. */
  return (uint64_t)tables_at + sizeof(struct tables) <= length && tables_at % 4 == 0 && from >= MARGIN && from <= until &&
         until <= end && end + (uint64_t)MARGIN <= length && (until - from) % PAGE == 0 &&
         are_valid(tables, length, (until - from) / PAGE);
}

/* sievePages(memory: ArrayBuffer, tables, reach, from, until, end, firstFrame): see machine-code.ts. */
static napi_value sievePages(napi_env env, napi_callback_info info) {
  napi_value given[7];
  size_t count = 7, length = 0;
  void *memory = 0;
  int64_t first_frame = 0;
  uint32_t tables_at = 0, reach = 0, from = 0, until = 0, end = 0;
  uint32_t *const numbers[] = {&tables_at, &reach, &from, &until, &end};
  struct sieve sieve;
  bool is_valid = napi_get_cb_info(env, info, &count, given, 0, 0) == napi_ok && count == 7 &&
                  napi_get_arraybuffer_info(env, given[0], &memory, &length) == napi_ok;
  for (int index = 0; is_valid && index < 5; index += 1)
    is_valid = napi_get_value_uint32(env, given[index + 1], numbers[index]) == napi_ok;
  is_valid = is_valid && napi_get_value_int64(env, given[6], &first_frame) == napi_ok &&
             sieve_of(memory, length, tables_at, from, until, end, &sieve);
  if (!is_valid) {
    napi_throw_range_error(env, 0, OUTSIDE);
    return 0;
  }
  sieve.first_frame = (uint64_t)first_frame;
  sieve_pages(&sieve, reach);
  return 0;
}

/* sieveListed(memory: ArrayBuffer, tables, from, until, fd, pages, stretches, stop): see machine-code.ts. */
static napi_value sieveListed(napi_env env, napi_callback_info info) {
  napi_value given[8], held = 0, name, promise = 0;
  size_t count = 8, length = 0, numbers = 0, stops = 0;
  void *memory = 0, *data = 0;
  uint32_t tables_at = 0, from = 0, until = 0;
  struct listed listed = {0};
  const bool is_valid = napi_get_cb_info(env, info, &count, given, 0, 0) == napi_ok && count == 8 &&
                        napi_get_arraybuffer_info(env, given[0], &memory, &length) == napi_ok &&
                        napi_get_value_uint32(env, given[1], &tables_at) == napi_ok &&
                        napi_get_value_uint32(env, given[2], &from) == napi_ok &&
                        napi_get_value_uint32(env, given[3], &until) == napi_ok && from < until &&
                        sieve_of(memory, length, tables_at, from, until, until, &listed.sieve) &&
                        napi_get_value_int32(env, given[4], &listed.fd) == napi_ok &&
                        array_of(env, given[5], napi_uint32_array, (void **)&listed.pages, &listed.page_words) &&
                        array_of(env, given[6], napi_float64_array, (void **)&listed.stretches, &numbers) && numbers % 3 == 0 &&
                        array_of(env, given[7], napi_uint8_array, (void **)&listed.stop, &stops) && stops == 1;
  listed.stretch_count = numbers / 3;
  if (!is_valid || !are_stretches_valid(&listed)) {
    napi_throw_range_error(env, 0, OUTSIDE);
    return 0;
  }
  bool is_begun = napi_create_arraybuffer(env, sizeof listed, &data, &held) == napi_ok &&
                  napi_create_string_utf8(env, "sieveListed", NAPI_AUTO_LENGTH, &name) == napi_ok &&
                  napi_create_async_work(env, 0, name, sift_all_listed, end_listed, data, &listed.work) == napi_ok &&
                  napi_create_promise(env, &listed.deferred, &promise) == napi_ok;
  const napi_value kept[LISTED_BUFFERS] = {given[0], given[5], given[6], given[7], held};
  for (int one = 0; is_begun && one < LISTED_BUFFERS; one += 1)
    is_begun = napi_create_reference(env, kept[one], 1, &listed.kept[one]) == napi_ok;
  if (is_begun) *(struct listed *)data = listed;
  if (is_begun && napi_queue_async_work(env, listed.work) == napi_ok) return promise;
  /* Without memory, or where Node ends: what was made goes with it. */
  napi_throw_error(env, 0, "Cannot look through pages: no thread can be given them");
  return 0;
}

/* nextData(fd, from): see machine-code.ts. */
static napi_value nextData(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result = 0;
  size_t count = 2;
  int32_t fd = -1;
  int64_t from = 0;
  if (napi_get_cb_info(env, info, &count, arguments, 0, 0) != napi_ok || count != 2 ||
      napi_get_value_int32(env, arguments[0], &fd) != napi_ok || napi_get_value_int64(env, arguments[1], &from) != napi_ok) {
    napi_throw_type_error(env, 0, "Cannot look for data: expected a file descriptor and an offset");
    return 0;
  }
  const int64_t next = system_call(SYS_LSEEK, fd, from, SEEK_TO_DATA, 0);
  /* Behind the last data. Any other error says nothing of holes. */
  const double told = next == NO_SUCH_ADDRESS ? __builtin_inf() : (double)(next < from ? from : next);
  return napi_create_double(env, told, &result) == napi_ok ? result : 0;
}

/* readAt(fd, into, at): see machine-code.ts. */
static napi_value readAt(napi_env env, napi_callback_info info) {
  napi_value given[3];
  size_t count = 3, length = 0;
  void *into = 0;
  int32_t fd = -1;
  int64_t at = 0;
  const bool is_valid = napi_get_cb_info(env, info, &count, given, 0, 0) == napi_ok && count == 3 &&
                        napi_get_value_int32(env, given[0], &fd) == napi_ok &&
                        array_of(env, given[1], napi_uint8_array, &into, &length) &&
                        napi_get_value_int64(env, given[2], &at) == napi_ok;
  const int64_t read = is_valid ? system_call(SYS_PREAD64, fd, (int64_t)into, (int64_t)length, at) : 0;
  return told(env, is_valid, (double)read, "Cannot read: expected a file descriptor, bytes and an offset");
}

/* indexEdges(rows, texts, isHead, near, isNear, isMore, heads, halves): see machine-code.ts. */
static napi_value indexEdges(napi_env env, napi_callback_info info) {
  napi_value given[8];
  size_t count = 8, rows = 0, near = 0, is_near = 0, is_more = 0, heads = 0, halves = 0;
  struct literals literals = {0};
  struct edge_index index = {0};
  bool is_head = false;
  const bool is_valid =
      napi_get_cb_info(env, info, &count, given, 0, 0) == napi_ok && count == 8 &&
      array_of(env, given[0], napi_int32_array, (void **)&literals.rows, &rows) &&
      array_of(env, given[1], napi_uint8_array, (void **)&literals.texts, &literals.texts_length) &&
      napi_get_value_bool(env, given[2], &is_head) == napi_ok &&
      array_of(env, given[3], napi_uint8_array, (void **)&index.near, &near) && near == 0x10000 &&
      array_of(env, given[4], napi_uint32_array, (void **)&index.is_near, &is_near) && is_near == 0x10000 / 32 &&
      array_of(env, given[5], napi_uint32_array, (void **)&index.is_more, &is_more) && is_more == 0x10000 / 32 &&
      array_of(env, given[6], napi_uint32_array, (void **)&index.heads, &heads) && heads == 0x10000 &&
      array_of(env, given[7], napi_uint32_array, (void **)&index.halves, &halves);
  literals.count = rows / 3;
  index.most_halves = halves / 3;
  const int64_t made = is_valid ? index_edges(&literals, is_head, &index) : -1;
  return told(env, made >= 0, (double)made, "Cannot index page edges: an argument lies outside of its memory");
}

/* countFours(words, pairs, fours, counts, least): see machine-code.ts. */
static napi_value countFours(napi_env env, napi_callback_info info) {
  napi_value given[5];
  size_t count = 5, length = 0, pairs_length = 0, fours_length = 0, slots = 0;
  void *words = 0, *pairs = 0, *fours = 0, *counts = 0;
  uint32_t least = 0, made = 0;
  const bool is_valid = napi_get_cb_info(env, info, &count, given, 0, 0) == napi_ok && count == 5 &&
                        array_of(env, given[0], napi_uint16_array, &words, &length) &&
                        array_of(env, given[1], napi_uint32_array, &pairs, &pairs_length) && pairs_length == 0x10000 &&
                        array_of(env, given[2], napi_uint32_array, &fours, &fours_length) &&
                        array_of(env, given[3], napi_uint32_array, &counts, &slots) && fours_length == slots &&
                        slots > 1 && slots <= 0x10000 && (slots & (slots - 1)) == 0 &&
                        napi_get_value_uint32(env, given[4], &least) == napi_ok;
  if (is_valid) made = count_fours(words, length, pairs, fours, counts, 32 - (uint32_t)__builtin_ctzl(slots), least);
  return told(env, is_valid, made, "Cannot count four bytes: expected words, 65,536 pairs, and as many fours as counts, a power of two up to 65,536");
}

/* countMarks(pages, counts, rowBits): see machine-code.ts. */
static napi_value countMarks(napi_env env, napi_callback_info info) {
  napi_value given[3];
  size_t count = 3, length = 0, marks = 0;
  void *pages = 0, *counts = 0;
  uint32_t row_bits = 0;
  const bool is_valid = napi_get_cb_info(env, info, &count, given, 0, 0) == napi_ok && count == 3 &&
                        array_of(env, given[0], napi_uint8_array, &pages, &length) &&
                        array_of(env, given[1], napi_uint32_array, &counts, &marks) &&
                        napi_get_value_uint32(env, given[2], &row_bits) == napi_ok && row_bits >= 1 &&
                        row_bits <= MOST_ROW_BITS && marks == (size_t)8 << row_bits;
  if (is_valid) count_marks(pages, length, counts, row_bits);
  return told(env, is_valid, 0, "Cannot count marks: expected pages, and eight counts for each row");
}

static void add(napi_env env, napi_value exports, const char *name, napi_callback call) {
  napi_value function;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, call, 0, &function) == napi_ok)
    napi_set_named_property(env, exports, name, function);
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  if (has_avx2()) {
    add(env, exports, "sievePages", sievePages);
    add(env, exports, "sieveListed", sieveListed);
  }
  add(env, exports, "nextData", nextData);
  add(env, exports, "readAt", readAt);
  add(env, exports, "indexEdges", indexEdges);
  add(env, exports, "countFours", countFours);
  add(env, exports, "countMarks", countMarks);
  return exports;
}
