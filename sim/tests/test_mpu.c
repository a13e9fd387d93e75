/* MPU decisions. Core sheet 8. Register values are written out as firmware writes them. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "sim/core/rng.h"
#include "sim/mpu.h"

enum { THREAD = 256, HARD_FAULT = -1 };

static struct mpu mpu_with(uint32_t ctrl)
{
    return (struct mpu){.ctrl = ctrl, .region_count = 8};
}

/* RASR: XN 28, AP 26:24, SRD 15:8, SIZE 5:1 (2^(SIZE+1) bytes), ENABLE 0. */
static void set_region(struct mpu *mpu, unsigned number, uint32_t base, uint32_t rasr)
{
    mpu->rbar[number] = base;
    mpu->rasr[number] = rasr;
}

static enum mpu_verdict check(const struct mpu *mpu, uint32_t addr, enum mpu_access kind, bool priv)
{
    return mpu_check(mpu, addr, kind == MPU_FETCH ? 2 : 4, kind, priv, THREAD);
}

static void without_the_mpu_data_goes_everywhere(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(0);
    set_region(&mpu, 0, 0, 0x0000003F); /* 4 GB, no access: not looked at */
    for (uint64_t addr = 0; addr < UINT64_C(0x100000000); addr += 0x10000000) {
        assert_int_equal(check(&mpu, (uint32_t)addr, MPU_READ, false), MPU_ALLOWED);
        assert_int_equal(check(&mpu, (uint32_t)addr, MPU_WRITE, false), MPU_ALLOWED);
    }
}

static void the_default_map_says_where_code_may_run(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(0);
    static const struct {
        uint32_t first, last;
        bool executes;
    } map[] = {
        {0x00000000, 0x1FFFFFFE, true},  {0x20000000, 0x3FFFFFFE, true},
        {0x40000000, 0x5FFFFFFE, false}, {0x60000000, 0x7FFFFFFE, true},
        {0x80000000, 0x9FFFFFFE, true},  {0xA0000000, 0xBFFFFFFE, false},
        {0xC0000000, 0xDFFFFFFE, false}, {0xE0000000, 0xE00FFFFE, false},
        {0xE0100000, 0xFFFFFFFE, false},
    };
    for (unsigned i = 0; i < sizeof map / sizeof map[0]; i++) {
        enum mpu_verdict expected = map[i].executes ? MPU_ALLOWED : MPU_EXECUTE_NEVER;
        assert_int_equal(check(&mpu, map[i].first, MPU_FETCH, true), expected);
        assert_int_equal(check(&mpu, map[i].last, MPU_FETCH, false), expected);
    }
}

static void enabled_without_regions_everything_but_the_ppb_faults(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(1);
    assert_int_equal(check(&mpu, 0x20000000, MPU_READ, true), MPU_NO_REGION);
    assert_int_equal(check(&mpu, 0x08000000, MPU_FETCH, true), MPU_NO_REGION);
    assert_int_equal(check(&mpu, 0xE000ED94, MPU_WRITE, true), MPU_ALLOWED);
    assert_int_equal(check(&mpu, 0xE00FFFFC, MPU_READ, false), MPU_ALLOWED);
    assert_int_equal(check(&mpu, 0xE0100000, MPU_READ, true), MPU_NO_REGION);
    assert_int_equal(check(&mpu, 0xDFFFFFFC, MPU_READ, true), MPU_NO_REGION);
}

static void privdefena_gives_privileged_code_the_default_map(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(5);
    assert_int_equal(check(&mpu, 0x20000000, MPU_WRITE, true), MPU_ALLOWED);
    assert_int_equal(check(&mpu, 0x20000000, MPU_WRITE, false), MPU_NO_REGION);
    assert_int_equal(check(&mpu, 0x40000000, MPU_FETCH, true), MPU_EXECUTE_NEVER);
    assert_int_equal(check(&mpu, 0x08000000, MPU_FETCH, false), MPU_NO_REGION);
}

