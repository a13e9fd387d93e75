// Workload for the key-value store: tells what survived, then goes on counting, round robin over
// four keys. `put K=V` before a write begins, `ack K=V` once it is durable: what was acknowledged
// must be there at the next start.
#include "common/chip.h"
#include "common/finish.h"
#include "common/flash.h"
#include "common/regs.h"
#include "common/uart.h"
#include "kv/kv.h"

#define BOOT_KEY 4u
#define PUTS_PER_BOOT 40u

static const char *const key_names[KV_KEYS] = {"a", "b", "c", "d", "boot"};

static void put(uint32_t key, uint32_t value)
{
    uart_print("put %s=%u\n", key_names[key], value);
    if (KV_BUG == KV_BUG_ACK_EARLY) {
        uart_print("ack %s=%u\n", key_names[key], value);
        uart_flush();
    }
    if (!kv_put(key, value)) {
        finish_fail("a value could not be written");
    }
    if (KV_BUG != KV_BUG_ACK_EARLY) {
        uart_print("ack %s=%u\n", key_names[key], value);
    }
}

int main(void)
{
    uart_init();
    flash_unlock();
    const enum kv_start start = kv_start();
    if (start == KV_FLASH_BROKEN) {
        finish_fail("the flash does not take data");
    }
    uint32_t boots = 0;
    (void)kv_get(BOOT_KEY, &boots);
    uart_print("boot %u%s\n", boots + 1, start == KV_FORMATTED ? " formatted" : "");
    uint32_t counter = 0;
    for (uint32_t key = 0; key < KV_KEYS; key++) {
        uint32_t value;
        if (kv_get(key, &value)) {
            uart_print("have %s=%u\n", key_names[key], value);
            counter = key != BOOT_KEY && value > counter ? value : counter;
        }
    }
    put(BOOT_KEY, boots + 1);
    for (uint32_t i = 0; i < PUTS_PER_BOOT; i++) {
        counter++;
        put(counter % 4u, counter);
    }
    finish_pass();
}
