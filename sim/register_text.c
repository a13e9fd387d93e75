/* Register names and offsets of the STM32L4 and L4+: ST's device headers (CMSIS device L4 v1.7.4); of the
 * core: core sheet 4, 5 and 12. A unit is matched by the beginning of its name. */
#include "sim/register_text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sim/core/bus.h"

struct row {
    uint16_t offset;
    const char *name;
};

#define ROWS(...) ((const struct row[]){__VA_ARGS__, {0, NULL}})

// clang-format off
static const struct {
    const char *unit;       /* "GPIO" stands for GPIOA, GPIOB, ... */
    const struct row *rows; /* ends with a row without a name */
} units[] = {
    {"RCC", ROWS(
        {0x00, "CR"}, {0x04, "ICSCR"}, {0x08, "CFGR"}, {0x0C, "PLLCFGR"}, {0x10, "PLLSAI1CFGR"},
        {0x14, "PLLSAI2CFGR"}, {0x18, "CIER"}, {0x1C, "CIFR"}, {0x20, "CICR"}, {0x28, "AHB1RSTR"},
        {0x2C, "AHB2RSTR"}, {0x30, "AHB3RSTR"}, {0x38, "APB1RSTR1"}, {0x3C, "APB1RSTR2"},
        {0x40, "APB2RSTR"}, {0x48, "AHB1ENR"}, {0x4C, "AHB2ENR"}, {0x50, "AHB3ENR"},
        {0x58, "APB1ENR1"}, {0x5C, "APB1ENR2"}, {0x60, "APB2ENR"}, {0x68, "AHB1SMENR"},
        {0x6C, "AHB2SMENR"}, {0x70, "AHB3SMENR"}, {0x78, "APB1SMENR1"}, {0x7C, "APB1SMENR2"},
        {0x80, "APB2SMENR"}, {0x88, "CCIPR"}, {0x90, "BDCR"}, {0x94, "CSR"}, {0x98, "CRRCR"},
        {0x9C, "CCIPR2"})},
    {"PWR", ROWS(
        {0x00, "CR1"}, {0x04, "CR2"}, {0x08, "CR3"}, {0x0C, "CR4"}, {0x10, "SR1"}, {0x14, "SR2"},
        {0x18, "SCR"}, {0x80, "CR5"})},
    {"FLASH", ROWS(
        {0x00, "ACR"}, {0x04, "PDKEYR"}, {0x08, "KEYR"}, {0x0C, "OPTKEYR"}, {0x10, "SR"},
        {0x14, "CR"}, {0x18, "ECCR"}, {0x20, "OPTR"}, {0x24, "PCROP1SR"}, {0x28, "PCROP1ER"},
        {0x2C, "WRP1AR"}, {0x30, "WRP1BR"}, {0x44, "PCROP2SR"}, {0x48, "PCROP2ER"},
        {0x4C, "WRP2AR"}, {0x50, "WRP2BR"}, {0x130, "CFGR"})},
    {"SYSCFG", ROWS(
        {0x00, "MEMRMP"}, {0x04, "CFGR1"}, {0x08, "EXTICR1"}, {0x0C, "EXTICR2"}, {0x10, "EXTICR3"},
        {0x14, "EXTICR4"}, {0x18, "SCSR"}, {0x1C, "CFGR2"}, {0x20, "SWPR"}, {0x24, "SKR"},
        {0x28, "SWPR2"})},
    {"EXTI", ROWS(
        {0x00, "IMR1"}, {0x04, "EMR1"}, {0x08, "RTSR1"}, {0x0C, "FTSR1"}, {0x10, "SWIER1"},
        {0x14, "PR1"}, {0x20, "IMR2"}, {0x24, "EMR2"}, {0x28, "RTSR2"}, {0x2C, "FTSR2"},
        {0x30, "SWIER2"}, {0x34, "PR2"})},
    {"GPIO", ROWS(
        {0x00, "MODER"}, {0x04, "OTYPER"}, {0x08, "OSPEEDR"}, {0x0C, "PUPDR"}, {0x10, "IDR"},
        {0x14, "ODR"}, {0x18, "BSRR"}, {0x1C, "LCKR"}, {0x20, "AFRL"}, {0x24, "AFRH"}, {0x28, "BRR"},
        {0x2C, "ASCR"})},
    {"USART", ROWS(
        {0x00, "CR1"}, {0x04, "CR2"}, {0x08, "CR3"}, {0x0C, "BRR"}, {0x10, "GTPR"}, {0x14, "RTOR"},
        {0x18, "RQR"}, {0x1C, "ISR"}, {0x20, "ICR"}, {0x24, "RDR"}, {0x28, "TDR"}, {0x2C, "PRESC"})},
    {"UART", ROWS(
        {0x00, "CR1"}, {0x04, "CR2"}, {0x08, "CR3"}, {0x0C, "BRR"}, {0x10, "GTPR"}, {0x14, "RTOR"},
        {0x18, "RQR"}, {0x1C, "ISR"}, {0x20, "ICR"}, {0x24, "RDR"}, {0x28, "TDR"}, {0x2C, "PRESC"})},
    {"LPUART", ROWS(
        {0x00, "CR1"}, {0x04, "CR2"}, {0x08, "CR3"}, {0x0C, "BRR"}, {0x18, "RQR"}, {0x1C, "ISR"},
        {0x20, "ICR"}, {0x24, "RDR"}, {0x28, "TDR"}, {0x2C, "PRESC"})},
    {"IWDG", ROWS({0x00, "KR"}, {0x04, "PR"}, {0x08, "RLR"}, {0x0C, "SR"}, {0x10, "WINR"})},
    {"WWDG", ROWS({0x00, "CR"}, {0x04, "CFR"}, {0x08, "SR"})},
    {"RTC", ROWS(
        {0x00, "TR"}, {0x04, "DR"}, {0x08, "CR"}, {0x0C, "ISR"}, {0x10, "PRER"}, {0x14, "WUTR"},
        {0x1C, "ALRMAR"}, {0x20, "ALRMBR"}, {0x24, "WPR"}, {0x28, "SSR"}, {0x2C, "SHIFTR"},
        {0x30, "TSTR"}, {0x34, "TSDR"}, {0x38, "TSSSR"}, {0x3C, "CALR"}, {0x40, "TAMPCR"},
        {0x44, "ALRMASSR"}, {0x48, "ALRMBSSR"}, {0x4C, "OR"}, {0x50, "BKP0R"})},
    {"CRC", ROWS({0x00, "DR"}, {0x04, "IDR"}, {0x08, "CR"}, {0x10, "INIT"}, {0x14, "POL"})},
    {"CRS", ROWS({0x00, "CR"}, {0x04, "CFGR"}, {0x08, "ISR"}, {0x0C, "ICR"})},
    {"RNG", ROWS({0x00, "CR"}, {0x04, "SR"}, {0x08, "DR"})},
    {"TIM", ROWS(
        {0x00, "CR1"}, {0x04, "CR2"}, {0x08, "SMCR"}, {0x0C, "DIER"}, {0x10, "SR"}, {0x14, "EGR"},
        {0x18, "CCMR1"}, {0x1C, "CCMR2"}, {0x20, "CCER"}, {0x24, "CNT"}, {0x28, "PSC"},
        {0x2C, "ARR"}, {0x30, "RCR"}, {0x34, "CCR1"}, {0x38, "CCR2"}, {0x3C, "CCR3"}, {0x40, "CCR4"},
        {0x44, "BDTR"}, {0x48, "DCR"}, {0x4C, "DMAR"})},
    {"LPTIM", ROWS(
        {0x00, "ISR"}, {0x04, "ICR"}, {0x08, "IER"}, {0x0C, "CFGR"}, {0x10, "CR"}, {0x14, "CMP"},
        {0x18, "ARR"}, {0x1C, "CNT"})},
    {"DMAMUX", ROWS({0x00, "C0CR"}, {0x04, "C1CR"}, {0x08, "C2CR"}, {0x0C, "C3CR"})},
    {"DMA", ROWS(
        {0x00, "ISR"}, {0x04, "IFCR"}, {0x08, "CCR1"}, {0x0C, "CNDTR1"}, {0x10, "CPAR1"},
        {0x14, "CMAR1"}, {0x1C, "CCR2"}, {0x20, "CNDTR2"}, {0x24, "CPAR2"}, {0x28, "CMAR2"},
        {0x30, "CCR3"}, {0x34, "CNDTR3"}, {0x38, "CPAR3"}, {0x3C, "CMAR3"}, {0x44, "CCR4"},
        {0x48, "CNDTR4"}, {0x4C, "CPAR4"}, {0x50, "CMAR4"}, {0x58, "CCR5"}, {0x5C, "CNDTR5"},
        {0x60, "CPAR5"}, {0x64, "CMAR5"}, {0x6C, "CCR6"}, {0x70, "CNDTR6"}, {0x74, "CPAR6"},
        {0x78, "CMAR6"}, {0x80, "CCR7"}, {0x84, "CNDTR7"}, {0x88, "CPAR7"}, {0x8C, "CMAR7"},
        {0xA8, "CSELR"})},
    {"SPI", ROWS({0x00, "CR1"}, {0x04, "CR2"}, {0x08, "SR"}, {0x0C, "DR"}, {0x10, "CRCPR"})},
    {"I2C", ROWS(
        {0x00, "CR1"}, {0x04, "CR2"}, {0x08, "OAR1"}, {0x0C, "OAR2"}, {0x10, "TIMINGR"},
        {0x14, "TIMEOUTR"}, {0x18, "ISR"}, {0x1C, "ICR"}, {0x20, "PECR"}, {0x24, "RXDR"},
        {0x28, "TXDR"})},
    {"ADC", ROWS({0x00, "ISR"}, {0x04, "IER"}, {0x08, "CR"}, {0x0C, "CFGR"}, {0x40, "DR"})},
    {"DBGMCU", ROWS(
        {0x00, "IDCODE"}, {0x04, "CR"}, {0x08, "APB1FZR1"}, {0x0C, "APB1FZR2"}, {0x10, "APB2FZR"})},
    {"QUADSPI", ROWS(
        {0x00, "CR"}, {0x04, "DCR"}, {0x08, "SR"}, {0x0C, "FCR"}, {0x10, "DLR"}, {0x14, "CCR"},
        {0x18, "AR"}, {0x1C, "ABR"}, {0x20, "DR"})},
};

