//! Runs one script: each directive becomes calls on a session and a comparison.

use crate::report::{Failed, Outcome, say};
use crate::session::{Engine, Failure, InstanceId, Names, SPECTEST, Session};
use crate::suite::File;
use crate::value::{self, Value};
use std::collections::HashMap;
use std::thread::{Scope, ScopedJoinHandle};
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::Id;
use wast::{QuoteWat, QuoteWatTest, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, WastThread, Wat};

/// Runs all directives of a file, the first ones in a session without the proposals named.
pub fn run(engine: &dyn Engine, without: &[&str], file: &File) -> Outcome {
    let mut lexer = Lexer::new(&file.text);
    lexer.allow_confusing_unicode(true);
    let buffer = match ParseBuffer::new_with_lexer(lexer) {
        Ok(buffer) => buffer,
        Err(error) => return unreadable(file, error),
    };
    let directives = match parser::parse::<Wast<'_>>(&buffer) {
        Ok(wast) => wast.directives,
        Err(error) => return unreadable(file, error),
    };
    std::thread::scope(|scope| Script::new(engine, without, file, scope).run(directives))
}

fn unreadable(file: &File, error: wast::Error) -> Outcome {
    let message = format!("the script cannot be read: {error}");
    let place = format!("{}:{}", file.path(), error.span().linecol_in(&file.text).0 + 1);
    let failed = Failed { place, message, is_assertion: false };
    Outcome { failures: vec![failed], ..Outcome::default() }
}

fn is_assertion(directive: &WastDirective<'_>) -> bool {
    !matches!(
        directive,
        WastDirective::Module(_)
            | WastDirective::ModuleDefinition(_)
            | WastDirective::ModuleInstance { .. }
            | WastDirective::Register { .. }
            | WastDirective::Invoke(_)
            | WastDirective::Thread(_)
            | WastDirective::Wait { .. }
    )
}

struct Script<'s, 'e> {
    engine: &'e dyn Engine,
    without: &'e [&'e str],
    file: &'e File,
    session: Box<dyn Session + 'e>,
    scope: &'s Scope<'s, 'e>,
    /// By the script's `$name`.
    threads: HashMap<String, ScopedJoinHandle<'s, Outcome>>,
    registered: Names,
    /// Instances and definitions by the script's `$name`.
    instances: HashMap<String, InstanceId>,
    definitions: HashMap<String, Vec<u8>>,
    last_definition: Option<Vec<u8>>,
    /// What directives without a name mean, or why there is none.
    current: Result<InstanceId, String>,
    outcome: Outcome,
}

