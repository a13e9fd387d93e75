/* What a replay line must find again: all of a scenario that decides how a run goes and how it is judged. Not
 * what the line says itself (cuts, seed), and not what is written for people (names, spaces, the order of keys). */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario_read.h"
#include "sim/scenario_run.h"
#include "sim/sha256.h"

/* ---- text ---- */

static const char *const left_out[] = {
    "$schema", "name", "why",  "because", "seed",
    "cut",     "reads", "reads_change", "reset_pulse", "ram_after_power_loss", NULL,
};

static bool is_left_out(const char *key)
{
    for (unsigned i = 0; left_out[i]; i++)
        if (strcmp(left_out[i], key) == 0)
            return true;
    return false;
}

static int by_key(const void *a, const void *b)
{
    return strcmp((*(cJSON *const *)a)->string, (*(cJSON *const *)b)->string);
}

static void write_value(FILE *out, const cJSON *value, unsigned depth);

static void write_object(FILE *out, const cJSON *object, unsigned depth)
{
    size_t count = (size_t)cJSON_GetArraySize(object);
    const cJSON **members = calloc(count + 1, sizeof(const cJSON *));
    size_t used = 0;
    for (const cJSON *at = object->child; members && at; at = at->next)
        members[used++] = at;
    if (used)
        qsort(members, used, sizeof *members, by_key);
    fputc('{', out);
    for (size_t i = 0; i < used; i++) {
        bool is_prose = depth == 0 ? is_left_out(members[i]->string)
                                   : depth == 2 && strcmp(members[i]->string, "name") == 0;
        if (is_prose) /* at depth 2: of an expectation or a step */
            continue;
        fprintf(out, "%s\n", members[i]->string);
        write_value(out, members[i], depth + 1);
    }
    fputc('}', out);
    free(members);
}

static void write_value(FILE *out, const cJSON *value, unsigned depth)
{
    if (cJSON_IsObject(value)) {
        write_object(out, value, depth);
    } else if (cJSON_IsArray(value)) {
        fputc('[', out);
        for (const cJSON *at = value->child; at; at = at->next)
            write_value(out, at, depth + 1);
        fputc(']', out);
    } else if (cJSON_IsString(value)) {
        fprintf(out, "\"%zu %s", strlen(value->valuestring), value->valuestring);
    } else if (cJSON_IsNumber(value)) {
        fprintf(out, "%.17g\n", value->valuedouble);
    } else {
        fputc(cJSON_IsTrue(value) ? 't' : cJSON_IsFalse(value) ? 'f' : 'n', out);
    }
}

static void write_files(FILE *out, const struct scenario *scenario)
{
    uint8_t digest[SHA256_BYTES];
    if (scenario->board == &scenario->board_file.board)
        write_value(out, scenario->board_file.json.root, 1);
    for (unsigned i = 0; i < scenario->expectation_count; i++) {
        const struct expect_flash *flash = &scenario->expectations[i].flash;
        if (!flash->file)
            continue;
        sha256(flash->file, flash->size, digest);
        fwrite(digest, 1, sizeof digest, out);
    }
}

bool scenario_find_meaning(struct scenario *scenario, struct error *error)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out) {
        write_value(out, scenario->json.root, 0);
        write_files(out, scenario);
    }
    if (!out || fclose(out) != 0)
        return error_set(error, "%s: out of memory", image_short_path(scenario->path));
    sha256(text, size, scenario->meaning);
    free(text);
    return true;
}

uint32_t scenario_plan_meaning(const struct scenario *scenario, const struct scenario_plan *plan)
{
    uint8_t text[SHA256_BYTES + 2];
    uint8_t digest[SHA256_BYTES];
    memcpy(text, scenario->meaning, SHA256_BYTES);
    text[SHA256_BYTES] = (uint8_t)plan->reset_pulse;
    text[SHA256_BYTES + 1] = (uint8_t)plan->ram;
    sha256(text, sizeof text, digest);
    return (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8 |
           digest[3];
}
