/*
 * Loops over every byte, for processors with AVX2. ../scan/window-filter.ts and ../scan/third-filter.ts explain the tables.
 * All addresses are bytes of the sieve's memory. Places are written without a limit: the caller has room for one for each
 * two bytes, and 16 more.
 */
#pragma once
#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>

#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

typedef uint16_t __attribute__((aligned(1), may_alias)) word16;
typedef uint32_t __attribute__((aligned(1), may_alias)) word32;
typedef uint64_t __attribute__((aligned(1), may_alias)) word64;

/* 2^32 / golden ratio (Knuth, TAOCP 6.4). */
#define HASH_FACTOR 0x9e3779b1u

enum {
  PAGE = 4096,
  /* Bytes looked at in one step. */
  GROUP = 64,
  /* A set of tables: by six halves of bytes, 16 bytes each. */
  SET = 6 * 16,
  MAX_SETS = 2,
  /* A group of which every third byte is looked at. */
  WIDE_GROUP = 96,
  MOST_ROW_BITS = 16,
  /* A KPROCESS has its list at 0x18, and another pointer of it must fit the page. */
  LIST = 0x18,
  LAST_PLACE = PAGE - 0x30,
};

AVX2 static inline __m256i both(__m256i one, __m256i other) { return _mm256_and_si256(one, other); }

AVX2 static inline __m256i look_up(const uint8_t *table, __m256i halves) {
  const __m128i row = _mm_loadu_si128((const __m128i *)table);
  return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(row), halves);
}

/* Bytes [0, 16) and [32, 48) of 64, so that what works on halves of a vector keeps the order. */
AVX2 static inline __m256i two_parts(const uint8_t *bytes) {
  const __m128i lower = _mm_loadu_si128((const __m128i *)bytes);
  const __m128i upper = _mm_loadu_si128((const __m128i *)(bytes + 32));
  return _mm256_inserti128_si256(_mm256_castsi128_si256(lower), upper, 1);
}

/* Groups of 64 bytes that are looked through before the places in them are written. */
enum { ROUND = 64 };

/* Writes the places of a group, a bit for each second byte from `at` on; three of them without asking how many there are. */
AVX2 static inline word32 *write_places(uint32_t at, uint32_t places, word32 *queue) {
  const int count = __builtin_popcount(places);
  for (int place = 0; place < 3; place += 1, places &= places - 1)
    queue[place] = at + (_tzcnt_u32(places) << 1);
  for (int place = 3; places != 0; place += 1, places &= places - 1)
    queue[place] = at + (_tzcnt_u32(places) << 1);
  return queue + count;
}

/*
 * Puts the places where the four bytes of some window may stand into the queue; returns its new end. Of the tables there
 * are up to MAX_SETS sets: what stands in any of them counts.
 */
