/* A DMA controller with seven channels. RM0351 rev 9 chapter 11.
 *
 * Modelled: both directions and memory to memory, sizes that differ, increments, circular mode,
 * half and complete flags, transfer errors, interrupts, priorities, requests by CSELR or by the
 * DMAMUX. Each item is a real read and a real write on the bus: one into flash is taken or refused
 * by the flash controller, and one that must wait keeps the whole controller waiting, which has one
 * port.
 *
 * The time of an item is a fixed number of AHB clocks, plus its stalls. The CPU is not slowed down.
 * Left out: the copies of narrow data in the unused byte lanes of APB writes. */
#include "models/dma.h"

#include "models/wires.h"
#include "sim/core/reg.h"

enum { CCR, CNDTR, CPAR, CMAR, REGS_PER_CHANNEL };

enum {
    ISR,
    IFCR,
    CHANNEL_REGS, /* CCR1, CNDTR1, CPAR1, CMAR1, CCR2, ... */
    CSELR = CHANNEL_REGS + REGS_PER_CHANNEL * DMA_CHANNEL_COUNT,
    DMA_REG_COUNT
};

/* RM0351 DMA_ISR: flags of a channel, from its nibble in ISR; the enable bits of CCR are in the
 * same places. */
#define FLAG_GLOBAL (1u << 0)
#define FLAG_COMPLETE (1u << 1)
#define FLAG_HALF (1u << 2)
#define FLAG_ERROR (1u << 3)
#define FLAGS (FLAG_COMPLETE | FLAG_HALF | FLAG_ERROR)

#define CCR_EN (1u << 0)
#define CCR_DIR (1u << 4)
#define CCR_CIRC (1u << 5)
#define CCR_PINC (1u << 6)
#define CCR_MINC (1u << 7)
#define CCR_PSIZE_SHIFT 8
#define CCR_MSIZE_SHIFT 10
#define CCR_PL_SHIFT 12
#define CCR_MEM2MEM (1u << 14)
#define CCR_LOCKED 0x7FF0u

#define PPB_BASE 0xE0000000u
#define PPB_BYTES 0x00100000u

enum {
    ITEM_CYCLES = 5, /* ASSUMED: arbitration, address, read, write, acknowledge */
    NO_REQUEST = 0xFF
};

enum phase { PHASE_IDLE, PHASE_READ, PHASE_WRITE, PHASE_STALLED };

struct dma_channel {
    uint32_t next_peripheral; /* addresses of the next item */
    uint32_t next_memory;
    uint32_t total; /* items, as written to CNDTR */
};

struct dma_write {
    uint32_t addr;
    uint32_t value;
    uint8_t size;
};

struct dma_state {
    uint32_t regs[DMA_REG_COUNT];
    uint64_t requests; /* levels as last announced; resets do not touch them */
    struct dma_channel channel[DMA_CHANNEL_COUNT];
    uint8_t phase;
    uint8_t served;         /* the channel whose item is under way */
    bool is_orphan;         /* that channel was disabled since the read */
    struct dma_write write; /* read and not yet written */
};

/* RM0351 DMA request mapping: those of peripherals that are modelled. */
struct selection {
    uint8_t controller, channel, select, request;
};

// clang-format off
static const struct selection selections[] = {
    { 1, 2, 2, DMA_REQUEST_USART3_TX },  { 1, 2, 4, DMA_REQUEST_TIM2_UP },
    { 1, 3, 2, DMA_REQUEST_USART3_RX },  { 1, 3, 4, DMA_REQUEST_TIM16_UP },
    { 1, 3, 5, DMA_REQUEST_TIM3_UP },    { 1, 3, 6, DMA_REQUEST_TIM6_UP },
    { 1, 4, 2, DMA_REQUEST_USART1_TX },  { 1, 4, 5, DMA_REQUEST_TIM7_UP },
    { 1, 5, 2, DMA_REQUEST_USART1_RX },  { 1, 5, 7, DMA_REQUEST_TIM15_UP },
    { 1, 6, 2, DMA_REQUEST_USART2_RX },  { 1, 6, 4, DMA_REQUEST_TIM16_UP },
    { 1, 6, 7, DMA_REQUEST_TIM1_UP },
    { 1, 7, 2, DMA_REQUEST_USART2_TX },  { 1, 7, 5, DMA_REQUEST_TIM17_UP },
    { 1, 7, 6, DMA_REQUEST_TIM4_UP },    { 1, 1, 5, DMA_REQUEST_TIM17_UP },
    { 2, 1, 2, DMA_REQUEST_UART5_TX },   { 2, 1, 7, DMA_REQUEST_TIM8_UP },
    { 2, 2, 2, DMA_REQUEST_UART5_RX },   { 2, 2, 5, DMA_REQUEST_TIM5_UP },
    { 2, 3, 2, DMA_REQUEST_UART4_TX },   { 2, 4, 3, DMA_REQUEST_TIM6_UP },
    { 2, 5, 2, DMA_REQUEST_UART4_RX },   { 2, 5, 3, DMA_REQUEST_TIM7_UP },
    { 2, 6, 2, DMA_REQUEST_USART1_TX },  { 2, 6, 4, DMA_REQUEST_LPUART1_TX },
    { 2, 7, 2, DMA_REQUEST_USART1_RX },  { 2, 7, 4, DMA_REQUEST_LPUART1_RX },
};
// clang-format on

