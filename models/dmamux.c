/* DMAMUX1: which peripheral's request reaches which DMA channel. RM0432, chapter DMAMUX.
 *
 * Modelled: the request selection of all 14 channels.
 * Left out, each bit reported when set: synchronization (SE), event generation (EGE) and the
 * request generators (GE); their overrun flags never rise. A request of a peripheral that is not
 * modelled is reported when it is selected. */
#include "models/dmamux.h"

#include "models/wires.h"
#include "sim/core/reg.h"

enum { CHANNEL_COUNT = 14, GENERATOR_COUNT = 4 };

enum {
    C0CR,
    CSR = C0CR + CHANNEL_COUNT,
    CFR,
    RG0CR,
    RGSR = RG0CR + GENERATOR_COUNT,
    RGCFR,
    DMAMUX_REG_COUNT
};

#define CCR_ID 0x000000FFu
#define CCR_STORAGE 0x1FFE0100u  /* SOIE, SPOL, NBREQ, SYNC_ID */
#define CCR_UNIMP 0x00010200u    /* EGE, SE */
#define RGCR_STORAGE 0x00FE011Fu /* SIG_ID, OIE, GPOL, GNBREQ */
#define RGCR_GE 0x00010000u

struct dmamux_state {
    uint32_t regs[DMAMUX_REG_COUNT];
};

/* RM0432, table of the DMAMUX inputs of L4R and L4S (L4P and L4Q count one higher from 6 on). */
struct input {
    uint8_t id, request;
};

// clang-format off
static const struct input inputs[] = {
    {  8, DMA_REQUEST_TIM6_UP },    {  9, DMA_REQUEST_TIM7_UP },
    { 24, DMA_REQUEST_USART1_RX },  { 25, DMA_REQUEST_USART1_TX },
    { 26, DMA_REQUEST_USART2_RX },  { 27, DMA_REQUEST_USART2_TX },
    { 28, DMA_REQUEST_USART3_RX },  { 29, DMA_REQUEST_USART3_TX },
    { 30, DMA_REQUEST_UART4_RX },   { 31, DMA_REQUEST_UART4_TX },
    { 32, DMA_REQUEST_UART5_RX },   { 33, DMA_REQUEST_UART5_TX },
    { 34, DMA_REQUEST_LPUART1_RX }, { 35, DMA_REQUEST_LPUART1_TX },
    { 46, DMA_REQUEST_TIM1_UP },    { 53, DMA_REQUEST_TIM8_UP },
    { 60, DMA_REQUEST_TIM2_UP },    { 65, DMA_REQUEST_TIM3_UP },
    { 71, DMA_REQUEST_TIM4_UP },    { 76, DMA_REQUEST_TIM5_UP },
    { 79, DMA_REQUEST_TIM15_UP },   { 83, DMA_REQUEST_TIM16_UP },
    { 85, DMA_REQUEST_TIM17_UP },
};
// clang-format on

static struct dmamux_state *state_of(struct device *device)
{
    return device->state;
}

