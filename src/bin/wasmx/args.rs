//! The command line: what there is, and the text of every `--help`. Completions and the pages of the manual
//! (`doc/man`, by tests/cli/manual.rs) are made from it, so this file names nothing of the rest.
#![forbid(unsafe_code)]

use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, ValueHint};
use std::any::Any;
use std::ffi::OsString;

const SUBCOMMANDS: &[&str] =
    &["run", "batch", "inspect", "validate", "features", "wat2wasm", "wasm2wat", "objdump", "completions", "help"];

/// The command line with its subcommand: `wasmx FILE` is `wasmx run FILE`.
///
/// So that `wasmx FILE --invoke NAME ARGS` works as well, an `--invoke` right behind the file is moved before it;
/// `wasmx FILE -- --invoke` gives it to the guest.
pub fn with_subcommand(mut words: Vec<OsString>) -> Vec<OsString> {
    let first = words.get(1).and_then(|w| w.to_str()).unwrap_or_default();
    if words.len() > 1
        && !SUBCOMMANDS.contains(&first)
        && !["-h", "--help", "-V", "--version"].contains(&first)
        && !first.starts_with("--color")
    {
        words.insert(1, "run".into());
    }
    if words.get(1).is_some_and(|w| w == "run")
        && words.get(3).is_some_and(|w| w == "--invoke")
        && words.get(2).is_some_and(|w| !w.to_string_lossy().starts_with('-') || w == "-")
        && words.len() > 4
    {
        // run FILE --invoke NAME ... becomes run --invoke NAME FILE ...
        words[2..5].rotate_left(1);
    }
    words
}

/// The file and the arguments of a command line that runs a program and has no option at all, neither wasmx's nor the guest's. Such a
/// line means the same to the parser, which has to be told of every option first: for a small program that took longer than the
/// program, and half a megabyte.
pub fn plain_run(words: &[OsString]) -> Option<(&OsString, &[OsString])> {
    let words = words.get(1..)?;
    let words = if words.first().is_some_and(|w| w == "run") { &words[1..] } else { words };
    let (file, args) = words.split_first()?;
    let plain = |w: &OsString| !w.is_empty() && !w.as_encoded_bytes().starts_with(b"-");
    (!SUBCOMMANDS.iter().any(|s| file == s) && words.iter().all(plain)).then_some((file, args))
}

/// The options of a command line, which may have none.
#[derive(Clone, Copy)]
pub struct Options<'a>(Option<&'a ArgMatches>);

impl<'a> Options<'a> {
    pub const NONE: Options<'static> = Options(None);

    pub fn of(matches: &'a ArgMatches) -> Options<'a> {
        Options(Some(matches))
    }

    pub fn one<T: Any + Clone + Send + Sync>(self, name: &str) -> Option<&'a T> {
        self.0?.get_one(name)
    }

    pub fn many<T: Any + Clone + Send + Sync>(self, name: &str) -> impl Iterator<Item = &'a T> {
        self.0.and_then(|m| m.get_many(name)).into_iter().flatten()
    }

    pub fn flag(self, name: &str) -> bool {
        self.0.is_some_and(|m| m.get_flag(name))
    }

    pub fn has(self, name: &str) -> bool {
        self.0.is_some_and(|m| m.contains_id(name))
    }
}

// What subcommands have is deferred until they are asked for: a run of a small program takes less than making all of them would.
fn command_named(name: &'static str, about: &'static str) -> Command {
    Command::new(name).about(about).max_term_width(100)
}

fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn file() -> Arg {
    Arg::new("file")
        .value_name("FILE")
        .required(true)
        .value_hint(ValueHint::FilePath)
        .value_parser(clap::value_parser!(OsString))
        .help("A module, binary (.wasm) or text (.wat); - reads it from standard input")
}

fn path(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    option(name, value, help).value_hint(ValueHint::FilePath).value_parser(clap::value_parser!(OsString))
}

