#include "sim/replay_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/quantity.h"

enum { SHA_DIGITS = 8, PART = 80 };

static const char *const pulse_names[] = {"aborts", "finishes", NULL};
static const char *const ram_names[] = {"zeros", "ones", "noise", "kept", NULL};

const char *replay_id_write(const struct scenario *scenario, const struct scenario_plan *plan,
                            char text[REPLAY_ID_TEXT])
{
    char cut[CUT_TEXT];
    int used =
        snprintf(text, REPLAY_ID_TEXT, "%.4000s#%08" PRIx32 ":", scenario->path, scenario->sha);
    for (unsigned i = 0; i < plan->cut_count; i++)
        used += snprintf(text + used, (size_t)(REPLAY_ID_TEXT - used), "cut=%s,",
                         cut_write(&plan->cuts[i], cut));
    if (scenario->reset_pulse_count > 1)
        used += snprintf(text + used, (size_t)(REPLAY_ID_TEXT - used), "pulse=%s,",
                         pulse_names[plan->reset_pulse]);
    if (scenario->ram_count > 1)
        used += snprintf(text + used, (size_t)(REPLAY_ID_TEXT - used), "ram=%s,",
                         ram_names[plan->ram]);
    if (plan->reads != READS_NEW)
        used += snprintf(text + used, (size_t)(REPLAY_ID_TEXT - used), "read=%s,",
                         scenario_reads_names[plan->reads]);
    if (plan->reads_change)
        used += snprintf(text + used, (size_t)(REPLAY_ID_TEXT - used), "change=%" PRIu32 ",",
                         plan->reads_change);
    snprintf(text + used, (size_t)(REPLAY_ID_TEXT - used), "seed=%" PRIu64 ",plan=%08" PRIx32,
             plan->seed, scenario_plan_meaning(scenario, plan));
    return text;
}

/* In single quotes nothing is special but the single quote. */
static void append_quoted(char *text, size_t size, const char *word)
{
    size_t used = strlen(text);
    const char *quote = "'\\''";
    if (used + 1 < size)
        text[used++] = '\'';
    for (; *word && used + 6 < size; word++) {
        if (*word == '\'') {
            memcpy(text + used, quote, 4);
            used += 4;
        } else {
            text[used++] = *word;
        }
    }
    if (used + 1 < size)
        text[used++] = '\'';
    text[used] = '\0';
}

/* Nothing in it that a shell would read otherwise. */
static bool is_plain(const char *word)
{
    return *word && !word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789_./+:@%-")];
}

const char *replay_id_command(const char *program, const char *id, const char *firmware_folder,
                              char text[REPLAY_ID_TEXT])
{
    text[0] = '\0';
    if (is_plain(program) && strlen(program) < REPLAY_ID_TEXT / 2)
        snprintf(text, REPLAY_ID_TEXT, "%s", program);
    else
        append_quoted(text, REPLAY_ID_TEXT, program);
    size_t length = strlen(text);
    snprintf(text + length, REPLAY_ID_TEXT - length, " replay ");
    append_quoted(text, REPLAY_ID_TEXT, id);
    size_t used = strlen(text);
    if (firmware_folder && used + 20 < REPLAY_ID_TEXT) {
        snprintf(text + used, REPLAY_ID_TEXT - used, " --firmware ");
        append_quoted(text, REPLAY_ID_TEXT, firmware_folder);
    }
    return text;
}

/* ---- reading ---- */

static bool read_sha(const char *text, uint32_t *sha)
{
    char digits[SHA_DIGITS + 3] = "0x";
    uint64_t value;
    memcpy(digits + 2, text, SHA_DIGITS);
    digits[SHA_DIGITS + 2] = '\0';
    if (!quantity_read_number(digits, UINT32_MAX, &value))
        return false;
    *sha = (uint32_t)value;
    return true;
}

static bool read_name(const char *text, const char *const *names, unsigned *index)
{
    for (*index = 0; names[*index]; (*index)++)
        if (strcmp(names[*index], text) == 0)
            return true;
    return false;
}