static const struct {
    uint32_t addr;
    const char *name;
} core_registers[] = {
    {0xE0000000, "ITM_STIM0"}, {0xE0000E00, "ITM_TER"}, {0xE0000E80, "ITM_TCR"},
    {0xE0001000, "DWT_CTRL"}, {0xE0001004, "DWT_CYCCNT"}, {0xE0001020, "DWT_COMP0"},
    {0xE0001028, "DWT_FUNCTION0"}, {0xE0001038, "DWT_FUNCTION1"}, {0xE0001048, "DWT_FUNCTION2"},
    {0xE0001058, "DWT_FUNCTION3"}, {0xE0002000, "FP_CTRL"}, {0xE000E004, "ICTR"},
    {0xE000E008, "ACTLR"}, {0xE000E010, "SYST_CSR"}, {0xE000E014, "SYST_RVR"},
    {0xE000E018, "SYST_CVR"}, {0xE000E01C, "SYST_CALIB"}, {0xE000ED00, "CPUID"},
    {0xE000ED04, "ICSR"}, {0xE000ED08, "VTOR"}, {0xE000ED0C, "AIRCR"}, {0xE000ED10, "SCR"},
    {0xE000ED14, "CCR"}, {0xE000ED18, "SHPR1"}, {0xE000ED1C, "SHPR2"}, {0xE000ED20, "SHPR3"},
    {0xE000ED24, "SHCSR"}, {0xE000ED28, "CFSR"}, {0xE000ED2C, "HFSR"}, {0xE000ED30, "DFSR"},
    {0xE000ED34, "MMFAR"}, {0xE000ED38, "BFAR"}, {0xE000ED88, "CPACR"}, {0xE000ED90, "MPU_TYPE"},
    {0xE000ED94, "MPU_CTRL"}, {0xE000ED98, "MPU_RNR"}, {0xE000ED9C, "MPU_RBAR"},
    {0xE000EDA0, "MPU_RASR"}, {0xE000EDF0, "DHCSR"}, {0xE000EDF4, "DCRSR"}, {0xE000EDF8, "DCRDR"},
    {0xE000EDFC, "DEMCR"}, {0xE000EF00, "STIR"}, {0xE000EF34, "FPCCR"}, {0xE000EF38, "FPCAR"},
};
// clang-format on