AVX2 static inline __attribute__((always_inline)) word32 *find_in(const uint8_t *memory, uint8_t *tables,
                                                                  const int sets, uint32_t at,
                                                                  uint32_t end, word32 *queue) {
  const __m256i nibble = _mm256_set1_epi8(0x0f);
  const __m256i none = _mm256_setzero_si256();
  const __m256i evens_then_odds = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15));
  uint8_t *const kept = tables + sets * SET;
  __m256i before[MAX_SETS];
  for (int set = 0; set < sets; set += 1) before[set] = _mm256_set1_epi8((char)kept[set]);
  uint32_t places[ROUND] __attribute__((aligned(32)));

  for (uint32_t start = at; start + GROUP <= end; start = at) {
    const uint32_t round_end = end - at < ROUND * GROUP ? end - GROUP + 1 : at + ROUND * GROUP - GROUP + 1;
    uint32_t groups = 0;
    for (; at < round_end; at += GROUP) {
      const __m256i a = _mm256_shuffle_epi8(two_parts(memory + at), evens_then_odds);
      const __m256i b = _mm256_shuffle_epi8(two_parts(memory + at + 16), evens_then_odds);
      const __m256i even = _mm256_unpacklo_epi64(a, b);
      const __m256i odd = _mm256_unpackhi_epi64(a, b);
      const __m256i even_low = both(even, nibble);
      const __m256i even_high = both(_mm256_srli_epi16(even, 4), nibble);
      const __m256i odd_low = both(odd, nibble);
      const __m256i odd_high = both(_mm256_srli_epi16(odd, 4), nibble);
      __m256i found = none;
      for (int set = 0; set < sets; set += 1) {
        const uint8_t *table = tables + set * SET;
        const __m256i first = both(look_up(table, even_low), look_up(table + 16, even_high));
        const __m256i second = both(look_up(table + 32, odd_low), look_up(table + 48, odd_high));
        const __m256i third = look_up(table + 64, even_low);
        const __m256i fourth = look_up(table + 80, odd_low);
        const __m256i pair = both(first, second);
        /* Each lane's neighbour below. */
        const __m256i below = _mm256_permute2x128_si256(before[set], pair, 0x21);
        const __m256i behind = _mm256_alignr_epi8(pair, below, 15);
        found = _mm256_or_si256(found, both(behind, both(third, fourth)));
        before[set] = pair;
      }
      /* No branch here: where something stands cannot be guessed. */
      places[groups++] = ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(found, none));
    }
    while (groups % 8 != 0) places[groups++] = 0;
    for (uint32_t group = 0; group < groups; group += 8) {
      const __m256i empty = _mm256_cmpeq_epi32(_mm256_load_si256((const __m256i *)(places + group)), none);
      uint32_t some = ~(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(empty)) & 0xff;
      for (; some != 0; some &= some - 1) {
        const uint32_t index = group + _tzcnt_u32(some);
        queue = write_places(start + index * GROUP - 2, places[index], queue);
      }
    }
  }
  for (int set = 0; set < sets; set += 1) kept[set] = (uint8_t)_mm256_extract_epi8(before[set], 31);
  return queue;
}

AVX2 static word32 *find_windows(const uint8_t *memory, uint8_t *tables, uint32_t sets, uint32_t at,
                                 uint32_t end, word32 *queue) {
  return sets == 1 ? find_in(memory, tables, 1, at, end, queue) : find_in(memory, tables, 2, at, end, queue);
}

/* Four bytes at each third of 24 places: twelve from `first` and twelve from `second` on. */
AVX2 static inline __m256i fours_at(const uint8_t *first, const uint8_t *second) {
  const __m256i thirds =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12));
  const __m128i lower = _mm_loadu_si128((const __m128i *)first);
  const __m128i upper = _mm_loadu_si128((const __m128i *)second);
  return _mm256_shuffle_epi8(_mm256_inserti128_si256(_mm256_castsi128_si256(lower), upper, 1), thirds);
}

/* The rows of eight times four bytes. */
AVX2 static inline __m256i rows_of(__m256i fours, __m128i shift) {
  const __m256i later = both(_mm256_srli_epi32(fours, 8), _mm256_set1_epi32(0x0fffff));
  const __m256i words = _mm256_or_si256(later, _mm256_set1_epi32(0x2020));
  return _mm256_srl_epi32(_mm256_mullo_epi32(words, _mm256_set1_epi32((int32_t)HASH_FACTOR)), shift);
}

/* What the table has for eight rows. Inserted one by one: writing bytes to memory to read a vector of them is slower. */
AVX2 static inline __m128i eight_rows(const uint8_t *table, const uint16_t *rows) {
  const uint64_t low = *(const word64 *)rows, high = *(const word64 *)(rows + 4);
  __m128i kinds = _mm_cvtsi32_si128(table[low & 0xffff]);
  kinds = _mm_insert_epi8(kinds, table[low >> 16 & 0xffff], 1);
  kinds = _mm_insert_epi8(kinds, table[low >> 32 & 0xffff], 2);
  kinds = _mm_insert_epi8(kinds, table[low >> 48], 3);
  kinds = _mm_insert_epi8(kinds, table[high & 0xffff], 4);
  kinds = _mm_insert_epi8(kinds, table[high >> 16 & 0xffff], 5);
  kinds = _mm_insert_epi8(kinds, table[high >> 32 & 0xffff], 6);
  return _mm_insert_epi8(kinds, table[high >> 48], 7);
}

