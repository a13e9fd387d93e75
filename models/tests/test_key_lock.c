/* Tests of key_lock.c: L4 sheet 3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/key_lock.h"

static const struct key_pair keys = {0x45670123, 0xCDEF89AB};

static void two_keys_in_order_open_it(void **state)
{
    (void)state;
    struct key_lock lock = {0};

    assert_int_equal(key_lock_write(&lock, keys, keys.first), KEY_ACCEPTED);
    assert_false(key_lock_is_open(&lock));
    assert_int_equal(key_lock_write(&lock, keys, keys.second), KEY_OPENED);
    assert_true(key_lock_is_open(&lock));
}

static void a_wrong_second_key_blocks_it_until_reset(void **state)
{
    (void)state;
    struct key_lock lock = {0};
    key_lock_write(&lock, keys, keys.first);

    assert_int_equal(key_lock_write(&lock, keys, keys.first), KEY_WRONG);

    assert_int_equal(key_lock_write(&lock, keys, keys.first), KEY_WRONG);
    assert_int_equal(key_lock_write(&lock, keys, keys.second), KEY_WRONG);
    assert_false(key_lock_is_open(&lock));
    key_lock_reset(&lock);
    key_lock_write(&lock, keys, keys.first);
    assert_int_equal(key_lock_write(&lock, keys, keys.second), KEY_OPENED);
}

static void the_second_key_first_blocks_it(void **state)
{
    (void)state;
    struct key_lock lock = {0};

    assert_int_equal(key_lock_write(&lock, keys, keys.second), KEY_WRONG);

    assert_true(key_lock_is_blocked(&lock));
}

static void a_key_to_an_open_lock_blocks_it(void **state)
{
    (void)state;
    struct key_lock lock = {KEY_LOCK_OPEN};

    assert_int_equal(key_lock_write(&lock, keys, keys.first), KEY_WRONG);

    assert_false(key_lock_is_open(&lock));
}

static void it_closes_and_opens_any_number_of_times(void **state)
{
    (void)state;
    struct key_lock lock = {0};

    for (int i = 0; i < 10; i++) {
        key_lock_write(&lock, keys, keys.first);
        assert_int_equal(key_lock_write(&lock, keys, keys.second), KEY_OPENED);
        key_lock_close(&lock);
        assert_false(key_lock_is_open(&lock));
    }
}

static void closing_does_not_unblock(void **state)
{
    (void)state;
    struct key_lock lock = {0};
    key_lock_block(&lock);

    key_lock_close(&lock);

    assert_true(key_lock_is_blocked(&lock));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_keys_in_order_open_it),
        cmocka_unit_test(a_wrong_second_key_blocks_it_until_reset),
        cmocka_unit_test(the_second_key_first_blocks_it),
        cmocka_unit_test(a_key_to_an_open_lock_blocks_it),
        cmocka_unit_test(it_closes_and_opens_any_number_of_times),
        cmocka_unit_test(closing_does_not_unblock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
