/* Words for a fault, from the record of the processor, the event stream and the images' debug
 * information. */
#include "sim/fault_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/backtrace.h"
#include "sim/disassemble.h"
#include "sim/flag_text.h"
#include "sim/quantity.h"
#include "sim/register_text.h"
#include "sim/rule_text.h"

enum {
    LABEL_WIDTH = 11,
    FRAME_WORDS = 8,
    BACKTRACE_MAX = 40000,
    FIRST_CALLERS = 16,
    LAST_CALLERS = 8,
    REFUSED_SHOWN = 20
};

/* ---- paper ---- */

static const char *colour(const struct fault_report *report, const char *code)
{
    return report->is_coloured ? code : "";
}

#define RED "\033[1;31m"
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

static void label(struct fault_report *report, const char *text)
{
    fprintf(report->out, "  %s%-*s%s", colour(report, BOLD), LABEL_WIDTH, text, colour(report, PLAIN));
}

const char *fault_report_place(struct fault_report *report, uint32_t addr,
                               char text[FAULT_REPORT_PLACE])
{
    char place[FAULT_REPORT_PLACE - 16];
    debug_info_describe(report->debug, addr & ~1u, place, sizeof place);
    snprintf(text, FAULT_REPORT_PLACE, "0x%08" PRIX32 "%s%s", addr, place[0] ? " " : "", place);
    return text;
}

static void line_with_place(struct fault_report *report, const char *name, uint32_t addr)
{
    char place[FAULT_REPORT_PLACE];
    label(report, name);
    fprintf(report->out, "%s\n", fault_report_place(report, addr, place));
}

/* ---- instructions ---- */

static uint8_t it_state(uint32_t xpsr)
{
    return (uint8_t)((xpsr >> 25 & 3) | (xpsr >> 8 & 0xFC));
}

static void write_instruction(struct fault_report *report, uint32_t pc, uint8_t it)
{
    uint8_t bytes[4];
    size_t size = 0;
    while (size < sizeof bytes && machine_peek(report->machine, pc + (uint32_t)size, &bytes[size], 1))
        size++;
    char text[DISASSEMBLE_TEXT];
    size_t length = disassemble(bytes, size, pc, it, text);
    label(report, "code");
    if (length == 0)
        fprintf(report->out, "0x%08" PRIX32 ": no memory that could be read there\n", pc);
    else if (length == 2)
        fprintf(report->out, "%02X%02X       %s\n", bytes[1], bytes[0], text);
    else
        fprintf(report->out, "%02X%02X %02X%02X  %s\n", bytes[1], bytes[0], bytes[3], bytes[2], text);
}

/* ---- status registers ---- */

static void write_bits(struct fault_report *report, const char *reg, uint32_t bits)
{
    label(report, reg);
    fprintf(report->out, "0x%08" PRIX32 "\n", bits);
    for (size_t i = 0; i < flag_text_count; i++) {
        const struct flag_text *flag = &flag_texts[i];
        bool is_valid_bit = (flag->bit & (CFSR_MMARVALID | CFSR_BFARVALID)) && reg[0] == 'C';
        if (strcmp(flag->reg, reg) == 0 && (bits & flag->bit) && !is_valid_bit)
            fprintf(report->out, "  %-*s%s: %s\n", LABEL_WIDTH, "", flag->name, flag->meaning);
    }
}

static void write_address(struct fault_report *report, const struct fault_record *fault)
{
    char name[REGISTER_TEXT_NAME];
    uint32_t valid = fault->cfsr & (CFSR_MMARVALID | CFSR_BFARVALID);
    label(report, "address");
    if (!valid) {
        fprintf(report->out, "none: MMFAR and BFAR are not valid\n");
        return;
    }
    register_text_at(report->machine->soc, fault->addr, name);
    const struct bus_region *region = bus_find(&report->machine->soc->bus, fault->addr);
    fprintf(report->out, "0x%08" PRIX32 " (%s), %s%s%s\n", fault->addr,
            valid & CFSR_MMARVALID ? "MMFAR" : "BFAR", region ? region->name : "nothing is there",
            name[0] ? ", " : "", name);
}

/* ---- what the chip was doing ---- */

static void write_store(struct fault_report *report, const struct fault_record *fault)
{
    char name[REGISTER_TEXT_NAME];
    line_with_place(report, "store", fault->store_pc);
    register_text_at(report->machine->soc, fault->store_addr, name);
    const struct bus_region *region = bus_find(&report->machine->soc->bus, fault->store_addr);
    fprintf(report->out, "  %-*sto 0x%08" PRIX32 ", %s\n", LABEL_WIDTH, "", fault->store_addr,
            name[0] ? name : (region ? region->name : "where nothing is"));
    write_instruction(report, fault->store_pc, 0);
}

