// An unprivileged thread on the process stack, a supervisor behind SVC, and an MPU between them:
// the smallest operating system. What the thread may not do must fault and leave the supervisor
// whole.
#include <stdbool.h>

#include "common/check.h"
#include "common/mpu.h"
#include "common/regs.h"
#include "common/uart.h"

#define SUPERVISOR_STACK_BYTES 1024u
#define FRAME_R0 0u
#define FRAME_PC 6u
#define SERVICE_ADD 1u
#define SERVICE_DONE 2u

void SVC_Handler(void);
void MemManage_Handler(void);
void BusFault_Handler(void);
void UsageFault_Handler(void);
void svc_in_c(uint32_t *frame, uint32_t exc_return);
void skip_faulting_instruction(uint32_t *frame);

// Referenced by the assembly in main.
__attribute__((used, aligned(8))) static uint32_t supervisor_stack[SUPERVISOR_STACK_BYTES / 4];
// The secret is a region of its own: 32 bytes that only the supervisor may touch, and neighbours.
__attribute__((aligned(32))) static struct {
    volatile uint32_t below[8];
    volatile uint32_t secret[8];
    volatile uint32_t above[16];
} memory;
static volatile uint32_t *const secret = memory.secret;
static volatile uint32_t shared;

static volatile uint32_t svc_exc_return;
static volatile uint32_t memmanage_count;
static volatile uint32_t busfault_count;
static volatile uint32_t usagefault_count;
static volatile uint32_t last_cfsr;
static volatile uint32_t last_mmfar;
static volatile uint32_t last_bfar;

// r0: the frame, on the stack that EXC_RETURN names.
__attribute__((naked)) void SVC_Handler(void)
{
    __asm__ volatile("tst lr, #4\n\t"
                     "ite eq\n\t"
                     "mrseq r0, msp\n\t"
                     "mrsne r0, psp\n\t"
                     "mov r1, lr\n\t"
                     "b svc_in_c");
}

__attribute__((used)) void svc_in_c(uint32_t *frame, uint32_t exc_return)
{
    const uint8_t service = *(const uint8_t *)(frame[FRAME_PC] - 2u);
    svc_exc_return = exc_return;
    if (service == SERVICE_ADD) {
        frame[FRAME_R0] += frame[FRAME_R0 + 1u];
    } else if (service == SERVICE_DONE) {
        __asm__ volatile("msr control, %0\n\tisb" : : "r"(2) : "memory"); // privileged again
    }
}

__attribute__((naked)) void MemManage_Handler(void)
{
    __asm__ volatile("mrs r0, psp\n\t"
                     "b skip_faulting_instruction");
}

__attribute__((naked)) void BusFault_Handler(void)
{
    __asm__ volatile("mrs r0, psp\n\t"
                     "b skip_faulting_instruction");
}

__attribute__((naked)) void UsageFault_Handler(void)
{
    __asm__ volatile("mrs r0, psp\n\t"
                     "b skip_faulting_instruction");
}

// The instructions that the thread is caught at are all 32 bits wide.
__attribute__((used)) void skip_faulting_instruction(uint32_t *frame)
{
    last_cfsr = SCB_CFSR;
    last_mmfar = SCB_MMFAR;
    last_bfar = SCB_BFAR;
    SCB_CFSR = last_cfsr;
    if (last_cfsr & 0xFFu) {
        memmanage_count++;
    } else if (last_cfsr >> 16) {
        usagefault_count++;
    } else {
        busfault_count++;
    }
    frame[FRAME_PC] += 4u;
}

static uint32_t add_by_svc(uint32_t a, uint32_t b)
{
    register uint32_t r0 __asm__("r0") = a;
    register uint32_t r1 __asm__("r1") = b;
    __asm__ volatile("svc %2" : "+r"(r0) : "r"(r1), "I"(SERVICE_ADD) : "memory");
    return r0;
}

static uint32_t wide_load(volatile const uint32_t *from, uint32_t value)
{
    __asm__ volatile("ldr.w %0, [%1]" : "+r"(value) : "r"(from) : "memory");
    return value;
}

static void wide_store(volatile uint32_t *to, uint32_t value)
{
    __asm__ volatile("str.w %0, [%1]\n\tdsb" : : "r"(value), "r"(to) : "memory");
}

// 4 words from `to` on: 1, 2, 3, 4.
static void store_four(volatile uint32_t *to)
{
    __asm__ volatile("movs r4, #1\n\t"
                     "movs r5, #2\n\t"
                     "movs r6, #3\n\t"
                     "movs r7, #4\n\t"
                     "stmia.w %0, {r4-r7}"
                     :
                     : "r"(to)
                     : "r4", "r5", "r6", "r7", "memory");
}

