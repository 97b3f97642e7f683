//! Every encoding, with every register and every shape of address, read back by an independent disassembler.

use super::enc::*;
use iced_x86::{Decoder, DecoderOptions, Formatter, IntelFormatter};

/// The only instruction in the code, as text.
fn text(asm: &mut Asm) -> String {
    asm.finish();
    let mut decoder = Decoder::with_ip(64, &asm.buf, 0, DecoderOptions::NONE);
    let instruction = decoder.decode();
    assert!(!instruction.is_invalid(), "{:02x?}", asm.buf);
    assert_eq!(instruction.len(), asm.buf.len(), "one instruction: {:02x?}", asm.buf);
    let mut formatter = IntelFormatter::new();
    let options = formatter.options_mut();
    options.set_first_operand_char_index(0);
    options.set_space_after_operand_separator(true);
    options.set_memory_size_options(iced_x86::MemorySizeOptions::Never);
    options.set_hex_prefix("0x");
    options.set_hex_suffix("");
    options.set_small_hex_numbers_in_decimal(false);
    options.set_uppercase_hex(false);
    options.set_branch_leading_zeros(false);
    options.set_use_pseudo_ops(false);
    let mut out = String::new();
    formatter.format(&instruction, &mut out);
    out
}

pub(super) fn one(f: impl FnOnce(&mut Asm)) -> String {
    let mut asm = Asm::default();
    f(&mut asm);
    text(&mut asm)
}

pub(super) const R64: [&str; 16] =
    ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];
pub(super) const R32: [&str; 16] = [
    "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d", "r9d", "r10d", "r11d", "r12d", "r13d", "r14d",
    "r15d",
];
const R16: [&str; 16] =
    ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "r8w", "r9w", "r10w", "r11w", "r12w", "r13w", "r14w", "r15w"];
const R8L: [&str; 16] =
    ["al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", "r8b", "r9b", "r10b", "r11b", "r12b", "r13b", "r14b", "r15b"];

fn name(w: bool, r: Reg) -> &'static str {
    if w { R64[r as usize] } else { R32[r as usize] }
}

fn hex(v: i32) -> String {
    match v {
        0.. => format!("+0x{v:x}"),
        _ => format!("-0x{:x}", v.unsigned_abs()),
    }
}

/// Addresses of every shape, and how they are written.
pub(super) fn addresses() -> Vec<(Mem, String)> {
    let mut all = Vec::new();
    for base in 0..16 {
        for disp in [0, 1, -128, 127, 128, -129, i32::MAX, i32::MIN] {
            let tail = if disp == 0 { String::new() } else { hex(disp) };
            all.push((Mem::base(base, disp), format!("[{}{tail}]", R64[base as usize])));
        }
        for index in (0..16).filter(|i| *i != RSP) {
            for scale in 0..4u8 {
                for disp in [0, -8, 4096] {
                    let m = Mem { base, index: Some(index), scale, disp };
                    let times = if scale == 0 { String::new() } else { format!("*{}", 1 << scale) };
                    let tail = if disp == 0 { String::new() } else { hex(disp) };
                    all.push((m, format!("[{}+{}{times}{tail}]", R64[base as usize], R64[index as usize])));
                }
            }
        }
    }
    all
}

#[test]
fn addresses_are_read_back() {
    for (m, address) in addresses() {
        for reg in [RAX, RSP, R8, R15] {
            let got = one(|a| a.load64(reg, m));
            assert_eq!(got, format!("mov {}, {address}", R64[reg as usize]));
        }
        assert_eq!(one(|a| a.lea(false, R9, m)), format!("lea r9d, {address}"));
        for (bytes, names) in [(1, R8L), (2, R16), (4, R32), (8, R64)] {
            assert_eq!(one(|a| a.store(bytes, m, RDI)), format!("mov {address}, {}", names[RDI as usize]));
        }
        assert_eq!(one(|a| a.alu(Alu::Cmp, true, R11, m.into())), format!("cmp r11, {address}"));
        assert_eq!(one(|a| a.sse(Sse::Addsd, 9, m.into())), format!("addsd xmm9, {address}"));
        assert_eq!(one(|a| a.sse_store(8, m, 14)), format!("movsd {address}, xmm14"));
        assert_eq!(one(|a| a.sse_store(4, m, 4)), format!("movss {address}, xmm4"));
        assert_eq!(one(|a| a.sse_store(16, m, 8)), format!("movups {address}, xmm8"));
        assert_eq!(one(|a| a.store_imm(4, m, 0x1234_5678)), format!("mov {address}, 0x12345678"));
        assert_eq!(one(|a| a.store_imm(2, m, 0x1234)), format!("mov {address}, 0x1234"));
        assert_eq!(one(|a| a.store_imm(1, m, 0x12)), format!("mov {address}, 0x12"));
        assert_eq!(one(|a| a.alu_imm(Alu::Cmp, true, m.into(), 0x12)), format!("cmp {address}, 0x12"));
    }
}

