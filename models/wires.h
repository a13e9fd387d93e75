/* Levels that one model drives and others read: clocks, supplies, option bits, requests.
 * Plain data. Each field names its one writer. A change that others must act on at once is announced by
 * device_signal() with one of the lines below, after the field was written. */
#ifndef MODELS_WIRES_H
#define MODELS_WIRES_H

#include <stdbool.h>
#include <stdint.h>

enum wire {
    WIRE_CLOCKS,       /* frequencies below changed (RCC); value: HCLK in Hz */
    WIRE_EXTI,         /* an internal EXTI input; value: line << 1 | level */
    WIRE_PIN,          /* a pin's level changed; value: port << 5 | bit << 1 | level */
    WIRE_PIN_DRIVE,    /* the outside drives a pin; value as WIRE_PIN; bit 31: lets go of it */
    WIRE_UART_INPUT,   /* the outside sends a byte; value: enum uart_number << 8 | byte */
    WIRE_DMA_REQUEST,  /* a peripheral's request line; value: enum dma_request << 1 | level */
    WIRE_OPTIONS,      /* option bytes were loaded (flash) */
    WIRE_BACKUP_RESET, /* the backup domain is reset (RCC BDRST, loss of VBAT) */
    WIRE_HALT,         /* the debugger stopped or released the core; value: halted */
    WIRE_SUPPLY,       /* vdd_mv changed (machine) */
    WIRE_REMAP,        /* what is at address 0, or the bank order, changed (SYSCFG) */
    WIRE_STOP_MODE,    /* the core entered or left a mode below Sleep (machine); value: enum stop_mode */
    WIRE_LSI,          /* the IWDG started: the LSI must run */
    WIRE_DMAMUX,       /* a channel's request selection changed (DMAMUX); value: channel, 0 to 13 */
    WIRE_BOOT,         /* has_booted_from_flash (boot.c) or is_debugger_attached (chip.c) changed */
    WIRE_LEVEL_1       /* is_closed_by_level_1 changed (flash) */
};

/* Requests that DMA channels can be wired to; which channel takes which is the DMA's table. */
enum dma_request {
    DMA_REQUEST_USART1_RX, DMA_REQUEST_USART1_TX,
    DMA_REQUEST_USART2_RX, DMA_REQUEST_USART2_TX,
    DMA_REQUEST_USART3_RX, DMA_REQUEST_USART3_TX,
    DMA_REQUEST_UART4_RX, DMA_REQUEST_UART4_TX,
    DMA_REQUEST_UART5_RX, DMA_REQUEST_UART5_TX,
    DMA_REQUEST_LPUART1_RX, DMA_REQUEST_LPUART1_TX,
    DMA_REQUEST_TIM2_UP, DMA_REQUEST_TIM6_UP, DMA_REQUEST_TIM7_UP,
    DMA_REQUEST_TIM1_UP, DMA_REQUEST_TIM3_UP, DMA_REQUEST_TIM4_UP, DMA_REQUEST_TIM5_UP,
    DMA_REQUEST_TIM8_UP, DMA_REQUEST_TIM15_UP, DMA_REQUEST_TIM16_UP, DMA_REQUEST_TIM17_UP,
    DMA_REQUEST_COUNT
};

enum uart_number {
    UART_USART1, UART_USART2, UART_USART3, UART_UART4, UART_UART5, UART_LPUART1, UART_COUNT
};

/* RCC enable registers, in address order from AHB1ENR. */
enum enable_word {
    ENABLE_AHB1, ENABLE_AHB2, ENABLE_AHB3, ENABLE_APB1_1, ENABLE_APB1_2, ENABLE_APB2, ENABLE_COUNT
};

enum stop_mode { STOP_MODE_LEFT, STOP_MODE_STOP, STOP_MODE_STANDBY, STOP_MODE_SHUTDOWN };

/* Where the core starts. */
enum boot_source { BOOT_AS_SELECTED, BOOT_MAIN_FLASH, BOOT_SYSTEM_MEMORY, BOOT_SRAM1 };

