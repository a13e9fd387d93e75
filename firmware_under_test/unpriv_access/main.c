// LDRT, STRT and their narrow forms: privileged code that accesses memory with the rights of its
// unprivileged caller, as a supervisor does with the pointers it is given. Everything stays
// privileged but these accesses.
#include "common/check.h"
#include "common/mpu.h"
#include "common/regs.h"
#include "common/uart.h"

#define FRAME_PC 6u
#define CFSR_MPU_DATA 0x00000082u // DACCVIOL, MMARVALID
#define CFSR_BUS_DATA 0x00008200u // PRECISERR, BFARVALID
#define PERIPHERAL 0x40004400u    // USART2

void MemManage_Handler(void);
void BusFault_Handler(void);
void skip_faulting_instruction(uint32_t *frame);

// A closed region of its own; 32 bytes of `shared` are closed too.
__attribute__((aligned(1024))) static volatile uint32_t secret[256];
__attribute__((aligned(1024))) static volatile uint32_t shared[256];

static volatile uint32_t fault_count;
static volatile uint32_t last_cfsr;
static volatile uint32_t last_addr;

__attribute__((naked)) void MemManage_Handler(void)
{
    __asm__ volatile("mov r0, sp\n\t"
                     "b skip_faulting_instruction");
}

__attribute__((alias("MemManage_Handler"))) void BusFault_Handler(void);

__attribute__((used)) void skip_faulting_instruction(uint32_t *frame)
{
    const uint16_t *instruction = (const uint16_t *)frame[FRAME_PC];
    fault_count++;
    last_cfsr = SCB_CFSR;
    last_addr = last_cfsr & 0x80u ? SCB_MMFAR : SCB_BFAR;
    SCB_CFSR = last_cfsr;
    frame[FRAME_PC] += instruction[0] >> 11 >= 0x1Du ? 4u : 2u;
}

static void expect_fault(const char *what, uint32_t cfsr, const volatile void *at)
{
    check(what, last_cfsr, cfsr);
    check("  faults", fault_count, 1);
    check("  address", last_addr, (uint32_t)at);
    fault_count = 0;
    last_cfsr = 0;
}

#define LOAD(form, at)                                                                      \
    __extension__({                                                                         \
        uint32_t value_ = 0x99999999u;                                                      \
        __asm__ volatile(form " %0, [%1, #4]" : "+r"(value_) : "r"((at)-1) : "memory");     \
        value_;                                                                             \
    })
#define STORE(form, at, value) \
    __asm__ volatile(form " %0, [%1, #4]" : : "r"(value), "r"((at)-1) : "memory")

static void refused_in_memory(void)
{
    check("ldrt keeps its register", LOAD("ldrt", secret), 0x99999999);
    expect_fault("ldrt", CFSR_MPU_DATA, secret);
    check("ldrbt keeps its register", LOAD("ldrbt", secret), 0x99999999);
    expect_fault("ldrbt", CFSR_MPU_DATA, secret);
    (void)LOAD("ldrht", secret);
    expect_fault("ldrht", CFSR_MPU_DATA, secret);
    (void)LOAD("ldrsbt", secret);
    expect_fault("ldrsbt", CFSR_MPU_DATA, secret);
    (void)LOAD("ldrsht", secret);
    expect_fault("ldrsht", CFSR_MPU_DATA, secret);
    STORE("strt", secret, 0x55);
    expect_fault("strt", CFSR_MPU_DATA, secret);
    STORE("strbt", secret, 0x55);
    expect_fault("strbt", CFSR_MPU_DATA, secret);
    STORE("strht", secret, 0x55);
    expect_fault("strht", CFSR_MPU_DATA, secret);
    check("nothing was stored", secret[0], 0x12345678);
}

static void allowed_in_memory(void)
{
    shared[0] = 0x8182F3F4;
    check("ldrt", LOAD("ldrt", shared), 0x8182F3F4);
    check("ldrsht", LOAD("ldrsht", shared), 0xFFFFF3F4);
    check("ldrsbt", LOAD("ldrsbt", shared), 0xFFFFFFF4);
    STORE("strt", shared, 0x11223344);
    STORE("strht", shared + 1, 0x5566);
    STORE("strbt", shared + 2, 0x77);
    check("strt", shared[0], 0x11223344);
    check("strht", shared[1], 0x5566);
    check("strbt", shared[2], 0x77);
    check("faults", fault_count, 0);
}

static void neighbours_stay_privileged(void)
{
    uint32_t value;
    __asm__ volatile("ldrt %0, [%1]\n\t"
                     "ldr %0, [%2]\n\t"
                     "str %0, [%2, #4]"
                     : "=&r"(value)
                     : "r"(shared), "r"(secret)
                     : "memory");
    check("a load after ldrt", value, 0x12345678);
    check("a store after ldrt", secret[1], 0x12345678);
    check("faults", fault_count, 0);
}

int main(void)
{
    uart_init();
    uart_print("unprivileged loads and stores\n");
    SCB_SHCSR |= SHCSR_MEMFAULTENA | SHCSR_BUSFAULTENA;
    secret[0] = 0x12345678;
    // Without an MPU only the system control space asks (core sheet 4).
    STORE("strt", secret + 8, 1);
    check("no MPU: strt", secret[8], 1);
    (void)LOAD("ldrt", &SCB_CPUID);
    expect_fault("ldrt of CPUID", CFSR_BUS_DATA, &SCB_CPUID);
    check("ldr of CPUID", SCB_CPUID, 0x410FC241);

    mpu_region(0, 0x20000000, 18, MPU_READ_WRITE);
    mpu_region(1, (uint32_t)secret, 10, MPU_PRIVILEGED_ONLY);
    mpu_region(2, (uint32_t)&shared[64], 5, MPU_PRIVILEGED_ONLY);
    mpu_region(3, PERIPHERAL, 10, MPU_PRIVILEGED_ONLY);
    mpu_enable();
    refused_in_memory();
    allowed_in_memory();
    neighbours_stay_privileged();
    (void)LOAD("ldrt", &shared[64]);
    expect_fault("ldrt of 32 closed bytes", CFSR_MPU_DATA, &shared[64]);
    check("ldrt beside them", LOAD("ldrt", &shared[63]), 0);
    (void)LOAD("ldrt", (volatile uint32_t *)(PERIPHERAL + 0x1Cu));
    expect_fault("ldrt of a privileged peripheral", CFSR_MPU_DATA, (void *)(PERIPHERAL + 0x1Cu));
    // Flash has no region: only privileged code has the background map.
    (void)LOAD("ldrt", (volatile uint32_t *)0x08000000);
    expect_fault("ldrt of flash without a region", CFSR_MPU_DATA, (void *)0x08000000);
    check_finish();
}