static void ap_decides_by_privilege_and_direction(void **state)
{
    (void)state;
    /* bits: privileged read, privileged write, unprivileged read, unprivileged write */
    static const uint8_t table[8] = {0x0, 0x3, 0x7, 0xF, 0x0, 0x1, 0x5, 0x5};
    for (uint32_t ap = 0; ap < 8; ap++) {
        struct mpu mpu = mpu_with(5);
        set_region(&mpu, 0, 0x20000000, ap << 24 | 9 << 1 | 1);
        for (unsigned i = 0; i < 4; i++) {
            enum mpu_verdict expected = table[ap] >> i & 1 ? MPU_ALLOWED : MPU_NO_PERMISSION;
            enum mpu_access kind = i & 1 ? MPU_WRITE : MPU_READ;
            assert_int_equal(check(&mpu, 0x20000010, kind, i < 2), expected);
        }
        /* a fetch needs what a read needs */
        enum mpu_verdict expected = table[ap] & 1 ? MPU_ALLOWED : MPU_NO_PERMISSION;
        assert_int_equal(check(&mpu, 0x20000010, MPU_FETCH, true), expected);
    }
}

static void xn_stops_fetches_only(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(5);
    set_region(&mpu, 2, 0x20000000, 0x13000000 | 15 << 1 | 1); /* 64 KB, full access, XN */
    assert_int_equal(check(&mpu, 0x20001000, MPU_FETCH, true), MPU_EXECUTE_NEVER);
    assert_int_equal(check(&mpu, 0x20001000, MPU_WRITE, true), MPU_ALLOWED);
    assert_int_equal(check(&mpu, 0x20010000, MPU_FETCH, true), MPU_ALLOWED);
}

static void a_region_can_make_peripheral_space_executable(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(5);
    set_region(&mpu, 0, 0x40000000, 0x03000000 | 9 << 1 | 1);
    assert_int_equal(check(&mpu, 0x40000000, MPU_FETCH, true), MPU_ALLOWED);
}

static void nothing_makes_the_ppb_and_what_is_above_executable(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(5);
    set_region(&mpu, 0, 0, 0x0300003F); /* 4 GB, full access */
    assert_int_equal(check(&mpu, 0xE0000000, MPU_FETCH, true), MPU_EXECUTE_NEVER);
    assert_int_equal(check(&mpu, 0xE0100000, MPU_FETCH, true), MPU_EXECUTE_NEVER);
    assert_int_equal(check(&mpu, 0xFFFFFFFE, MPU_FETCH, true), MPU_EXECUTE_NEVER);
    assert_int_equal(check(&mpu, 0xFFFFFFFC, MPU_READ, true), MPU_ALLOWED);
}

static void the_highest_region_wins(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(1);
    set_region(&mpu, 0, 0x20000000, 0x03000000 | 15 << 1 | 1); /* 64 KB RW */
    set_region(&mpu, 3, 0x20000400, 0x06000000 | 9 << 1 | 1);  /* 1 KB RO */
    set_region(&mpu, 7, 0x20000400, 0x00000000 | 4 << 1 | 1);  /* 32 bytes none */
    assert_int_equal(check(&mpu, 0x200003FC, MPU_WRITE, false), MPU_ALLOWED);
    assert_int_equal(check(&mpu, 0x20000400, MPU_READ, true), MPU_NO_PERMISSION);
    assert_int_equal(check(&mpu, 0x20000420, MPU_READ, true), MPU_ALLOWED);
    assert_int_equal(check(&mpu, 0x20000420, MPU_WRITE, true), MPU_NO_PERMISSION);
    assert_int_equal(check(&mpu, 0x20000800, MPU_WRITE, true), MPU_ALLOWED);
    assert_int_equal(mpu_region_at(&mpu, 0x20000400), 7);
    assert_int_equal(mpu_region_at(&mpu, 0x20000420), 3);
    assert_int_equal(mpu_region_at(&mpu, 0x20000800), 0);
    assert_int_equal(mpu_region_at(&mpu, 0x20010000), -1);
}

