/*
 * Loops over every byte, for processors with AVX2: 64 bytes at a time instead of 16. Each says the same as the function of
 * its name in ../scan/assembly; ../scan/window-filter.ts and ../scan/literal-index.ts explain the tables. All addresses are bytes of the
 * matcher's memory. Places are written without a limit: the caller has room for one for each two bytes, and 16 more.
 */
#pragma once
#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>

#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

typedef uint16_t __attribute__((aligned(1), may_alias)) word16;
typedef uint32_t __attribute__((aligned(1), may_alias)) word32;
typedef uint64_t __attribute__((aligned(1), may_alias)) word64;

enum {
  PAGE = 4096,
  /* Bytes looked at in one step. */
  GROUP = 64,
  /* A set of tables: by six halves of bytes, 16 bytes each. */
  SET = 6 * 16,
  MAX_SETS = 3,
  PAIRS = 0x10000,
  /* As in ../scan/triple-filter.ts. */
  TRIPLE_BITS = 14,
  TRIPLE_FACTOR = 0x5bd1,
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
  if (sets == 1) return find_in(memory, tables, 1, at, end, queue);
  if (sets == 2) return find_in(memory, tables, 2, at, end, queue);
  return find_in(memory, tables, 3, at, end, queue);
}

/* Whether one of four pairs is some literal's. One load for four of them: loads are what takes the time. */
static inline uint8_t any_pair(const uint8_t *pairs, uint64_t word) {
  return pairs[word & 0xffff] | pairs[word >> 16 & 0xffff] | pairs[word >> 32 & 0xffff] | pairs[word >> 48];
}

/* Puts the places where a pair of some literal stands into the queue; returns its new end. */
AVX2 static word32 *find_pairs(const uint8_t *memory, uint32_t at, uint32_t end, word32 *queue) {
  const bool skips_zeros = memory[0] == 0;
  uint8_t any[ROUND * 4] __attribute__((aligned(32)));

  for (uint32_t start = at; start + GROUP <= end; start = at) {
    const uint32_t round_end = end - at < ROUND * GROUP ? end - GROUP + 1 : at + ROUND * GROUP - GROUP + 1;
    uint32_t pieces = 0;
    for (; at < round_end; at += GROUP, pieces += 4) {
      const __m256i lower = _mm256_loadu_si256((const __m256i *)(memory + at));
      const __m256i upper = _mm256_loadu_si256((const __m256i *)(memory + at + 32));
      const __m256i either = _mm256_or_si256(lower, upper);
      if (skips_zeros && _mm256_testz_si256(either, either)) {
        *(word32 *)(any + pieces) = 0;
        continue;
      }
      const word64 *words = (const word64 *)(memory + at);
      for (int piece = 0; piece < 4; piece += 1)
        any[pieces + piece] = any_pair(memory, words[2 * piece]) | any_pair(memory, words[2 * piece + 1]);
    }
    for (; pieces % 32 != 0; pieces += 4) *(word32 *)(any + pieces) = 0;
    for (uint32_t piece = 0; piece < pieces; piece += 32) {
      const __m256i row = _mm256_load_si256((const __m256i *)(any + piece));
      uint32_t found = ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(row, _mm256_setzero_si256()));
      for (; found != 0; found &= found - 1) {
        const uint32_t place = start + (piece + _tzcnt_u32(found)) * 16;
        const word16 *pair = (const word16 *)(memory + place);
        /* Always written, seldom kept: a branch for each would be guessed wrongly too often. */
        for (uint32_t number = 0; number < 8; number += 1) {
          *queue = place + 2 * number;
          queue += memory[pair[number]] != 0;
        }
      }
    }
  }
  return queue;
}

/* The rows of the triples at 16 even places, and the bytes behind these triples. */
AVX2 static inline __m256i triple_rows(const uint8_t *bytes, __m256i *fourths) {
  const __m256i pairs = _mm256_or_si256(_mm256_loadu_si256((const __m256i *)bytes), _mm256_set1_epi8(0x20));
  const __m256i behind = _mm256_loadu_si256((const __m256i *)(bytes + 2));
  const __m256i spread = _mm256_mullo_epi16(pairs, _mm256_set1_epi16(TRIPLE_FACTOR));
  *fourths = _mm256_srli_epi16(behind, 8);
  return _mm256_srli_epi16(_mm256_add_epi16(spread, _mm256_slli_epi16(behind, 8)), 16 - TRIPLE_BITS);
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

/*
 * Puts the places where the table has the kind of fourth byte in the row of the three before it into the queue; returns
 * its new end. Reads 2 bytes behind `end`. All of a round's rows are reckoned, then all are looked up: each loop by itself
 * keeps the processor busier than both together do.
 */
AVX2 static word32 *find_triples(const uint8_t *memory, const uint8_t *table, uint32_t at, uint32_t end,
                                 word32 *queue) {
  const bool skips_zeros = memory[0] == 0;
  const __m256i seven = _mm256_set1_epi8(7);
  const __m256i bits = _mm256_set1_epi64x((int64_t)0x8040201008040201);
  uint16_t rows[ROUND * 32] __attribute__((aligned(32)));
  uint8_t kinds[ROUND * 32] __attribute__((aligned(32)));
  uint32_t starts[ROUND], places[ROUND];

  for (; at + GROUP <= end;) {
    uint32_t groups = 0, some = 0;
    for (; groups < ROUND && at + GROUP <= end; at += GROUP) {
      const __m256i lower = _mm256_loadu_si256((const __m256i *)(memory + at));
      const __m256i upper = _mm256_loadu_si256((const __m256i *)(memory + at + 32));
      const __m256i either = _mm256_or_si256(lower, upper);
      if (skips_zeros && _mm256_testz_si256(either, either)) continue;
      __m256i first, second;
      __m256i *const row = (__m256i *)(rows + groups * 32);
      _mm256_store_si256(row, triple_rows(memory + at, &first));
      _mm256_store_si256(row + 1, triple_rows(memory + at + 32, &second));
      /* Packing works on halves of a vector. */
      const __m256i fourths = _mm256_permute4x64_epi64(_mm256_packus_epi16(first, second), 0xd8);
      _mm256_store_si256((__m256i *)(kinds + groups * 32), _mm256_shuffle_epi8(bits, both(fourths, seven)));
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
      queue = write_places(starts[group], places[group], queue);
  }
  return queue;
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
