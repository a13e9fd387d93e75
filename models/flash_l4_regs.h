/* Registers of the L4 flash controller: L4 sheet 2 ([CMSIS], RM0351/RM0394/RM0432 chapter 3). */
#ifndef MODELS_FLASH_L4_REGS_H
#define MODELS_FLASH_L4_REGS_H

#define ACR_LATENCY 0x7u
#define ACR_LATENCY_L4_PLUS 0xFu
#define ACR_PRFTEN (1u << 8)
#define ACR_ICEN (1u << 9)
#define ACR_DCEN (1u << 10)
#define ACR_ICRST (1u << 11)
#define ACR_DCRST (1u << 12)
#define ACR_RUN_PD (1u << 13)
#define ACR_SLEEP_PD (1u << 14)

#define SR_EOP (1u << 0)
#define SR_OPERR (1u << 1)
#define SR_PROGERR (1u << 3)
#define SR_WRPERR (1u << 4)
#define SR_PGAERR (1u << 5)
#define SR_SIZERR (1u << 6)
#define SR_PGSERR (1u << 7)
#define SR_MISERR (1u << 8)
#define SR_FASTERR (1u << 9)
#define SR_RDERR (1u << 14)
#define SR_OPTVERR (1u << 15)
#define SR_BSY (1u << 16)
#define SR_PEMPTY (1u << 17)
/* Any of these, still set, makes the next program or erase fail (L4 sheet 4.3). */
#define SR_SEQUENCE_ERRORS                                                                         \
    (SR_PROGERR | SR_WRPERR | SR_PGAERR | SR_SIZERR | SR_PGSERR | SR_MISERR | SR_FASTERR)
#define SR_FLAGS (SR_EOP | SR_OPERR | SR_SEQUENCE_ERRORS | SR_RDERR | SR_OPTVERR)

#define CR_PG (1u << 0)
#define CR_PER (1u << 1)
#define CR_MER1 (1u << 2)
#define CR_PNB_SHIFT 3
#define CR_PNB (0xFFu << CR_PNB_SHIFT)
#define CR_BKER (1u << 11)
#define CR_MER2 (1u << 15)
#define CR_STRT (1u << 16)
#define CR_OPTSTRT (1u << 17)
#define CR_FSTPG (1u << 18)
#define CR_EOPIE (1u << 24)
#define CR_ERRIE (1u << 25)
#define CR_RDERRIE (1u << 26)
#define CR_OBL_LAUNCH (1u << 27)
#define CR_OPTLOCK (1u << 30)
#define CR_LOCK (1u << 31)
#define CR_STORED                                                                                  \
    (CR_PG | CR_PER | CR_MER1 | CR_PNB | CR_BKER | CR_MER2 | CR_FSTPG | CR_EOPIE | CR_ERRIE |      \
     CR_RDERRIE)

#define ECCR_BK_ECC (1u << 19)
#define ECCR_SYSF_ECC (1u << 20)
#define ECCR_BK_ECC_L4_PLUS (1u << 21)
#define ECCR_SYSF_ECC_L4_PLUS (1u << 22)
#define ECCR_ECCIE (1u << 24)
#define ECCR_ECCC2 (1u << 28)
#define ECCR_ECCD2 (1u << 29)
#define ECCR_ECCC (1u << 30)
#define ECCR_ECCD (1u << 31)
#define ECCR_FLAGS (ECCR_ECCC2 | ECCR_ECCD2 | ECCR_ECCC | ECCR_ECCD)

#define OPTR_RDP 0xFFu
#define OPTR_BOR_LEV (7u << 8)
#define OPTR_DBANK (1u << 22)
#define PCROP1ER_PCROP_RDP (1u << 31)

enum flash_l4_register {
    FLASH_ACR,
    FLASH_PDKEYR,
    FLASH_KEYR,
    FLASH_OPTKEYR,
    FLASH_SR,
    FLASH_CR,
    FLASH_ECCR,
    FLASH_OPTR,
    FLASH_PCROP1SR,
    FLASH_PCROP1ER,
    FLASH_WRP1AR,
    FLASH_WRP1BR,
    FLASH_SINGLE_BANK_REGISTERS, /* the block of a single-bank part ends here */
    FLASH_PCROP2SR = FLASH_SINGLE_BANK_REGISTERS,
    FLASH_PCROP2ER,
    FLASH_WRP2AR,
    FLASH_WRP2BR,
    FLASH_L4_REGISTERS,
    FLASH_CFGR = FLASH_L4_REGISTERS, /* L4+ only */
    FLASH_L4_PLUS_REGISTERS
};

#endif
