/* State in variables of the program: a processor simulated with its registers, flags and memory as globals. */
#include "guest.h"

static volatile uint32_t ticks;
static uint8_t reg_a, reg_x, reg_y, reg_s, memory[65536];
static uint16_t reg_pc;
static bool flag_z, flag_n, flag_c;
static uint32_t cycles;

static NOINLINE uint8_t fetch(void) {
    cycles++;
    return memory[reg_pc++];
}
static NOINLINE void set_flags(uint8_t v) { flag_z = v == 0, flag_n = v >> 7; }
static NOINLINE void compare(uint8_t a, uint8_t b) { flag_c = a >= b, set_flags((uint8_t)(a - b)); }
static NOINLINE void push(uint8_t v) { memory[0x100 + reg_s--] = v; }
static NOINLINE uint8_t pull(void) { return memory[0x100 + ++reg_s]; }
static uint16_t fetch16(void) {
    uint16_t low = fetch();
    return (uint16_t)(low | fetch() << 8);
}
static void branch(bool taken) {
    int8_t by = (int8_t)fetch();
    if (taken) reg_pc = (uint16_t)(reg_pc + by), cycles++;
}
/* A handful of instructions of the 6502, by their real numbers. Returns false at BRK. */
static NOINLINE bool step(void) {
    ticks++;
    switch (fetch()) {
    case 0xa9: reg_a = fetch(), set_flags(reg_a); return true;                             /* LDA # */
    case 0xa2: reg_x = fetch(), set_flags(reg_x); return true;                             /* LDX # */
    case 0xa0: reg_y = fetch(), set_flags(reg_y); return true;                             /* LDY # */
    case 0xbd: reg_a = memory[(uint16_t)(fetch16() + reg_x)], set_flags(reg_a); return true; /* LDA abs,X */
    case 0x9d: memory[(uint16_t)(fetch16() + reg_x)] = reg_a; return true;                   /* STA abs,X */
    case 0xa5: reg_a = memory[fetch()], set_flags(reg_a); return true;                     /* LDA zp */
    case 0x85: memory[fetch()] = reg_a; return true;                                       /* STA zp */
    case 0x65: {                                                                            /* ADC zp */
        uint32_t s = reg_a + memory[fetch()] + flag_c;
        flag_c = s > 255, reg_a = (uint8_t)s, set_flags(reg_a);
        return true;
    }
    case 0x69: {                                                                            /* ADC # */
        uint32_t s = reg_a + fetch() + flag_c;
        flag_c = s > 255, reg_a = (uint8_t)s, set_flags(reg_a);
        return true;
    }
    case 0x18: flag_c = false; return true;                                                /* CLC */
    case 0xe8: set_flags(++reg_x); return true;                                            /* INX */
    case 0x88: set_flags(--reg_y); return true;                                            /* DEY */
    case 0xe0: compare(reg_x, fetch()); return true;                                       /* CPX # */
    case 0xd0: branch(!flag_z); return true;                                               /* BNE */
    case 0xb0: branch(flag_c); return true;                                                /* BCS */
    case 0x30: branch(flag_n); return true;                                                /* BMI */
    case 0x2a: {                                                                            /* ROL A */
        bool out = reg_a >> 7;
        reg_a = (uint8_t)(reg_a << 1 | flag_c), flag_c = out, set_flags(reg_a);
        return true;
    }
    case 0x49: reg_a ^= fetch(), set_flags(reg_a); return true;                            /* EOR # */
    case 0x20: {                                                                            /* JSR */
        uint16_t to = fetch16(), back = (uint16_t)(reg_pc - 1);
        push((uint8_t)(back >> 8)), push((uint8_t)back);
        reg_pc = to;
        return true;
    }
    case 0x60: reg_pc = pull(), reg_pc = (uint16_t)((reg_pc | pull() << 8) + 1); return true; /* RTS */
    default: return false;
    }
}

static uint64_t guest(int32_t scale) {
    static const uint8_t program[] = {
        0xa0, 0x20,             /* LDY #32 */
        0xa2, 0x00,             /* outer: LDX #0 */
        0xbd, 0x00, 0x04,       /* inner: LDA $0400,X */
        0x20, 0x1a, 0x02,       /* JSR $021A */
        0x9d, 0x00, 0x04,       /* STA $0400,X */
        0x18, 0x65, 0x10,       /* CLC; ADC $10 */
        0x85, 0x10,             /* STA $10 */
        0xe8,                   /* INX */
        0xd0, 0xef,             /* BNE inner */
        0x88,                   /* DEY */
        0xd0, 0xea,             /* BNE outer */
        0x00,                   /* BRK */
        0x2a,                   /* $021A: ROL A */
        0xb0, 0x03,             /* BCS +3 */
        0x69, 0x35,             /* ADC #$35 */
        0x60,                   /* RTS */
        0x49, 0x1d,             /* EOR #$1D */
        0x60,                   /* RTS */
    };
    for (uint32_t i = 0; i < sizeof program; i++) memory[0x200 + i] = program[i];
    uint64_t sum = 0;
    for (int32_t pass = 0; pass < scale; pass++) {
        reg_pc = 0x200, reg_s = 0xff;
        memory[0x400 + pass % 256] ^= (uint8_t)pass;
        while (step()) {}
        if (pass == 0) print("a %02x x %02x y %02x pc %04x cycles %u\n", reg_a, reg_x, reg_y, reg_pc, cycles);
        sum = mix_bytes(sum + cycles, memory + 0x400, 256);
    }
    print("%u ticks\n", ticks);
    return sum + memory[0x10];
}
