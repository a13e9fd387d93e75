/* L4 sheet 3.1 to 3.5: two keys in order open it, anything else blocks it until reset. */
#include "models/key_lock.h"

void key_lock_reset(struct key_lock *lock)
{
    lock->state = KEY_LOCK_CLOSED;
}

enum key_result key_lock_write(struct key_lock *lock, struct key_pair keys, uint32_t word)
{
    if (lock->state == KEY_LOCK_CLOSED && word == keys.first) {
        lock->state = KEY_LOCK_FIRST_KEY;
        return KEY_ACCEPTED;
    }
    if (lock->state == KEY_LOCK_FIRST_KEY && word == keys.second) {
        lock->state = KEY_LOCK_OPEN;
        return KEY_OPENED;
    }
    /* L4 sheet 3.2: LOCK stays set until the next system reset. 3.5: keys to an open lock count
     * too. */
    lock->state = KEY_LOCK_BLOCKED;
    return KEY_WRONG;
}

void key_lock_close(struct key_lock *lock)
{
    if (lock->state != KEY_LOCK_BLOCKED)
        lock->state = KEY_LOCK_CLOSED;
}

void key_lock_block(struct key_lock *lock)
{
    lock->state = KEY_LOCK_BLOCKED;
}