#[test]
fn an_index_without_a_base_is_read_back() {
    for index in (0..16).filter(|i| *i != RSP) {
        for scale in 1..4u8 {
            for disp in [1, 0x1234, -8] {
                let m = Mem { base: NO_BASE, index: Some(index), scale, disp };
                let names = if disp < 0 { "0xfffffff8" } else { "" };
                let got = one(|a| a.lea(false, R9, m));
                let want = format!("lea r9d, [{}*{}", R64[index as usize], 1 << scale);
                assert!(got.starts_with(&want), "{got}");
                assert!(got.contains(&hex(disp)) || got.contains(names), "{got}");
            }
        }
    }
}

#[test]
fn arithmetic_on_memory_is_read_back() {
    for (m, address) in addresses() {
        for (op, text) in [(Alu::Add, "add"), (Alu::Or, "or"), (Alu::And, "and"), (Alu::Sub, "sub"), (Alu::Xor, "xor")]
        {
            assert_eq!(one(|a| a.alu_to_mem(op, false, m, R9)), format!("{text} {address}, r9d"));
            assert_eq!(one(|a| a.alu_to_mem(op, true, m, RSI)), format!("{text} {address}, rsi"));
            assert_eq!(one(|a| a.alu_imm(op, false, m.into(), 0x12)), format!("{text} {address}, 0x12"));
        }
    }
}

#[test]
fn jumps_back_are_as_short_as_they_can_be() {
    for filled in 0..200u32 {
        let mut asm = Asm::default();
        let top = asm.new_label();
        asm.bind(top);
        (0..filled).for_each(|_| asm.buf.push(0x90));
        asm.jcc(Cc::B, top);
        let second = asm.here();
        asm.jmp(top);
        asm.finish();
        for at in [filled, second] {
            let mut decoder = Decoder::with_ip(64, &asm.buf[at as usize..], at as u64, DecoderOptions::NONE);
            let jump = decoder.decode();
            assert_eq!(jump.near_branch_target(), 0, "{filled}");
            assert_eq!(jump.len() == 2, at <= 126, "{filled}");
        }
    }
}

