/*
 * What follows the loops over every byte: what stands where, and which pages can hold half of a text at an edge. Says the
 * same as ../scan/assembly/matcher.ts, ../scan/edge-index.ts and the shapes of ../scan/page-probe.ts and
 * ../scan/page-shape.ts.
 */
#pragma once
#include "loops.h"

/* Addresses in the sieve's memory, and numbers; ../scan/sieve.ts writes them there in this order. */
struct tables {
  /* Room for places. */
  uint32_t queue;
  /* SETS sets of a bit for each page, so many bytes each. */
  uint32_t sets_of_pages, set_bytes;
  /* What was found: its number, then that of a literal or a shape, and its address, for each. So many at most. */
  uint32_t found, most_found;
  /* Without sets, rows are looked at. */
  uint32_t windows, sets;
  uint32_t rows, row_bits, seeks_zeros;
  uint32_t four_marks, middle_marks, wide_marks, long_marks, short_marks, mark_shift;
  /* Of literals by their keys. */
  uint32_t heads, hash_shift, entries, any_head;
  uint32_t literals, texts;
  /* Of halves at the start and at the end of a page. */
  struct { uint32_t is_near, is_more, near, heads, halves; } head, tail;
};

/* Bytes that may be read before and behind those that are looked at. */
enum { MARGIN = 64 };
/* So many bytes are looked through before the places found are looked up: they are still near the processor then. */
enum { STRIDE = 8 * PAGE };

/* Of pages: that show more than there is room for, that have half of a text at their start, at their end, or the larger half at either. */
enum { CROWDED, HEADS, TAILS, LARGER, SETS };

/* Whether 2^(32 - shift) of so many bits each lie in a memory of `length` bytes. */
static bool are_held(uint32_t at, uint32_t shift, uint32_t bits, uint64_t length) {
  return shift < 32 && at + ((uint64_t)bits << (32 - shift) >> 3) <= length;
}

/* Whether what the tables point to, as far as it does not depend on other tables, lies in a memory of `length` bytes. */
static bool are_valid(const struct tables *tables, uint64_t length, uint32_t pages) {
  const uint32_t shift = tables->mark_shift, rows_shift = 32 - tables->row_bits;
  return tables->sets <= MAX_SETS && tables->found % 4 == 0 &&
         (uint64_t)tables->found + 4 + 8 * (uint64_t)tables->most_found <= length && (uint64_t)tables->windows + tables->sets * (SET + 1) <= length &&
         (uint64_t)tables->queue + 2 * STRIDE + 4 * MARGIN <= length && tables->set_bytes * 8 >= pages &&
         (uint64_t)tables->sets_of_pages + SETS * (uint64_t)tables->set_bytes <= length &&
         (tables->sets != 0 || (rows_shift >= 32 - MOST_ROW_BITS && are_held(tables->rows, rows_shift, 8, length))) &&
         are_held(tables->four_marks, shift, 1, length) && are_held(tables->middle_marks, 16, 1, length) &&
         are_held(tables->wide_marks, shift, 1, length) && are_held(tables->long_marks, shift, 1, length) &&
         are_held(tables->short_marks, shift, 1, length) && are_held(tables->heads, tables->hash_shift, 32, length);
}

struct sieve {
  uint8_t *memory;
  const struct tables *tables;
  /* Occurrences begin in the pages [from, until), and end before `end`. */
  uint32_t from, until, end;
  /* Of RAM, that of the page at `from`. */
  uint64_t first_frame;
};

static inline uint32_t word_at(const uint8_t *bytes) { return *(const word32 *)bytes; }
static inline uint32_t in_one_case(uint32_t word) { return word | 0x20202020; }
static inline uint32_t hash(uint32_t key, uint32_t shift) { return key * HASH_FACTOR >> shift; }
static inline uint32_t both_keys(uint32_t low, uint32_t high) { return low ^ high * 0x85ebca6b; }

/* The lowest bit is that of the slot. */
static inline uint32_t bit_in(const uint8_t *marks, uint32_t slot) { return word_at(marks + (slot >> 5) * 4) >> (slot & 31); }
static inline uint32_t bit_of(const uint8_t *marks, uint32_t key, uint32_t shift) { return bit_in(marks, hash(key, shift)); }