static void write_flash(struct fault_report *report)
{
    struct flash_activity flash = soc_flash_activity(report->machine->soc);
    char time[QUANTITY_TEXT];
    char flags[128];
    label(report, "flash");
    if (flash.is_busy) {
        uint64_t now_ps = machine_now_ps(report->machine);
        uint64_t whole = flash.ends_ps - flash.started_ps;
        uint64_t part = now_ps > flash.started_ps ? now_ps - flash.started_ps : 0;
        fprintf(report->out, "busy: %s of 0x%08" PRIX32 " (%" PRIu32 " bytes), %u %% done, ends at %s\n",
                flash.kind, flash.addr, flash.size, whole ? (unsigned)(part * 100 / whole) : 100u,
                quantity_write_time(flash.ends_ps, time));
    } else {
        fprintf(report->out, "idle, %s%s\n",
                flash.is_locked_out ? "locked until reset by a wrong key sequence"
                                    : (flash.is_locked ? "locked" : "unlocked"),
                flash.has_pending_word ? ", the first word of a double word waits for the second" : "");
    }
    flag_text_names("FLASH_SR", flash.sr, flags, sizeof flags);
    fprintf(report->out, "  %-*sSR 0x%08" PRIX32 "%s%s\n", LABEL_WIDTH, "", flash.sr,
            flags[0] ? " " : "", flags);
    flag_text_names("FLASH_CR", flash.cr & ~0x7F8u, flags, sizeof flags);
    fprintf(report->out, "  %-*sCR 0x%08" PRIX32 "%s%s\n", LABEL_WIDTH, "", flash.cr,
            flags[0] ? " " : "", flags);
}

static void write_rule(struct fault_report *report, const char *id)
{
    struct rule_text rule;
    char said[RULE_TEXT_SAID];
    label(report, "rule");
    if (!rule_text_find(id, &rule))
        fprintf(report->out, "%s\n", id);
    else
        fprintf(report->out, "%s: %s%s%s%s\n", id, rule_text_say(&rule, said),
                rule.source[0] ? " (" : "", rule.source, rule.source[0] ? ")" : "");
}

/* The rule behind the bus error that became this fault, if it is the event just before. */
static void write_broken_rule(struct fault_report *report, const struct fault_record *fault)
{
    const struct event *event = &report->log->last_rule;
    uint32_t pc = fault->is_imprecise ? fault->store_pc : fault->pc;
    bool is_same_moment = event->rule && event->t_ps <= fault->t_ps &&
                          fault->t_ps - event->t_ps < PS_PER_US && event->pc == pc;
    if (is_same_moment)
        write_rule(report, event->rule);
}

static void write_flash_events(struct fault_report *report)
{
    char time[QUANTITY_TEXT];
    char place[FAULT_REPORT_PLACE];
    if (!run_log_flash_event(report->log, 0))
        return;
    fprintf(report->out, "  %slast flash events%s\n", colour(report, BOLD), colour(report, PLAIN));
    for (unsigned i = 0; i < RUN_LOG_FLASH_EVENTS; i++) {
        const struct event *event = run_log_flash_event(report->log, i);
        if (!event)
            break;
        bool is_bare = !event->addr && !event->size && !event->rule && !event->pc &&
                       event->kind != EVENT_FLASH_ERROR;
        fprintf(report->out, "    %s  %-*s", quantity_write_time(event->t_ps, time),
                is_bare ? 0 : 20, event_kind_name(event->kind));
        if (event->addr)
            fprintf(report->out, " 0x%08" PRIX32, event->addr);
        if (event->size)
            fprintf(report->out, " size %" PRIu32, event->size);
        if (event->kind == EVENT_FLASH_ERROR)
            fprintf(report->out, " %s", flag_text_names("FLASH_SR", event->value, place, sizeof place));
        if (event->rule)
            fprintf(report->out, " [%s]", event->rule);
        if (event->pc)
            fprintf(report->out, "  by %s", fault_report_place(report, event->pc, place));
        putc('\n', report->out);
    }
}

/* ---- registers, frame, callers ---- */

