// A key-value store over two flash pages that survives power cuts at any moment: kv.c says how.
#ifndef KV_KV_H
#define KV_KV_H

#include <stdbool.h>
#include <stdint.h>

#define KV_KEYS 5u

// The known-bad twins are this source with one of these mistakes in it; 0 is the good one.
#define KV_BUG_ERASE_FIRST 1 // erases the old page before the new one is committed
#define KV_BUG_ACK_EARLY 2   // acknowledges before the value is in flash
#define KV_BUG_NMI_STORM 3   // its NMI handler does not clear ECCD
#define KV_BUG_BLANK_SLOT 4  // believes that a slot which reads 0xFF can be programmed
#ifndef KV_BUG
#define KV_BUG 0
#endif

enum kv_start { KV_FORMATTED, KV_RECOVERED, KV_FLASH_BROKEN };

// Finds what survived, repairs what an interruption left, formats when nothing is there. The flash
// must be unlocked.
enum kv_start kv_start(void);
bool kv_get(uint32_t key, uint32_t *value);
// True when the value is durable.
bool kv_put(uint32_t key, uint32_t value);

#endif