/// Which proposals a module may use.
fn proposals() -> Vec<Arg> {
    let heading = "Proposals of WebAssembly";
    vec![
        option("enable", "NAME", "Admit a proposal that is off")
            .action(ArgAction::Append)
            .value_delimiter(',')
            .help_heading(heading)
            .long_help("Admit a proposal that is off. May be repeated, or given names with commas between them."),
        option("disable", "NAME", "Refuse modules that use this proposal")
            .action(ArgAction::Append)
            .value_delimiter(',')
            .help_heading(heading)
            .long_help(
                "Refuse modules that use this proposal. May be repeated, or given names with commas between them. \
                 All proposals that `wasmx features` lists are on at first.",
            ),
        option("features", "LIST", "Admit exactly these proposals: names, or all, none, wasm1, wasm2, wasm3")
            .value_delimiter(',')
            .help_heading(heading)
            .long_help(
                "Admit exactly these proposals, before --enable and --disable are looked at: names with commas between \
                 them, and `all`, `none`, `wasm1`, `wasm2` and `wasm3` for what these editions of the standard have. \
                 `--features list` prints the names.",
            ),
    ]
}

/// What `run` and `batch` have in common.
fn running(command: Command) -> Command {
    let (linking, wasi, limits) = ("Linking", "What the guest may use (WASI)", "Limits");
    command
        .arg(
            option("link", "NAME=FILE", "Instantiate FILE first; its exports can be imported from NAME")
                .action(ArgAction::Append)
                .value_parser(clap::value_parser!(OsString))
                .help_heading(linking)
                .long_help(
                    "Instantiate another module first, whose exports can then be imported from NAME. May be \
                     repeated: later modules, and the main one last, can import from earlier ones, and all of them \
                     from WASI. If the module exports `_initialize`, that is called.",
                ),
        )
        .arg(
            option("tier", "TIER", "How code is run")
                .value_parser(["interpreter", "tiering", "eager"])
                .default_value("tiering")
                .hide_default_value(true)
                .help_heading(linking)
                .long_help(
                    "How code is run: always by the interpreter; by the interpreter until it is hot, and then as \
                     machine code (what happens without this); or as machine code from the start. `wasmx features` \
                     lists what this build can do; one without a compiler interprets.",
                ),
        )
        .arg(
            option("cpu", "LEVEL", "Use no more of the processor than this")
                .value_parser(["v1", "v2", "v3"])
                .default_value("v3")
                .hide_default_value(true)
                .help_heading(linking)
                .long_help(
                    "Make machine code that uses no more of an x86-64 processor than this: SSE2 (v1); SSE 4.2 and popcnt \
                     (v2); AVX2, FMA, BMI and lzcnt (v3, what happens without this). What the processor does not have is \
                     never used.",
                ),
        )
        .arg(
            option("profile", "KINDS", "Tell profilers and debuggers of machine code: perfmap, jitdump, gdb")
                .action(ArgAction::Append)
                .value_delimiter(',')
                .value_parser(["perfmap", "jitdump", "gdb"])
                .help_heading(linking)
                .long_help(
                    "Tell profilers and debuggers which functions machine code belongs to: `perfmap` writes \
                     /tmp/perf-PID.map and `jitdump` jit-PID.dump in the current directory, both for Linux perf; `gdb` \
                     uses the interface that GDB and LLDB have for this. May be repeated, or given several with commas.",
                ),
        )
        .arg(
            option("dir", "HOST[::GUEST][:ro]", "Give the guest a directory")
                .action(ArgAction::Append)
                .value_hint(ValueHint::DirPath)
                .value_parser(clap::value_parser!(OsString))
                .help_heading(wasi)
                .long_help(
                    "Give the guest the directory HOST and all below it, under the name GUEST (its own name if there is \
                     none). With `:ro` at the end it cannot be written to. May be repeated. Without this, the guest \
                     sees no file at all.",
                ),
        )
        .arg(
            option("env", "NAME=VALUE", "Give the guest an environment variable")
                .action(ArgAction::Append)
                .value_parser(clap::value_parser!(OsString))
                .help_heading(wasi)
                .long_help(
                    "Give the guest an environment variable; NAME alone passes on the one of that name. May be repeated. \
                     Without this the environment is empty.",
                ),
        )
        .arg(flag("env-inherit", "Give the guest all environment variables").help_heading(wasi))
        .arg(
            option("argv0", "NAME", "The guest's first argument, instead of the file's name")
                .value_parser(clap::value_parser!(OsString))
                .help_heading(wasi),
        )
        .arg(path("stdin", "FILE", "Where the guest's standard input comes from").help_heading(wasi))
        .arg(path("stdout", "FILE", "Where the guest's standard output goes").help_heading(wasi))
        .arg(path("stderr", "FILE", "Where the guest's standard error goes").help_heading(wasi))
        .arg(
            option("listen", "ADDRESS", "Give the guest a socket that listens at ADDRESS, such as 127.0.0.1:8080")
                .action(ArgAction::Append)
                .help_heading(wasi)
                .long_help(
                    "Give the guest a TCP socket that listens at ADDRESS (such as 127.0.0.1:8080 or [::1]:0), as a \
                     descriptor after those of the directories. May be repeated. The guest can accept connections \
                     there, and reaches the network in no other way.",
                ),
        )
        .arg(
            option("threads", "N", "Let the guest start up to N threads")
                .value_parser(clap::value_parser!(u32))
                .help_heading(wasi)
                .long_help(
                    "Let the guest start up to N threads, if it was made for the wasi-threads proposal. Without this it \
                     can start none.",
                ),
        )
        .arg(
            flag("virtual-clock", "Let clocks start at 0 and move by readings and sleeps alone")
                .help_heading(wasi)
                .long_help(
                    "Let all clocks start at 0, move on by a microsecond with each reading, and jump over sleeps: the \
                     guest sees the same times at every run.",
                ),
        )
        .arg(
            option("seed", "N", "Draw the guest's random numbers from this seed")
                .value_parser(clap::value_parser!(u64))
                .help_heading(wasi),
        )
        .arg(
            option("fuel", "N", "Stop the guest after N units of work")
                .value_parser(clap::value_parser!(u64))
                .help_heading(limits)
                .long_help(
                    "Stop the guest with a trap after N units of work, about one per instruction: the same number \
                     at every run.",
                ),
        )
        .arg(
            option("timeout", "TIME", "Stop the guest after so much time: 500ms, 2s, 1m")
                .help_heading(limits)
                .long_help(
                    "Stop the guest with a trap after so much time: a number with the unit ms, s, m or h, seconds if \
                     it has none.",
                ),
        )
        .arg(
            option("max-memory", "SIZE", "Most bytes of all memories: 64M, 1G")
                .help_heading(limits)
                .long_help("Most bytes that all memories may have together. K, M and G multiply by powers of 1024."),
        )
        .arg(option("max-heap", "SIZE", "Most bytes of the heap of structures and arrays").help_heading(limits))
        .arg(option("max-stack", "SIZE", "Bytes of the guest's stack; bounds recursion").help_heading(limits))
        .arg(
            option("max-table", "N", "Most elements of each table")
                .value_parser(clap::value_parser!(u64))
                .help_heading(limits),
        )
        .arg(
            option("max-instances", "N", "Most instances, linked modules included")
                .value_parser(clap::value_parser!(usize))
                .help_heading(limits),
        )
        .args(proposals())
}

