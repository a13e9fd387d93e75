// Two pages, one active. A page is a commit mark (a double word of zeros) and slots. A slot takes
// one record: value, key, sequence number of the page, CRC. The last record of a key counts. When
// the slots are used up the current values move to the other page: erase it, write the records,
// then the mark. From the mark on it is the active page, because its sequence number is higher. The
// old page stays as it is until the next move erases it.
//
// What a cut may leave is a double word that reads old, new or with an ECC error, and not the same
// at every start. So:
//
// Every double word is read once per start; decisions are made on that copy.
//
// The commit mark is zero because zero may be programmed over anything: at start the mark of the
// active page is programmed once more, and is sound from then on, before anything relies on it.
//
// A used slot without a valid record (also a blank-looking one among them) is programmed to zero,
// even if it reads zero already: that may be a torn zero. A record that reads valid may be torn
// too, so all values are written once more. Only then does the store answer.
//
// A slot that looks blank but refuses (a torn double word whose cells read 1) is programmed to zero
// and skipped.
//
// A move that was cut is finished, not begun again: its mark may be there already, and an erase
// that is cut in turn may spare the mark and take the records.
//
// A page is erased before use even when it reads blank: an erase cut near its end reads blank and
// does not hold.
#include "kv/kv.h"

#include "common/chip.h"
#include "common/flash.h"
#include "common/regs.h"

#define PAGE_ADDR(page) (FLASH_END - (2u - (page)) * PAGE_BYTES)
#define FIRST_SLOT 8u         // behind the mark
#define SLOTS 30u             // a small part of the page, so that moves come often
#define SLOTS_WITH_SPARE 126u // the spare ones are for moves that were cut again and again

void NMI_Handler(void);

enum slot_kind { SLOT_BLANK, SLOT_RECORD, SLOT_VOID };

// The active page, and what the store holds.
static struct {
    uint32_t page;
    uint8_t sequence;
    uint32_t next_slot;
    uint32_t values[KV_KEYS];
    bool is_set[KV_KEYS];
} store;

// What a page said when it was read at start.
struct page_copy {
    bool is_committed;
    bool has_records;
    uint8_t sequence;
    uint32_t used; // slots up to the last that is not blank
    uint8_t kinds[SLOTS_WITH_SPARE];
    uint32_t values[KV_KEYS];
    bool is_set[KV_KEYS];
};

static struct page_copy copies[2];
static volatile bool ecc_error;

// RM0394 3.3.1: a double error sets ECCD, and NMI stays asserted until ECCD is cleared.
void NMI_Handler(void)
{
    if (!(FLASH_ECCR & ECCR_ECCD)) {
        for (;;) {
        }
    }
    if (KV_BUG != KV_BUG_NMI_STORM) {
        FLASH_ECCR = ECCR_ECCD;
    }
    ecc_error = true;
}

// False on a double error; the data are then meaningless.
static bool read_doubleword(uint32_t addr, uint32_t *low, uint32_t *high)
{
    FLASH_ECCR = ECCR_ECCC; // a flag left standing would hide the next error
    ecc_error = false;
    *low = REG32(addr);
    *high = REG32(addr + 4);
    dsb();
    isb();
    return !ecc_error;
}

static bool reads(uint32_t addr, uint32_t want_low, uint32_t want_high)
{
    uint32_t low;
    uint32_t high;
    return read_doubleword(addr, &low, &high) && low == want_low && high == want_high;
}

static bool program(uint32_t addr, uint32_t low, uint32_t high)
{
    return flash_program(addr, low, high) == 0 && reads(addr, low, high);
}

// Zero over zero may be refused; what counts is what is there afterwards.
static bool program_zero(uint32_t addr)
{
    (void)flash_program(addr, 0, 0);
    return reads(addr, 0, 0);
}

// CRC-16/CCITT, initial value 0xFFFF: neither all zeros nor all ones is a valid record.
static uint32_t crc16(uint32_t value, uint32_t tag)
{
    const uint8_t bytes[6] = {
        (uint8_t)value,         (uint8_t)(value >> 8), (uint8_t)(value >> 16),
        (uint8_t)(value >> 24), (uint8_t)tag,          (uint8_t)(tag >> 8),
    };
    uint32_t crc = 0xFFFF;
    for (uint32_t i = 0; i < sizeof bytes; i++) {
        crc ^= (uint32_t)bytes[i] << 8;
        for (uint32_t bit = 0; bit < 8; bit++) {
            crc = crc & 0x8000u ? crc << 1 ^ 0x1021u : crc << 1;
        }
    }
    return crc & 0xFFFFu;
}

// The upper word of a record: key, sequence number, CRC.
static uint32_t upper_word(uint32_t value, uint32_t key, uint32_t sequence)
{
    const uint32_t tag = key | sequence << 8;
    return crc16(value, tag) << 16 | tag;
}

static uint32_t slot_addr(uint32_t page, uint32_t slot)
{
    return PAGE_ADDR(page) + FIRST_SLOT + 8u * slot;
}