static void write_registers(struct fault_report *report, const struct fault_record *fault)
{
    for (unsigned i = 0; i < 13; i++) {
        if (i % 4 == 0)
            label(report, i ? "" : "registers");
        fprintf(report->out, "%sr%-2u %08" PRIX32 "%s", i % 4 ? "  " : "", i, fault->r[i],
                i % 4 == 3 ? "\n" : "");
    }
    fprintf(report->out, "  sp  %08" PRIX32 "  lr  %08" PRIX32 "  pc  %08" PRIX32 "\n", fault->sp,
            fault->lr, fault->pc);
    label(report, "");
    fprintf(report->out, "xpsr %08" PRIX32 "\n", fault->xpsr);
}

static bool read_word(void *context, uint32_t addr, uint32_t *word)
{
    uint8_t bytes[4];
    if (!machine_peek(context, addr, bytes, sizeof bytes))
        return false;
    *word = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
            (uint32_t)bytes[3] << 24;
    return true;
}

static void write_frame(struct fault_report *report, const struct fault_record *fault)
{
    static const char *const names[FRAME_WORDS] = {"r0", "r1", "r2", "r3", "r12", "lr", "pc", "xpsr"};
    const uint32_t unreliable = CFSR_STKERR | CFSR_MSTKERR;
    label(report, "frame");
    if (!fault->frame_addr) {
        fprintf(report->out, fault->cfsr & unreliable ? "its push failed\n" : "none was pushed\n");
        return;
    }
    fprintf(report->out, "at 0x%08" PRIX32 "%s:", fault->frame_addr,
            fault->cfsr & unreliable ? ", NOT RELIABLE: its push failed" : "");
    for (unsigned i = 0; i < FRAME_WORDS; i++) {
        uint32_t word = 0;
        bool is_there = read_word(report->machine, fault->frame_addr + 4 * i, &word);
        if (i == 4)
            fprintf(report->out, "\n  %-*s%*s", LABEL_WIDTH, "", 14, "");
        if (is_there)
            fprintf(report->out, " %s %08" PRIX32, names[i], word);
        else
            fprintf(report->out, " %s --------", names[i]);
    }
    putc('\n', report->out);
}

static void write_caller(struct fault_report *report, const struct backtrace_frame *frame, size_t i)
{
    fprintf(report->out, "    #%-2zu 0x%08" PRIX32 " %s", i, frame->pc,
            frame->place.function ? frame->place.function : "?");
    if (frame->place.file)
        fprintf(report->out, " (%s:%u)", frame->place.file, frame->place.line);
    fprintf(report->out, "%s\n", frame->is_guessed ? " (guessed)" : "");
}

/* Of a recursion without end, its last calls and who began it. */
static void write_frames(struct fault_report *report, struct backtrace_registers *registers)
{
    struct backtrace_frame *frames = malloc(BACKTRACE_MAX * sizeof *frames);
    size_t count = frames ? backtrace_take(report->debug, registers, read_word, report->machine,
                                           frames, BACKTRACE_MAX)
                          : 0;
    if (count)
        fprintf(report->out, "  %sbacktrace%s\n", colour(report, BOLD), colour(report, PLAIN));
    for (size_t i = 0; i < count; i++) {
        write_caller(report, &frames[i], i);
        if (i + 1 == FIRST_CALLERS && count > FIRST_CALLERS + LAST_CALLERS + 1) {
            i = count - LAST_CALLERS - 1;
            fprintf(report->out, "    ... %zu more ...\n", count - FIRST_CALLERS - LAST_CALLERS);
        }
    }
    free(frames);
}

static uint32_t count_bits(uint32_t list)
{
    uint32_t count = 0;
    for (; list; list &= list - 1)
        count++;
    return count;
}

/* A stack overflow: what a push at the beginning of a function was to write is nowhere, but when
 * the fault was noticed right behind it the LR is still the function's own. So the walk starts
 * before the push. DDI 0403E A7.7: PUSH, of two or four bytes. */
static void undo_push(struct fault_report *report, const struct fault_record *fault,
                      struct backtrace_registers *registers)
{
    uint8_t bytes[4] = {0};
    uint32_t unused;
    if (!fault->is_imprecise ||
        !machine_peek(report->machine, fault->store_pc, bytes, sizeof bytes))
        return;
    uint32_t first = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8;
    uint32_t second = (uint32_t)bytes[2] | (uint32_t)bytes[3] << 8;
    bool is_short = (first & 0xFE00) == 0xB400;
    uint32_t count = is_short ? count_bits(first & 0x1FF) : count_bits(second);
    if ((!is_short && first != 0xE92D) || fault->pc != fault->store_pc + (is_short ? 2 : 4) ||
        read_word(report->machine, fault->sp & ~3u, &unused))
        return;
    registers->r[DEBUG_PC] = fault->store_pc;
    registers->r[DEBUG_SP] = fault->sp + 4 * count;
}

static void write_backtrace(struct fault_report *report, const struct fault_record *fault)
{
    struct backtrace_registers registers;
    for (unsigned i = 0; i < 13; i++)
        registers.r[i] = fault->r[i];
    registers.r[DEBUG_SP] = fault->sp;
    registers.r[DEBUG_LR] = fault->lr;
    registers.r[DEBUG_PC] = fault->pc;
    registers.psp = cpu_read(report->machine->processor.cpu, CPU_PSP);
    undo_push(report, fault, &registers);
    write_frames(report, &registers);
}

void fault_report_write_here(struct fault_report *report, const char *name)
{
    struct cpu *cpu = report->machine->processor.cpu;
    struct backtrace_registers registers;
    for (unsigned i = 0; i < DEBUG_PC; i++)
        registers.r[i] = cpu_read(cpu, (enum cpu_register)(CPU_R0 + i));
    registers.r[DEBUG_PC] = cpu_current_pc(cpu);
    registers.psp = cpu_read(cpu, CPU_PSP);
    line_with_place(report, name, registers.r[DEBUG_PC]);
    write_instruction(report, registers.r[DEBUG_PC], 0);
    write_frames(report, &registers);
}

/* ---- headings ---- */

/* A second fault, in the entry to the first one's exception. */
static bool is_push_of_first(const struct fault_record *fault)
{
    const uint32_t push = CFSR_STKERR | CFSR_MSTKERR;
    const uint32_t valid = CFSR_MMARVALID | CFSR_BFARVALID;
    return (fault->cfsr & push) && (fault->cfsr & ~(push | valid));
}

static void write_heading(struct fault_report *report, const struct event *cause)
{
    const struct fault_record *fault = &report->machine->processor.last_fault;
    char taken[FLAG_TEXT_NAME];
    char wanted[FLAG_TEXT_NAME];
    char time[QUANTITY_TEXT];
    fprintf(report->out, "%s", colour(report, RED));
    if (cause->kind == EVENT_LOCKUP)
        fprintf(report->out, "flashsim: LOCKUP: a fault where none can be taken; the core stops");
    else
        fprintf(report->out, "flashsim: %s", flag_text_exception(cause->value, taken));
    bool is_fault = cause->kind != EVENT_LOCKUP && cause->value != EXC_NMI;
    if (fault->is_valid && fault->wanted != cause->value && is_fault)
        fprintf(report->out, ", escalated from %s", flag_text_exception(fault->wanted, wanted));
    if (cause->kind == EVENT_LOCKUP && fault->is_valid)
        fprintf(report->out, ": %s", flag_text_exception(fault->wanted, wanted));
    if ((is_fault || cause->kind == EVENT_LOCKUP) && is_push_of_first(fault))
        fprintf(report->out, ", whose stack frame could not be pushed");
    fprintf(report->out, "%s at %s of virtual time\n", colour(report, PLAIN),
            quantity_write_time(cause->t_ps, time));
}

static void write_interrupted(struct fault_report *report, const struct fault_record *fault)
{
    char name[FLAG_TEXT_NAME];
    if ((fault->xpsr & 0x1FF) == 0)
        return;
    label(report, "in");
    fprintf(report->out, "the handler of %s\n", flag_text_exception(fault->xpsr & 0x1FF, name));
}

static bool is_nmi(const struct event *cause)
{
    return cause->kind == EVENT_EXCEPTION_ENTRY && cause->value == EXC_NMI;
}

/* On these chips the flash (a double error) or the clock security system raises it. */
static void write_nmi(struct fault_report *report, const struct event *cause)
{
    line_with_place(report, "at", cause->pc);
    if (report->log->last_rule.rule)
        write_rule(report, report->log->last_rule.rule);
    write_flash(report);
    write_flash_events(report);
}

