/* A program that calls and is interrupted in known ways, for test_debug_info.c and
 * test_backtrace.c. They run it up to one of the stop_... labels; the comments in capitals are the
 * lines they expect. */

#define NOT_INLINED __attribute__((noinline, noclone))
#define STOP_AT(label) __asm__ volatile(".global " #label "\n" #label ":\n nop")

typedef unsigned int word;

volatile word result;
volatile word input = 3;
word (*volatile application)(void);

void Reset_Handler(void);
void SVC_Handler(void);
word main_of_target(void);
word bare_leaf(word value);
word bare_caller(word value, word (*callee)(word));
word wide_caller(word value, word (*callee)(word));

/* Assembly without call frame information, as in newlib's memcpy. */
__asm__(".syntax unified\n"
        ".text\n.thumb\n"
        ".global bare_leaf\n.type bare_leaf, %function\n"
        "bare_leaf:\n"
        " cmp r0, #0\n"
        " push {r4, r5}\n"
        " bne 1f\n"
        " pop {r4, r5}\n"
        " bx lr\n"
        ".global stop_bare_leaf\n"
        "stop_bare_leaf:\n"
        "1: movs r4, #0\n"
        " pop {r4, r5}\n"
        " bx lr\n"
        ".size bare_leaf, . - bare_leaf\n"

        ".global bare_caller\n.type bare_caller, %function\n"
        "bare_caller:\n"
        " cbnz r0, 2f\n"
        " bx lr\n"
        "2: push {r4, r5, lr}\n"
        " sub sp, #12\n"
        " movs r4, #0\n"
        " blx r1\n"
        " add sp, #12\n"
        " pop {r4, r5, pc}\n"
        ".size bare_caller, . - bare_caller\n"

        ".global wide_caller\n.type wide_caller, %function\n"
        "wide_caller:\n"
        " str lr, [sp, #-4]!\n"
        " strd r4, r5, [sp, #-16]!\n"
        " push.w {r8, r9}\n"
        " sub.w sp, sp, #1024\n"
        " subw sp, sp, #12\n"
        " movs r4, #0\n"
        " mov r8, r4\n"
        " blx r1\n"
        " addw sp, sp, #12\n"
        " add.w sp, sp, #1024\n"
        " pop.w {r8, r9}\n"
        " ldrd r4, r5, [sp], #16\n"
        " ldr pc, [sp], #4\n"
        ".size wide_caller, . - wide_caller\n"

        /* Not run: the tests lay out its stack themselves. */
        ".fpu fpv4-sp-d16\n"
        ".global float_leaf\n.type float_leaf, %function\n"
        "float_leaf:\n"
        " push {r4, lr}\n"
        " vpush {s16, s17, s18}\n"
        ".global stop_float_leaf\n"
        "stop_float_leaf: nop\n"
        " vpop {s16, s17, s18}\n"
        " pop {r4, pc}\n"
        ".size float_leaf, . - float_leaf\n");

NOT_INLINED static word leaf(word value)
{
    volatile word local[4] = {value, value, value, value};
    STOP_AT(stop_leaf); /* LEAF */
    return local[value & 3] + result;
}

/* The linker drops it; its description stays behind, at address 0. */
word unused(word value)
{
    return value + result;
}

/* Its frame has a variable size, so that only r7 tells where it ends. */
NOT_INLINED static word middle(word value)
{
    volatile char room[value * 8];
    room[value] = (char)value;
    return leaf(value) + (word)room[value]; /* MIDDLE */
}

__attribute__((always_inline)) static inline word inlined(word value)
{
    word twice = value * 2;
    return middle(twice) + twice; /* INLINED */
}

NOT_INLINED static word outer(word value)
{
    result = value;
    word sum = inlined(value + 1); /* OUTER */
    return sum + result;
}

NOT_INLINED static word call_bare(word value)
{
    return bare_leaf(value) + result; /* BARE */
}

NOT_INLINED static word call_through_assembly(word value)
{
    volatile char room[value * 8]; /* needs r7 as well, which middle() then saves */
    word kept = input * value;
    room[0] = (char)value;
    kept += bare_caller(value, outer); /* THROUGH */
    kept += wide_caller(value, outer); /* WIDE */
    return kept + result + (word)room[0];
}

NOT_INLINED void SVC_Handler(void)
{
    volatile word local = result;
    STOP_AT(stop_handler); /* HANDLER */
    result = local;
}

NOT_INLINED word main_of_target(void)
{
    word sum = call_bare(input);        /* MAIN BARE */
    sum += outer(input);                /* MAIN OUTER */
    sum += call_through_assembly(input); /* MAIN THROUGH */
    if (application)
        sum += application(); /* MAIN APPLICATION */
    return sum + result;
}

void Reset_Handler(void)
{
    input = 3;
    result = main_of_target(); /* RESET */
    for (;;)
        ;
}

__attribute__((section(".vectors"), used)) static void (*const vectors[])(void) = {
    (void (*)(void))0x20008000,
    Reset_Handler,
    SVC_Handler, /* not its place; the tests enter it themselves */
};