/* As in ../scan/sieve-index.ts: eight bytes, four, the first three of four, the last three. */
enum { WIDE, LONG, FIRST, LAST, KEYS };

static inline uint32_t key_at(const uint8_t *bytes, int kind) {
  const uint32_t word = in_one_case(word_at(bytes));
  if (kind == WIDE) return both_keys(word, in_one_case(word_at(bytes + 4)));
  return kind == FIRST ? word << 8 : kind == LAST ? word & ~0xffu : word;
}

/* Keeps the places whose four bytes may be some literal's, or the two in the middle where it has fewer; returns their new end. */
static word32 *likely(const struct sieve *sieve, word32 *places, const word32 *places_end) {
  const uint8_t *memory = sieve->memory;
  const uint8_t *fours = memory + sieve->tables->four_marks, *middles = memory + sieve->tables->middle_marks;
  const uint32_t shift = sieve->tables->mark_shift;
  word32 *kept = places;
  for (const word32 *place = places; place < places_end; place += 1) {
    const uint32_t word = in_one_case(word_at(memory + *place));
    /* No branch: what stands there cannot be guessed. */
    *kept = *place;
    kept += (bit_of(fours, word, shift) | bit_in(middles, word >> 8 & 0xffff)) & 1;
  }
  return kept;
}

/* Of those that are likely: where one of the keys may be some literal's. */
static word32 *marked(const struct sieve *sieve, word32 *places, const word32 *places_end) {
  const uint8_t *memory = sieve->memory;
  const uint8_t *wide = memory + sieve->tables->wide_marks;
  const uint8_t *longer = memory + sieve->tables->long_marks;
  const uint8_t *shorter = memory + sieve->tables->short_marks;
  const uint32_t shift = sieve->tables->mark_shift;
  word32 *kept = places;
  for (const word32 *place = places; place < places_end; place += 1) {
    const uint8_t *bytes = memory + *place;
    *kept = *place;
    kept += (bit_of(wide, key_at(bytes, WIDE), shift) | bit_of(longer, key_at(bytes, LONG), shift) |
             bit_of(shorter, key_at(bytes, FIRST), shift) | bit_of(shorter, key_at(bytes, LAST), shift)) & 1;
  }
  return kept;
}

static inline uint8_t in_lower_case(uint8_t byte) { return byte - 'A' < 26u ? byte + 0x20 : byte; }

/* Do the bytes [from, until) of the literal stand at `at`? */
static bool stands_at(const struct sieve *sieve, uint32_t literal, uint32_t from, uint32_t until, uint32_t at) {
  const uint8_t *memory = sieve->memory;
  const word32 *row = (const word32 *)(memory + sieve->tables->literals) + literal * 3;
  const uint8_t *text = memory + sieve->tables->texts + row[0];
  const bool ignores_case = row[2] != 0;
  for (uint32_t index = from; index < until; index += 1, at += 1) {
    const uint8_t byte = ignores_case ? in_lower_case(memory[at]) : memory[at];
    if (byte != text[index]) return false;
  }
  return true;
}

static inline uint32_t length_of(const struct sieve *sieve, uint32_t literal) {
  return word_at(sieve->memory + sieve->tables->literals + literal * 12 + 4);
}

/* Adds the page of `at` to a set, or not. */
static inline void put(const struct sieve *sieve, uint32_t at, int set, bool belongs) {
  const uint32_t page = (at - sieve->from) / PAGE;
  sieve->memory[sieve->tables->sets_of_pages + set * sieve->tables->set_bytes + page / 8] |= belongs << page % 8;
}

/* In place of a literal's number. */
enum { PROCESS = -1, TOP_TABLE = -2 };

/* Tells that a literal or a shape begins at `at`. */
static void tell(const struct sieve *sieve, uint32_t what, uint32_t at) {
  word32 *list = (word32 *)(sieve->memory + sieve->tables->found);
  if (list[0] == sieve->tables->most_found) {
    put(sieve, at, CROWDED, true);
    return;
  }
  list[1 + 2 * list[0]] = what;
  list[2 + 2 * list[0]] = at;
  list[0] += 1;
}