fn run() -> Command {
    command_named("run", "Run a module").defer(|command| {
        running(command)
        .long_about(
            "Run a module: call its `_start` if it is a WASI command, its `_initialize` if it is a WASI reactor, or with \
             --invoke any function that it exports. What comes after FILE goes to the guest; options of wasmx come \
             before it.\n\n`wasmx FILE` is the same as `wasmx run FILE`.",
        )
        .arg(file())
        .arg(
            Arg::new("args")
                .value_name("ARGS")
                .num_args(0..)
                .trailing_var_arg(true)
                .allow_hyphen_values(true)
                .value_parser(clap::value_parser!(OsString))
                .help("Arguments of the program, or of the function that --invoke names"),
        )
        .arg(
            option("invoke", "NAME", "Call this exported function with ARGS and print its results")
                .help_heading("Calling")
                .long_help(
                    "Call this exported function with ARGS and print its results, one a line. Integers are decimal or \
                     hexadecimal, signed or unsigned; floats may be hexadecimal, nan, nan:0x123, inf; a v128 is \
                     i32x4:1,2,3,4 (or another shape) or one hexadecimal number; a reference is null or i31:N.",
                ),
        )
        .arg(
            flag("types", "Print results with their types, as i32:7")
                .requires("invoke")
                .help_heading("Calling"),
        )
        .after_long_help(RUN_MORE)
    })
}