void fault_report_write(struct fault_report *report, const struct event *cause)
{
    const struct fault_record *fault = &report->machine->processor.last_fault;
    write_heading(report, cause);
    if (is_nmi(cause)) {
        write_nmi(report, cause);
        return;
    }
    if (!fault->is_valid) {
        label(report, "why");
        fprintf(report->out, "the vector table could not be read: is there an image at this address, and "
                "does its first word point into RAM?\n");
        write_flash_events(report);
        return;
    }
    line_with_place(report, fault->is_imprecise ? "noticed at" : "at", fault->pc);
    write_interrupted(report, fault);
    if (fault->is_imprecise)
        write_store(report, fault);
    else
        write_instruction(report, fault->pc, it_state(fault->xpsr));
    write_bits(report, "CFSR", fault->cfsr);
    write_bits(report, "HFSR", fault->hfsr);
    write_address(report, fault);
    write_broken_rule(report, fault);
    write_flash(report);
    write_registers(report, fault);
    write_frame(report, fault);
    write_backtrace(report, fault);
    write_flash_events(report);
}

void fault_report_write_short(struct fault_report *report, const struct event *cause)
{
    const struct fault_record *fault = &report->machine->processor.last_fault;
    char name[FLAG_TEXT_NAME];
    char time[QUANTITY_TEXT];
    char place[FAULT_REPORT_PLACE];
    fprintf(report->out, "flashsim: %s again at %s: %s",
            cause->kind == EVENT_LOCKUP ? "LOCKUP" : flag_text_exception(cause->value, name),
            quantity_write_time(cause->t_ps, time),
            fault_report_place(report, is_nmi(cause) ? cause->pc : fault->pc, place));
    if (!is_nmi(cause))
        fprintf(report->out, ", CFSR 0x%08" PRIX32, fault->cfsr);
    putc('\n', report->out);
}

/* ---- without a fault ---- */

static void write_refused(struct fault_report *report, const struct run_note *note)
{
    char text[FAULT_REPORT_PLACE];
    char time[QUANTITY_TEXT];
    char name[REGISTER_TEXT_NAME];
    const struct event *first = &note->first;
    fprintf(report->out, "%sflashsim: the flash %s%s%s, %" PRIu64 " time%s, first at %s\n",
            colour(report, RED),
            note->is_double_word        ? "refused a double word: SR "
            : first->value              ? "refused an operation: SR "
            : first->addr >= 0x40000000 ? "ignored a write to a register"
                                        : "gave up an operation without a flag",
            first->value ? flag_text_names("FLASH_SR", note->values, text, sizeof text) : "",
            colour(report, PLAIN), note->count, note->count == 1 ? "" : "s",
            quantity_write_time(first->t_ps, time));
    line_with_place(report, "at", first->pc);
    label(report, "target");
    register_text_at(report->machine->soc, first->addr, name);
    fprintf(report->out, "0x%08" PRIX32 "%s%s\n", first->addr, name[0] ? " " : "", name);
    if (first->rule)
        write_rule(report, first->rule);
}

void fault_report_write_refused(struct fault_report *report)
{
    const struct run_notes *refused = &report->log->refused;
    for (unsigned i = 0; i < refused->count && i < REFUSED_SHOWN; i++)
        write_refused(report, &refused->note[i]);
    if (refused->count > REFUSED_SHOWN)
        fprintf(report->out, "flashsim: and %" PRIu64 " more kinds of refused operations: --json has "
                "all\n", refused->count - REFUSED_SHOWN + refused->lost);
}

void fault_report_write_waiting(struct fault_report *report)
{
    struct machine *machine = report->machine;
    char place[FAULT_REPORT_PLACE];
    char name[REGISTER_TEXT_NAME];
    uint32_t pc = cpu_current_pc(machine->processor.cpu);
    if (machine->is_asleep || !machine->skip.loop_pc)
        return;
    struct debug_place here = {0};
    struct debug_place loop = {0};
    debug_info_places(report->debug, pc, &here, 1);
    debug_info_places(report->debug, machine->skip.loop_pc, &loop, 1);
    bool is_same_function = here.function && loop.function && !strcmp(here.function, loop.function);
    uint32_t distance = pc > machine->skip.loop_pc ? pc - machine->skip.loop_pc
                                                   : machine->skip.loop_pc - pc;
    if (!is_same_function && distance > 64)
        return;
    fault_report_place(report, machine->skip.loop_pc, place);
    if (!machine->skip.loop_polls) {
        fprintf(report->out, "flashsim: still in a loop that reads no register: %s\n",
                place);
        return;
    }
    register_text_at(machine->soc, machine->skip.loop_polls, name);
    fprintf(report->out, "flashsim: still waiting: polls %s (0x%08" PRIX32 ") at %s\n",
            name[0] ? name : "a register", machine->skip.loop_polls, place);
}