static bool read_setting(struct replay_id *id, const char *part, struct error *error)
{
    unsigned index;
    uint64_t number;
    struct scenario_plan *plan = &id->plan;
    if (strncmp(part, "cut=", 4) == 0) {
        if (plan->cut_count == SCENARIO_CUT_MAX)
            return error_set(error, "more than %d cuts in one replay line", SCENARIO_CUT_MAX);
        return cut_read(&plan->cuts[plan->cut_count++], part + 4, error);
    }
    if (strncmp(part, "pulse=", 6) == 0 && read_name(part + 6, pulse_names, &index)) {
        id->has_pulse = true;
        plan->reset_pulse = (enum reset_pulse)index;
        return true;
    }
    if (strncmp(part, "ram=", 4) == 0 && read_name(part + 4, ram_names, &index)) {
        id->has_ram = true;
        plan->ram = (enum machine_ram)index;
        return true;
    }
    if (strncmp(part, "read=", 5) == 0 && read_name(part + 5, scenario_reads_names, &index)) {
        plan->reads = (enum scenario_reads)index;
        return true;
    }
    if (strncmp(part, "change=", 7) == 0 && quantity_read_number(part + 7, CUT_NTH_MAX, &number) &&
        number >= 2) {
        plan->reads_change = (uint32_t)number;
        return true;
    }
    if (strncmp(part, "plan=", 5) == 0 && strlen(part) == 5 + SHA_DIGITS &&
        read_sha(part + 5, &id->meaning)) {
        id->has_meaning = true;
        return true;
    }
    if (strncmp(part, "seed=", 5) == 0 && quantity_read_number(part + 5, UINT64_MAX, &plan->seed))
        return true;
    if (strncmp(part, "seed=", 5) == 0 && quantity_is_number(part + 5))
        return error_set(error, "%.60s: too large: at most 0xFFFFFFFFFFFFFFFF", part);
    return error_set(error, "%.60s: not a part of a replay line: there are cut=... and seed=...",
                     part);
}

static bool read_settings(struct replay_id *id, const char *text, struct error *error)
{
    char part[PART];
    bool has_seed = false;
    while (*text) {
        size_t length = strcspn(text, ",");
        if (length == 0 || length >= sizeof part)
            return error_set(
                error, "%.60s: not a part of a replay line: there are cut=... and seed=...", text);
        memcpy(part, text, length);
        part[length] = '\0';
        if (!read_setting(id, part, error))
            return false;
        has_seed = has_seed || strncmp(part, "seed=", 5) == 0;
        text += length;
        text += *text == ',';
    }
    return has_seed || error_set(error, "a replay line without seed=...: paste all of it");
}

void replay_id_complete(struct replay_id *id, const struct scenario *scenario)
{
    if (!id->has_pulse)
        id->plan.reset_pulse = (enum reset_pulse)scenario->reset_pulses[0];
    if (!id->has_ram)
        id->plan.ram = (enum machine_ram)scenario->rams[0];
}

bool replay_id_read(struct replay_id *id, const char *text, struct error *error)
{
    memset(id, 0, sizeof *id);
    const char *mark = strrchr(text, '#');
    if (!mark || mark == text || (size_t)(mark - text) >= sizeof id->path)
        return error_set(error,
                         "%.200s: no replay line: it looks like 'scenarios/l4/kv.json#1f3a90c2:"
                         "cut=37@program.pulse=2/4,seed=5'",
                         text);
    memcpy(id->path, text, (size_t)(mark - text));
    mark++;
    if (strlen(mark) < SHA_DIGITS + 1 || mark[SHA_DIGITS] != ':' || !read_sha(mark, &id->sha))
        return error_set(
            error, "%.60s: eight hexadecimal digits of the image and a colon must follow #", mark);
    return read_settings(id, mark + SHA_DIGITS + 1, error);
}
