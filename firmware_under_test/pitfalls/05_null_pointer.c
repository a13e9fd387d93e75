// Pitfall 5: address 0 is flash. A write through a null pointer changes nothing and is no fault,
// but it sets PGSERR, and the library's next call fails for it, far away from the mistake.
#include <stddef.h>

#include "common/chip.h"
#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"
#include "pitfalls/library.h"

struct setting {
    uint32_t value, id;
};

static struct setting settings[] = {{100, 1}, {200, 2}};

static __attribute__((noinline)) volatile struct setting *find(uint32_t id)
{
    for (uint32_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (settings[i].id == id) {
            return &settings[i];
        }
    }
    return NULL;
}

int main(void)
{
    uart_init();
    volatile struct setting *setting = find(3); // there is none
#ifdef BAD
    setting->value = 300;
#else
    if (setting) {
        setting->value = 300;
    }
#endif
    uart_print("SR %w\n", FLASH_SR);
    (void)library_unlock();
    library_report("program", library_program(LAST_PAGE, settings[0].value, settings[1].value));
    library_lock();
    if (REG32(LAST_PAGE) != 100) {
        finish_fail("not saved");
    }
    finish_pass();
}
