//! Whether what a host or an instance provides fits what a module imports.
//!
//! Spec: "Validation / Matching / External Types". Types are canonical, so equivalence is equality.

use super::registry::TypeRegistry;
use super::types::*;

/// Whether a value of type `actual` may be given for an import of type `expected`.
///
/// The minimum of an actual memory or table is its current size, which the caller puts there.
pub fn extern_type_matches(actual: &ExternType, expected: &ExternType, registry: &TypeRegistry) -> bool {
    match (actual, expected) {
        (ExternType::Func(a), ExternType::Func(e)) => registry.is_subtype(*a, *e),
        (ExternType::Tag(a), ExternType::Tag(e)) => a == e,
        (ExternType::Global(a), ExternType::Global(e)) => {
            a.mutable == e.mutable
                && if e.mutable { a.content == e.content } else { registry.val_matches(a.content, e.content) }
        }
        (ExternType::Table(a), ExternType::Table(e)) => {
            a.element == e.element && a.is64 == e.is64 && limits_match((a.minimum, a.maximum), (e.minimum, e.maximum))
        }
        (ExternType::Memory(a), ExternType::Memory(e)) => {
            a.is64 == e.is64
                && a.shared == e.shared
                && a.page_log2 == e.page_log2
                && limits_match((a.minimum, a.maximum), (e.minimum, e.maximum))
        }
        _ => false,
    }
}

fn limits_match(actual: (u64, Option<u64>), expected: (u64, Option<u64>)) -> bool {
    let below_maximum = match (actual.1, expected.1) {
        (_, None) => true,
        (Some(a), Some(e)) => a <= e,
        (None, Some(_)) => false,
    };
    actual.0 >= expected.0 && below_maximum
}