impl<'s, 'e> Script<'s, 'e> {
    fn new(engine: &'e dyn Engine, without: &'e [&'e str], file: &'e File, scope: &'s Scope<'s, 'e>) -> Script<'s, 'e> {
        Script {
            engine,
            without,
            file,
            session: engine.session(without),
            scope,
            threads: HashMap::new(),
            registered: Names::from([("spectest".to_string(), SPECTEST)]),
            instances: HashMap::new(),
            definitions: HashMap::new(),
            last_definition: None,
            current: Err("no module yet".to_string()),
            outcome: Outcome::default(),
        }
    }

    fn run(mut self, directives: Vec<WastDirective<'e>>) -> Outcome {
        let trace = std::env::var_os("SPEC_TRACE").is_some();
        for directive in directives {
            let (line, _) = directive.span().linecol_in(&self.file.text);
            let place = format!("{}:{}", self.file.path(), line + 1);
            if trace {
                say(&format!("{place}\n"));
            }
            let is_assertion = is_assertion(&directive);
            *(if is_assertion { &mut self.outcome.assertions } else { &mut self.outcome.others }) += 1;
            if let Err(message) = self.directive(directive) {
                self.outcome.failures.push(Failed { place, message, is_assertion });
            }
        }
        self.outcome
    }

    fn directive(&mut self, directive: WastDirective<'e>) -> Result<(), String> {
        match directive {
            WastDirective::Module(mut module) => {
                let name = module.name();
                let wasm = encode(&mut module)?;
                self.last_definition = Some(wasm.clone());
                self.add_instance(name, &wasm)
            }
            WastDirective::ModuleDefinition(mut module) => {
                let wasm = encode(&mut module)?;
                self.session.validate(&wasm).map_err(|f| format!("the module fails: {f:?}"))?;
                if let Some(name) = module.name() {
                    self.definitions.insert(name.name().to_string(), wasm.clone());
                }
                self.last_definition = Some(wasm);
                Ok(())
            }
            WastDirective::ModuleInstance { instance, module, .. } => {
                let wasm = match module {
                    Some(id) => self.definitions.get(id.name()).cloned(),
                    None => self.last_definition.clone(),
                };
                let wasm = wasm.ok_or("no such module definition")?;
                self.add_instance(instance, &wasm)
            }
            WastDirective::Register { name, module, .. } => {
                let instance = self.instance(module)?;
                self.registered.insert(name.to_string(), instance);
                Ok(())
            }
            WastDirective::Invoke(call) => match self.invoke(&call)? {
                Ok(_) => Ok(()),
                Err(failure) => Err(format!("the call fails: {failure:?}")),
            },
            WastDirective::AssertReturn { exec, results, .. } => {
                let got = self.execute(exec)?.map_err(|f| format!("expected {results:?}, got {f:?}"))?;
                compare(&got, &results)
            }
            WastDirective::AssertTrap { exec, message, .. } => expect_trap(self.execute(exec)?, message),
            WastDirective::AssertExhaustion { call, message, .. } => expect_trap(self.invoke(&call)?, message),
            WastDirective::AssertException { exec, .. } => self.expect_exception(exec),
            WastDirective::AssertUnlinkable { mut module, message, .. } => {
                let wasm = module.encode().map_err(|e| format!("the module cannot be encoded: {e}"))?;
                match self.session.instantiate(&wasm, &self.registered) {
                    Err(Failure::Unlinkable(_)) => Ok(()),
                    Ok(_) => Err(format!("expected a link error ({message}), but it was linked")),
                    Err(failure) => Err(format!("expected a link error ({message}), got {failure:?}")),
                }
            }
            WastDirective::AssertInvalid { mut module, message, .. } => match encode(&mut module) {
                Ok(wasm) => self.expect_refusal(&wasm, message),
                Err(error) => {
                    // Some invalid modules, such as those with a type index out of range, have no binary that the
                    // text parser would produce.
                    self.outcome.by_text_parser += 1;
                    drop(error);
                    Ok(())
                }
            },
            WastDirective::AssertMalformed { module, message, .. }
            | WastDirective::AssertMalformedCustom { module, message, .. }
            | WastDirective::AssertInvalidCustom { module, message, .. } => self.expect_malformed(module, message),
            WastDirective::AssertSuspension { .. } => Err("suspensions are not supported".to_string()),
            WastDirective::Thread(thread) => self.start(thread),
            WastDirective::Wait { thread, .. } => {
                let handle = self.threads.remove(thread.name()).ok_or("no such thread")?;
                let outcome = handle.join().map_err(|_| "the thread panicked")?;
                self.outcome.add(outcome);
                Ok(())
            }
        }
    }

    /// A thread of the script has a session of its own, in which the shared module's instance appears.
    fn start(&mut self, thread: WastThread<'e>) -> Result<(), String> {
        let shared = match thread.shared_module {
            Some(id) => {
                let exports = self.session.share(self.instance(Some(id))?);
                Some((id.name(), exports.map_err(|f| format!("the module cannot be shared: {f:?}"))?))
            }
            None => None,
        };
        let (engine, without, file, scope) = (self.engine, self.without, self.file, self.scope);
        let handle = scope.spawn(move || {
            let mut script = Script::new(engine, without, file, scope);
            if let Some((name, exports)) = shared {
                let instance = script.session.obtain(exports);
                script.instances.insert(name.to_string(), instance);
            }
            script.run(thread.directives)
        });
        self.threads.insert(thread.name.name().to_string(), handle);
        Ok(())
    }

    fn add_instance(&mut self, name: Option<Id<'_>>, wasm: &[u8]) -> Result<(), String> {
        match self.session.instantiate(wasm, &self.registered) {
            Ok(instance) => {
                if let Some(name) = name {
                    self.instances.insert(name.name().to_string(), instance);
                }
                self.current = Ok(instance);
                Ok(())
            }
            Err(failure) => {
                let message = format!("the module fails: {failure:?}");
                if let Some(name) = name {
                    self.instances.remove(name.name());
                }
                self.current = Err(message.clone());
                Err(message)
            }
        }
    }

    fn instance(&self, name: Option<Id<'_>>) -> Result<InstanceId, String> {
        match name {
            Some(id) => self.instances.get(id.name()).copied().ok_or_else(|| format!("no instance ${}", id.name())),
            None => self.current.clone(),
        }
    }

    /// The outer error is a fault of the script or of an earlier directive, the inner one the outcome.
    fn invoke(&mut self, call: &WastInvoke<'_>) -> Result<Result<Vec<Value>, Failure>, String> {
        let instance = self.instance(call.module)?;
        let args = arguments(call)?;
        Ok(self.session.invoke(instance, call.name, &args))
    }

    fn execute(&mut self, exec: WastExecute<'_>) -> Result<Result<Vec<Value>, Failure>, String> {
        match exec {
            WastExecute::Invoke(call) => self.invoke(&call),
            WastExecute::Get { module, global, .. } => {
                let instance = self.instance(module)?;
                Ok(self.session.global(instance, global).map(|value| vec![value]))
            }
            WastExecute::Wat(mut module) => {
                let wasm = module.encode().map_err(|e| format!("the module cannot be encoded: {e}"))?;
                Ok(self.session.instantiate(&wasm, &self.registered).map(|_| Vec::new()))
            }
        }
    }

    fn expect_exception(&mut self, exec: WastExecute<'_>) -> Result<(), String> {
        let WastExecute::Invoke(call) = exec else {
            return match self.execute(exec)? {
                Err(Failure::Exception) => Ok(()),
                other => Err(format!("expected an exception, got {other:?}")),
            };
        };
        let instance = self.instance(call.module)?;
        let args = arguments(&call)?;
        match self.session.throws(instance, call.name, &args) {
            Ok(true) => Ok(()),
            other => Err(format!("expected an exception, got {other:?}")),
        }
    }

    fn expect_refusal(&mut self, wasm: &[u8], message: &str) -> Result<(), String> {
        match self.session.validate(wasm) {
            Err(Failure::Refused(_)) => Ok(()),
            Ok(()) => Err(format!("expected a refusal ({message}), but it is accepted")),
            Err(failure) => Err(format!("expected a refusal ({message}), got {failure:?}")),
        }
    }

    fn expect_malformed(&mut self, mut module: QuoteWat<'_>, message: &str) -> Result<(), String> {
        let wasm = match module.to_test() {
            Ok(QuoteWatTest::Binary(wasm)) => wasm,
            Ok(QuoteWatTest::Text(text)) => match encode_text(&text) {
                Ok(wasm) => wasm,
                Err(_) => {
                    self.outcome.by_text_parser += 1;
                    return Ok(());
                }
            },
            Err(_) => {
                self.outcome.by_text_parser += 1;
                return Ok(());
            }
        };
        self.expect_refusal(&wasm, message)
    }
}

fn encode(module: &mut QuoteWat<'_>) -> Result<Vec<u8>, String> {
    match module.to_test() {
        Ok(QuoteWatTest::Binary(wasm)) => Ok(wasm),
        Ok(QuoteWatTest::Text(text)) => encode_text(&text),
        Err(error) => Err(format!("the module cannot be encoded: {error}")),
    }
}

fn encode_text(text: &[u8]) -> Result<Vec<u8>, String> {
    let text = std::str::from_utf8(text).map_err(|e| e.to_string())?;
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).map_err(|e| e.to_string())?;
    let mut wat = parser::parse::<Wat<'_>>(&buffer).map_err(|e| e.to_string())?;
    wat.encode().map_err(|e| e.to_string())
}

fn arguments(call: &WastInvoke<'_>) -> Result<Vec<Value>, String> {
    call.args
        .iter()
        .map(|arg| match arg {
            WastArg::Core(arg) => value::argument(arg).ok_or_else(|| format!("unknown argument {arg:?}")),
            other => Err(format!("unknown argument {other:?}")),
        })
        .collect()
}

fn compare(got: &[Value], expected: &[WastRet<'_>]) -> Result<(), String> {
    let same = got.len() == expected.len()
        && got.iter().zip(expected).all(|(got, expected)| match expected {
            WastRet::Core(expected) => value::matches(got, expected),
            _ => false,
        });
    if same { Ok(()) } else { Err(format!("expected {expected:?}, got {got:?}")) }
}

/// Messages are compared as the reference interpreter does: one may say more than the other at its end.
fn expect_trap(outcome: Result<Vec<Value>, Failure>, expected: &str) -> Result<(), String> {
    match outcome {
        Err(Failure::Trap(message))
            if message.starts_with(expected) || (!message.is_empty() && expected.starts_with(&message)) =>
        {
            Ok(())
        }
        other => Err(format!("expected the trap `{expected}`, got {other:?}")),
    }
}
