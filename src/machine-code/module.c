/*
 * What Node itself does slowly or not at all, as a Node-API module that needs no library: see machine-code.ts. Compiled by
 * compile.ts. For Linux on x86-64.
 */
#include "sieve.h"
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

/* sievePages(memory: ArrayBuffer, tables, reach, from, until, end, firstFrame): see machine-code.ts. */
static napi_value sievePages(napi_env env, napi_callback_info info) {
  napi_value arguments[7];
  size_t count = 7, length = 0;
  void *memory = 0;
  int64_t first_frame = 0;
  uint32_t tables_at = 0, reach = 0, from = 0, until = 0, end = 0;
  uint32_t *const numbers[] = {&tables_at, &reach, &from, &until, &end};
  bool is_valid = napi_get_cb_info(env, info, &count, arguments, 0, 0) == napi_ok && count == 7 &&
                  napi_get_arraybuffer_info(env, arguments[0], &memory, &length) == napi_ok;
  for (int index = 0; is_valid && index < 5; index += 1)
    is_valid = napi_get_value_uint32(env, arguments[index + 1], numbers[index]) == napi_ok;
  is_valid = is_valid && napi_get_value_int64(env, arguments[6], &first_frame) == napi_ok;
  const struct tables *tables = (const struct tables *)((uint8_t *)memory + tables_at);
  const struct sieve sieve = {memory, tables, from, until, end, (uint64_t)first_frame};
  /* Keys reach over both ends of the bytes. */
  is_valid = is_valid && (uint64_t)tables_at + sizeof(struct tables) <= length &&
             tables_at % 4 == 0 && from >= MARGIN && from <= until && until <= end && end + MARGIN <= length &&
             (until - from) % PAGE == 0 && are_valid(tables, length, (until - from) / PAGE);
  if (is_valid) sieve_pages(&sieve, reach);
  else napi_throw_range_error(env, 0, "Cannot look through memory: an argument lies outside of it");
  return 0;
}

/* From linux/unistd.h and errno.h: the module calls the kernel itself. */
enum { SYS_LSEEK = 8, SEEK_TO_DATA = 3, NO_SUCH_ADDRESS = -6 };

static int64_t seek_data(int32_t fd, int64_t from) {
  int64_t result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"((int64_t)SYS_LSEEK), "D"((int64_t)fd), "S"(from), "d"((int64_t)SEEK_TO_DATA)
                   : "rcx", "r11", "memory");
  return result;
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
  const int64_t next = seek_data(fd, from);
  /* Behind the last data. Any other error says nothing of holes. */
  const double told = next == NO_SUCH_ADDRESS ? __builtin_inf() : (double)(next < from ? from : next);
  return napi_create_double(env, told, &result) == napi_ok ? result : 0;
}

static void add(napi_env env, napi_value exports, const char *name, napi_callback call) {
  napi_value function;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, call, 0, &function) == napi_ok)
    napi_set_named_property(env, exports, name, function);
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  if (has_avx2()) add(env, exports, "sievePages", sievePages);
  add(env, exports, "nextData", nextData);
  return exports;
}
