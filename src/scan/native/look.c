/*
 * The scan's first look at a block, as a Node-API module that needs no library. Compiled by compile-look.ts; without it
 * ../block-scanner.ts looks at every page itself.
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

/* sievePages(memory: ArrayBuffer, tables, reach, from, until, end, firstFrame): see native-look.ts. */
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
  is_valid = is_valid && length >= PAIRS && (uint64_t)tables_at + sizeof(struct tables) <= length &&
             tables_at % 4 == 0 && from >= PAIRS && from <= until && until <= end && end + MARGIN <= length &&
             (until - from) % PAGE == 0 && are_valid(tables, length, (until - from) / PAGE);
  if (is_valid) sieve_pages(&sieve, reach);
  else napi_throw_range_error(env, 0, "Cannot look through memory: an argument lies outside of it");
  return 0;
}

/* Without AVX2 the module is empty. */
__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  napi_value function;
  if (has_avx2() && napi_create_function(env, "sievePages", NAPI_AUTO_LENGTH, sievePages, 0, &function) == napi_ok)
    napi_set_named_property(env, exports, "sievePages", function);
  return exports;
}