/* Tells the entry's literal, if it stands there. */
static void check_entry(const struct sieve *sieve, const word32 *entry, uint32_t at) {
  const uint32_t literal = entry[2], start = at - entry[3], length = length_of(sieve, literal);
  if (start >= sieve->from && start < sieve->until && start + length <= sieve->end &&
      stands_at(sieve, literal, 0, length, start))
    tell(sieve, literal, start);
}

/* Tells the literals that are looked for at `at`: each by one place alone. */
static void look_up_place(const struct sieve *sieve, uint32_t at) {
  const struct tables *tables = sieve->tables;
  const uint8_t *memory = sieve->memory;
  const word32 *entries = (const word32 *)(memory + tables->entries), *entry;
  for (int kind = 0; kind < KEYS; kind += 1) {
    const uint32_t key = key_at(memory + at, kind);
    uint32_t link = word_at(memory + tables->heads + hash(key, tables->hash_shift) * 4);
    for (; link != 0; link = entry[1]) {
      entry = entries + (link - 1) * 5;
      if (entry[0] == key && entry[4] == (uint32_t)kind) check_entry(sieve, entry, at);
    }
  }
  for (uint32_t link = tables->any_head; link != 0; link = entry[1]) {
    entry = entries + (link - 1) * 5;
    check_entry(sieve, entry, at);
  }
}

/* What ../scan/edge-index.ts says of two bytes. */
enum { IS_HALF = 1, IS_LARGER = 2, BEGINS_HALF = 4 };

/* From the edge of a page inwards, letters of either case together. */
static inline uint32_t three_bytes(const uint8_t *bytes, int step) {
  return in_lower_case(bytes[0]) | in_lower_case(bytes[step]) << 8 | in_lower_case(bytes[2 * step]) << 16;
}

enum half { NO_HALF, HALF, LARGER_HALF };

/*
 * What half of a literal the page at `page` has at its start (or end). `index` holds the tables of
 * that edge.
 */
static inline __attribute__((always_inline)) enum half half_at(const struct sieve *sieve, uint32_t page,
                                                               const bool is_head) {
  const uint8_t *memory = sieve->memory;
  const uint32_t is_near = is_head ? sieve->tables->head.is_near : sieve->tables->tail.is_near;
  const uint32_t is_more = is_head ? sieve->tables->head.is_more : sieve->tables->tail.is_more;
  const uint32_t near = is_head ? sieve->tables->head.near : sieve->tables->tail.near;
  const uint32_t heads = is_head ? sieve->tables->head.heads : sieve->tables->tail.heads;
  const uint32_t halves = is_head ? sieve->tables->head.halves : sieve->tables->tail.halves;
  const uint8_t *nearest = memory + (is_head ? page : page + PAGE - 1);
  const int step = is_head ? 1 : -1;
  const uint32_t pair = nearest[0] | nearest[step] << 8;
  /* Nearly every page ends here. */
  if ((word_at(memory + is_near + (pair >> 5) * 4) >> (pair & 31) & 1) == 0) return NO_HALF;
  if ((word_at(memory + is_more + (pair >> 5) * 4) >> (pair & 31) & 1) == 0) return HALF;
  const uint8_t said = memory[near + pair];
  if ((said & IS_LARGER) != 0) return LARGER_HALF;
  enum half found = (said & IS_HALF) != 0 ? HALF : NO_HALF;
  if ((said & BEGINS_HALF) == 0) return found;

  const uint32_t word = three_bytes(nearest, step);
  const uint32_t slots[2] = {hash(both_keys(word, three_bytes(nearest + 3 * step, step)), 16), hash(word, 16)};
  for (int number = 0; number < 2; number += 1) {
    uint32_t link = word_at(memory + heads + slots[number] * 4);
    while (link != 0) {
      const word32 *entry = (const word32 *)(memory + halves) + (link - 1) * 3;
      link = entry[0];
      const uint32_t literal = entry[1], length = entry[2], whole = length_of(sieve, literal);
      const bool is_larger = 2 * length >= whole;
      if (!is_larger && found != NO_HALF) continue;
      const bool stands = is_head ? stands_at(sieve, literal, whole - length, whole, page)
                                  : stands_at(sieve, literal, 0, length, page + PAGE - length);
      if (!stands) continue;
      if (is_larger) return LARGER_HALF;
      found = HALF;
    }
  }
  return found;
}