static struct dma_state *state_of(struct device *device)
{
    return device->state;
}

static const struct dma_config *config_of(const struct device *device)
{
    return device->config;
}

static uint32_t *channel_reg(struct dma_state *dma, unsigned channel, unsigned reg)
{
    return &dma->regs[CHANNEL_REGS + channel * REGS_PER_CHANNEL + reg];
}

static uint32_t ccr_of(struct dma_state *dma, unsigned channel)
{
    return *channel_reg(dma, channel, CCR);
}

/* ---- Flags and interrupts ---- */

static uint32_t flags_of(const struct dma_state *dma, unsigned channel)
{
    return dma->regs[ISR] >> (4 * channel) & FLAGS;
}

static void set_flags(struct dma_state *dma, unsigned channel, uint32_t flags)
{
    dma->regs[ISR] |= flags << (4 * channel);
}

static void update_irqs(struct device *device)
{
    struct dma_state *dma = state_of(device);
    for (unsigned channel = 0; channel < DMA_CHANNEL_COUNT; channel++)
        irq_set_level(device->system->irq, config_of(device)->irq[channel],
                      (flags_of(dma, channel) & ccr_of(dma, channel)) != 0);
}

/* ---- Requests ---- */

static unsigned selected_request(struct device *device, unsigned channel)
{
    const struct dma_config *config = config_of(device);
    if (config->has_dmamux) {
        unsigned mux_channel = (config->controller - 1u) * DMA_CHANNEL_COUNT + channel;
        unsigned routed = device->system->wires->dmamux_request[mux_channel];
        return routed ? routed - 1 : NO_REQUEST;
    }
    unsigned select = state_of(device)->regs[CSELR] >> (4 * channel) & 0xF;
    for (unsigned i = 0; i < sizeof selections / sizeof selections[0]; i++)
        if (selections[i].controller == config->controller &&
            selections[i].channel == channel + 1 && selections[i].select == select)
            return selections[i].request;
    return NO_REQUEST;
}

static bool is_requested(struct device *device, unsigned channel)
{
    unsigned request = selected_request(device, channel);
    return request != NO_REQUEST && (state_of(device)->requests >> request & 1);
}

/* A timer asks once for each update and does not hear of the answer; the others hold their level
 * until the item itself satisfies them. */
static void acknowledge(struct device *device, unsigned channel)
{
    unsigned request = selected_request(device, channel);
    if (request >= DMA_REQUEST_TIM2_UP && request < DMA_REQUEST_COUNT)
        state_of(device)->requests &= ~(UINT64_C(1) << request);
}

static bool wants_service(struct device *device, unsigned channel)
{
    struct dma_state *dma = state_of(device);
    uint32_t ccr = ccr_of(dma, channel);
    if (!(ccr & CCR_EN) || *channel_reg(dma, channel, CNDTR) == 0)
        return false;
    return (ccr & CCR_MEM2MEM) || is_requested(device, channel);
}

/* RM0351 DMA arbitration: the highest PL first, then the lowest channel. DMA_CHANNEL_COUNT when
 * none asks.
 */
static unsigned next_channel(struct device *device)
{
    unsigned best = DMA_CHANNEL_COUNT;
    uint32_t best_priority = 0;
    for (unsigned channel = 0; channel < DMA_CHANNEL_COUNT; channel++) {
        uint32_t priority = ccr_of(state_of(device), channel) >> CCR_PL_SHIFT & 3;
        if (!wants_service(device, channel))
            continue;
        if (best == DMA_CHANNEL_COUNT || priority > best_priority) {
            best = channel;
            best_priority = priority;
        }
    }
    return best;
}

