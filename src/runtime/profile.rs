//! Which profilers and debuggers are told of the machine code of guests.
#![forbid(unsafe_code)]

#[cfg(profile)]
use super::seam;
use std::path::Path;

/// A set of those to tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Profile(u8);

impl Profile {
    /// Linux `perf`, by `/tmp/perf-PID.map`.
    pub const PERF_MAP: Profile = Profile(1);
    /// Linux `perf`, by `jit-PID.dump`.
    pub const JITDUMP: Profile = Profile(2);
    /// GDB and LLDB.
    pub const GDB: Profile = Profile(4);

    /// The set with these bits, if all are known.
    pub fn from_bits(bits: u8) -> Option<Profile> {
        (bits & !7 == 0).then_some(Profile(bits))
    }

    pub fn bits(self) -> u8 {
        self.0
    }

    /// Both sets.
    pub fn with(self, other: Profile) -> Profile {
        Profile(self.0 | other.0)
    }

    /// Whether this build can tell anybody.
    pub fn is_supported() -> bool {
        cfg!(profile)
    }

    /// Begins the files, of which a process has one each: the dump in a directory, or the current one. Why that cannot be done
    /// otherwise.
    pub fn start(self, directory: Option<&Path>) -> Result<(), String> {
        #[cfg(profile)]
        {
            const { assert!(seam::PROFILES == 7) }
            seam::start_profile(self.0, directory)
        }
        #[cfg(not(profile))]
        {
            let _ = directory;
            match self.0 {
                0 => Ok(()),
                _ => Err("the library has nothing to tell profilers on this system, or was built without it".into()),
            }
        }
    }

    /// Why a file that has been begun is not whole.
    pub fn failure() -> Option<String> {
        #[cfg(profile)]
        return seam::profile_failure();
        #[cfg(not(profile))]
        None
    }
}