static void a_region_ends_at_its_last_byte(void **state)
{
    (void)state;
    for (unsigned size = 4; size < 31; size++) {
        struct mpu mpu = mpu_with(1);
        uint32_t bytes = 2u << size;
        uint32_t base = size < 30 ? 0x40000000 : 0x80000000;
        set_region(&mpu, 0, base, 0x03000000 | size << 1 | 1);
        assert_int_equal(mpu_region_at(&mpu, base - 1), -1);
        assert_int_equal(mpu_region_at(&mpu, base), 0);
        assert_int_equal(mpu_region_at(&mpu, base + bytes - 1), 0);
        assert_int_equal(mpu_region_at(&mpu, base + bytes), -1);
    }
}

static void a_4_gb_region_holds_everything(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(1);
    set_region(&mpu, 0, 0x12345660, 0x0300003F);
    assert_int_equal(mpu_region_at(&mpu, 0), 0);
    assert_int_equal(mpu_region_at(&mpu, 0xFFFFFFFF), 0);
}

static void disabled_and_reserved_sizes_are_no_region(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(1);
    set_region(&mpu, 0, 0x20000000, 0x03000000 | 15 << 1);    /* ENABLE = 0 */
    set_region(&mpu, 1, 0x20000000, 0x03000000 | 3 << 1 | 1); /* 16 bytes */
    assert_int_equal(mpu_region_at(&mpu, 0x20000000), -1);
}

static void base_bits_below_the_size_count_as_zero(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(1);
    set_region(&mpu, 0, 0x200004E0, 0x03000000 | 9 << 1 | 1); /* 1 KB */
    assert_int_equal(mpu_region_at(&mpu, 0x20000400), 0);
    assert_int_equal(mpu_region_at(&mpu, 0x200007FF), 0);
    assert_int_equal(mpu_region_at(&mpu, 0x20000800), -1);
}

static void a_disabled_subregion_is_not_in_the_region(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(1);
    set_region(&mpu, 0, 0x20000000, 0x03000000 | 15 << 1 | 1);            /* 64 KB RW below */
    set_region(&mpu, 1, 0x20000000, 0x06000000 | 0x81 << 8 | 7 << 1 | 1); /* 256 bytes RO */
    assert_int_equal(mpu_region_at(&mpu, 0x2000001F), 0);
    assert_int_equal(mpu_region_at(&mpu, 0x20000020), 1);
    assert_int_equal(mpu_region_at(&mpu, 0x200000DF), 1);
    assert_int_equal(mpu_region_at(&mpu, 0x200000E0), 0);
}

static void subregions_need_256_bytes(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(1);
    set_region(&mpu, 0, 0x20000000, 0x03000000 | 0xFF << 8 | 6 << 1 | 1); /* 128 bytes */
    assert_int_equal(mpu_region_at(&mpu, 0x20000000), 0);
}

static void the_background_region_of_cubemx_denies_0x60000000_to_0xdfffffff(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(5);
    set_region(&mpu, 0, 0, 0x1004873F);
    assert_int_equal(check(&mpu, 0x08000000, MPU_READ, true),
                     MPU_ALLOWED); /* eighth 0, default map */
    assert_int_equal(check(&mpu, 0x24000000, MPU_READ, true), MPU_ALLOWED);
    assert_int_equal(check(&mpu, 0x60000000, MPU_READ, true), MPU_NO_PERMISSION);
    assert_int_equal(check(&mpu, 0xD0000000, MPU_READ, true), MPU_NO_PERMISSION);
    assert_int_equal(check(&mpu, 0xE000ED00, MPU_READ, true), MPU_ALLOWED);
}