const RUN_MORE: &str = "\
Exit status:
  The guest's own, if it ends by itself or calls `proc_exit`.
  1    The module cannot be read, is invalid, or lacks an import.
  2    The command line makes no sense.
  70   Internal error.
  134  The guest trapped. Why and where is printed.

Examples:
  wasmx hello.wasm
  wasmx --dir .::/work:ro --env LANG=C tool.wasm --verbose input.txt
  wasmx run --invoke add sum.wat 40 2
  wasmx run --fuel 1000000 --max-memory 64M untrusted.wasm
  wasmx run --link math=libm.wasm main.wasm";

fn batch() -> Command {
    command_named("batch", "Call functions of a module, one for each line of standard input").defer(|command| {
        running(command)
        .long_about(
            "Instantiate a module once, then call one of its functions for each line of standard input: a name and \
             arguments as `run --invoke` takes them. Names with spaces stand in double quotes; empty lines and lines \
             that begin with # are skipped. For each call one line is printed, at once: `ok` and the results, or \
             `error` and the reason. An error does not end the batch.",
        )
        .arg(file())
        .arg(flag("types", "Print results with their types, as i32:7").help_heading("Calling"))
        .after_long_help(
            "Exit status:\n  0    All calls succeeded.\n  1    A call failed, or the module cannot be used.\n  2    The \
             command line makes no sense.\n  The guest's own, if it calls `proc_exit`, which ends the batch.\n\n\
             Example:\n  printf 'add 1 2\\nadd 3 4\\n' | wasmx batch sum.wat",
        )
    })
}