// 12 words below `end`, from 11 at the lowest address down to 0.
static void store_twelve_below(volatile uint32_t *end)
{
    __asm__ volatile("push {r4-r11}\n\t"
                     "mov lr, %0\n\t"
                     "movs r0, #11\n\t"
                     "movs r1, #10\n\t"
                     "movs r2, #9\n\t"
                     "movs r3, #8\n\t"
                     "movs r4, #7\n\t"
                     "movs r5, #6\n\t"
                     "movs r6, #5\n\t"
                     "movs r7, #4\n\t"
                     "mov.w r8, #3\n\t"
                     "mov.w r9, #2\n\t"
                     "mov.w r10, #1\n\t"
                     "mov.w r11, #0\n\t"
                     "stmdb lr, {r0-r11}\n\t"
                     "pop {r4-r11}"
                     :
                     : "r"(end)
                     : "r0", "r1", "r2", "r3", "lr", "memory");
}

static void use_fpu(void)
{
    __asm__ volatile(".inst.w 0xEE000A10"); // VMOV S0, R0
}

int main(void)
{
    uint32_t control;
    uint32_t primask;
    uint32_t value;
    uart_init();
    uart_print("unprivileged thread\n");
    SCB_SHCSR |= SHCSR_MEMFAULTENA | SHCSR_BUSFAULTENA | SHCSR_USGFAULTENA;
    SCB_CPACR = 0x00500000; // the FPU is for privileged code only
    // Unprivileged: flash to read and execute, SRAM1 to use, peripherals for the console.
    mpu_region(0, 0x08000000, 19, MPU_READ_ONLY);
    mpu_region(1, 0x20000000, 17, MPU_READ_WRITE | MPU_XN);
    mpu_region(2, 0x40000000, 28, MPU_READ_WRITE | MPU_XN);
    mpu_region(3, (uint32_t)secret, 5, MPU_PRIVILEGED_ONLY | MPU_XN);
    mpu_region(4, 0xE0000000, 29, MPU_READ_WRITE | MPU_XN); // in vain: the PPB is never the MPU's
    mpu_enable();
    secret[0] = 0x5EC4E7;
    shared = 7;
    // main becomes the thread and keeps its stack as the process stack; handlers get another one.
    __asm__ volatile("mov r0, sp\n\t"
                     "msr psp, r0\n\t"
                     "ldr r1, =supervisor_stack + 1024\n\t"
                     "msr msp, r1\n\t"
                     "movs r0, #3\n\t"
                     "msr control, r0\n\t"
                     "isb"
                     :
                     :
                     : "r0", "r1", "memory");

    __asm__ volatile("mrs %0, control" : "=r"(control));
    check("CONTROL in the thread", control, 3);
    check("a service", add_by_svc(40, 2), 42);
    check("EXC_RETURN in the service", svc_exc_return, 0xFFFFFFFD);

    __asm__ volatile("msr control, %0\n\tisb" : : "r"(2) : "memory");
    __asm__ volatile("mrs %0, control" : "=r"(control));
    check("MSR CONTROL has no effect", control, 3);
    __asm__ volatile("cpsid i");
    __asm__ volatile("mrs %0, primask" : "=r"(primask));
    check("CPSID has no effect", primask, 0);
    __asm__ volatile("mrs %0, msp" : "=r"(value));
    check("MRS MSP reads 0", value, 0);

    check("faults so far", memmanage_count + busfault_count, 0);
    check("shared memory", wide_load(&shared, 0), 7);
    check("supervisor's memory is not read", wide_load(secret, 0xBAD), 0xBAD);
    check("by MemManage", memmanage_count, 1);
    check("CFSR", last_cfsr, 0x82);
    check("MMFAR", last_mmfar, (uint32_t)secret);
    wide_store(secret + 1, 0xBAD);
    check("nor written", memmanage_count, 2);
    check("MMFAR", last_mmfar, (uint32_t)(secret + 1));
    wide_store((volatile uint32_t *)0x0807F800, 0);
    check("nor is flash", memmanage_count, 3);
    check("MMFAR", last_mmfar, 0x0807F800);
    check("the system control space is not read", wide_load(&SCB_CPUID, 0xBAD), 0xBAD);
    check("by BusFault", busfault_count, 1);
    check("CFSR", last_cfsr, 0x8200);
    check("BFAR", last_bfar, 0xE000ED00);

    store_twelve_below(memory.above + 16);
    check("48 bytes beside the secret", memmanage_count, 3);
    check("the first", memory.above[4], 11);
    check("the last", memory.above[15], 0);
    store_four(memory.below + 6);
    check("two of four words are secret", memmanage_count, 4);
    check("MMFAR is the first of them", last_mmfar, (uint32_t)secret);
    store_twelve_below(memory.above + 2);
    check("two of twelve are not", memmanage_count, 5);
    check("MMFAR", last_mmfar, (uint32_t)secret);
    use_fpu();
    check("no FPU for the thread", usagefault_count, 1);
    check("CFSR", last_cfsr, 0x80000);

    __asm__ volatile("svc %0" : : "I"(SERVICE_DONE) : "memory");
    __asm__ volatile("mrs %0, control" : "=r"(control));
    check("privileged by a service", control, 2);
    check("supervisor's memory is whole", secret[0], 0x5EC4E7);
    check("and was not written", secret[1], 0);
    use_fpu();
    check("the supervisor has an FPU", usagefault_count, 1);
    check("CPUID", SCB_CPUID & 0xFFF0u, 0xC240);
    check_finish();
}