#[test]
fn registers_are_read_back() {
    for d in 0..16u8 {
        for s in 0..16u8 {
            let (b, x) = (R8L[s as usize], format!("xmm{d}, xmm{s}"));
            for w in [false, true] {
                let (dn, sn) = (name(w, d), name(w, s));
                for (op, text) in [
                    (Alu::Add, "add"),
                    (Alu::Or, "or"),
                    (Alu::And, "and"),
                    (Alu::Sub, "sub"),
                    (Alu::Xor, "xor"),
                    (Alu::Cmp, "cmp"),
                ] {
                    assert_eq!(one(|a| a.alu(op, w, d, Rm::Reg(s))), format!("{text} {dn}, {sn}"));
                }
                assert_eq!(one(|a| a.mov(w, d, s)), format!("mov {dn}, {sn}"));
                assert_eq!(one(|a| a.test(w, d, s)), format!("test {dn}, {sn}"));
                assert_eq!(one(|a| a.imul(w, d, Rm::Reg(s))), format!("imul {dn}, {sn}"));
                for imm in [0x7b, 0x1234] {
                    assert_eq!(one(|a| a.imul_imm(w, d, Rm::Reg(s), imm)), format!("imul {dn}, {sn}, 0x{imm:x}"));
                }
                for (cc, text) in CONDITIONS {
                    assert_eq!(one(|a| a.cmov(cc, w, d, Rm::Reg(s))), format!("cmov{text} {dn}, {sn}"));
                }
                for (opcode, text) in [(0xbd, "lzcnt"), (0xbc, "tzcnt"), (0xb8, "popcnt")] {
                    assert_eq!(one(|a| a.count_bits(opcode, w, d, Rm::Reg(s))), format!("{text} {dn}, {sn}"));
                }
                for (opcode, text) in [(0xbd, "bsr"), (0xbc, "bsf")] {
                    assert_eq!(one(|a| a.scan_bits(opcode, w, d, Rm::Reg(s))), format!("{text} {dn}, {sn}"));
                }
                for (op, text) in [(Shift::Shl, "shlx"), (Shift::Shr, "shrx"), (Shift::Sar, "sarx")] {
                    for c in 0..16u8 {
                        let count = name(w, c);
                        assert_eq!(one(|a| a.shift_x(op, w, d, s, c)), format!("{text} {dn}, {sn}, {count}"));
                    }
                }
                for (digit, text) in [(1, "blsr"), (2, "blsmsk"), (3, "blsi")] {
                    assert_eq!(one(|a| a.lowest_bit(digit, w, d, s)), format!("{text} {dn}, {sn}"));
                }
                for c in 0..16u8 {
                    assert_eq!(one(|a| a.and_not(w, d, c, s)), format!("andn {dn}, {}, {sn}", name(w, c)));
                }
                for (double, text) in [(false, "ss"), (true, "sd")] {
                    let got = one(|a| a.int_to_float(double, w, d, Rm::Reg(s)));
                    assert_eq!(got, format!("cvtsi2{text} xmm{d}, {sn}"));
                    let got = one(|a| a.float_to_int(double, w, d, Rm::Reg(s)));
                    assert_eq!(got, format!("cvtt{text}2si {dn}, xmm{s}"));
                }
                let letter = if w { "q" } else { "d" };
                assert_eq!(one(|a| a.mov_to_vector(w, d, s)), format!("mov{letter} xmm{d}, {sn}"));
                assert_eq!(one(|a| a.mov_from_vector(w, d, s)), format!("mov{letter} {dn}, xmm{s}"));
            }
            let wide = R64[d as usize];
            assert_eq!(one(|a| a.set_bit(d, s)), format!("bts {wide}, {}", R64[s as usize]));
            let narrow = R32[d as usize];
            for (ext, want) in [
                (Ext::Zx8, format!("movzx {narrow}, {b}")),
                (Ext::Zx16, format!("movzx {narrow}, {}", R16[s as usize])),
                (Ext::Sx8To32, format!("movsx {narrow}, {b}")),
                (Ext::Sx8To64, format!("movsx {wide}, {b}")),
                (Ext::Sx16To32, format!("movsx {narrow}, {}", R16[s as usize])),
                (Ext::Sx16To64, format!("movsx {wide}, {}", R16[s as usize])),
                (Ext::Sx32To64, format!("movsxd {wide}, {}", R32[s as usize])),
                (Ext::Mov32, format!("mov {narrow}, {}", R32[s as usize])),
                (Ext::Mov64, format!("mov {wide}, {}", R64[s as usize])),
            ] {
                assert_eq!(one(|a| a.ext(ext, d, Rm::Reg(s))), want);
            }
            for op in SSE {
                let mnemonic = format!("{op:?}").to_lowercase();
                assert_eq!(one(|a| a.sse(op, d, Rm::Reg(s))), format!("{mnemonic} {x}"));
            }
            assert_eq!(one(|a| a.round(false, d, Rm::Reg(s), 2)), format!("roundss {x}, 0xa"));
            assert_eq!(one(|a| a.round(true, d, Rm::Reg(s), 3)), format!("roundsd {x}, 0xb"));
        }
    }
}

const CONDITIONS: [(Cc, &str); 13] = [
    (Cc::O, "o"),
    (Cc::B, "b"),
    (Cc::Ae, "ae"),
    (Cc::E, "e"),
    (Cc::Ne, "ne"),
    (Cc::Be, "be"),
    (Cc::A, "a"),
    (Cc::P, "p"),
    (Cc::Np, "np"),
    (Cc::L, "l"),
    (Cc::Ge, "ge"),
    (Cc::Le, "le"),
    (Cc::G, "g"),
];

