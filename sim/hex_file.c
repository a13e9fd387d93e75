/* Intel HEX -> segments. Record types 00 to 05; lines end in LF, CR LF or CR; hexadecimal digits in
 * either case; records in any order, adjoining ones become one segment. A checksum that is wrong, a
 * byte given twice, a missing end record or anything behind it is refused, with its line. */
#include "sim/hex_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum record_type {
    RECORD_DATA,
    RECORD_END,
    RECORD_SEGMENT_BASE, /* "extended segment address": bits 19 to 4 of the base */
    RECORD_SEGMENT_START,
    RECORD_LINEAR_BASE, /* "extended linear address": bits 31 to 16 of the base */
    RECORD_LINEAR_START,
    RECORD_TYPES
};

// clang-format off
static const struct {
    const char *name;
    int length; /* -1: any */
} RECORD[RECORD_TYPES] = {
    [RECORD_DATA]          = {"data (00)", -1},
    [RECORD_END]           = {"end of file (01)", 0},
    [RECORD_SEGMENT_BASE]  = {"extended segment address (02)", 2},
    [RECORD_SEGMENT_START] = {"start segment address (03)", 4},
    [RECORD_LINEAR_BASE]   = {"extended linear address (04)", 2},
    [RECORD_LINEAR_START]  = {"start linear address (05)", 4},
};
// clang-format on

/* length, address (2), type, at most 255 bytes, checksum */
enum { RECORD_HEAD_BYTES = 4, RECORD_MAX_BYTES = RECORD_HEAD_BYTES + 255 + 1 };

/* The bytes of one data record. */
struct chunk {
    uint32_t addr;
    uint32_t size;
    size_t offset; /* in reader.data */
    size_t line;
};

struct reader {
    const char *path;
    const uint8_t *text;
    size_t size;
    size_t at;
    size_t line;
    uint32_t base;
    bool is_segmented; /* the base came from a type 02 record */
    bool has_ended;
    uint8_t *data;
    size_t data_size;
    struct chunk *chunks;
    size_t chunk_count;
    size_t chunk_room;
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == 0x1A; /* 0x1A ends a CP/M or DOS text file */
}

static bool is_line_end(const struct reader *r)
{
    return r->at == r->size || r->text[r->at] == '\n' || r->text[r->at] == '\r';
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->size && is_blank(r->text[r->at]))
        r->at++;
}

static void next_line(struct reader *r)
{
    if (r->at < r->size && r->text[r->at++] == '\r' && r->at < r->size && r->text[r->at] == '\n')
        r->at++;
    r->line++;
}

static int digit_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* A byte of the file as a message may show it. */
static const char *shown(uint8_t c, char text[8])
{
    snprintf(text, 8, c > 0x20 && c < 0x7F ? "'%c'" : "0x%02X", c);
    return text;
}

static bool cut_off(const struct reader *r, struct error *error)
{
    if (r->at == r->size)
        return error_set(error, "%s:%zu: the file is cut off in a record: copy or build it again",
                         r->path, r->line);
    return error_set(error,
                     "%s:%zu: the record is shorter than its length byte says: "
                     "build the file again",
                     r->path, r->line);
}

static bool read_byte(struct reader *r, uint8_t *byte, struct error *error)
{
    int value = 0;
    for (int i = 0; i < 2; i++) {
        if (is_line_end(r))
            return cut_off(r, error);
        int digit = digit_value(r->text[r->at]);
        if (digit < 0)
            return error_set(error, "%s:%zu: %s is no hexadecimal digit: build the file again",
                             r->path, r->line, shown(r->text[r->at], (char[8]){0}));
        value = value * 16 + digit;
        r->at++;
    }
    *byte = (uint8_t)value;
    return true;
}

/* From behind the ':' to behind the checksum. */
static bool read_record(struct reader *r, uint8_t record[RECORD_MAX_BYTES], struct error *error)
{
    if (!read_byte(r, &record[0], error))
        return false;
    size_t total = RECORD_HEAD_BYTES + (size_t)record[0] + 1;
    uint8_t sum = record[0];
    for (size_t i = 1; i < total; i++) {
        if (!read_byte(r, &record[i], error))
            return false;
        sum = (uint8_t)(sum + record[i]);
    }
    if (sum != 0)
        return error_set(error,
                         "%s:%zu: checksum is 0x%02X, should be 0x%02X: "
                         "the file is damaged, build it again",
                         r->path, r->line, record[total - 1], (uint8_t)(record[total - 1] - sum));
    skip_blanks(r);
    if (!is_line_end(r))
        return error_set(error,
                         "%s:%zu: the record is longer than its length byte says: "
                         "build the file again",
                         r->path, r->line);
    return true;
}

static bool add_chunk(struct reader *r, uint32_t addr, const uint8_t *bytes, uint32_t size,
                      struct error *error)
{
    if (size == 0)
        return true;
    if ((uint64_t)addr + size > UINT64_C(1) << 32)
        return error_set(error,
                         "%s:%zu: the record at 0x%08X passes the end of the address space: "
                         "check the address it was linked for",
                         r->path, r->line, (unsigned)addr);
    if (r->chunk_count == r->chunk_room) {
        size_t room = r->chunk_room ? 2 * r->chunk_room : 256;
        struct chunk *chunks = realloc(r->chunks, room * sizeof *chunks);
        if (!chunks)
            return error_set(error, "%s: out of memory", r->path);
        r->chunks = chunks;
        r->chunk_room = room;
    }
    r->chunks[r->chunk_count++] = (struct chunk){addr, size, r->data_size, r->line};
    memcpy(r->data + r->data_size, bytes, size);
    r->data_size += size;
    return true;
}

