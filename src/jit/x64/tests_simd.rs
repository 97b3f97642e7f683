//! Every vector instruction in both encodings, with every register and every shape of address, read back by an independent
//! disassembler.

use super::enc::*;
use super::enc_simd::*;
use super::tests::{R32, R64, addresses, one};

/// How the disassembler writes an instruction without its operands.
fn mnemonic(op: Vi, vex: bool) -> String {
    let name = if op == Vi::Pextrw2 { String::from("pextrw") } else { format!("{op:?}").to_lowercase() };
    if vex && !name.starts_with('v') { format!("v{name}") } else { name }
}

fn only_vex(op: Vi) -> bool {
    format!("{op:?}").starts_with('V')
}

fn general(op: Vi, r: Reg) -> &'static str {
    if matches!(op, Vi::Pinsrq | Vi::Pextrq) { R64[r as usize] } else { R32[r as usize] }
}

#[test]
fn vector_registers_are_read_back() {
    for &op in Vi::ALL {
        for vex in [false, true] {
            if only_vex(op) && !vex {
                continue;
            }
            let imm = if op.has_imm() { ", 0x15" } else { "" };
            let name = mnemonic(op, vex);
            for d in 0..16u8 {
                for s in 0..16u8 {
                    let others: &[Reg] = if vex { &[0, 3, 7, 8, 12, 15] } else { &[0] };
                    for &a in others {
                        let a = if vex { a } else { d };
                        let first = if vex { format!("xmm{a}, ") } else { String::new() };
                        let want = match op.shape() {
                            Shape::One | Shape::Flags => format!("{name} xmm{d}, xmm{s}{imm}"),
                            Shape::Two => format!("{name} xmm{d}, {first}xmm{s}{imm}"),
                            Shape::Insert => format!("{name} xmm{d}, {first}{}{imm}", general(op, s)),
                            Shape::Extract => format!("{name} {}, xmm{d}{imm}", general(op, s)),
                            Shape::ToGeneral => format!("{name} {}, xmm{s}{imm}", R32[d as usize]),
                        };
                        let got = one(|asm| asm.vector(vex, op, d, a, Rm::Reg(s), 0x15));
                        assert_eq!(got, want);
                    }
                }
            }
        }
    }
}

#[test]
fn vector_addresses_are_read_back() {
    let few: Vec<_> = addresses().into_iter().step_by(3).collect();
    for &op in Vi::ALL {
        // Not of registers alone.
        if matches!(op.shape(), Shape::ToGeneral) {
            continue;
        }
        for vex in [false, true] {
            if only_vex(op) && !vex {
                continue;
            }
            let imm = if op.has_imm() { ", 0x15" } else { "" };
            let name = match op {
                Vi::Movlhps => if vex { "vmovhps" } else { "movhps" }.to_owned(),
                _ => mnemonic(op, vex),
            };
            for (m, address) in &few {
                let first = if vex && op != Vi::Movsd { "xmm9, " } else { "" };
                let d = if vex { 4 } else { 9 };
                let want = match op.shape() {
                    Shape::Two | Shape::Insert => format!("{name} xmm{d}, {first}{address}{imm}"),
                    Shape::Extract => format!("{name} {address}, xmm{d}{imm}"),
                    _ => format!("{name} xmm{d}, {address}{imm}"),
                };
                assert_eq!(one(|asm| asm.vector(vex, op, d, 9, (*m).into(), 0x15)), want);
            }
        }
    }
    for (m, address) in &few {
        assert_eq!(one(|a| a.blend_bytes(1, 12, (*m).into(), 13)), format!("vpblendvb xmm1, xmm12, {address}, xmm13"));
    }
}

#[test]
fn other_vector_forms_are_read_back() {
    use VShiftImm::*;
    for d in 0..16u8 {
        for a in 0..16u8 {
            for op in [Psllw, Pslld, Psllq, Psrlw, Psrld, Psrlq, Psraw, Psrad, Pslldq, Psrldq] {
                let name = format!("{op:?}").to_lowercase();
                let got = one(|asm| asm.vector_shift_imm(true, op, d, a, 0x11));
                assert_eq!(got, format!("v{name} xmm{d}, xmm{a}, 0x11"));
                let got = one(|asm| asm.vector_shift_imm(false, op, d, d, 0x11));
                assert_eq!(got, format!("{name} xmm{d}, 0x11"));
            }
            for (b, mask) in [(0, 15), (9, 2), (15, 8)] {
                let got = one(|asm| asm.blend_bytes(d, a, Rm::Reg(b), mask));
                assert_eq!(got, format!("vpblendvb xmm{d}, xmm{a}, xmm{b}, xmm{mask}"));
            }
        }
    }
}