const SSE: [Sse; 26] = [
    Sse::Addss,
    Sse::Addsd,
    Sse::Subss,
    Sse::Subsd,
    Sse::Mulss,
    Sse::Mulsd,
    Sse::Divss,
    Sse::Divsd,
    Sse::Sqrtss,
    Sse::Sqrtsd,
    Sse::Minss,
    Sse::Minsd,
    Sse::Maxss,
    Sse::Maxsd,
    Sse::Andps,
    Sse::Andnps,
    Sse::Orps,
    Sse::Xorps,
    Sse::Ucomiss,
    Sse::Ucomisd,
    Sse::Cvtss2sd,
    Sse::Cvtsd2ss,
    Sse::Movss,
    Sse::Movsd,
    Sse::Movaps,
    Sse::Movups,
];

#[test]
fn single_operands_are_read_back() {
    for r in 0..16u8 {
        assert_eq!(one(|a| a.push(r)), format!("push {}", R64[r as usize]));
        assert_eq!(one(|a| a.pop(r)), format!("pop {}", R64[r as usize]));
        assert_eq!(one(|a| a.call_rm(Rm::Reg(r))), format!("call {}", R64[r as usize]));
        assert_eq!(one(|a| a.jmp_rm(Rm::Reg(r))), format!("jmp {}", R64[r as usize]));
        for (cc, text) in CONDITIONS {
            assert_eq!(one(|a| a.setcc(cc, r)), format!("set{text} {}", R8L[r as usize]));
        }
        for w in [false, true] {
            let n = name(w, r);
            for (digit, text) in [(2, "not"), (3, "neg"), (4, "mul"), (5, "imul"), (6, "div"), (7, "idiv")] {
                assert_eq!(one(|a| a.group3(digit, w, Rm::Reg(r))), format!("{text} {n}"));
            }
            assert_eq!(one(|a| a.bswap(w, r)), format!("bswap {n}"));
            for (op, text) in [
                (Shift::Rol, "rol"),
                (Shift::Ror, "ror"),
                (Shift::Shl, "shl"),
                (Shift::Shr, "shr"),
                (Shift::Sar, "sar"),
            ] {
                assert_eq!(one(|a| a.shift(op, w, r)), format!("{text} {n}, cl"));
                assert_eq!(one(|a| a.shift_imm(op, w, r, 0x11)), format!("{text} {n}, 0x11"));
            }
            for (op, text) in
                [(Alu::Add, "add"), (Alu::Adc, "adc"), (Alu::Sbb, "sbb"), (Alu::And, "and"), (Alu::Cmp, "cmp")]
            {
                assert_eq!(one(|a| a.alu_imm(op, w, Rm::Reg(r), 0x11)), format!("{text} {n}, 0x11"));
                assert_eq!(one(|a| a.alu_imm(op, w, Rm::Reg(r), 0x1122)), format!("{text} {n}, 0x1122"));
            }
            assert_eq!(one(|a| a.test_imm(w, r, 0x1122)), format!("test {n}, 0x1122"));
        }
        let (n64, n32) = (R64[r as usize], R32[r as usize]);
        assert_eq!(one(|a| a.mov_imm(r, 0)), format!("xor {n32}, {n32}"));
        assert_eq!(one(|a| a.mov_imm(r, 0xffff_ffff)), format!("mov {n32}, 0xffffffff"));
        assert_eq!(one(|a| a.mov_imm(r, u64::MAX - 1)), format!("mov {n64}, 0xfffffffffffffffe"));
        assert_eq!(one(|a| a.mov_imm(r, 0x1234_5678_9abc)), format!("mov {n64}, 0x123456789abc"));
    }
    assert_eq!(one(|a| a.sign_rax(false)), "cdq");
    assert_eq!(one(|a| a.sign_rax(true)), "cqo");
    assert_eq!(one(|a| a.ret()), "ret");
    for n in 1..10 {
        let mut asm = Asm::default();
        asm.buf = vec![0x90; 16 - n];
        asm.align(16);
        let fill = asm.buf.split_off(16 - n);
        assert!(Decoder::new(64, &fill, DecoderOptions::NONE).decode().len() == n, "{fill:02x?}");
    }
}
