// Every store form of the Cortex-M4, one function each, and the table store_forms. Expected flags:
// rule set 4.4 of the L4 sheet applied to the word beats that the form makes, in ascending
// addresses. store_NAME_here is the first store.
    .syntax unified
    .cpu cortex-m4
    .fpu fpv4-sp-d16
    .thumb

    // r0 address, r1 to r4 the words. form begins a function and its table row, done ends it.
    .macro form name, without_pg, with_pg, words, mask=0xC3FB
    .section .rodata.names, "a", %progbits
name_\name:
    .asciz "\name"
    .section .rodata.store_forms, "a", %progbits
    .word name_\name, store_\name, \without_pg, \with_pg, \mask, \words
    .section .text.store_\name, "ax", %progbits
    .balign 4
    .global store_\name
    .type store_\name, %function
    .thumb_func
store_\name:
    push {r4, lr}
    ldr r4, [sp, #8]
    .endm

    .macro here name
    .global store_\name\()_here
store_\name\()_here:
    .endm

    .macro done name
    pop {r4, pc}
    .size store_\name, . - store_\name
    .endm

    .macro stack_to_r0_plus offset
    mov r12, sp
    add r0, r0, #\offset
    mov sp, r0
    .endm

    .section .rodata.store_forms, "a", %progbits
    .balign 4
    .global store_forms
store_forms:

// One word.
    form str, 0x80, 0, 0
    here str
    str r1, [r0]
    done str

    form str_at_4, 0xA0, 0x20, 0
    here str_at_4
    str r1, [r0, #4]
    done str_at_4

    form str_wide, 0x80, 0, 0
    here str_wide
    str.w r1, [r0, #8]
    done str_wide

    form str_register, 0x80, 0, 0
    mov.w r12, #8
    here str_register
    str r1, [r0, r12]
    done str_register

    form str_scaled, 0x80, 0, 0
    mov.w r12, #2
    here str_scaled
    str.w r1, [r0, r12, lsl #2]
    done str_scaled

    form str_twice, 0xA0, 0, 2
    here str_twice
    str r1, [r0]
    str r2, [r0, #4]
    done str_twice

    form str_pre_index, 0xA0, 0, 2
    subs r0, #8
    here str_pre_index
    str r1, [r0, #8]!
    str r2, [r0, #4]
    done str_pre_index

    form str_negative_index, 0xA0, 0, 2
    adds r0, #8
    here str_negative_index
    str r1, [r0, #-8]!
    str r2, [r0, #4]
    done str_negative_index

    form str_post_index, 0xA0, 0, 2
    here str_post_index
    str r1, [r0], #4
    str r2, [r0]
    done str_post_index

    form strt, 0xA0, 0, 2
    here strt
    strt r1, [r0]
    strt r2, [r0, #4]
    done strt

// Less than a word.
    form strh, 0xC0, 0x40, 0
    here strh
    strh r1, [r0]
    done strh

    form strh_at_2, 0xC0, 0x40, 0
    here strh_at_2
    strh r1, [r0, #2]
    done strh_at_2

    form strh_post_index, 0xC0, 0x40, 0
    here strh_post_index
    strh r1, [r0], #2
    done strh_post_index

    form strb, 0xC0, 0x40, 0
    here strb
    strb r1, [r0]
    done strb

    form strb_at_7, 0xE0, 0x60, 0
    here strb_at_7
    strb r1, [r0, #7]
    done strb_at_7

    form strb_post_index, 0xC0, 0x40, 0
    here strb_post_index
    strb r1, [r0], #1
    done strb_post_index

// More than a word.
    form strd, 0xA0, 0, 2
    here strd
    strd r1, r2, [r0]
    done strd

    form strd_at_4, 0xA0, 0xA0, 0
    here strd_at_4
    strd r1, r2, [r0, #4]
    done strd_at_4

    form strd_post_index, 0xA0, 0, 4
    here strd_post_index
    strd r1, r2, [r0], #8
    strd r3, r4, [r0]
    done strd_post_index

    form strd_pre_index, 0xA0, 0, 2
    subs r0, #8
    here strd_pre_index
    strd r1, r2, [r0, #8]!
    done strd_pre_index

    form stm_2, 0xA0, 0, 2
    here stm_2
    stmia.w r0, {r1, r2}
    done stm_2

    form stm_3, 0xA0, 0, 2
    here stm_3
    stmia.w r0, {r1, r2, r3}
    done stm_3

    form stm_4, 0xA0, 0, 4
    here stm_4
    stmia.w r0, {r1, r2, r3, r4}
    done stm_4

    form stm_write_back, 0xA0, 0, 4
    here stm_write_back
    stmia r0!, {r1, r2}
    stmia r0!, {r3, r4}
    done stm_write_back

    form stmdb, 0xA0, 0, 4
    adds r0, #16
    here stmdb
    stmdb r0!, {r1, r2, r3, r4}
    done stmdb

    form push, 0xA0, 0, 4
    stack_to_r0_plus 16
    here push
    push {r1, r2, r3, r4}
    mov sp, r12
    done push

    form push_one_by_one, 0xA0, 0xA0, 0
    stack_to_r0_plus 8
    here push_one_by_one
    push {r2}
    push {r1}
    mov sp, r12
    done push_one_by_one

// Unaligned: the core splits them.
    form str_unaligned_1, 0x40, 0x40, 0, 0x40
    here str_unaligned_1
    str r1, [r0, #1]
    done str_unaligned_1

    form str_unaligned_2, 0x40, 0x40, 0, 0x40
    here str_unaligned_2
    str r1, [r0, #2]
    done str_unaligned_2

    form str_unaligned_across, 0x40, 0x40, 0, 0x40
    here str_unaligned_across
    str r1, [r0, #6]
    done str_unaligned_across

    form strh_unaligned, 0x40, 0x40, 0, 0x40
    here strh_unaligned
    strh r1, [r0, #1]
    done strh_unaligned

// Conditional.
    form it_taken, 0x80, 0, 0
    cmp r0, r0
    it eq
    here it_taken
    streq r1, [r0]
    done it_taken

    form it_not_taken, 0, 0, 0
    cmp r0, r0
    it ne
    here it_not_taken
    strne r1, [r0]
    done it_not_taken

    form it_two_of_four, 0xA0, 0, 2
    cmp r0, r0
    itete eq
    here it_two_of_four
    streq r1, [r0]
    strne r3, [r0, #4]
    streq r2, [r0, #4]
    strne r4, [r0, #8]
    done it_two_of_four

    form it_strd_taken, 0xA0, 0, 2
    cmp r0, r0
    itt eq
    moveq r12, r0
    here it_strd_taken
    strdeq r1, r2, [r12]
    done it_strd_taken

    form it_stm_not_taken, 0, 0, 0
    cmp r0, r0
    ite ne
    here it_stm_not_taken
    stmiane r0!, {r1, r2}
    moveq r3, #0
    done it_stm_not_taken

    form it_strb_taken, 0xC0, 0x40, 0
    cmp r0, r0
    itt eq
    moveq r3, #0
    here it_strb_taken
    strbeq r1, [r0]
    done it_strb_taken

    form it_push_taken, 0xA0, 0, 2
    stack_to_r0_plus 8
    cmp r0, r0
    it eq
    here it_push_taken
    pusheq {r1, r2}
    mov sp, r12
    done it_push_taken

// Exclusive: stores only while the monitor is open.
    form strex, 0x80, 0, 0
    ldrex r3, [r0]
    here strex
    strex r3, r1, [r0]
    done strex

    form strex_monitor_closed, 0, 0, 0
    clrex
    here strex_monitor_closed
    strex r3, r1, [r0]
    done strex_monitor_closed

    form strexb, 0xC0, 0x40, 0
    ldrexb r3, [r0]
    here strexb
    strexb r3, r1, [r0]
    done strexb

// From the FPU.
    form vstr_32, 0x80, 0, 0
    vmov s0, r1
    here vstr_32
    vstr s0, [r0]
    done vstr_32

    form vstr_64, 0xA0, 0, 2
    vmov d0, r1, r2
    here vstr_64
    vstr d0, [r0]
    done vstr_64

    form vstm_32, 0xA0, 0, 4
    vmov s0, s1, r1, r2
    vmov s2, s3, r3, r4
    here vstm_32
    vstmia r0, {s0-s3}
    done vstm_32

    form vstm_64, 0xA0, 0, 4
    vmov d0, r1, r2
    vmov d1, r3, r4
    here vstm_64
    vstmia r0!, {d0-d1}
    done vstm_64

    form vpush, 0xA0, 0, 4
    vmov d0, r1, r2
    vmov d1, r3, r4
    stack_to_r0_plus 16
    here vpush
    vpush {d0-d1}
    mov sp, r12
    done vpush

    form it_vstr_taken, 0xA0, 0, 2
    cmp r0, r0
    itt eq
    vmoveq d0, r1, r2
    here it_vstr_taken
    vstreq d0, [r0]
    done it_vstr_taken

    .section .rodata.store_forms, "a", %progbits
    .global store_forms_end
store_forms_end:
