/* Decoding of what the engine looks at. Encodings as GNU as emits them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "sim/thumb.h"

struct store_row {
    const char *text;
    uint16_t first, second;
    unsigned beats, bytes;
    bool is_fp;
    uint8_t registers[4];
};

static void every_store_form_lists_its_beats(void **state)
{
    (void)state;
    static const struct store_row rows[] = {
        {"str r1,[r0]", 0x6001, 0, 1, 4, false, {1}},
        {"strb r1,[r0]", 0x7001, 0, 1, 1, false, {1}},
        {"strh r1,[r0]", 0x8001, 0, 1, 2, false, {1}},
        {"strd r1,r2,[r0]", 0xE9C0, 0x1200, 2, 4, false, {1, 2}},
        {"stmia.w r0,{r1-r3}", 0xE880, 0x000E, 3, 4, false, {1, 2, 3}},
        {"stmdb r0!,{r1-r4}", 0xE920, 0x001E, 4, 4, false, {1, 2, 3, 4}},
        {"push {r1,r2,lr}", 0xB506, 0, 3, 4, false, {1, 2, 14}},
        {"vstr s1,[r0]", 0xEDC0, 0x0A00, 1, 4, true, {1}},
        {"vstr d1,[r0]", 0xED80, 0x1B00, 2, 4, true, {2, 3}},
        {"vstmia r0,{s0-s3}", 0xEC80, 0x0A04, 4, 4, true, {0, 1, 2, 3}},
        {"str.w r1,[r0,#4]!", 0xF840, 0x1F04, 1, 4, false, {1}},
        {"str.w r1,[r0],#4", 0xF840, 0x1B04, 1, 4, false, {1}},
        {"str.w r1,[r0,r2,lsl #2]", 0xF840, 0x1022, 1, 4, false, {1}},
        {"strex r3,r1,[r0]", 0xE840, 0x1300, 1, 4, false, {1}},
        {"strexb r3,r1,[r0]", 0xE8C0, 0x1F43, 1, 1, false, {1}},
        {"ldr r1,[r0,r2]", 0x5881, 0, 0, 0, false, {0}},
        {"ldrd r1,r2,[r0]", 0xE9D0, 0x1200, 0, 0, false, {0}},
        {"vldr s1,[r0]", 0xEDD0, 0x0A00, 0, 0, false, {0}},
        {"vmov s0,r1", 0xEE00, 0x1A10, 0, 0, false, {0}},
        {"tbb [pc,r0]", 0xE8DF, 0xF000, 0, 0, false, {0}},
        {"nop", 0xBF00, 0, 0, 0, false, {0}},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct thumb_store store = thumb_decode_store(rows[i].first, rows[i].second);
        if (store.beat_count != rows[i].beats)
            fail_msg("%s: %u beats", rows[i].text, store.beat_count);
        if (!rows[i].beats)
            continue;
        assert_int_equal(store.beat_bytes, rows[i].bytes);
        assert_int_equal(store.is_fp, rows[i].is_fp);
        for (unsigned beat = 0; beat < rows[i].beats; beat++)
            assert_int_equal(store.registers[beat], rows[i].registers[beat]);
    }
}

static void block_transfers_know_their_lowest_address(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint16_t first, second;
        bool is_known;
        unsigned base;
        int displacement;
    } rows[] = {
        {"stmia r0!,{r1,r2}", 0xC006, 0, true, 0, 0},
        {"push {r1,r2,lr}", 0xB506, 0, true, 13, -12},
        {"pop {r1,pc}", 0xBD02, 0, true, 13, 0},
        {"stmia.w r0,{r1-r3}", 0xE880, 0x000E, true, 0, 0},
        {"stmdb r0!,{r1-r4}", 0xE920, 0x001E, true, 0, -16},
        {"push {r4-r11,lr}", 0xE92D, 0x4FF0, true, 13, -36},
        {"ldmdb r0,{r1,r2}", 0xE910, 0x0006, true, 0, -8},
        {"strd r1,r2,[r0]", 0xE9C0, 0x1200, true, 0, 0},
        {"strd r1,r2,[r0,#-8]", 0xE940, 0x1202, true, 0, -8},
        {"strd r1,r2,[r0],#8", 0xE8E0, 0x1202, true, 0, 0},
        {"ldrd r1,r2,[r0,#16]!", 0xE9F0, 0x1204, true, 0, 16},
        {"vstr d1,[r0,#-4]", 0xED00, 0x1B01, true, 0, -4},
        {"vstmia r0,{s0-s3}", 0xEC80, 0x0A04, true, 0, 0},
        {"vpush {s0-s3}", 0xED2D, 0x0A04, true, 13, -16},
        {"vldmdb r0!,{d0,d1}", 0xED30, 0x0B04, true, 0, -16},
        {"vldr s1,[pc,#8]", 0xEDDF, 0x0A02, true, 15, 8},
        {"strex r3,r1,[r0]", 0xE840, 0x1300, false, 0, 0},
        {"str r1,[r0]", 0x6001, 0, false, 0, 0},
        {"str.w r1,[r0,#4]!", 0xF840, 0x1F04, false, 0, 0},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct thumb_block block = thumb_block_address(rows[i].first, rows[i].second);
        if (block.is_known != rows[i].is_known)
            fail_msg("%s", rows[i].text);
        if (!block.is_known)
            continue;
        assert_int_equal(block.base, rows[i].base);
        assert_int_equal(block.displacement, rows[i].displacement);
    }
}

static void what_needs_a_look_is_marked(void **state)
{
    (void)state;
    static const struct {
        uint16_t first, second;
        enum thumb_special special;
    } rows[] = {
        {0xBF08, 0, THUMB_IT},           {0xB662, 0, THUMB_MASKS},
        {0xB672, 0, THUMB_MASKS},        {0xF380, 0x8810, THUMB_MASKS},
        {0xBF30, 0, THUMB_WFI},          {0xBF20, 0, THUMB_WFE},
        {0xF3AF, 0x8003, THUMB_WFI},     {0xBF40, 0, THUMB_SEV},
        {0xBF10, 0, THUMB_YIELD},        {0xBF00, 0, THUMB_ORDINARY},
        {0xFBB1, 0xF0F2, THUMB_DIVIDE},  {0xE9D0, 0x1200, THUMB_ALIGNED_BASE},
        {0xC806, 0, THUMB_ALIGNED_BASE}, {0xE840, 0x1300, THUMB_EXCLUSIVE},
        {0xEDD0, 0x0A00, THUMB_ALIGNED_BASE}, {0xE8DF, 0xF000, THUMB_ORDINARY},
        {0xE8C0, 0x1F43, THUMB_EXCLUSIVE}, {0xF3BF, 0x8F4F, THUMB_ORDINARY},
        {0xF3EF, 0x8010, THUMB_ORDINARY}, {0xB506, 0, THUMB_ORDINARY},
        {0xF850, 0x1E04, THUMB_UNPRIVILEGED}, {0xF840, 0x1E04, THUMB_UNPRIVILEGED}, /* ldrt, strt */
        {0xF930, 0x1E04, THUMB_UNPRIVILEGED}, {0xF810, 0x1E04, THUMB_UNPRIVILEGED}, /* ldrsht, ldrbt */
        {0xF8D0, 0x1E04, THUMB_ORDINARY}, {0xF850, 0x1C04, THUMB_ORDINARY}, /* ldr, ldr negative */
        {0xF85F, 0x1E04, THUMB_ORDINARY}, {0xF850, 0x1F04, THUMB_ORDINARY}, /* literal, ldr pre */
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (thumb_special(rows[i].first, rows[i].second) != rows[i].special)
            fail_msg("%04x %04x: %d", rows[i].first, rows[i].second,
                     thumb_special(rows[i].first, rows[i].second));
}

static void only_fp_instructions_are_marked_fp(void **state)
{
    (void)state;
    assert_true(thumb_entry(0xEE30, 0x0A81) & THUMB_FP);  /* vadd.f32 */
    assert_true(thumb_entry(0xEEF1, 0x0A10) & THUMB_FP);  /* vmrs */
    assert_true(thumb_entry(0xEE00, 0x1A10) & THUMB_FP);  /* vmov s0,r1 */
    assert_true(thumb_entry(0xEC80, 0x0A04) & THUMB_FP);  /* vstmia */
    assert_false(thumb_entry(0xE9C0, 0x1200) & THUMB_FP); /* strd */
    assert_false(thumb_entry(0xFBB1, 0xF0F2) & THUMB_FP); /* udiv */
}

static void it_state_advances_as_the_architecture_says(void **state)
{
    (void)state;
    assert_int_equal(thumb_it_length(0xBF08), 1); /* IT EQ */
    assert_int_equal(thumb_it_length(0xBF12), 3); /* ITEE NE */
    assert_int_equal(thumb_it_state(0xBF12, 0), 0x12);
    assert_int_equal(thumb_it_state(0xBF12, 1), 0x04); /* condition's last bit comes from the mask */
    assert_int_equal(thumb_it_state(0xBF12, 2), 0x08);
    assert_int_equal(thumb_it_state(0xBF12, 3), 0);
}