/* In Stop mode the RCC leaves hclk_hz as it will be, but stops the buses. */
static bool is_running(const struct device *device)
{
    const struct wires *wires = device->system->wires;
    return wires->hclk_hz != 0 && wires->pclk1_hz != 0 && device_is_clocked(device);
}

/* Begins the next item, if the port is free and somebody asks. */
static void serve_next(struct device *device)
{
    struct dma_state *dma = state_of(device);
    uint32_t hclk_hz = device->system->wires->hclk_hz;
    if (dma->phase != PHASE_IDLE || !is_running(device))
        return;
    unsigned channel = next_channel(device);
    if (channel == DMA_CHANNEL_COUNT)
        return;
    dma->phase = PHASE_READ;
    dma->served = (uint8_t)channel;
    device_schedule(device, 0, device_now_ps(device) + clock_ps_from_cycles(ITEM_CYCLES, hclk_hz));
}

/* ---- One item ---- */

/* RM0351 DMA_CCRx: PSIZE and MSIZE, 11 is reserved (taken as words: ASSUMED). */
static uint8_t item_bytes(uint32_t ccr, bool is_peripheral)
{
    unsigned field = ccr >> (is_peripheral ? CCR_PSIZE_SHIFT : CCR_MSIZE_SHIFT) & 3;
    static const uint8_t bytes[] = {1, 2, 4, 4};
    return bytes[field];
}

/* Address and size of an item's source or destination. Without DIR the peripheral side is the
 * source, in memory-to-memory mode too. RM0351 DMA_CPARx: the low bits of an address do not count.
 */
static struct dma_write side_of_item(struct device *device, bool is_write)
{
    struct dma_state *dma = state_of(device);
    uint32_t ccr = ccr_of(dma, dma->served);
    const struct dma_channel *channel = &dma->channel[dma->served];
    bool is_peripheral = is_write == ((ccr & CCR_DIR) != 0);
    uint8_t size = item_bytes(ccr, is_peripheral);
    uint32_t addr = is_peripheral ? channel->next_peripheral : channel->next_memory;
    return (struct dma_write){.addr = addr & ~(size - 1u), .size = size};
}

/* RM0351 DMA data width, alignment and endianness: narrow data is zero-extended, wide data cut off.
 */
static void hold_for_write(struct device *device, uint32_t value)
{
    struct dma_state *dma = state_of(device);
    dma->write = side_of_item(device, true);
    dma->write.value = dma->write.size == 4 ? value : value & ((1u << (8 * dma->write.size)) - 1);
    dma->is_orphan = false;
    dma->phase = PHASE_WRITE;
}

static struct access access_of_item(struct device *device, bool is_write)
{
    struct dma_write side = is_write ? state_of(device)->write : side_of_item(device, false);
    return (struct access){
        .addr = side.addr,
        .size = side.size,
        .value = side.value,
        .master = config_of(device)->controller == 1 ? MASTER_DMA1 : MASTER_DMA2,
        .is_write = is_write,
        .is_privileged = true,
    };
}

/* RM0351 DMA error management: a bus error disables the channel. */
static void transfer_error(struct device *device, const struct access *access)
{
    struct dma_state *dma = state_of(device);
    device_emit(device, (struct event){.kind = EVENT_BUS_ERROR,
                                       .addr = access->addr,
                                       .size = access->size,
                                       .value = access->is_write ? access->value : 0,
                                       .master = access->master});
    *channel_reg(dma, dma->served, CCR) &= ~CCR_EN;
    set_flags(dma, dma->served, FLAG_ERROR);
    dma->phase = PHASE_IDLE;
}

static void load_addresses(struct dma_state *dma, unsigned channel)
{
    dma->channel[channel].next_peripheral = *channel_reg(dma, channel, CPAR);
    dma->channel[channel].next_memory = *channel_reg(dma, channel, CMAR);
}

