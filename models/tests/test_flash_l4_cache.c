/* Tests of flash_l4_cache.c: lines that go stale, L4 sheet 7. */
#include "models/tests/flash_fixture.h"

enum { TARGET = MAIN + 0x1000, PAGE = 2, DCEN = 1 << 10, ICEN = 1 << 9 };
enum { ICRST = 1 << 11, DCRST = 1 << 12, LINE = 32 };

static struct soc *ready(const char *chip, enum cache_mode mode)
{
    struct soc *soc = power_on_flash(chip);
    soc->wires.caches = (uint8_t)mode;
    soc_flash_publish(soc);
    unlock(soc);
    for (uint32_t i = 0; i < 64; i++)
        program(soc, TARGET + LINE * i, i + 1);
    return soc;
}

static void flush_data_cache(struct soc *soc)
{
    write32(soc, ACR, ICEN);
    write32(soc, ACR, ICEN | DCRST);
    write32(soc, ACR, ICEN);
    write32(soc, ACR, ICEN | DCEN);
}

static uint32_t fetch(struct soc *soc, uint32_t addr)
{
    return make_access(soc, (struct access){.addr = addr, .size = 4, .is_fetch = true}).value;
}

static void a_line_read_before_an_erase_is_stale_after_it(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re", CACHES_EXACT);
    read32(soc, TARGET);

    erase_page(soc, PAGE);

    assert_int_equal(read32(soc, TARGET), 1);
    assert_int_equal(last_event(EVENT_FLASH_STALE_READ)->addr, TARGET);
    assert_int_equal(read32(soc, TARGET + LINE), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void a_flush_gives_the_new_data(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re", CACHES_EXACT);
    read32(soc, TARGET);
    erase_page(soc, PAGE);

    flush_data_cache(soc);

    assert_int_equal(read32(soc, TARGET), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void dcrst_does_nothing_while_the_cache_is_enabled(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re", CACHES_EXACT);
    read32(soc, TARGET);
    erase_page(soc, PAGE);

    write32(soc, ACR, ICEN | DCEN | DCRST);
    write32(soc, ACR, ICEN | DCEN);

    assert_int_equal(read32(soc, TARGET), 1);
    soc_destroy(soc);
}

static void a_disabled_cache_gives_array_data_and_keeps_its_lines(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re", CACHES_EXACT);
    read32(soc, TARGET);
    erase_page(soc, PAGE);

    write32(soc, ACR, ICEN);
    uint32_t disabled = read32(soc, TARGET);
    write32(soc, ACR, ICEN | DCEN);

    assert_int_equal(disabled, 0xFFFFFFFF);
    assert_int_equal(read32(soc, TARGET), 1);
    soc_destroy(soc);
}

static void programming_updates_a_matching_data_line(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re", CACHES_EXACT);
    assert_int_equal(read32(soc, TARGET + 8), 0xFFFFFFFF);

    program(soc, TARGET + 8, 77);

    assert_int_equal(read32(soc, TARGET + 8), 77);
    assert_int_equal(count_events(EVENT_FLASH_STALE_READ), 0);
    soc_destroy(soc);
}

static void programming_does_not_update_the_instruction_cache(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re", CACHES_EXACT);
    assert_int_equal(fetch(soc, TARGET + 8), 0xFFFFFFFF);

    program(soc, TARGET + 8, 77);

    assert_int_equal(fetch(soc, TARGET + 8), 0xFFFFFFFF);
    assert_true(is_assumed("L4.cache.stale_instruction"));
    write32(soc, ACR, DCEN);
    write32(soc, ACR, DCEN | ICRST);
    write32(soc, ACR, DCEN | ICEN);
    assert_int_equal(fetch(soc, TARGET + 8), 77);
    soc_destroy(soc);
}

static void the_ninth_line_throws_out_the_one_used_longest_ago(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re", CACHES_EXACT);
    for (uint32_t i = 0; i < 8; i++)
        read32(soc, TARGET + LINE * i);
    read32(soc, TARGET); /* now line 1 is the oldest */
    read32(soc, TARGET + LINE * 8);

    erase_page(soc, PAGE);

    assert_int_equal(read32(soc, TARGET), 1);
    for (uint32_t i = 2; i < 9; i++)
        assert_int_equal(read32(soc, TARGET + LINE * i), i + 1);
    assert_int_equal(read32(soc, TARGET + LINE), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void dma_and_debugger_read_past_the_cache(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re", CACHES_EXACT);
    read32(soc, TARGET);
    erase_page(soc, PAGE);

    struct access_result dma =
        make_access(soc, (struct access){.addr = TARGET, .size = 4, .master = MASTER_DMA1});
    struct access_result debugger =
        make_access(soc, (struct access){.addr = TARGET, .size = 4, .master = MASTER_DEBUGGER});

    assert_int_equal(dma.value, 0xFFFFFFFF);
    assert_int_equal(debugger.value, 0xFFFFFFFF);
    assert_int_equal(read32(soc, TARGET), 1);
    soc_destroy(soc);
}

static void a_cached_bad_word_raises_its_event_once(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re", CACHES_EXACT);
    flash_array_flip(soc->cells, 0x1000 / 8, (struct flash_cells){.data = {6}});
    soc_flash_publish(soc);
    read32(soc, TARGET);
    write32(soc, ECCR, ECCD);

    read32(soc, TARGET);

    assert_int_equal(read32(soc, ECCR), 0);
    soc_destroy(soc);
}

static void without_the_caches_nothing_is_watched_or_stale(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re", CACHES_OFF);
    assert_false(bus_is_watched(&soc->bus, 0x1000));
    read32(soc, TARGET);

    erase_page(soc, PAGE);

    assert_int_equal(read32(soc, TARGET), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void disabling_both_caches_stops_the_watch(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re", CACHES_EXACT);
    assert_true(bus_is_watched(&soc->bus, 0x1000));

    write32(soc, ACR, 0);
    bool is_watched = bus_is_watched(&soc->bus, 0x1000);
    write32(soc, ACR, DCEN);

    assert_false(is_watched);
    assert_true(bus_is_watched(&soc->bus, 0x1000));
    soc_destroy(soc);
}

static void adversarial_keeps_eight_lines_that_were_read_at_any_time(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re", CACHES_ADVERSARIAL);
    for (uint32_t i = 0; i < 32; i++)
        read32(soc, TARGET + LINE * i);
    unsigned stale = 0;

    erase_page(soc, PAGE);

    for (uint32_t i = 0; i < 64; i++) {
        bool is_stale = read32(soc, TARGET + LINE * i) == i + 1;
        assert_true(!is_stale || i < 32);
        stale += is_stale;
    }
    assert_int_equal(stale, 8);
    flush_data_cache(soc);
    for (uint32_t i = 0; i < 64; i++)
        assert_int_equal(read32(soc, TARGET + LINE * i), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void adversarial_choice_follows_the_seed(void **state)
{
    (void)state;
    uint32_t map[3] = {0};
    for (unsigned run = 0; run < 3; run++) {
        struct soc *soc = ready("stm32l452re", CACHES_ADVERSARIAL);
        soc->wires.seed = run == 2 ? 11 : 10;
        for (uint32_t i = 0; i < 32; i++)
            read32(soc, TARGET + LINE * i);
        erase_page(soc, PAGE);
        for (uint32_t i = 0; i < 32; i++)
            map[run] |= (uint32_t)(read32(soc, TARGET + LINE * i) == i + 1) << i;
        soc_destroy(soc);
    }
    assert_int_equal(map[0], map[1]);
    assert_int_not_equal(map[0], map[2]);
}

static void adversarial_does_not_make_up_lines_that_were_never_read(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l452re", CACHES_ADVERSARIAL);

    erase_page(soc, PAGE);

    for (uint32_t i = 0; i < 64; i++)
        assert_int_equal(read32(soc, TARGET + LINE * i), 0xFFFFFFFF);
    soc_destroy(soc);
}

static void adversarial_may_load_a_bad_line_while_the_other_bank_is_busy(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg", CACHES_ADVERSARIAL);
    unsigned bad = 0;
    write32(soc, CR, PER | BKER | 2 << 3 | STRT);

    for (uint32_t i = 0; i < 32; i++)
        bad += read32(soc, TARGET + LINE * i) != i + 1 || read32(soc, TARGET + LINE * i + 4) != 0;

    assert_in_range(bad, 1, 16);
    assert_true(is_assumed("L4.cache.read_while_write"));
    soc_destroy(soc);
}

static void with_dcen_off_the_other_bank_reads_well_while_busy(void **state)
{
    (void)state;
    struct soc *soc = ready("stm32l476rg", CACHES_ADVERSARIAL);
    write32(soc, ACR, ICEN);
    write32(soc, CR, PER | BKER | 2 << 3 | STRT);

    for (uint32_t i = 0; i < 32; i++)
        assert_int_equal(read32(soc, TARGET + LINE * i), i + 1);
    soc_destroy(soc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_read_before_an_erase_is_stale_after_it),
        cmocka_unit_test(a_flush_gives_the_new_data),
        cmocka_unit_test(dcrst_does_nothing_while_the_cache_is_enabled),
        cmocka_unit_test(a_disabled_cache_gives_array_data_and_keeps_its_lines),
        cmocka_unit_test(programming_updates_a_matching_data_line),
        cmocka_unit_test(programming_does_not_update_the_instruction_cache),
        cmocka_unit_test(the_ninth_line_throws_out_the_one_used_longest_ago),
        cmocka_unit_test(dma_and_debugger_read_past_the_cache),
        cmocka_unit_test(a_cached_bad_word_raises_its_event_once),
        cmocka_unit_test(without_the_caches_nothing_is_watched_or_stale),
        cmocka_unit_test(disabling_both_caches_stops_the_watch),
        cmocka_unit_test(adversarial_keeps_eight_lines_that_were_read_at_any_time),
        cmocka_unit_test(adversarial_choice_follows_the_seed),
        cmocka_unit_test(adversarial_does_not_make_up_lines_that_were_never_read),
        cmocka_unit_test(adversarial_may_load_a_bad_line_while_the_other_bank_is_busy),
        cmocka_unit_test(with_dcen_off_the_other_bank_reads_well_while_busy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