static void every_instruction_costs_something(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 0x10000; first++)
        for (unsigned second = 0; second < 0x10000; second += 0x0FF7)
            if (!(thumb_entry((uint16_t)first, (uint16_t)second) & THUMB_CYCLES))
                fail_msg("%04x %04x is free", first, second);
}

static void addresses_of_plain_accesses_are_decoded(void **state)
{
    (void)state;
    struct thumb_address a = thumb_plain_address(0xF830, 0x1C03); /* ldrh r1,[r0,#-3] */
    assert_true(a.is_known);
    assert_int_equal(a.bytes, 2);
    assert_int_equal(a.base, 0);
    assert_int_equal(a.displacement, -3);
    a = thumb_plain_address(0xF840, 0x1022); /* str r1,[r0,r2,lsl #2] */
    assert_true(a.has_index);
    assert_int_equal(a.index, 2);
    assert_int_equal(a.shift, 2);
    a = thumb_plain_address(0xF840, 0x1B04); /* str r1,[r0],#4 */
    assert_int_equal(a.displacement, 0);
    assert_false(thumb_plain_address(0x7001, 0).is_known); /* a byte is always aligned */
}

static void the_registers_of_a_store_address_are_found(void **state)
{
    (void)state;
    static const struct {
        uint16_t first, second;
        unsigned base;
        int index;
    } rows[] = {
        {0x601A, 0, 3, -1},      {0x701A, 0, 3, -1},      {0x9201, 0, 13, -1}, /* str, strb, str sp */
        {0x50D1, 0, 2, 3},       {0xB5F0, 0, 13, -1},     {0xC406, 0, 4, -1}, /* str reg, push, stm */
        {0xF840, 0x1022, 0, 2},  {0xF8C6, 0x1004, 6, -1}, {0xE9C7, 0x1200, 7, -1},
        {0xED85, 0x0A00, 5, -1}, {0xE844, 0x1300, 4, -1},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned index;
        bool has_index = thumb_store_index(rows[i].first, rows[i].second, &index);
        assert_int_equal(thumb_store_base(rows[i].first, rows[i].second), rows[i].base);
        assert_int_equal(has_index ? (int)index : -1, rows[i].index);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_store_form_lists_its_beats),
        cmocka_unit_test(block_transfers_know_their_lowest_address),
        cmocka_unit_test(the_registers_of_a_store_address_are_found),
        cmocka_unit_test(what_needs_a_look_is_marked),
        cmocka_unit_test(only_fp_instructions_are_marked_fp),
        cmocka_unit_test(it_state_advances_as_the_architecture_says),
        cmocka_unit_test(every_instruction_costs_something),
        cmocka_unit_test(addresses_of_plain_accesses_are_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
