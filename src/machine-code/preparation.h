/*
 * What is made ready before a scan, while nothing is scanned yet and no JavaScript is compiled: says the same as
 * ../scan/edge-index.ts, ../scan/memory-sample.ts and ../scan/third-filter.ts.
 */
#pragma once
#include <stddef.h>
#include "sieve.h"

/* `EdgeIndex` of edge-index.ts, still empty. */
struct edge_index {
  uint8_t *near;
  uint32_t *is_near, *is_more, *heads, *halves;
  /* For so many halves there is room. */
  size_t most_halves;
};

/* `LiteralTable` of literal-table.ts. */
struct literals {
  const int32_t *rows;
  const uint8_t *texts;
  size_t count, texts_length;
};

static inline void set_bit(uint32_t *words, uint32_t bit) { words[bit >> 5] |= 1u << (bit & 31); }

/* Adds what two bytes say, unless they say `enough` already; whether they did not. */
static bool mark_pair(const struct edge_index *index, uint32_t pair, uint8_t saying, uint8_t enough) {
  if ((index->near[pair] & enough) != 0) return false;
  index->near[pair] |= saying;
  set_bit(index->is_near, pair);
  if (saying != IS_HALF) set_bit(index->is_more, pair);
  return true;
}

/* The same of two bytes of a literal, however they are spelled. Without a second, of all. */
static bool mark_near(const struct edge_index *index, uint8_t first, const uint8_t *second, bool ignores_case,
                      uint8_t saying, uint8_t enough) {
  const uint32_t firsts[2] = {first, ignores_case && first - 'a' < 26u ? first - 0x20 : first};
  bool is_asked = false;
  for (int one = 0; one < 2; one += 1) {
    if (second == 0) {
      for (uint32_t other = 0; other < 256; other += 1)
        is_asked |= mark_pair(index, firsts[one] | other << 8, saying, enough);
      continue;
    }
    const uint32_t capital = ignores_case && *second - 'a' < 26u ? *second - 0x20 : *second;
    is_asked |= mark_pair(index, firsts[one] | *second << 8, saying, enough);
    is_asked |= mark_pair(index, firsts[one] | capital << 8, saying, enough);
  }
  return is_asked;
}

/* `indexEdges` of edge-index.ts: the number of halves; -1 where a table lies outside of its memory. */
static int64_t index_edges(const struct literals *literals, bool is_head, const struct edge_index *index) {
  const int step = is_head ? 1 : -1;
  uint32_t count = 0;
  for (size_t literal = 0; literal < literals->count; literal += 1) {
    const int32_t *row = literals->rows + 3 * literal;
    const int32_t whole = row[1];
    if (row[0] < 0 || whole < 0 || (size_t)row[0] + (size_t)whole > literals->texts_length) return -1;
    const uint8_t *text = literals->texts + row[0];
    const bool ignores_case = row[2] != 0;
    for (int32_t length = 1; length < whole; length += 1) {
      const uint8_t *nearest = is_head ? text + whole - length : text + length - 1;
      const bool is_larger = 2 * length >= whole;
      if (length <= 2) {
        const uint8_t saying = IS_HALF | (is_larger ? IS_LARGER : 0);
        mark_near(index, *nearest, length > 1 ? nearest + step : 0, ignores_case, saying, 0);
        continue;
      }
      const uint8_t enough = is_larger ? IS_LARGER : IS_HALF;
      if (!mark_near(index, *nearest, nearest + step, ignores_case, BEGINS_HALF, enough)) continue;
      if (count == index->most_halves) return -1;
      const uint32_t near = three_bytes(nearest, step);
      const uint32_t key = length < 6 ? near : both_keys(near, three_bytes(nearest + 3 * step, step));
      uint32_t *head = index->heads + hash(key, 16), *half = index->halves + 3 * (size_t)count;
      half[0] = *head;
      half[1] = (uint32_t)literal;
      half[2] = (uint32_t)length;
      *head = count += 1;
    }
  }
  return count;
}

/* `countFours` of memory-sample.ts, with 2 ** (32 - shift) fours and counts. */
static uint32_t count_fours(const uint16_t *words, size_t length, uint32_t *pairs, uint32_t *fours, uint32_t *counts,
                            uint32_t shift, uint32_t least) {
  uint32_t before = 0, frequent = 0;
  for (size_t index = 0; index < length; index += 1) {
    const uint32_t word = words[index], four = before | word << 16, slot = hash(four, shift);
    pairs[word] += 1;
    if (counts[slot] == 0) fours[slot] = four;
    counts[slot] += fours[slot] == four ? 1 : -1;
    before = word;
  }
  for (uint32_t slot = 0; slot >> (32 - shift) == 0; slot += 1) {
    if (counts[slot] < least) continue;
    fours[frequent] = fours[slot];
    counts[frequent] = counts[slot];
    frequent += 1;
  }
  return frequent;
}

/* How often each kind stands in each row at every third place: by 8 * row + kind, as third-filter.ts has them. */
static void count_marks(const uint8_t *pages, size_t length, uint32_t *counts, uint32_t row_bits) {
  for (size_t at = 0; at + 4 <= length; at += 3) {
    const uint32_t words = pages[at + 1] | pages[at + 2] << 8 | 0x2020 | (pages[at + 3] & 15) << 16;
    counts[8 * hash(words, 32 - row_bits) + (pages[at] & 7)] += 1;
  }
}