AVX2 static inline __m128i sixteen_rows(const uint8_t *table, const uint16_t *rows) {
  return _mm_unpacklo_epi64(eight_rows(table, rows), eight_rows(table, rows + 8));
}

/* Whether some literal may be where four zeros stand, or shares their mark. */
static inline bool has_zeros(const uint8_t *table, uint32_t row_bits) {
  return (table[0x2020 * HASH_FACTOR >> (32 - row_bits)] & 1) != 0;
}

/* As write_places, a bit for each third byte. */
AVX2 static inline word32 *write_thirds(uint32_t at, uint32_t places, word32 *queue) {
  const int count = __builtin_popcount(places);
  for (int place = 0; place < 3; place += 1, places &= places - 1)
    queue[place] = at + 3 * _tzcnt_u32(places);
  for (int place = 3; places != 0; place += 1, places &= places - 1)
    queue[place] = at + 3 * _tzcnt_u32(places);
  return queue + count;
}

/* What of zeros is looked at. */
enum zeros { NONE, BESIDE_OTHERS, ALL };

/*
 * Puts every third place from `at` on where the table has the kind of the first of four bytes in the row of the others
 * into the queue; returns its new end. Reads 32 bytes behind `end`. All of a round's rows are reckoned, then all are
 * looked up: each loop by itself keeps the processor busier than both together do.
 */
AVX2 static inline __attribute__((always_inline)) word32 *find_thirds_in(const uint8_t *memory, const uint8_t *table,
                                                                         uint32_t row_bits, const enum zeros zeros,
                                                                         uint32_t at, uint32_t end, word32 *queue) {
  const __m128i shift = _mm_cvtsi32_si128((int32_t)(32 - row_bits));
  const __m256i seven = _mm256_set1_epi32(7);
  const __m256i bits = _mm256_set1_epi64x((int64_t)0x8040201008040201);
  uint16_t rows[ROUND * 32] __attribute__((aligned(32)));
  uint8_t kinds[ROUND * 32] __attribute__((aligned(32)));
  uint32_t starts[ROUND], places[ROUND];
  /* Where the group of zeros that was read last ends. */
  uint32_t zeros_end = 0;

  for (; at + WIDE_GROUP <= end;) {
    uint32_t groups = 0, some = 0;
    for (; groups < ROUND && at + WIDE_GROUP <= end; at += WIDE_GROUP) {
      const uint8_t *bytes = memory + at;
      const __m256i *parts = (const __m256i *)bytes;
      const __m256i any = _mm256_or_si256(_mm256_or_si256(_mm256_loadu_si256(parts), _mm256_loadu_si256(parts + 1)),
                                          _mm256_loadu_si256(parts + 2));
      /* The last place has its fourth byte behind the group, and only half of that is looked at. */
      if (zeros == NONE && _mm256_testz_si256(any, any) && (bytes[WIDE_GROUP] & 15) == 0) continue;
      if (zeros == BESIDE_OTHERS && _mm256_testz_si256(any, any)) {
        const __m256i behind = _mm256_loadu_si256(parts + 3);
        const bool is_amid = zeros_end == at && _mm256_testz_si256(behind, behind);
        zeros_end = at + WIDE_GROUP;
        if (is_amid) continue;
      }

      /* Else the compiler makes what is looked at of the vectors above, by more instructions than it takes to read it again. */
      __asm__("" : "+r"(bytes));
      /* Crosswise, for packing works on halves of a vector. */
      const __m256i a = fours_at(bytes, bytes + 24), b = fours_at(bytes + 12, bytes + 36);
      const __m256i c = fours_at(bytes + 48, bytes + 72), d = fours_at(bytes + 60, bytes + 84);
      __m256i *const row = (__m256i *)(rows + groups * 32);
      _mm256_store_si256(row, _mm256_packus_epi32(rows_of(a, shift), rows_of(b, shift)));
      _mm256_store_si256(row + 1, _mm256_packus_epi32(rows_of(c, shift), rows_of(d, shift)));
      const __m256i lower = _mm256_packus_epi32(both(a, seven), both(b, seven));
      const __m256i upper = _mm256_packus_epi32(both(c, seven), both(d, seven));
      const __m256i firsts = _mm256_permute4x64_epi64(_mm256_packus_epi16(lower, upper), 0xd8);
      _mm256_store_si256((__m256i *)(kinds + groups * 32), _mm256_shuffle_epi8(bits, firsts));
      starts[groups++] = at;
    }
    for (uint32_t group = 0; group < groups; group += 1) {
      const uint16_t *row = rows + group * 32;
      const __m256i found = _mm256_inserti128_si256(_mm256_castsi128_si256(sixteen_rows(table, row)),
                                                    sixteen_rows(table, row + 16), 1);
      const __m256i kind = _mm256_load_si256((const __m256i *)(kinds + group * 32));
      const __m256i none = _mm256_cmpeq_epi8(both(found, kind), _mm256_setzero_si256());
      /* Always written, seldom kept: `some` is never beyond `group`. */
      starts[some] = starts[group];
      places[some] = ~(uint32_t)_mm256_movemask_epi8(none);
      some += places[some] != 0;
    }
    for (uint32_t group = 0; group < some; group += 1)
      queue = write_thirds(starts[group], places[group], queue);
  }
  return queue;
}