static void item_done(struct device *device)
{
    struct dma_state *dma = state_of(device);
    struct dma_channel *channel = &dma->channel[dma->served];
    uint32_t ccr = ccr_of(dma, dma->served);
    uint32_t *left = channel_reg(dma, dma->served, CNDTR);
    acknowledge(device, dma->served);
    if (ccr & CCR_PINC)
        channel->next_peripheral += item_bytes(ccr, true);
    if (ccr & CCR_MINC)
        channel->next_memory += item_bytes(ccr, false);
    if (*left > 0)
        --*left;
    if (*left == channel->total / 2)
        set_flags(dma, dma->served, FLAG_HALF);
    if (*left > 0)
        return;
    set_flags(dma, dma->served, FLAG_COMPLETE);
    if (ccr & CCR_CIRC) {
        *left = channel->total;
        load_addresses(dma, dma->served);
    }
}

/* Performs one side of the item; false when it has to wait or has failed. */
static bool perform(struct device *device, bool is_write)
{
    struct dma_state *dma = state_of(device);
    struct access access = access_of_item(device, is_write);
    struct access_result result = {.is_bus_error = true};
    /* Core sheet 8: the private peripheral bus is inside the core. */
    if (access.addr - PPB_BASE >= PPB_BYTES)
        bus_access(device->system->bus, &access, &result);
    if (result.is_bus_error) {
        transfer_error(device, &access);
        return false;
    }
    bool must_wait = result.stall_until_ps > device_now_ps(device);
    if (must_wait)
        device_schedule(device, 0, result.stall_until_ps);
    if (must_wait && result.is_retried)
        return false;
    if (!is_write) {
        hold_for_write(device, result.value);
    } else {
        if (!dma->is_orphan)
            item_done(device);
        dma->phase = must_wait ? PHASE_STALLED : PHASE_IDLE;
    }
    return !must_wait;
}

static void dma_expired(struct device *device, unsigned timer)
{
    struct dma_state *dma = state_of(device);
    (void)timer;
    if (dma->phase == PHASE_STALLED)
        dma->phase = PHASE_IDLE;
    if (dma->phase == PHASE_READ && !perform(device, false) && dma->phase != PHASE_IDLE)
        return;
    if (dma->phase == PHASE_WRITE)
        perform(device, true);
    update_irqs(device);
    serve_next(device);
}

/* ---- Registers ---- */

static unsigned channel_of(const struct reg_access *access)
{
    return (access->index - CHANNEL_REGS) / REGS_PER_CHANNEL;
}

static uint32_t isr_read(struct device *device, const struct reg_access *access, uint32_t value)
{
    struct dma_state *dma = state_of(device);
    (void)access;
    for (unsigned channel = 0; channel < DMA_CHANNEL_COUNT; channel++)
        if (flags_of(dma, channel))
            value |= FLAG_GLOBAL << (4 * channel);
    return value;
}

static void ifcr_write(struct device *device, const struct reg_access *access)
{
    struct dma_state *dma = state_of(device);
    uint32_t written = dma->regs[IFCR];
    (void)access;
    dma->regs[IFCR] = 0;
    for (unsigned channel = 0; channel < DMA_CHANNEL_COUNT; channel++)
        if (written >> (4 * channel) & FLAG_GLOBAL)
            written |= FLAGS << (4 * channel);
    dma->regs[ISR] &= ~written;
    update_irqs(device);
}

/* An item whose read has not begun is given up; one that was read is still written, but no longer
 * counts. */
static void give_up_item(struct device *device, unsigned channel)
{
    struct dma_state *dma = state_of(device);
    if (dma->served != channel)
        return;
    if (dma->phase == PHASE_WRITE)
        dma->is_orphan = true;
    if (dma->phase != PHASE_READ)
        return;
    device_cancel(device, 0);
    dma->phase = PHASE_IDLE;
}

static void report_missing_request(struct device *device, const struct reg_access *access)
{
    device_emit(device, (struct event){.kind = EVENT_REG_UNIMPLEMENTED,
                                       .pc = access->access->pc,
                                       .addr = access->access->addr & ~3u,
                                       .size = access->access->size,
                                       .value = CCR_EN,
                                       .rule = "CSELR"});
}

