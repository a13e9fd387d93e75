/* Tests of crs.c. Offsets and bits are the manual's (RM0351 7.6). */
#include "models/tests/soc_bench.h"

enum { CR = 0x40006000, CFGR = 0x40006004, ISR = 0x40006008, ICR = 0x4000600C };

static struct soc *clocked(void)
{
    struct soc *soc = power_on("stm32l452re");
    set_bits(soc, 0x40021058, 1u << 24);
    put(soc, 0x40021098, 1);
    run_us(soc, 6);
    return soc;
}

static void reset_values_are_the_manuals(void **state)
{
    (void)state;
    struct soc *soc = clocked();

    assert_int_equal(get(soc, CR), 0x2000);
    assert_int_equal(get(soc, CFGR), 0x2022BB7F);
    assert_int_equal(get(soc, ISR), 0);
    assert_int_equal(get(soc, ICR), 0);
    soc_destroy(soc);
}

static void a_software_sync_finds_the_hsi48_right(void **state)
{
    (void)state;
    struct soc *soc = clocked();
    put(soc, CR, 0x2000 | 1u << 5 | 1);

    put(soc, CR, 0x2000 | 1u << 7 | 1u << 5 | 1);

    assert_int_equal(get(soc, ISR), 1);
    assert_int_equal(get(soc, CR) & 1u << 7, 0);
    assert_true(irq_pending(soc, 82));
    put(soc, ICR, 1);
    assert_int_equal(get(soc, ISR), 0);
    soc_destroy(soc);
}

static void the_lse_syncs_periodically(void **state)
{
    (void)state;
    struct soc *soc = clocked();
    open_backup_domain(soc);
    put(soc, 0x40021090, 1);
    run_ms(soc, 250);
    put(soc, CFGR, 0x1022BB7F | 3u << 24); /* LSE / 8 */

    put(soc, CR, 0x2000 | 1u << 5);
    run_us(soc, 244);
    assert_int_equal(get(soc, ISR), 0);
    run_us(soc, 1);

    assert_int_equal(get(soc, ISR), 1);
    soc_destroy(soc);
}

static void cfgr_is_locked_while_it_counts(void **state)
{
    (void)state;
    struct soc *soc = clocked();
    put(soc, CR, 0x2000 | 1u << 5);

    put(soc, CFGR, 0);

    assert_int_equal(get(soc, CFGR), 0x2022BB7F);
    soc_destroy(soc);
}

static void a_sync_means_nothing_while_it_does_not_count(void **state)
{
    (void)state;
    struct soc *soc = clocked();

    put(soc, CR, 0x2000 | 1u << 7);

    assert_int_equal(get(soc, ISR), 0);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_values_are_the_manuals),
        cmocka_unit_test(a_software_sync_finds_the_hsi48_right),
        cmocka_unit_test(the_lse_syncs_periodically),
        cmocka_unit_test(cfgr_is_locked_while_it_counts),
        cmocka_unit_test(a_sync_means_nothing_while_it_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
