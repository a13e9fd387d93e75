/* Every cause of a hard fault, by an image of its own: exception, status bits, addresses and the exact
 * pc. The expectations are those of the core sheet, sections 6 and 7; the image checks them again from
 * the inside and says PASS. */
#include "machine_fixture.h"

struct row {
    const char *image;
    uint32_t cfsr;      /* bits of the first fault */
    uint32_t hfsr;      /* at the end */
    bool is_locked_up;
    const char *pc;     /* symbol at the fault's pc, NULL: not an address of the image */
};

// clang-format off
static const struct row rows[] = {
    {"fault_undefined_instruction",  0x00010000, 0x40000000, false, "fault_here"},
    {"fault_unmapped_load",          0x00008200, 0x40000000, false, "fault_here"},
    {"fault_unmapped_store",         0x00000400, 0x40000000, false, NULL},
    {"fault_unmapped_store_precise", 0x00008200, 0x40000000, false, "fault_here"},
    {"fault_null_call",              0x00020000, 0x40000000, false, NULL},
    {"fault_jump_peripheral",        0x00000001, 0x40000000, false, NULL},
    {"fault_jump_unmapped",          0x00000100, 0x40000000, false, NULL},
    {"fault_fpu_disabled",           0x00080000, 0x40000000, false, "fault_here"},
    {"fault_erased_flash",           0x00010000, 0x40000000, false, NULL},
    {"fault_misaligned_ldrd",        0x01000000, 0x40000000, false, "fault_here"},
    {"fault_misaligned_ldm",         0x01000000, 0x40000000, false, "fault_here"},
    {"fault_unaligned_trap",         0x01000000, 0x40000000, false, "fault_here"},
    {"fault_divide_by_zero",         0x02000000, 0x40000000, false, "fault_here"},
    {"fault_mpu_store_flash",        0x00000082, 0x40000000, false, "fault_here"},
    {"fault_mpu_execute_never",      0x00000001, 0x40000000, false, "fault_here"},
    {"fault_mpu_stack_guard",        0x00000082, 0x40000000, false, "fault_here"},
    {"fault_mpu_stack_guard_entry",  0x00000010, 0x40000000, false, NULL},
    {"fault_stack_overflow_msp",     0x00001000, 0x40000000, false, NULL},
    {"fault_stack_overflow_psp",     0x00001000, 0x40000000, false, NULL},
    {"fault_stack_overflow_recursion", 0x00000400, 0x40000000, false, NULL},
    {"fault_bkpt",                   0x00000000, 0x80000000, false, "fault_here"},
    {"fault_svc_masked",             0x00000000, 0x40000000, false, "fault_here"},
    {"fault_bad_exc_return",         0x00040000, 0x40000000, false, NULL},
    {"fault_mov_pc_exc_return",      0x00000001, 0x40000000, false, NULL},
    {"fault_it_block",               0x00008200, 0x40000000, false, "fault_here"},
    {"fault_unprivileged_scs",       0x00008200, 0x40000000, false, "fault_here"},
    {"fault_busfault_enabled",       0x00008200, 0x00000000, false, "fault_here"},
    {"fault_memmanage_enabled",      0x00000001, 0x00000000, false, NULL},
    {"fault_usagefault_enabled",     0x00010000, 0x00000000, false, "fault_here"},
    {"fault_optkeyr_first",          0x00000400, 0x40000000, false, NULL},
    {"fault_wrong_keyr",             0x00000400, 0x40000000, false, NULL},
    {"lockup_fault_in_hardfault",    0x00010000, 0x40000000, true,  NULL},
    {"lockup_svc_in_hardfault",      0x00010000, 0x40000000, true,  NULL},
    {"lockup_stack_overflow_lockup", 0x00001000, 0x40000000, true,  NULL},
    {"lockup_vectors_erased",        0x00000001, 0x40000000, true,  NULL},
    {"lockup_vtor_erased_page",      0x00000001, 0x40000000, true,  NULL},
    {"lockup_vtor_unmapped",         0x00000000, 0x00000002, true,  NULL},
};
// clang-format on

static void check(const struct row *row)
{
    static struct fixture f;
    fixture_start(&f, row->image, "stm32l452re");

    bool has_passed = fixture_run_until(&f, "PASS\n", 400);

    const struct event *fault = fixture_event(&f, EVENT_FAULT, 0);
    if (!fault)
        fail_msg("%s: no fault; it said: %s", row->image, f.console);
    if (fault->value != row->cfsr)
        fail_msg("%s: CFSR 0x%08x, not 0x%08x", row->image, fault->value, row->cfsr);
    if (f.machine->soc->control.hfsr != row->hfsr)
        fail_msg("%s: HFSR 0x%08x", row->image, f.machine->soc->control.hfsr);
    if (row->pc && fault->pc != fixture_symbol(&f, row->pc))
        fail_msg("%s: at pc 0x%08x", row->image, fault->pc);
    if (f.machine->soc->control.is_locked_up != row->is_locked_up)
        fail_msg("%s: locked up: %d", row->image, !row->is_locked_up);
    uint32_t pc = cpu_current_pc(f.machine->processor.cpu);
    if (row->is_locked_up && pc != 0xFFFFFFFE)
        fail_msg("%s: locked up at pc 0x%08x", row->image, pc);
    if (!row->is_locked_up && !has_passed)
        fail_msg("%s: did not pass; it said: %s", row->image, f.console);
    fixture_end(&f);
}

static void every_cause_has_its_status_bits_and_pc(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check(&rows[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cause_has_its_status_bits_and_pc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