/*
 * Where four zeros may be a literal's, its first 32 bytes hold something else: it is looked at near its start, and amid
 * zeros it cannot be. `seeks_zeros`: but some literal begins with 32 zeros, or is nothing else.
 */
AVX2 static word32 *find_thirds(const uint8_t *memory, const uint8_t *table, uint32_t row_bits, bool seeks_zeros,
                                uint32_t at, uint32_t end, word32 *queue) {
  if (!has_zeros(table, row_bits)) return find_thirds_in(memory, table, row_bits, NONE, at, end, queue);
  return find_thirds_in(memory, table, row_bits, seeks_zeros ? ALL : BESIDE_OTHERS, at, end, queue);
}

/* Writes the places in whole pages that begin like an object with a list that points to itself. */
AVX2 static word32 *list_heads(const uint8_t *memory, uint32_t at, uint32_t end, word32 *output) {
  for (; at + PAGE <= end; at += PAGE) {
    __m256i own = _mm256_setr_epi32(0x08, 0x28, 0x48, 0x68, 0x18, 0x38, 0x58, 0x78);
    for (uint32_t offset = 0; offset < PAGE; offset += 128) {
      const float *words = (const float *)(memory + at + offset);
      /* Of each 16 bytes the third word. */
      const __m256 first = _mm256_shuffle_ps(_mm256_loadu_ps(words), _mm256_loadu_ps(words + 8), 0xaa);
      const __m256 second =
          _mm256_shuffle_ps(_mm256_loadu_ps(words + 16), _mm256_loadu_ps(words + 24), 0xaa);
      const __m256i thirds = _mm256_castps_si256(_mm256_shuffle_ps(first, second, 0x88));
      const __m256i is_own = _mm256_cmpeq_epi32(both(thirds, _mm256_set1_epi32(0xfff)), own);
      own = _mm256_add_epi32(own, _mm256_set1_epi32(128));
      if (_mm256_testz_si256(is_own, is_own)) continue;

      for (uint32_t list = offset + 8; list < offset + 128; list += 16) {
        const word32 *word = (const word32 *)(memory + at + list);
        const bool fits = list >= LIST && list - LIST <= LAST_PLACE;
        if (!fits || (word[0] & 0xfff) != list || word[0] != word[2] || word[1] != word[3]) continue;
        *output++ = at + list - LIST;
      }
    }
  }
  return output;
}