static void ccr_write(struct device *device, const struct reg_access *access)
{
    struct dma_state *dma = state_of(device);
    unsigned channel = channel_of(access);
    uint32_t *ccr = &dma->regs[access->index];
    bool was_on = access->old & CCR_EN;
    bool is_on = *ccr & CCR_EN;
    /* RM0351 DMA_CCRx forbids it; that the write is ignored is ASSUMED. */
    if (was_on && is_on && ((*ccr ^ access->old) & CCR_LOCKED)) {
        device_assume(device, "DMA.locked_while_enabled");
        *ccr = (*ccr & ~CCR_LOCKED) | (access->old & CCR_LOCKED);
    }
    /* RM0351 DMA_CCRx: after an error EN stays 0 until TEIF was cleared. */
    if (is_on && (flags_of(dma, channel) & FLAG_ERROR)) {
        *ccr &= ~CCR_EN;
        is_on = false;
    }
    if (!was_on && is_on) {
        load_addresses(dma, channel);
        bool asks_nobody = !(*ccr & CCR_MEM2MEM) && !config_of(device)->has_dmamux &&
                           selected_request(device, channel) == NO_REQUEST;
        if (asks_nobody)
            report_missing_request(device, access);
    }
    if (was_on && !is_on)
        give_up_item(device, channel);
    update_irqs(device);
    serve_next(device);
}

/* RM0351 DMA_CNDTRx, DMA_CPARx, DMA_CMARx: not to be written while the channel is enabled. */
static bool idle_guard(struct device *device, const struct reg_access *access)
{
    if (!(ccr_of(state_of(device), channel_of(access)) & CCR_EN))
        return true;
    device_assume(device, "DMA.locked_while_enabled");
    return false;
}

static void cndtr_write(struct device *device, const struct reg_access *access)
{
    struct dma_state *dma = state_of(device);
    dma->channel[channel_of(access)].total = dma->regs[access->index];
}

static void cselr_write(struct device *device, const struct reg_access *access)
{
    (void)access;
    serve_next(device);
}

// clang-format off
static const struct reg regs[DMA_REG_COUNT] = {
    [ISR] = { .name = "ISR", .offset = 0x00, .on_read = isr_read },
    [IFCR] = { .name = "IFCR", .offset = 0x04, .rw = 0x0FFFFFFF, .write_only = 0x0FFFFFFF,
               .on_write = ifcr_write },
    [CHANNEL_REGS + 0] = { .name = "CCR1", .offset = 0x08, .rw = 0x7FFF, .on_write = ccr_write },
    [CHANNEL_REGS + 1] = { .name = "CNDTR1", .offset = 0x0C, .rw = 0xFFFF,
                          .guard = idle_guard, .on_write = cndtr_write },
    [CHANNEL_REGS + 2] = { .name = "CPAR1", .offset = 0x10, .rw = 0xFFFFFFFF, .guard = idle_guard },
    [CHANNEL_REGS + 3] = { .name = "CMAR1", .offset = 0x14, .rw = 0xFFFFFFFF, .guard = idle_guard },
    [CHANNEL_REGS + 4] = { .name = "CCR2", .offset = 0x1C, .rw = 0x7FFF, .on_write = ccr_write },
    [CHANNEL_REGS + 5] = { .name = "CNDTR2", .offset = 0x20, .rw = 0xFFFF,
                          .guard = idle_guard, .on_write = cndtr_write },
    [CHANNEL_REGS + 6] = { .name = "CPAR2", .offset = 0x24, .rw = 0xFFFFFFFF, .guard = idle_guard },
    [CHANNEL_REGS + 7] = { .name = "CMAR2", .offset = 0x28, .rw = 0xFFFFFFFF, .guard = idle_guard },
    [CHANNEL_REGS + 8] = { .name = "CCR3", .offset = 0x30, .rw = 0x7FFF, .on_write = ccr_write },
    [CHANNEL_REGS + 9] = { .name = "CNDTR3", .offset = 0x34, .rw = 0xFFFF,
                          .guard = idle_guard, .on_write = cndtr_write },
    [CHANNEL_REGS + 10] = { .name = "CPAR3", .offset = 0x38, .rw = 0xFFFFFFFF,
                          .guard = idle_guard },
    [CHANNEL_REGS + 11] = { .name = "CMAR3", .offset = 0x3C, .rw = 0xFFFFFFFF,
                          .guard = idle_guard },
    [CHANNEL_REGS + 12] = { .name = "CCR4", .offset = 0x44, .rw = 0x7FFF, .on_write = ccr_write },
    [CHANNEL_REGS + 13] = { .name = "CNDTR4", .offset = 0x48, .rw = 0xFFFF,
                          .guard = idle_guard, .on_write = cndtr_write },
    [CHANNEL_REGS + 14] = { .name = "CPAR4", .offset = 0x4C, .rw = 0xFFFFFFFF,
                          .guard = idle_guard },
    [CHANNEL_REGS + 15] = { .name = "CMAR4", .offset = 0x50, .rw = 0xFFFFFFFF,
                          .guard = idle_guard },
    [CHANNEL_REGS + 16] = { .name = "CCR5", .offset = 0x58, .rw = 0x7FFF, .on_write = ccr_write },
    [CHANNEL_REGS + 17] = { .name = "CNDTR5", .offset = 0x5C, .rw = 0xFFFF,
                          .guard = idle_guard, .on_write = cndtr_write },
    [CHANNEL_REGS + 18] = { .name = "CPAR5", .offset = 0x60, .rw = 0xFFFFFFFF,
                          .guard = idle_guard },
    [CHANNEL_REGS + 19] = { .name = "CMAR5", .offset = 0x64, .rw = 0xFFFFFFFF,
                          .guard = idle_guard },
    [CHANNEL_REGS + 20] = { .name = "CCR6", .offset = 0x6C, .rw = 0x7FFF, .on_write = ccr_write },
    [CHANNEL_REGS + 21] = { .name = "CNDTR6", .offset = 0x70, .rw = 0xFFFF,
                          .guard = idle_guard, .on_write = cndtr_write },
    [CHANNEL_REGS + 22] = { .name = "CPAR6", .offset = 0x74, .rw = 0xFFFFFFFF,
                          .guard = idle_guard },
    [CHANNEL_REGS + 23] = { .name = "CMAR6", .offset = 0x78, .rw = 0xFFFFFFFF,
                          .guard = idle_guard },
    [CHANNEL_REGS + 24] = { .name = "CCR7", .offset = 0x80, .rw = 0x7FFF, .on_write = ccr_write },
    [CHANNEL_REGS + 25] = { .name = "CNDTR7", .offset = 0x84, .rw = 0xFFFF,
                          .guard = idle_guard, .on_write = cndtr_write },
    [CHANNEL_REGS + 26] = { .name = "CPAR7", .offset = 0x88, .rw = 0xFFFFFFFF,
                          .guard = idle_guard },
    [CHANNEL_REGS + 27] = { .name = "CMAR7", .offset = 0x8C, .rw = 0xFFFFFFFF,
                          .guard = idle_guard },
    [CSELR] = { .name = "CSELR", .offset = 0xA8, .rw = 0x0FFFFFFF, .on_write = cselr_write },
};
// clang-format on