static void below_priority_0_the_mpu_counts_only_with_hfnmiena(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(1);
    set_region(&mpu, 0, 0x20000000, 0x10000000 | 15 << 1 | 1);
    assert_int_equal(mpu_check(&mpu, 0x20000000, 4, MPU_READ, true, HARD_FAULT), MPU_ALLOWED);
    assert_int_equal(mpu_check(&mpu, 0x20000000, 2, MPU_FETCH, true, HARD_FAULT), MPU_ALLOWED);
    assert_int_equal(mpu_check(&mpu, 0x40000000, 2, MPU_FETCH, true, -2), MPU_EXECUTE_NEVER);
    assert_int_equal(mpu_check(&mpu, 0x20000000, 4, MPU_READ, true, 0), MPU_NO_PERMISSION);
    mpu.ctrl = 3;
    assert_int_equal(mpu_check(&mpu, 0x20000000, 4, MPU_READ, true, HARD_FAULT), MPU_NO_PERMISSION);
}

static void an_access_across_two_regions_needs_both(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(1);
    set_region(&mpu, 0, 0x20000000, 0x03000000 | 4 << 1 | 1); /* 32 bytes RW */
    set_region(&mpu, 1, 0x20000020, 0x06000000 | 4 << 1 | 1); /* 32 bytes RO */
    assert_int_equal(mpu_check(&mpu, 0x2000001C, 4, MPU_WRITE, true, THREAD), MPU_ALLOWED);
    assert_int_equal(mpu_check(&mpu, 0x2000001D, 4, MPU_WRITE, true, THREAD), MPU_NO_PERMISSION);
    assert_int_equal(mpu_check(&mpu, 0x2000001D, 4, MPU_READ, true, THREAD), MPU_ALLOWED);
    assert_int_equal(mpu_check(&mpu, 0x2000003F, 2, MPU_READ, true, THREAD), MPU_NO_REGION);
    assert_int_equal(mpu_refused_addr(&mpu, 0x2000001D, 4, MPU_WRITE, true, THREAD), 0x20000020);
    assert_int_equal(mpu_refused_addr(&mpu, 0x20000021, 4, MPU_WRITE, true, THREAD), 0x20000021);
}

static void the_middle_of_a_long_access_counts_too(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(1);
    set_region(&mpu, 0, 0x20000000, 0x03000000 | 9 << 1 | 1);  /* 1 KB RW */
    set_region(&mpu, 1, 0x20000040, 0x06000000 | 4 << 1 | 1); /* 32 bytes RO */
    assert_int_equal(mpu_check(&mpu, 0x20000024, 128, MPU_WRITE, true, THREAD), MPU_NO_PERMISSION);
    assert_int_equal(mpu_refused_addr(&mpu, 0x20000024, 128, MPU_WRITE, true, THREAD), 0x20000040);
    assert_int_equal(mpu_check(&mpu, 0x20000060, 128, MPU_WRITE, true, THREAD), MPU_ALLOWED);
    assert_int_equal(mpu_check(&mpu, 0x20000024, 28, MPU_WRITE, true, THREAD), MPU_ALLOWED);
    assert_int_equal(mpu_check(&mpu, 0x20000024, 29, MPU_WRITE, true, THREAD), MPU_NO_PERMISSION);
}

static void a_stack_guard_of_32_bytes_makes_its_granule_mixed(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(5);
    set_region(&mpu, 7, 0x20000820, 0x00000000 | 4 << 1 | 1);
    assert_int_equal(mpu_granule(&mpu, 0x20000800, MPU_WRITE, true, THREAD), MPU_MIXED);
    assert_int_equal(mpu_granule(&mpu, 0x20000800, MPU_WRITE, false, THREAD), MPU_ALL_DENIED);
    assert_int_equal(mpu_granule(&mpu, 0x20000C00, MPU_WRITE, true, THREAD), MPU_ALL_ALLOWED);
    assert_int_equal(mpu_granule(&mpu, 0x20000400, MPU_WRITE, true, THREAD), MPU_ALL_ALLOWED);
    assert_int_equal(mpu_granule(&mpu, 0x20000800, MPU_WRITE, true, HARD_FAULT), MPU_ALL_ALLOWED);
}