/// The whole command line.
pub fn command() -> Command {
    Command::new("wasmx")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Run WebAssembly modules, look into them, and convert between binary and text")
        .long_about(
            "Run WebAssembly modules, look into them, and convert between binary and text.\n\nA guest has no access to \
             files, environment or network unless an option gives it some. Modules may be binary or text everywhere.",
        )
        .max_term_width(100)
        .after_long_help(
            "Exit status:\n  0    Success.\n  1    A file cannot be read or written, or a module is invalid.\n  2    The \
             command line makes no sense.\n  70   Internal error.\n  134  The guest trapped.\n  `run` and `batch` end with the \
             guest's own status.\n\nEnvironment:\n  NO_COLOR  If set, messages are not coloured.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(
            option("color", "WHEN", "Colour messages: auto, always or never")
                .value_parser(["auto", "always", "never"])
                .global(true)
                .long_help(
                    "Colour messages. `auto`, the default, does so on a terminal unless the environment has NO_COLOR.",
                ),
        )
        .subcommand(run())
        .subcommand(batch())
        .subcommand(command_named("inspect", "Show what a module has: types, imports, exports, sizes").defer(|command| {
            command
                .long_about(
                    "Show what a module has: types, imports, exports, functions with their sizes, tables, memories, \
                     globals, tags, segments, custom sections and the start function.",
                )
                .arg(file())
                .arg(flag("json", "Print one JSON object"))
                .arg(flag("no-functions", "Leave out the list of functions"))
        }))
        .subcommand(command_named("validate", "Check whether modules are valid").defer(|command| {
            command
                .long_about(
                    "Check whether modules are valid. For each that is not, the reason is printed with the offset in \
                     the binary, and the exit status is 1.",
                )
                .arg(file().num_args(1..))
                .arg(Arg::new("quiet").short('q').long("quiet").action(ArgAction::SetTrue).help("Print nothing"))
                .args(proposals())
        }))
        .subcommand(command_named("features", "List the proposals of WebAssembly, and what this build has").defer(|command| {
            command
                .arg(flag("json", "Print one JSON object"))
        }))
        .subcommand(command_named("wat2wasm", "Convert a module from text to binary").defer(|command| {
            command
                .arg(file())
                .arg(output())
                .arg(flag("no-check", "Convert even if the module is invalid"))
                .args(proposals())
        }))
        .subcommand(command_named("wasm2wat", "Convert a module from binary to text").defer(|command| {
            command
                .arg(file())
                .arg(output())
                .arg(flag("fold", "Write instructions as nested expressions"))
                .arg(flag("skeleton", "Leave out the bodies of functions"))
                .arg(flag("offsets", "Write each instruction's offset in the binary"))
                .group(ArgGroup::new("style").args(["fold", "skeleton", "offsets"]).multiple(true))
        }))
        .subcommand(command_named("objdump", "Show the register code that functions are run as").defer(|command| {
            command
                .long_about(
                    "Show the register code that functions are run as: for each instruction its place in words, its \
                     operation, the four 16-bit fields of its first operand word (slots of the frame, or parts of \
                     an immediate) and further words.",
                )
                .arg(file())
                .arg(
                    Arg::new("function")
                        .value_name("FUNC")
                        .help("An index, a name from the name section, or an export; all functions if absent"),
                )
                .args(proposals())
        }))
        .subcommand(command_named("completions", "Print a completion script for a shell").defer(|command| {
            command
                .arg(Arg::new("shell").value_name("SHELL").required(true).value_parser(["bash", "zsh", "fish"]))
                .after_long_help(
                    "Examples:\n  wasmx completions bash > ~/.local/share/bash-completion/completions/wasmx\n  \
                     wasmx completions zsh > ~/.zfunc/_wasmx\n  \
                     wasmx completions fish > ~/.config/fish/completions/wasmx.fish",
                )
        }))
}

fn output() -> Arg {
    Arg::new("output")
        .short('o')
        .long("output")
        .value_name("FILE")
        .value_hint(ValueHint::FilePath)
        .value_parser(clap::value_parser!(OsString))
        .help("Where to write; standard output if absent or -")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_without_options_are_plain() {
        let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        for (line, args) in
            [("wasmx a.wasm", 0), ("wasmx run a.wasm", 0), ("wasmx a.wasm b run c", 3), ("wasmx run run.wasm run", 1)]
        {
            assert_eq!(plain_run(&words(line)).map(|(_, args)| args.len()), Some(args), "{line}");
            let matches = command().try_get_matches_from(with_subcommand(words(line))).expect("a command line");
            let (name, of_run) = matches.subcommand().expect("it has one");
            let given = of_run.get_many::<OsString>("args").into_iter().flatten().count();
            assert_eq!((name, given), ("run", args), "{line}");
        }
        for line in [
            "wasmx",
            "wasmx run",
            "wasmx inspect a.wasm",
            "wasmx help",
            "wasmx run help",
            "wasmx -",
            "wasmx a.wasm -x",
            "wasmx a.wasm -- b",
            "wasmx --color=never a.wasm",
            "wasmx a.wasm --invoke f",
        ] {
            assert_eq!(plain_run(&words(line)), None, "{line}");
        }
    }
}
