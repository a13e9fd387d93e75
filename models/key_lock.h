/* A lock that opens by two key words in order: KEYR, OPTKEYR, PDKEYR and their kin in all families.
 * L4 sheet 3. What a wrong sequence costs besides the lock (a bus error) is the controller's to
 * say. */
#ifndef MODELS_KEY_LOCK_H
#define MODELS_KEY_LOCK_H

#include <stdbool.h>
#include <stdint.h>

enum key_lock_state { KEY_LOCK_CLOSED, KEY_LOCK_FIRST_KEY, KEY_LOCK_OPEN, KEY_LOCK_BLOCKED };

struct key_lock {
    uint8_t state; /* enum key_lock_state */
};

struct key_pair {
    uint32_t first, second;
};

enum key_result {
    KEY_ACCEPTED, /* the first key; the second is awaited */
    KEY_OPENED,   /* the second: the lock is open */
    KEY_WRONG     /* wrong value, order or moment: blocked until key_lock_reset() */
};

/* A system reset: closed, and no longer blocked. */
void key_lock_reset(struct key_lock *lock);
/* A word written to the key register. */
enum key_result key_lock_write(struct key_lock *lock, struct key_pair keys, uint32_t word);
/* Software sets the LOCK bit. A blocked lock stays blocked. */
void key_lock_close(struct key_lock *lock);
/* A key at a moment when none may come. */
void key_lock_block(struct key_lock *lock);

static inline bool key_lock_is_open(const struct key_lock *lock)
{
    return lock->state == KEY_LOCK_OPEN;
}

static inline bool key_lock_is_blocked(const struct key_lock *lock)
{
    return lock->state == KEY_LOCK_BLOCKED;
}

#endif
