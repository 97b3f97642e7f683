//! Functions on paths.
#![forbid(unsafe_code)]

use super::types::Errno;
use super::{Call, Outcome};

pub fn path_create_directory(_call: &mut Call<'_>, _a: u32, _b: u32, _c: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn path_filestat_get(_call: &mut Call<'_>, _a: u32, _b: u32, _c: u32, _d: u32, _e: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

#[allow(clippy::too_many_arguments, reason = "as many as the function has")]
pub fn path_filestat_set_times(
    _call: &mut Call<'_>,
    _a: u32,
    _b: u32,
    _c: u32,
    _d: u32,
    _e: u64,
    _f: u64,
    _g: u32,
) -> Outcome {
    Err(Errno::Nosys.into())
}

#[allow(clippy::too_many_arguments, reason = "as many as the function has")]
pub fn path_link(_call: &mut Call<'_>, _a: u32, _b: u32, _c: u32, _d: u32, _e: u32, _f: u32, _g: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

#[allow(clippy::too_many_arguments, reason = "as many as the function has")]
pub fn path_open(
    _call: &mut Call<'_>,
    _a: u32,
    _b: u32,
    _c: u32,
    _d: u32,
    _e: u32,
    _f: u64,
    _g: u64,
    _h: u32,
    _i: u32,
) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn path_readlink(_call: &mut Call<'_>, _a: u32, _b: u32, _c: u32, _d: u32, _e: u32, _f: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn path_remove_directory(_call: &mut Call<'_>, _a: u32, _b: u32, _c: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn path_rename(_call: &mut Call<'_>, _a: u32, _b: u32, _c: u32, _d: u32, _e: u32, _f: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn path_symlink(_call: &mut Call<'_>, _a: u32, _b: u32, _c: u32, _d: u32, _e: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn path_unlink_file(_call: &mut Call<'_>, _a: u32, _b: u32, _c: u32) -> Outcome {
    Err(Errno::Nosys.into())
}