/* 'windows-process' of ../scan/page-probe.ts, where the list at 0x18 is empty. */
static inline bool is_process(const uint8_t *object) {
  const bool has_table = word_at(object + 0x28) >= PAGE || word_at(object + 0x2c) != 0;
  return word_at(object + 0x1c) >= 0xff000000 && (object[0] & 0x7f) == 3 && has_table;
}

/* 'windows-top-table' of ../scan/page-shape.ts, of the page in that frame. */
static inline bool is_top_table(const uint8_t *page, uint64_t frame) {
  const word64 *entries = (const word64 *)page;
  /* That of the shared page leads to a table, for the kernel alone; hardly any other page has it so. */
  if ((entries[0x1ef] & 0x000fc00000000087) != 3) return false;
  for (uint32_t entry = 256; entry < 512; entry += 1)
    if ((entries[entry] & 0x000ffffffffff083) == (frame << 12 | 3)) return true;
  return false;
}

/* Tells the shapes of the pages [page, until), and puts them into the sets by halves of texts at their edges. */
AVX2 static void look_at_pages(const struct sieve *sieve, uint32_t page, uint32_t until, word32 *queue) {
  const word32 *end = list_heads(sieve->memory, page, until, queue);
  for (const word32 *place = queue; place < end; place += 1)
    if (is_process(sieve->memory + *place)) tell(sieve, (uint32_t)PROCESS, *place);
  for (; page < until; page += PAGE) {
    const uint64_t frame = sieve->first_frame + (page - sieve->from) / PAGE;
    const enum half head = half_at(sieve, page, true), tail = half_at(sieve, page, false);
    if (is_top_table(sieve->memory + page, frame)) tell(sieve, (uint32_t)TOP_TABLE, page);
    put(sieve, page, HEADS, head != NO_HALF);
    put(sieve, page, TAILS, tail != NO_HALF);
    put(sieve, page, LARGER, head == LARGER_HALF || tail == LARGER_HALF);
  }
}

/* Tells what stands in the whole pages [from, until), and puts them into the sets. */
AVX2 static void sieve_pages(const struct sieve *sieve, uint32_t reach) {
  const struct tables *tables = sieve->tables;
  uint8_t *memory = sieve->memory;
  word32 *queue = (word32 *)(memory + tables->queue);
  uint8_t *windows = memory + tables->windows;
  const uint32_t sets = tables->sets;
  for (uint32_t set = 0; set < sets; set += 1) windows[sets * SET + set] = 0;

  const uint32_t last = sieve->end - sieve->until < reach ? sieve->end : sieve->until + reach;
  const uint32_t step = sets != 0 ? 2 : 3, group = sets != 0 ? GROUP : WIDE_GROUP;
  /* A place may lie one byte before its literal. */
  uint32_t at = sets != 0 ? (sieve->from - 1) & ~1u : sieve->from - 1, page = sieve->from;
  for (uint32_t byte = 0; byte < SETS * tables->set_bytes; byte += 1) memory[tables->sets_of_pages + byte] = 0;
  *(word32 *)(memory + tables->found) = 0;
  while (at < last) {
    const uint32_t stride_end = last - at < STRIDE ? last : at + STRIDE;
    const uint32_t looked_until = at + (stride_end - at) / group * group;
    word32 *places = sets != 0 ? find_windows(memory, windows, sets, at, looked_until, queue)
                               : find_thirds(memory, memory + tables->rows, tables->row_bits, tables->seeks_zeros != 0, at,
                                             looked_until, queue);
    at = looked_until;
    if (stride_end == last) {
      /* The last window waits for the byte behind it. */
      if (sets != 0 && at > sieve->from) at -= 2;
      for (; at < last; at += step) *places++ = at;
    }
    const word32 *end = marked(sieve, queue, likely(sieve, queue, places));
    for (const word32 *place = queue; place < end; place += 1) look_up_place(sieve, *place);

    const uint32_t pages = ((at < sieve->until ? at : sieve->until) - page) / PAGE;
    look_at_pages(sieve, page, page + pages * PAGE, queue);
    page += pages * PAGE;
  }
}
