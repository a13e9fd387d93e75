// Compute-bound benchmark: about 50 million instructions, a line with the checksum, semihosting
// exit. CHECKSUM is the answer of the same kernel.c compiled for the host.
#include "common/semihosting.h"
#include "common/uart.h"
#include "compute/kernel.h"

#define ROUNDS 300u
#define CHECKSUM 0xED86434Bu

int main(void)
{
    const uint32_t checksum = compute_kernel(ROUNDS);
    uart_init();
    uart_print("checksum %w want %w\n", checksum, CHECKSUM);
    if (checksum == CHECKSUM) {
        uart_print("PASS\n");
        uart_flush();
        exit_pass();
    } else {
        uart_print("FAIL: checksum\n");
        uart_flush();
        exit_fail();
    }
}