enum {
    UNIT_COUNT = sizeof units / sizeof units[0],
    CORE_COUNT = sizeof core_registers / sizeof core_registers[0]
};

static bool is_named_after(const char *device, const char *unit)
{
    return strncmp(device, unit, strlen(unit)) == 0;
}

static const struct row *rows_of(const char *device)
{
    for (unsigned i = 0; i < UNIT_COUNT; i++)
        if (is_named_after(device, units[i].unit))
            return units[i].rows;
    return NULL;
}

static const char *core_register(uint32_t addr)
{
    for (unsigned i = 0; i < CORE_COUNT; i++)
        if (core_registers[i].addr == addr)
            return core_registers[i].name;
    return NULL;
}

const char *register_text_at(const struct soc *soc, uint32_t addr, char text[REGISTER_TEXT_NAME])
{
    text[0] = '\0';
    const char *core = core_register(addr & ~3u);
    if (core) {
        snprintf(text, REGISTER_TEXT_NAME, "%s", core);
        return text;
    }
    const struct bus_region *region = bus_find(&soc->bus, addr);
    if (!region || region->kind != BUS_DEVICE || !region->device->base)
        return text;
    const char *unit = region->device->name;
    uint32_t offset = addr - region->device->base;
    if (region->base < region->device->base) { /* another window: system memory, OTP, option bytes */
        snprintf(text, REGISTER_TEXT_NAME, "%s", region->name);
        return text;
    }
    for (const struct row *row = rows_of(unit); row && row->name; row++) {
        if (row->offset == (offset & ~3u)) {
            snprintf(text, REGISTER_TEXT_NAME, "%s_%s", unit, row->name);
            return text;
        }
    }
    snprintf(text, REGISTER_TEXT_NAME, "%s+0x%X", unit, (unsigned)offset);
    return text;
}

