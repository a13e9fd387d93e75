/* Which PWR bits each chip has: ST's device headers, CMSIS device L4 v1.7.4. */
#include "models/pwr.h"

const struct pwr_config pwr_l432 = {{
    [PWR_CR1] = 0x4707, [PWR_CR2] = 0x04DF, [PWR_CR3] = 0x851F, [PWR_CR4] = 0x031F,
    [PWR_SR1] = 0x811F, [PWR_SR2] = 0xCF00, [PWR_SCR] = 0x011F, [PWR_PUCRA] = 0xBFFF,
    [PWR_PDCRA] = 0x5FFF, [PWR_PUCRB] = 0x00FB, [PWR_PDCRB] = 0x00EB, [PWR_PUCRC] = 0xC000,
    [PWR_PDCRC] = 0xC000, [PWR_PUCRH] = 0x0008, [PWR_PDCRH] = 0x0008,
}};

const struct pwr_config pwr_l452 = {{
    [PWR_CR1] = 0x4707, [PWR_CR2] = 0x04DF, [PWR_CR3] = 0x851F, [PWR_CR4] = 0x031F,
    [PWR_SR1] = 0x811F, [PWR_SR2] = 0xDF00, [PWR_SCR] = 0x011F, [PWR_PUCRA] = 0xBFFF,
    [PWR_PDCRA] = 0x5FFF, [PWR_PUCRB] = 0xFFFF, [PWR_PDCRB] = 0xFFEF, [PWR_PUCRC] = 0xFFFF,
    [PWR_PDCRC] = 0xFFFF, [PWR_PUCRD] = 0xFFFF, [PWR_PDCRD] = 0xFFFF, [PWR_PUCRE] = 0xFFFF,
    [PWR_PDCRE] = 0xFFFF, [PWR_PUCRH] = 0x0003, [PWR_PDCRH] = 0x0003,
}};

const struct pwr_config pwr_l476 = {{
    [PWR_CR1] = 0x4707, [PWR_CR2] = 0x06FF, [PWR_CR3] = 0x851F, [PWR_CR4] = 0x231F,
    [PWR_SR1] = 0xA11F, [PWR_SR2] = 0xFF00, [PWR_SCR] = 0x011F, [PWR_PUCRA] = 0xBFFF,
    [PWR_PDCRA] = 0x5FFF, [PWR_PUCRB] = 0xFFFF, [PWR_PDCRB] = 0xFFEF, [PWR_PUCRC] = 0xFFFF,
    [PWR_PDCRC] = 0xFFFF, [PWR_PUCRD] = 0xFFFF, [PWR_PDCRD] = 0xFFFF, [PWR_PUCRE] = 0xFFFF,
    [PWR_PDCRE] = 0xFFFF, [PWR_PUCRF] = 0xFFFF, [PWR_PDCRF] = 0xFFFF, [PWR_PUCRG] = 0xFFFF,
    [PWR_PDCRG] = 0xFFFF, [PWR_PUCRH] = 0x0003, [PWR_PDCRH] = 0x0003,
}};

const struct pwr_config pwr_l496 = {{
    [PWR_CR1] = 0x4707, [PWR_CR2] = 0x06FF, [PWR_CR3] = 0x851F, [PWR_CR4] = 0x031F,
    [PWR_SR1] = 0x811F, [PWR_SR2] = 0xFF00, [PWR_SCR] = 0x011F, [PWR_PUCRA] = 0xBFFF,
    [PWR_PDCRA] = 0x5FFF, [PWR_PUCRB] = 0xFFFF, [PWR_PDCRB] = 0xFFEF, [PWR_PUCRC] = 0xFFFF,
    [PWR_PDCRC] = 0xFFFF, [PWR_PUCRD] = 0xFFFF, [PWR_PDCRD] = 0xFFFF, [PWR_PUCRE] = 0xFFFF,
    [PWR_PDCRE] = 0xFFFF, [PWR_PUCRF] = 0xFFFF, [PWR_PDCRF] = 0xFFFF, [PWR_PUCRG] = 0xFFFF,
    [PWR_PDCRG] = 0xFFFF, [PWR_PUCRH] = 0xFFFF, [PWR_PDCRH] = 0xFFFF, [PWR_PUCRI] = 0x0FFF,
    [PWR_PDCRI] = 0x0FFF,
}};

const struct pwr_config pwr_l4r5 = {{
    [PWR_CR1] = 0x4717, [PWR_CR2] = 0x06FF, [PWR_CR3] = 0x951F, [PWR_CR4] = 0x031F,
    [PWR_SR1] = 0x811F, [PWR_SR2] = 0xFF00, [PWR_SCR] = 0x011F, [PWR_PUCRA] = 0xBFFF,
    [PWR_PDCRA] = 0x5FFF, [PWR_PUCRB] = 0xFFFF, [PWR_PDCRB] = 0xFFEF, [PWR_PUCRC] = 0xFFFF,
    [PWR_PDCRC] = 0xFFFF, [PWR_PUCRD] = 0xFFFF, [PWR_PDCRD] = 0xFFFF, [PWR_PUCRE] = 0xFFFF,
    [PWR_PDCRE] = 0xFFFF, [PWR_PUCRF] = 0xFFFF, [PWR_PDCRF] = 0xFFFF, [PWR_PUCRG] = 0xFFFF,
    [PWR_PDCRG] = 0xFFFF, [PWR_PUCRH] = 0xFFFF, [PWR_PDCRH] = 0xFFFF, [PWR_PUCRI] = 0x0FFF,
    [PWR_PDCRI] = 0x0FFF, [PWR_CR5] = 0x0100,
}};