/* 1 + enum dma_request, 0 when the input belongs to nobody that is modelled. */
static uint8_t request_of(uint32_t id)
{
    for (unsigned i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        if (inputs[i].id == id)
            return (uint8_t)(inputs[i].request + 1);
    return 0;
}

static void route(struct device *device, unsigned channel)
{
    uint8_t *routed = &device->system->wires->dmamux_request[channel];
    uint8_t wanted = request_of(state_of(device)->regs[C0CR + channel] & CCR_ID);
    if (*routed == wanted)
        return;
    *routed = wanted;
    device_signal(device->system, WIRE_DMAMUX, channel);
}

static void ccr_write(struct device *device, const struct reg_access *access)
{
    uint32_t id = state_of(device)->regs[access->index] & CCR_ID;
    bool is_new = id != (access->old & CCR_ID);
    if (is_new && id != 0 && request_of(id) == 0)
        device_emit(device, (struct event){.kind = EVENT_REG_UNIMPLEMENTED,
                                           .pc = access->access->pc,
                                           .addr = access->access->addr & ~3u,
                                           .size = access->access->size,
                                           .value = id,
                                           .rule = "DMAREQ_ID"});
    route(device, access->index - C0CR);
}

// clang-format off
static const struct reg regs[DMAMUX_REG_COUNT] = {
    [0] = { .name = "C0CR", .offset = 0x00, .rw = CCR_ID, .storage = CCR_STORAGE,
             .unimp = CCR_UNIMP, .on_write = ccr_write },
    [1] = { .name = "C1CR", .offset = 0x04, .rw = CCR_ID, .storage = CCR_STORAGE,
             .unimp = CCR_UNIMP, .on_write = ccr_write },
    [2] = { .name = "C2CR", .offset = 0x08, .rw = CCR_ID, .storage = CCR_STORAGE,
             .unimp = CCR_UNIMP, .on_write = ccr_write },
    [3] = { .name = "C3CR", .offset = 0x0C, .rw = CCR_ID, .storage = CCR_STORAGE,
             .unimp = CCR_UNIMP, .on_write = ccr_write },
    [4] = { .name = "C4CR", .offset = 0x10, .rw = CCR_ID, .storage = CCR_STORAGE,
             .unimp = CCR_UNIMP, .on_write = ccr_write },
    [5] = { .name = "C5CR", .offset = 0x14, .rw = CCR_ID, .storage = CCR_STORAGE,
             .unimp = CCR_UNIMP, .on_write = ccr_write },
    [6] = { .name = "C6CR", .offset = 0x18, .rw = CCR_ID, .storage = CCR_STORAGE,
             .unimp = CCR_UNIMP, .on_write = ccr_write },
    [7] = { .name = "C7CR", .offset = 0x1C, .rw = CCR_ID, .storage = CCR_STORAGE,
             .unimp = CCR_UNIMP, .on_write = ccr_write },
    [8] = { .name = "C8CR", .offset = 0x20, .rw = CCR_ID, .storage = CCR_STORAGE,
             .unimp = CCR_UNIMP, .on_write = ccr_write },
    [9] = { .name = "C9CR", .offset = 0x24, .rw = CCR_ID, .storage = CCR_STORAGE,
             .unimp = CCR_UNIMP, .on_write = ccr_write },
    [10] = { .name = "C10CR", .offset = 0x28, .rw = CCR_ID, .storage = CCR_STORAGE,
             .unimp = CCR_UNIMP, .on_write = ccr_write },
    [11] = { .name = "C11CR", .offset = 0x2C, .rw = CCR_ID, .storage = CCR_STORAGE,
             .unimp = CCR_UNIMP, .on_write = ccr_write },
    [12] = { .name = "C12CR", .offset = 0x30, .rw = CCR_ID, .storage = CCR_STORAGE,
             .unimp = CCR_UNIMP, .on_write = ccr_write },
    [13] = { .name = "C13CR", .offset = 0x34, .rw = CCR_ID, .storage = CCR_STORAGE,
             .unimp = CCR_UNIMP, .on_write = ccr_write },
    [CSR] = { .name = "CSR", .offset = 0x80 },
    [CFR] = { .name = "CFR", .offset = 0x84, .storage = 0x3FFF, .write_only = 0x3FFF },
    [RG0CR + 0] = { .name = "RG0CR", .offset = 0x100, .storage = RGCR_STORAGE, .unimp = RGCR_GE },
    [RG0CR + 1] = { .name = "RG1CR", .offset = 0x104, .storage = RGCR_STORAGE, .unimp = RGCR_GE },
    [RG0CR + 2] = { .name = "RG2CR", .offset = 0x108, .storage = RGCR_STORAGE, .unimp = RGCR_GE },
    [RG0CR + 3] = { .name = "RG3CR", .offset = 0x10C, .storage = RGCR_STORAGE, .unimp = RGCR_GE },
    [RGSR] = { .name = "RGSR", .offset = 0x140 },
    [RGCFR] = { .name = "RGCFR", .offset = 0x144, .storage = 0xF, .write_only = 0xF },
};
// clang-format on

static const struct reg_block block = {regs, DMAMUX_REG_COUNT};

static void dmamux_reset(struct device *device, enum reset_cause cause)
{
    reg_reset(&block, state_of(device)->regs, cause);
    for (unsigned channel = 0; channel < CHANNEL_COUNT; channel++)
        route(device, channel);
}

static void dmamux_read(struct device *device, const struct access *access,
                        struct access_result *result)
{
    reg_read(device, &block, state_of(device)->regs, access, result);
}

static void dmamux_write(struct device *device, const struct access *access,
                         struct access_result *result)
{
    reg_write(device, &block, state_of(device)->regs, access, result);
}

const struct device_type dmamux_type = {
    .name = "dmamux",
    .state_bytes = sizeof(struct dmamux_state),
    .reset = dmamux_reset,
    .read = dmamux_read,
    .write = dmamux_write,
};