/* In a segment the offset wraps at 64 KB; a linear address runs on into the next 64 KB. */
static bool add_data(struct reader *r, const uint8_t *record, struct error *error)
{
    uint32_t offset = (uint32_t)record[1] << 8 | record[2];
    const uint8_t *bytes = record + RECORD_HEAD_BYTES;
    uint32_t size = record[0];
    uint32_t before_wrap = 0x10000 - offset;
    if (!r->is_segmented || size <= before_wrap)
        return add_chunk(r, r->base + offset, bytes, size, error);
    return add_chunk(r, r->base + offset, bytes, before_wrap, error) &&
           add_chunk(r, r->base, bytes + before_wrap, size - before_wrap, error);
}

static bool apply_record(struct reader *r, struct image *image, const uint8_t *record,
                         struct error *error)
{
    uint8_t type = record[3];
    const uint8_t *data = record + RECORD_HEAD_BYTES;
    if (type >= RECORD_TYPES)
        return error_set(error, "%s:%zu: unknown record type %02X: Intel HEX has 00 to 05", r->path,
                         r->line, type);
    if (RECORD[type].length >= 0 && record[0] != RECORD[type].length)
        return error_set(error,
                         "%s:%zu: a record \"%s\" has %d bytes, this one %d: "
                         "build the file again",
                         r->path, r->line, RECORD[type].name, RECORD[type].length, record[0]);
    switch ((enum record_type)type) {
    case RECORD_DATA:
        return add_data(r, record, error);
    case RECORD_END:
        r->has_ended = true;
        return true;
    case RECORD_SEGMENT_BASE:
    case RECORD_LINEAR_BASE:
        r->is_segmented = type == RECORD_SEGMENT_BASE;
        r->base = ((uint32_t)data[0] << 8 | data[1]) << (r->is_segmented ? 4 : 16);
        return true;
    case RECORD_SEGMENT_START:
        image->has_entry = true;
        image->entry =
            ((uint32_t)data[0] << 12 | (uint32_t)data[1] << 4) + ((uint32_t)data[2] << 8 | data[3]);
        return true;
    case RECORD_LINEAR_START:
        image->has_entry = true;
        image->entry =
            (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
        return true;
    case RECORD_TYPES:
        break;
    }
    return false;
}

static bool read_lines(struct reader *r, struct image *image, struct error *error)
{
    for (; r->at < r->size; next_line(r)) {
        skip_blanks(r);
        if (is_line_end(r))
            continue;
        if (r->has_ended)
            return error_set(error,
                             "%s:%zu: something follows the end record: "
                             "give the files one by one instead of joined",
                             r->path, r->line);
        if (r->text[r->at] != ':')
            return error_set(error,
                             "%s:%zu: a record begins with ':', this line with %s: "
                             "is it an Intel HEX file?",
                             r->path, r->line, shown(r->text[r->at], (char[8]){0}));
        r->at++;
        uint8_t record[RECORD_MAX_BYTES];
        if (!read_record(r, record, error) || !apply_record(r, image, record, error))
            return false;
    }
    if (!r->has_ended)
        return error_set(error,
                         "%s:%zu: the end record (:00000001FF) is missing: "
                         "the file is cut off, copy or build it again",
                         r->path, r->line);
    if (r->chunk_count == 0)
        return error_set(error, "%s: no data record: there is nothing to load", r->path);
    return true;
}

static int compare_chunks(const void *left, const void *right)
{
    const struct chunk *a = left;
    const struct chunk *b = right;
    if (a->addr != b->addr)
        return a->addr < b->addr ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

static bool build_segments(struct reader *r, struct image *image, struct error *error)
{
    qsort(r->chunks, r->chunk_count, sizeof *r->chunks, compare_chunks);
    image->storage = malloc(r->data_size);
    image->segments = calloc(r->chunk_count, sizeof *image->segments);
    if (!image->storage || !image->segments)
        return error_set(error, "%s: out of memory", r->path);
    uint8_t *to = image->storage;
    struct image_segment *last = NULL;
    for (size_t i = 0; i < r->chunk_count; i++) {
        const struct chunk *chunk = &r->chunks[i];
        uint64_t last_end = last ? (uint64_t)last->addr + last->size : 0;
        if (last && chunk->addr < last_end) {
            size_t other = r->chunks[i - 1].line;
            return error_set(error,
                             "%s:%zu: gives the bytes at 0x%08X again, after line %zu: "
                             "build the file again, or give two files",
                             r->path, chunk->line > other ? chunk->line : other,
                             (unsigned)chunk->addr, chunk->line > other ? other : chunk->line);
        }
        if (!last || chunk->addr != last_end) {
            last = &image->segments[image->segment_count++];
            *last = (struct image_segment){
                .addr = chunk->addr, .bytes = to, .run_addr = chunk->addr};
        }
        memcpy(to, r->data + chunk->offset, chunk->size);
        to += chunk->size;
        last->size += chunk->size;
    }
    return true;
}

/* Editors on Windows put a UTF-8 byte order mark before text. */
static bool begins_with_mark(const struct image *image)
{
    return image->file_size >= 3 && memcmp(image->file, "\xEF\xBB\xBF", 3) == 0;
}

bool hex_file_read(struct image *image, struct error *error)
{
    struct reader r = {
        .path = image_short_path(image->path),
        .text = image->file,
        .size = image->file_size,
        .at = begins_with_mark(image) ? 3 : 0,
        .line = 1,
        .data = malloc(image->file_size / 2 + 1), /* two digits a byte */
    };
    bool is_read = r.data ? read_lines(&r, image, error) && build_segments(&r, image, error)
                          : error_set(error, "%s: out of memory", r.path);
    free(r.chunks);
    free(r.data);
    return is_read;
}
