//! What the scripts ask of an engine: one store, its instances, and the `spectest` host module.

use crate::value::Value;
use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// An instance of a session. The first one is the `spectest` module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceId(pub usize);

/// The instance every session begins with.
pub const SPECTEST: InstanceId = InstanceId(0);

/// What sessions on several threads have in common, by name: something that only sessions of one kind understand.
pub type Shared = Vec<(String, Arc<dyn Any + Send + Sync>)>;

/// Instances by the name that imports use.
pub type Names = BTreeMap<String, InstanceId>;

/// Why something did not yield a result.
#[derive(Clone)]
pub enum Failure {
    /// The bytes are no valid module.
    Refused(String),
    /// The imports do not fit.
    Unlinkable(String),
    Trap(String),
    /// An exception that nothing caught.
    Exception,
    /// The session has no means to do this; always a failure of the test.
    Unable(String),
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(message) => write!(f, "a refusal: {message}"),
            Failure::Unlinkable(message) => write!(f, "a link error: {message}"),
            Failure::Trap(message) => write!(f, "the trap `{message}`"),
            Failure::Exception => f.write_str("an exception"),
            Failure::Unable(message) => write!(f, "no way to find out: {message}"),
        }
    }
}

/// One store. Dropping it releases everything in it.
pub trait Session {
    /// Decodes and validates.
    fn validate(&mut self, wasm: &[u8]) -> Result<(), Failure>;

    /// Decodes, validates, links with the named instances, and runs the start function.
    fn instantiate(&mut self, wasm: &[u8], names: &Names) -> Result<InstanceId, Failure>;

    /// Calls an exported function.
    fn invoke(&mut self, instance: InstanceId, name: &str, args: &[Value]) -> Result<Vec<Value>, Failure>;

    /// Reads an exported global.
    fn global(&mut self, instance: InstanceId, name: &str) -> Result<Value, Failure>;

    /// The exports of an instance, for another session: its shared memories.
    fn share(&mut self, _instance: InstanceId) -> Result<Shared, Failure> {
        Err(Failure::Unable("sessions of this kind share nothing".to_string()))
    }

    /// An instance with what another session shares.
    fn obtain(&mut self, shared: Shared) -> InstanceId;

    /// Whether the call ends in an exception. Apart, because a host behind the C API cannot tell it from a trap.
    fn throws(&mut self, instance: InstanceId, name: &str, args: &[Value]) -> Result<bool, Failure> {
        match self.invoke(instance, name, args) {
            Ok(_) => Ok(false),
            Err(Failure::Exception) => Ok(true),
            Err(failure) => Err(failure),
        }
    }
}

/// How guests run, numbered as in `wasmx_tier_enum`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Interpreter,
    /// As machine code from a function's second call on, or from the first trip of a loop.
    #[cfg_attr(not(feature = "jit"), allow(dead_code))]
    Tiering,
    /// As machine code, made when a module is loaded.
    #[cfg_attr(not(feature = "jit"), allow(dead_code))]
    Eager,
    /// As that, for the oldest processors.
    #[cfg_attr(not(feature = "jit"), allow(dead_code))]
    Oldest,
}

/// The thresholds of that.
pub const TIER_CALLS: u32 = 1;
pub const TIER_LOOPS: u32 = 0;

/// Makes sessions; shared by the threads that run scripts.
pub trait Engine: Sync {
    /// A new store with the `spectest` module in it, in an engine where the named proposals are switched off.
    fn session(&self, without: &[&str]) -> Box<dyn Session + '_>;
}
