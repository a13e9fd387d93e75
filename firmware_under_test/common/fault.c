#include "common/fault.h"

#include "common/finish.h"
#include "common/regs.h"
#include "common/uart.h"

#define CFSR_MMARVALID 0x00000080u
#define CFSR_BFARVALID 0x00008000u

void HardFault_Handler(void);
void MemManage_Handler(void);
void BusFault_Handler(void);
void UsageFault_Handler(void);
void fault_report(const uint32_t *msp, const uint32_t *psp, uint32_t exc_return);

struct fault_record fault_record;

// Referenced by the assembly below.
__attribute__((used, aligned(8))) static uint32_t fault_stack[256];

__attribute__((naked)) void HardFault_Handler(void)
{
    __asm__ volatile("mrs r0, msp\n\t"
                     "mrs r1, psp\n\t"
                     "mov r2, lr\n\t"
                     "ldr r3, =fault_stack + 1024\n\t"
                     "msr msp, r3\n\t"
                     "b fault_report\n\t"
                     ".ltorg");
}

__attribute__((alias("HardFault_Handler"))) void MemManage_Handler(void);
__attribute__((alias("HardFault_Handler"))) void BusFault_Handler(void);
__attribute__((alias("HardFault_Handler"))) void UsageFault_Handler(void);

static void read_frame(const uint32_t *frame)
{
    fault_record.r0 = frame[0];
    fault_record.r1 = frame[1];
    fault_record.r2 = frame[2];
    fault_record.r3 = frame[3];
    fault_record.r12 = frame[4];
    fault_record.lr = frame[5];
    fault_record.pc = frame[6];
    fault_record.xpsr = frame[7];
}

static void check(const struct fault_record *got, const struct fault_expectation *want)
{
    if (got->exception != want->exception) {
        finish_fail("another exception was expected");
    }
    if (got->cfsr != want->cfsr) {
        finish_fail("another CFSR was expected");
    }
    if (got->hfsr != want->hfsr) {
        finish_fail("another HFSR was expected");
    }
    if ((got->cfsr & CFSR_MMARVALID) && got->mmfar != want->address) {
        finish_fail("another MMFAR was expected");
    }
    if ((got->cfsr & CFSR_BFARVALID) && got->bfar != want->address) {
        finish_fail("another BFAR was expected");
    }
    if (!want->pc_is_undefined && (!got->frame_valid || got->pc != (uint32_t)want->pc)) {
        finish_fail("another stacked PC was expected");
    }
    if (want->exc_return != 0 && got->exc_return != want->exc_return) {
        finish_fail("another EXC_RETURN was expected");
    }
    finish_pass();
}

__attribute__((used)) void fault_report(const uint32_t *msp, const uint32_t *psp,
                                        uint32_t exc_return)
{
    struct fault_record *record = &fault_record;
    __asm__ volatile("mrs %0, ipsr" : "=r"(record->exception));
    record->exc_return = exc_return;
    record->cfsr = SCB_CFSR;
    record->hfsr = SCB_HFSR;
    record->mmfar = SCB_MMFAR;
    record->bfar = SCB_BFAR;
    // Only 0xD selects the process stack; a damaged EXC_RETURN selects nothing.
    const uint32_t *frame = (exc_return & 0xFu) == 0xDu ? psp : msp;
    record->sp = (uint32_t)frame;
    record->frame_valid = (record->cfsr & (CFSR_STKERR | CFSR_MSTKERR)) == 0;
    if (record->frame_valid) {
        read_frame(frame);
    }
    uart_print("fault: exception %u CFSR %w HFSR %w MMFAR %w BFAR %w EXC_RETURN %w\n",
               record->exception, record->cfsr, record->hfsr, record->mmfar, record->bfar,
               exc_return);
    if (record->frame_valid) {
        uart_print("stacked: PC %w LR %w xPSR %w\n", record->pc, record->lr, record->xpsr);
    } else {
        uart_print("stacked: nothing, the stack is bad\n");
    }
    check(record, &fault_expectation);
}