/* CSELR is the last row; with a DMAMUX there is none. */
static struct reg_block block_of(const struct device *device)
{
    return (struct reg_block){regs, config_of(device)->has_dmamux ? CSELR : DMA_REG_COUNT};
}

/* ---- What the bus and the machine call ---- */

static void dma_reset(struct device *device, enum reset_cause cause)
{
    struct dma_state *dma = state_of(device);
    const struct reg_block block = block_of(device);
    uint64_t requests = dma->requests;
    device_cancel(device, 0);
    *dma = (struct dma_state){.requests = requests};
    reg_reset(&block, dma->regs, cause);
    update_irqs(device);
}

static void dma_read(struct device *device, const struct access *access,
                     struct access_result *result)
{
    const struct reg_block block = block_of(device);
    reg_read(device, &block, state_of(device)->regs, access, result);
}

static void dma_write(struct device *device, const struct access *access,
                      struct access_result *result)
{
    const struct reg_block block = block_of(device);
    reg_write(device, &block, state_of(device)->regs, access, result);
}

static void request_changed(struct device *device, uint32_t value)
{
    struct dma_state *dma = state_of(device);
    uint64_t request = UINT64_C(1) << (value >> 1);
    dma->requests = value & 1 ? dma->requests | request : dma->requests & ~request;
    serve_next(device);
}

/* An item that has not begun is timed anew by the new clock. */
static void clocks_changed(struct device *device)
{
    struct dma_state *dma = state_of(device);
    if (dma->phase == PHASE_READ)
        give_up_item(device, dma->served);
    serve_next(device);
}

static void dma_signal(struct device *device, unsigned line, uint32_t value)
{
    if (line == WIRE_DMA_REQUEST)
        request_changed(device, value);
    else if (line == WIRE_DMAMUX)
        serve_next(device);
    else if (line == WIRE_CLOCKS)
        clocks_changed(device);
}

const struct device_type dma_type = {
    .name = "dma",
    .state_bytes = sizeof(struct dma_state),
    .timer_count = 1,
    .reset = dma_reset,
    .read = dma_read,
    .write = dma_write,
    .expired = dma_expired,
    .signal = dma_signal,
};