/* Whether the flash's caches may give stale data (design.md). */
enum cache_mode { CACHES_OFF, CACHES_EXACT, CACHES_ADVERSARIAL };

enum timing_case { TIMING_MIN, TIMING_TYP, TIMING_MAX, TIMING_COUNT };

/* Whether a system reset in the middle of a pulse lets it finish or aborts it. */
enum reset_pulse { RESET_PULSE_ABORTS, RESET_PULSE_FINISHES };

/* How words with marginal cells read: by the seed, or as enum flash_choice has it. */
enum marginal_reads {
    MARGINAL_READS_SEEDED,
    MARGINAL_READS_NEW,
    MARGINAL_READS_OLD,
    MARGINAL_READS_ONE_WRONG,
    MARGINAL_READS_TWO_WRONG
};

struct wires {
    /* RCC: frequencies in Hz, 0 when the clock is off. */
    uint32_t sysclk_hz, hclk_hz, pclk1_hz, pclk2_hz, timclk1_hz, timclk2_hz;
    uint32_t msi_hz, hsi16_hz, hse_hz, lse_hz, lsi_hz, hsi48_hz, clk48_hz, rtc_hz;
    uint32_t uart_hz[UART_COUNT];
    uint32_t lptim_hz[2];           /* LPTIM1, LPTIM2 */
    uint32_t enabled[ENABLE_COUNT]; /* the enable registers */
    /* IWDG: keeps the LSI running. */
    bool iwdg_runs;
    /* PWR */
    bool backup_access;         /* CR1.DBP */
    uint8_t voltage_range;      /* 1 or 2 */
    uint8_t low_power_mode;     /* CR1.LPMS */
    bool retains_sram2;         /* CR3.RRS: in Standby */
    /* SYSCFG */
    uint8_t mem_mode;           /* MEMRMP.MEM_MODE: 0 main flash, 1 system memory, 3 SRAM1, ... */
    bool banks_swapped;         /* MEMRMP.FB_MODE */
    uint8_t exti_port[16];      /* EXTICR: port of each line */
    /* DMAMUX: 1 + enum dma_request routed to each channel (DMA1's seven first), 0 none. */
    uint8_t dmamux_request[14];
    /* Flash: loaded option bytes. */
    uint32_t optr;
    bool is_flash_empty;        /* SR.PEMPTY */
    bool is_closed_by_level_1;  /* RDP: main flash, SRAM2 and backup registers refuse all accesses */
    uint8_t flash_fetch_wait;   /* wait states of a fetch, 0 while the instruction cache is on */
    /* DBGMCU: freeze bits as in APB1FZR1, APB1FZR2, APB2FZR, and CR. */
    uint32_t freeze_apb1_1, freeze_apb1_2, freeze_apb2;
    uint32_t debug_low_power;   /* keep clocks in sleep, stop, standby */
    /* Boot selection, at every reset (boot.c). */
    uint8_t boot_source;        /* enum boot_source */
    uint32_t boot_vector_table; /* where the core finds its stack pointer and first instruction */
    bool has_booted_from_flash; /* false: SRAM or system memory (RDP level 1 rules) */
    /* Machine: the outside world. */
    uint8_t forced_boot;        /* enum boot_source; BOOT_AS_SELECTED: as pins and option bytes say */
    bool is_core_halted;        /* by the debugger */
    bool is_debugger_attached;
    bool boot0_pin;
    bool has_vbat;              /* the backup domain survives loss of power */
    uint32_t vdd_mv;
    uint32_t board_hse_hz;      /* 0: no crystal, HSERDY never comes */
    uint32_t board_lse_hz;
    /* Choices of the run (scenario or command line). */
    uint64_t seed;
    uint8_t timing;             /* enum timing_case */
    uint8_t caches;             /* enum cache_mode */
    uint8_t reset_pulse;        /* enum reset_pulse */
    uint8_t marginal_reads;     /* enum marginal_reads */
    uint32_t reads_change;      /* from this read of marginal words on, in each boot, they read otherwise; 0: never */
    uint32_t boot_count;        /* power-ons and resets so far */
    uint32_t rule_switches;     /* a bit per switch of models/rules.h */
};

#endif