static void a_read_only_region_is_mixed_for_nobody(void **state)
{
    (void)state;
    struct mpu mpu = mpu_with(5);
    set_region(&mpu, 0, 0x08000000, 0x06000000 | 18 << 1 | 1); /* 512 KB */
    struct mpu_granule_summary summary = mpu_summarise(&mpu, 0x08040000, THREAD);
    assert_int_equal(summary.denied,
                     MPU_GRANULE_BIT(MPU_WRITE, true) | MPU_GRANULE_BIT(MPU_WRITE, false));
    assert_int_equal(summary.allowed, 0x3F & ~summary.denied);
}

/* The summary against every byte, for MPUs that nobody would write. */
static void a_summary_says_what_every_byte_says(void **state)
{
    (void)state;
    unsigned mixed = 0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct mpu mpu = mpu_with((uint32_t)rng_hash(seed, 1, 0, 0) % 4 * 2 + 1);
        for (unsigned region = 0; region < 8; region++) {
            uint32_t bits = (uint32_t)rng_hash(seed, 2, region, 0);
            uint32_t size = 4 + bits % 11; /* 32 bytes to 32 KB */
            uint32_t srd = bits >> 8 & 1 ? bits >> 16 & 0xFF : 0;
            mpu.rbar[region] = 0x20000000 + (uint32_t)rng_hash(seed, 3, region, 0) % 0x2000;
            mpu.rbar[region] &= ~((2u << size) - 1);
            mpu.rasr[region] = (bits >> 12 & 0x17) << 24 | srd << 8 | size << 1 | 1;
        }
        for (uint32_t base = 0x20000000; base < 0x20002000; base += 1024) {
            struct mpu_granule_summary summary = mpu_summarise(&mpu, base, THREAD);
            for (unsigned i = 0; i < 6; i++) {
                unsigned allowed = 0;
                for (uint32_t at = 0; at < 1024; at += 16)
                    allowed += mpu_check(&mpu, base + at, 1, (enum mpu_access)(i / 2), i & 1,
                                         THREAD) == MPU_ALLOWED;
                assert_int_equal(summary.allowed >> i & 1, allowed == 64);
                assert_int_equal(summary.denied >> i & 1, allowed == 0);
                mixed += allowed != 0 && allowed != 64;
            }
        }
    }
    assert_true(mixed > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_the_mpu_data_goes_everywhere),
        cmocka_unit_test(the_default_map_says_where_code_may_run),
        cmocka_unit_test(enabled_without_regions_everything_but_the_ppb_faults),
        cmocka_unit_test(privdefena_gives_privileged_code_the_default_map),
        cmocka_unit_test(ap_decides_by_privilege_and_direction),
        cmocka_unit_test(xn_stops_fetches_only),
        cmocka_unit_test(a_region_can_make_peripheral_space_executable),
        cmocka_unit_test(nothing_makes_the_ppb_and_what_is_above_executable),
        cmocka_unit_test(the_highest_region_wins),
        cmocka_unit_test(a_region_ends_at_its_last_byte),
        cmocka_unit_test(a_4_gb_region_holds_everything),
        cmocka_unit_test(disabled_and_reserved_sizes_are_no_region),
        cmocka_unit_test(base_bits_below_the_size_count_as_zero),
        cmocka_unit_test(a_disabled_subregion_is_not_in_the_region),
        cmocka_unit_test(subregions_need_256_bytes),
        cmocka_unit_test(the_background_region_of_cubemx_denies_0x60000000_to_0xdfffffff),
        cmocka_unit_test(below_priority_0_the_mpu_counts_only_with_hfnmiena),
        cmocka_unit_test(an_access_across_two_regions_needs_both),
        cmocka_unit_test(the_middle_of_a_long_access_counts_too),
        cmocka_unit_test(a_stack_guard_of_32_bytes_makes_its_granule_mixed),
        cmocka_unit_test(a_read_only_region_is_mixed_for_nobody),
        cmocka_unit_test(a_summary_says_what_every_byte_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
