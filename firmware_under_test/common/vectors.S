// Vector table: 16 of the core, 95 of the chip with the most lines (L4R5). A handler that nobody
// defines is unhandled_exception, an endless loop as in the vendors' start-up files.
    .syntax unified
    .cpu cortex-m4
    .thumb

    .macro vector name
    .weak \name
    .thumb_set \name, unhandled_exception
    .word \name
    .endm

    .section .vectors, "a", %progbits
    .global vector_table
    .type vector_table, %object
vector_table:
    .word stack_top
    .word Reset_Handler
    vector NMI_Handler
    vector HardFault_Handler
    vector MemManage_Handler
    vector BusFault_Handler
    vector UsageFault_Handler
    .word 0, 0, 0, 0
    vector SVC_Handler
    vector DebugMon_Handler
    .word 0
    vector PendSV_Handler
    vector SysTick_Handler
    .word unhandled_exception
    vector PVD_IRQHandler               // 1
    .rept 2                             // 2-3
    .word unhandled_exception
    .endr
    vector FLASH_IRQHandler             // 4
    .word unhandled_exception
    vector EXTI0_IRQHandler             // 6
    vector EXTI1_IRQHandler             // 7
    vector EXTI2_IRQHandler             // 8
    .rept 29                            // 9-37
    .word unhandled_exception
    .endr
    vector USART2_IRQHandler            // 38
    .rept 15                            // 39-53
    .word unhandled_exception
    .endr
    vector TIM6_DAC_IRQHandler          // 54
    .rept 15                            // 55-69
    .word unhandled_exception
    .endr
    vector LPUART1_IRQHandler           // 70
    .rept 24                            // 71-94
    .word unhandled_exception
    .endr
    .size vector_table, . - vector_table

    .section .text.unhandled_exception, "ax", %progbits
    .global unhandled_exception
    .type unhandled_exception, %function
    .thumb_func
unhandled_exception:
    b unhandled_exception
    .size unhandled_exception, . - unhandled_exception