static bool find_in_unit(const char *unit, uint32_t base, const char *name, uint32_t *addr)
{
    size_t length = strlen(unit);
    if (strncasecmp(name, unit, length) != 0 || name[length] != '_')
        return false;
    for (const struct row *row = rows_of(unit); row && row->name; row++) {
        if (strcasecmp(row->name, name + length + 1) == 0) {
            *addr = base + row->offset;
            return true;
        }
    }
    return false;
}

bool register_text_find(const struct chip *chip, const char *name, uint32_t *addr)
{
    for (unsigned i = 0; i < CORE_COUNT; i++) {
        if (strcasecmp(core_registers[i].name, name) == 0) {
            *addr = core_registers[i].addr;
            return true;
        }
    }
    for (unsigned i = 0; i < chip->peripheral_count; i++)
        if (find_in_unit(chip->peripherals[i].name, chip->peripherals[i].base, name, addr))
            return true;
    for (unsigned i = 0; i < chip->unmodelled_count; i++)
        if (find_in_unit(chip->unmodelled[i].name, chip->unmodelled[i].base, name, addr))
            return true;
    return false;
}

static void visit_unit(const char *unit, void (*visit)(void *context, const char *name),
                       void *context)
{
    char name[REGISTER_TEXT_NAME];
    for (const struct row *row = rows_of(unit); row && row->name; row++) {
        snprintf(name, sizeof name, "%s_%s", unit, row->name);
        visit(context, name);
    }
}

void register_text_each(const struct chip *chip, void (*visit)(void *context, const char *name),
                        void *context)
{
    for (unsigned i = 0; i < CORE_COUNT; i++)
        visit(context, core_registers[i].name);
    for (unsigned i = 0; i < chip->peripheral_count; i++)
        visit_unit(chip->peripherals[i].name, visit, context);
    for (unsigned i = 0; i < chip->unmodelled_count; i++)
        visit_unit(chip->unmodelled[i].name, visit, context);
}