// Writes the value of a key into the next slot that takes it; false: none is left below the limit.
static bool append(uint32_t key, uint32_t slot_limit)
{
    const uint32_t value = store.values[key];
    while (store.next_slot < slot_limit) {
        const uint32_t addr = slot_addr(store.page, store.next_slot++);
        if (program(addr, value, upper_word(value, key, store.sequence))) {
            return true;
        }
        if (KV_BUG == KV_BUG_BLANK_SLOT || !program_zero(addr)) {
            return false;
        }
    }
    return false;
}

static bool write_values(void)
{
    for (uint32_t key = 0; key < KV_KEYS; key++) {
        if (store.is_set[key] && !append(key, SLOTS_WITH_SPARE)) {
            return false;
        }
    }
    return true;
}

// Moves all values to the other page; only the mark, written last, makes them count.
static bool move(void)
{
    store.page = 1u - store.page;
    store.sequence++;
    store.next_slot = 0;
    if (flash_erase_page(PAGE_ADDR(store.page)) != 0 || !write_values()) {
        return false;
    }
    if (KV_BUG == KV_BUG_ERASE_FIRST) {
        (void)flash_erase_page(PAGE_ADDR(1u - store.page));
    }
    return program_zero(PAGE_ADDR(store.page));
}

static enum slot_kind read_slot(uint32_t addr, uint32_t *value, uint32_t *key, uint8_t *sequence)
{
    uint32_t high;
    if (!read_doubleword(addr, value, &high)) {
        return SLOT_VOID;
    }
    if ((*value & high) == 0xFFFFFFFFu) {
        return SLOT_BLANK;
    }
    *key = high & 0xFFu;
    *sequence = (uint8_t)(high >> 8);
    return *key < KV_KEYS && high == upper_word(*value, *key, *sequence) ? SLOT_RECORD : SLOT_VOID;
}

static void read_page(uint32_t page)
{
    struct page_copy *copy = &copies[page];
    copy->is_committed = reads(PAGE_ADDR(page), 0, 0);
    for (uint32_t slot = 0; slot < SLOTS_WITH_SPARE; slot++) {
        uint32_t value;
        uint32_t key;
        uint8_t sequence;
        const enum slot_kind kind = read_slot(slot_addr(page, slot), &value, &key, &sequence);
        copy->kinds[slot] = (uint8_t)kind;
        if (kind != SLOT_BLANK) {
            copy->used = slot + 1;
        }
        if (kind == SLOT_RECORD) {
            copy->has_records = true;
            copy->sequence = sequence;
            copy->values[key] = value;
            copy->is_set[key] = true;
        }
    }
}

// False when a slot can not even be made zero.
static bool repair_slots(uint32_t page)
{
    for (uint32_t slot = 0; slot < copies[page].used; slot++) {
        if (copies[page].kinds[slot] != SLOT_RECORD && !program_zero(slot_addr(page, slot))) {
            return false;
        }
    }
    return true;
}

static bool counts(const struct page_copy *copy)
{
    return copy->is_committed && copy->has_records;
}

static bool is_newer(const struct page_copy *a, const struct page_copy *b)
{
    return (int8_t)(a->sequence - b->sequence) > 0;
}

// Goes on in a page that has records: what is in doubt is made sound before the store answers.
static bool take_over(uint32_t page)
{
    store.page = page;
    store.sequence = copies[page].sequence;
    store.next_slot = copies[page].used;
    return repair_slots(page) && write_values() && program_zero(PAGE_ADDR(page));
}

enum kv_start kv_start(void)
{
    // A cached line would hide an ECC error, and outlive an erase (RM0394 3.3.4).
    FLASH_ACR &= ~ACR_DCEN;
    flash_flush_caches();

    read_page(0);
    read_page(1);
    if (!counts(&copies[0]) && !counts(&copies[1])) {
        store.page = 1;
        return move() ? KV_FORMATTED : KV_FLASH_BROKEN;
    }
    const uint32_t active =
        counts(&copies[1]) && (!counts(&copies[0]) || is_newer(&copies[1], &copies[0])) ? 1u : 0u;
    for (uint32_t key = 0; key < KV_KEYS; key++) {
        store.values[key] = copies[active].values[key];
        store.is_set[key] = copies[active].is_set[key];
    }
    // Newer records without a mark in the other page: a move that was cut.
    const uint32_t other = 1u - active;
    const bool is_in_move = copies[other].has_records && is_newer(&copies[other], &copies[active]);
    if (take_over(is_in_move ? other : active)) {
        return KV_RECOVERED;
    }
    if (KV_BUG == KV_BUG_BLANK_SLOT) {
        return KV_FLASH_BROKEN;
    }
    store.page = active;
    store.sequence = copies[active].sequence;
    return move() ? KV_RECOVERED : KV_FLASH_BROKEN;
}

bool kv_get(uint32_t key, uint32_t *value)
{
    if (key >= KV_KEYS || !store.is_set[key]) {
        return false;
    }
    *value = store.values[key];
    return true;
}

bool kv_put(uint32_t key, uint32_t value)
{
    if (key >= KV_KEYS) {
        return false;
    }
    store.values[key] = value;
    store.is_set[key] = true;
    return append(key, SLOTS) || move();
}
