//! Machine code as text, for people: what `WASMX_DUMP=code:FUNCTION` prints in debug builds of the command.
#![forbid(unsafe_code)]

use super::emit::Emitted;
use crate::jit::code::{SiteKind, target};
use iced_x86::{Decoder, DecoderOptions, Formatter, IntelFormatter};
use std::fmt::Write;

/// The stubs in the order of [`target`].
const STUBS: [&str; super::stubs::FIXED.len()] =
    ["trap", "native", "poll", "heap", "refuel", "throw", "shim", "shuffle"];

/// One instruction a line: where it is, its bytes, what it is, whom it calls, and what a return to behind it means.
pub fn text(code: &Emitted) -> String {
    let mut formatter = IntelFormatter::new();
    formatter.options_mut().set_branch_leading_zeros(false);
    let mut text = String::new();
    let mut at = 0;
    while at < code.bytes.len() {
        if let Some(&(_, end)) = code.data.iter().find(|(start, end)| (*start as usize..*end as usize).contains(&at)) {
            for (n, word) in code.bytes[at..end as usize].chunks(8).enumerate() {
                let _ = writeln!(text, "{:5x}  data {}", at + 8 * n, hex(word));
            }
            at = end as usize;
            continue;
        }
        let inst = Decoder::with_ip(64, &code.bytes[at..], at as u64, DecoderOptions::NONE).decode();
        let end = at + inst.len().max(1);
        let mut line = String::new();
        formatter.format(&inst, &mut line);
        let note = note(code, at, end);
        let _ = writeln!(text, "{at:5x}  {:<24} {line}{note}", hex(&code.bytes[at..end.min(code.bytes.len())]));
        at = end;
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// What is known of the instruction between two places.
fn note(code: &Emitted, at: usize, end: usize) -> String {
    let mut note = String::new();
    let inside = |place: u32| (at..end).contains(&(place as usize));
    if let Some((_, to)) = code.relocs.iter().find(|(place, _)| inside(*place)) {
        let _ = match (target::as_fixed(*to).and_then(|n| STUBS.get(n)), target::as_thunk(*to)) {
            (Some(stub), _) => write!(note, "  ; {stub}"),
            (None, Some(ty)) => write!(note, "  ; out, type {ty}"),
            (None, None) => write!(note, "  ; defined function {to}"),
        };
    }
    for site in &code.sites {
        let access = matches!(site.kind, SiteKind::Access { .. });
        if if access { inside(site.at) } else { site.at as usize == end } {
            let _ = write!(note, "  ; {:?} at {:#x}", site.kind, site.offset);
        }
    }
    note
}
