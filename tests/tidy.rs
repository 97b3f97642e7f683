//! The rules of the house that the compiler does not know: which folder of `src/` may name which, how long a file may
//! grow, where `unsafe` may live and how it must be explained, that nothing unfinished is left behind, and that every
//! file says what it is for. Each rule reads the sources as text, so a breach is reported with its file and line.
//!
//! Shortcomings, admitted: the reader below knows comments, strings, characters and braces, not the grammar. It follows
//! `crate::`, `super::` and `wasm::` paths, which is how every import here is written.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Folders of `src/`, lowest first. A folder names only itself and those before it.
const LAYERS: &[&str] = &[
    "util",
    "sem",
    "sys",
    "text",
    "module",
    "debuginfo",
    "code",
    "vm",
    "jit",
    "interp",
    "runtime",
    "wasi",
    "component",
    "capi",
    "bin",
];

/// Folders that may contain `unsafe`: system calls, raw layouts, handlers, code memory, the C boundary.
const UNSAFE_FOLDERS: &[&str] = &["sys", "vm", "jit", "interp", "runtime", "capi"];

/// Single files with `unsafe` in folders that otherwise have none: here the records that machine words point to.
const UNSAFE_FILES: &[&str] = &["src/code/mod.rs", "src/code/tier.rs"];

/// Where a file without the word `unsafe` may still be full of it, because macros put it there.
const UNSAFE_BY_MACRO: &[&str] = &["src/interp/handlers/"];

/// Crates that only one folder may name, so that each can be replaced in one place.
const CONFINED_CRATES: &[(&str, &[&str])] = &[
    ("wasmparser", &["module"]),
    ("wast", &["text"]),
    ("addr2line", &["debuginfo"]),
    ("rustix", &["sys", "wasi"]),
    ("regalloc2", &["jit"]),
];

const MAX_LINES: usize = 800;

// ---------------------------------------------------------------------------------------------------------------------
// Reading

/// A source file, with comments and the contents of literals blanked out of `code` (line structure kept).
struct Source {
    path: PathBuf,
    /// Path relative to the package, with `/`.
    name: String,
    raw: Vec<String>,
    code: Vec<String>,
    /// Per line: the text of its comments.
    comments: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn walk(dir: &Path, extensions: &[&str], out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries {
        let path = entry.expect("a readable directory entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" && name != "out" && name != "build" {
                walk(&path, extensions, out);
            }
        } else if path.extension().is_some_and(|e| extensions.iter().any(|x| e == *x)) {
            out.push(path);
        }
    }
}

fn sources(dirs: &[&str], extensions: &[&str]) -> Vec<Source> {
    let mut paths = Vec::new();
    for dir in dirs {
        walk(&root().join(dir), extensions, &mut paths);
    }
    paths.sort();
    paths.into_iter().map(Source::read).collect()
}

impl Source {
    fn read(path: PathBuf) -> Source {
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let name = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        Source::parse(path, name, &text)
    }

    fn parse(path: PathBuf, name: String, text: &str) -> Source {
        let (code, comments) = split_comments(text);
        let lines = |s: &str| s.split('\n').map(str::to_owned).collect::<Vec<_>>();
        Source { path, name, raw: lines(text), code: lines(&code), comments: lines(&comments) }
    }

    /// The folder of `src/` this file is in; `None` for the files beside `lib.rs`.
    fn layer(&self) -> Option<&str> {
        let rest = self.name.strip_prefix("src/")?;
        rest.split_once('/').map(|(folder, _)| folder)
    }

    /// How deep the module of this file lies below the crate root: 1 for `src/vm/mod.rs`, 2 for `src/vm/trap.rs`.
    fn depth(&self) -> usize {
        let below = self.name.matches('/').count();
        if self.name.ends_with("/mod.rs") { below - 1 } else { below }
    }
}

/// Splits a Rust (or C) text into its code, with literals emptied, and its comments; both keep every line break.
fn split_comments(text: &str) -> (String, String) {
    let s: Vec<char> = text.chars().collect();
    let (mut code, mut comments) = (String::new(), String::new());
    let at = |i: usize| s.get(i).copied().unwrap_or('\0');
    let mut i = 0;
    while i < s.len() {
        let c = s[i];
        if c == '/' && at(i + 1) == '/' {
            while i < s.len() && s[i] != '\n' {
                comments.push(s[i]);
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            let mut nesting = 0;
            while i < s.len() {
                if s[i] == '/' && at(i + 1) == '*' {
                    nesting += 1;
                    comments.push_str("/*");
                    i += 2;
                } else if s[i] == '*' && at(i + 1) == '/' {
                    nesting -= 1;
                    comments.push_str("*/");
                    i += 2;
                    if nesting == 0 {
                        break;
                    }
                } else {
                    comments.push(s[i]);
                    if s[i] == '\n' {
                        code.push('\n');
                    }
                    i += 1;
                }
            }
        } else if let Some(hashes) = raw_string_at(&s, i) {
            // r"..." or r##"..."##: ends at a quote followed by as many hashes.
            i += s[i..].iter().position(|&c| c == '"').unwrap_or(0) + 1;
            code.push_str("\"\"");
            while i < s.len() && !(s[i] == '"' && (1..=hashes).all(|k| at(i + k) == '#')) {
                if s[i] == '\n' {
                    code.push('\n');
                    comments.push('\n');
                }
                i += 1;
            }
            i += 1 + hashes;
        } else if c == '"' {
            code.push_str("\"\"");
            i += 1;
            while i < s.len() && s[i] != '"' {
                if s[i] == '\\' {
                    i += 1;
                }
                if at(i) == '\n' {
                    code.push('\n');
                    comments.push('\n');
                }
                i += 1;
            }
            i += 1;
        } else if c == '\'' && (at(i + 1) == '\\' || at(i + 2) == '\'') {
            // A character literal; anything else after a quote is a lifetime.
            code.push_str("''");
            i += if at(i + 1) == '\\' { 3 } else { 2 };
            while i < s.len() && s[i] != '\'' {
                i += 1;
            }
            i += 1;
        } else {
            code.push(c);
            if c == '\n' {
                comments.push('\n');
            }
            i += 1;
        }
    }
    (code, comments)
}

/// The number of hashes when a raw string literal starts at `i`.
fn raw_string_at(s: &[char], i: usize) -> Option<usize> {
    if i > 0 && is_word(s[i - 1]) && !(matches!(s[i - 1], 'b' | 'c') && (i < 2 || !is_word(s[i - 2]))) {
        return None;
    }
    if s[i] != 'r' {
        return None;
    }
    let hashes = s[i + 1..].iter().take_while(|&&c| c == '#').count();
    (s.get(i + 1 + hashes) == Some(&'"')).then_some(hashes)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Byte positions of `word` in `line` where it stands as a word of its own.
fn words(line: &str, word: &str) -> Vec<usize> {
    line.match_indices(word)
        .map(|(at, _)| at)
        .filter(|&at| !line[..at].ends_with(is_word) && !line[at + word.len()..].starts_with(is_word))
        .collect()
}

/// Panics with every breach found.
fn verdict(rule: &str, breaches: Vec<String>) {
    if !breaches.is_empty() {
        let mut text = String::new();
        for breach in &breaches {
            let _ = writeln!(text, "  {breach}");
        }
        panic!("{rule}: {} breach(es)\n{text}", breaches.len());
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Layering

fn rank(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|l| *l == layer)
}

/// The first segments named after a path prefix that ends at `at` in `text`: one, or several in braces.
fn heads(text: &str, at: usize) -> Vec<String> {
    let rest = text[at..].trim_start();
    if let Some(group) = rest.strip_prefix('{') {
        let (mut heads, mut nesting, mut start) = (Vec::new(), 0usize, true);
        let mut word = String::new();
        for c in group.chars() {
            match c {
                '{' => nesting += 1,
                '}' if nesting == 0 => break,
                '}' => nesting -= 1,
                ',' if nesting == 0 => {
                    heads.push(std::mem::take(&mut word));
                    start = true;
                    continue;
                }
                c if nesting == 0 && start && is_word(c) => word.push(c),
                c if nesting == 0 && !c.is_whitespace() => start = false,
                _ => {}
            }
        }
        heads.push(word);
        heads.retain(|h| !h.is_empty());
        heads
    } else {
        let word: String = rest.chars().take_while(|&c| is_word(c)).collect();
        if word.is_empty() { Vec::new() } else { vec![word] }
    }
}

/// Every (line, folder) that a source names, through `crate::`, through `super::` chains that leave its folder, or
/// through `wasm::` from a program.
fn named_layers(source: &Source) -> Vec<(usize, String)> {
    let text = source.code.join("\n");
    let line_of = |at: usize| text[..at].matches('\n').count() + 1;
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        if !text[..at].ends_with(is_word) {
            found.extend(heads(&text, at + "crate::".len()).into_iter().map(|h| (line_of(at), h)));
        }
    }
    // Inline modules deepen what `super` counts from.
    let (mut inline, mut nesting) = (Vec::new(), 0usize);
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let word_start = !text[..at].ends_with(is_word);
        if rest.starts_with('{') {
            nesting += 1;
            let before = text[..at].trim_end();
            let name_end = before.trim_end_matches(is_word).trim_end();
            if name_end.ends_with("mod") && !name_end[..name_end.len() - 3].ends_with(is_word) {
                inline.push(nesting);
            }
        } else if rest.starts_with('}') {
            if inline.last() == Some(&nesting) {
                inline.pop();
            }
            nesting = nesting.saturating_sub(1);
        } else if word_start && rest.starts_with("super::") && !text[..at].ends_with("::") {
            let chain = rest.split("super::").take_while(|s| s.is_empty()).count();
            let end = at + chain * "super::".len();
            if chain >= source.depth() + inline.len() {
                found.extend(heads(&text, end).into_iter().map(|h| (line_of(at), h)));
            }
            at = end;
            continue;
        }
        at += rest.chars().next().map_or(1, char::len_utf8);
    }
    found
}

#[test]
fn folders_import_only_downwards() {
    let mut breaches = Vec::new();
    for source in sources(&["src"], &["rs"]) {
        let Some(layer) = source.layer() else { continue };
        let Some(own) = rank(layer) else {
            breaches.push(format!("{}: folder `{layer}` has no place in LAYERS", source.name));
            continue;
        };
        for (line, named) in named_layers(&source) {
            if rank(&named).is_some_and(|r| r > own) {
                breaches.push(format!("{}:{line}: `{layer}` names `{named}`", source.name));
            }
        }
    }
    breaches.dedup();
    verdict("layering", breaches);
}

#[test]
fn confined_crates_stay_behind_their_folder() {
    let mut breaches = Vec::new();
    for source in sources(&["src"], &["rs"]) {
        for (krate, homes) in CONFINED_CRATES {
            // Tests write their modules as text where they need them.
            let in_tests = *krate == "wast" && source.name.contains("/tests");
            if in_tests || source.layer().is_some_and(|l| homes.contains(&l)) {
                continue;
            }
            for (i, line) in source.code.iter().enumerate() {
                for at in words(line, krate) {
                    if line[at + krate.len()..].starts_with("::") {
                        breaches.push(format!("{}:{}: `{krate}` belongs to {homes:?}", source.name, i + 1));
                    }
                }
            }
        }
    }
    verdict("confined crates", breaches);
}

// ---------------------------------------------------------------------------------------------------------------------
// Unsafe

const FORBID: &str = "#![forbid(unsafe_code)]";

fn forbids(source: &Source) -> bool {
    source.code.iter().any(|l| l.trim() == FORBID)
}

/// Lines on which the `unsafe` keyword stands (attributes like `#[unsafe(no_mangle)]` do not count).
fn unsafe_lines(source: &Source) -> Vec<usize> {
    let keyword = |line: &String| words(line, "unsafe").iter().any(|&at| !line[at + "unsafe".len()..].starts_with('('));
    source.code.iter().enumerate().filter(|(_, line)| keyword(line)).map(|(i, _)| i).collect()
}

/// Whether the file or a module above it forbids unsafe code.
fn is_forbidden(source: &Source, all: &[Source]) -> bool {
    forbids(source) || all.iter().any(|other| is_head_above(other, source) && forbids(other))
}

/// Whether `head` is the `mod.rs` of a folder that `source` lies in.
fn is_head_above(head: &Source, source: &Source) -> bool {
    head.name != source.name && head.name.strip_suffix("mod.rs").is_some_and(|folder| source.name.starts_with(folder))
}

#[test]
fn unsafe_lives_in_its_rooms() {
    let all = sources(&["src"], &["rs"]);
    let mut breaches = Vec::new();
    for source in &all {
        let Some(layer) = source.layer() else { continue };
        let lines = unsafe_lines(source);
        let may = UNSAFE_FOLDERS.contains(&layer) || UNSAFE_FILES.contains(&source.name.as_str());
        if !may {
            if let Some(line) = lines.first() {
                breaches.push(format!("{}:{}: no unsafe code in `{layer}`", source.name, line + 1));
            }
        }
        // A `forbid` in a folder's head binds every file below it, so heads of folders with unsafe code are excused, and
        // tests, which have it at times.
        let excused = UNSAFE_FOLDERS.contains(&layer)
            && (source.name.ends_with("/mod.rs") || source.name.contains("/tests"))
            || UNSAFE_BY_MACRO.iter().any(|folder| source.name.starts_with(folder));
        if lines.is_empty() && !excused && !is_forbidden(source, &all) {
            breaches.push(format!("{}: has no unsafe code, so let it say {FORBID}", source.name));
        }
    }
    verdict("unsafe allow-list", breaches);
}

/// Whether a comment matching `wanted` belongs to line `i`: on it, on the first line inside its block, or above it,
/// across attributes, other comment lines, and the earlier lines of the same statement.
fn explained(source: &Source, i: usize, wanted: &str) -> bool {
    if source.comments[i].contains(wanted) {
        return true;
    }
    if source.code[i].trim_end().ends_with('{') && source.comments.get(i + 1).is_some_and(|c| c.contains(wanted)) {
        return true;
    }
    for above in (0..i).rev() {
        if source.comments[above].contains(wanted) {
            return true;
        }
        let code = source.code[above].trim();
        let comment_only = code.is_empty() && !source.comments[above].trim().is_empty();
        let attribute = code.starts_with("#[") || code.ends_with(")]");
        // A run of blocks, one a line, may share the comment above the first.
        let sibling = words(code, "unsafe").len() == 1 && code.contains("unsafe {") && code.contains('}');
        let unfinished = !code.is_empty() && !code.ends_with([';', '{', '}']);
        if !(comment_only || attribute || sibling || unfinished) {
            return false;
        }
    }
    false
}

/// Whether the opening comment of a file has a `# Safety` section.
fn has_contract(source: &Source) -> bool {
    let head = source.raw.iter().take_while(|l| l.starts_with("//!") || l.trim().is_empty());
    head.into_iter().any(|l| l.contains("# Safety"))
}

#[test]
fn unsafe_is_explained() {
    let mut breaches = Vec::new();
    let all = sources(&["src"], &["rs"]);
    for source in &all {
        // Handlers and C entry points state once, in a `# Safety` section at the head of the file or of its folder, the
        // contract that all their `unsafe fn`s share.
        let shared_contract =
            has_contract(source) || all.iter().any(|other| is_head_above(other, source) && has_contract(other));
        for i in unsafe_lines(source) {
            let line = &source.code[i];
            for at in words(line, "unsafe") {
                let rest = line[at + "unsafe".len()..].trim_start();
                let place = format!("{}:{}", source.name, i + 1);
                let declares = rest.starts_with("fn ") || (rest.starts_with("extern") && rest.contains("fn "));
                if rest.starts_with("fn(") || rest.contains("fn(") && !declares {
                    continue; // the type of a function pointer
                } else if declares {
                    let public = line[..at].trim_start().starts_with("pub");
                    if public && !shared_contract && !explained(source, i, "# Safety") {
                        breaches.push(format!("{place}: a public unsafe fn documents `# Safety`"));
                    }
                } else if !explained(source, i, "SAFETY:") {
                    breaches.push(format!("{place}: unsafe without a `SAFETY:` comment"));
                }
            }
        }
    }
    verdict("explained unsafe", breaches);
}

// ---------------------------------------------------------------------------------------------------------------------
// Shape

const EVERYWHERE: &[&str] =
    &["src", "tests", "c-tests", "examples-c", "examples-ffi", "examples-wat", "benches", "fuzz", "include"];

#[test]
fn files_stay_short() {
    let mut breaches = Vec::new();
    for source in sources(EVERYWHERE, &["rs", "c", "h", "cpp", "hpp"]) {
        // The three headers are written by a program, from many short files.
        if source.name.starts_with("include/") {
            continue;
        }
        let lines = source.raw.len() - usize::from(source.raw.last().is_some_and(String::is_empty));
        if lines > MAX_LINES {
            breaches.push(format!("{}: {lines} lines", source.name));
        }
    }
    verdict("file length", breaches);
}

#[test]
fn files_say_what_they_are() {
    let mut breaches = Vec::new();
    for source in sources(EVERYWHERE, &["rs"]) {
        if !source.raw.first().is_some_and(|l| l.starts_with("//!")) {
            breaches.push(format!("{}: does not open with `//!`", source.name));
        }
    }
    for source in sources(&["c-tests", "examples-c", "tests"], &["c", "h", "cpp", "hpp"]) {
        if !source.raw.first().is_some_and(|l| l.starts_with("/*") || l.starts_with("//")) {
            breaches.push(format!("{}: does not open with a comment", source.name));
        }
    }
    verdict("opening lines", breaches);
}

#[test]
fn nothing_is_left_unfinished() {
    // Spelled in halves, so that this file passes its own inspection.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("to", "do!"),
        concat!("unimpl", "emented!"),
        concat!("#[ig", "nore"),
    ];
    let mut breaches = Vec::new();
    for source in sources(EVERYWHERE, &["rs", "c", "h", "cpp", "hpp", "sh", "wat"]) {
        for (i, line) in source.raw.iter().enumerate() {
            for mark in marks {
                if line.match_indices(mark).any(|(at, _)| !line[..at].ends_with(is_word)) {
                    breaches.push(format!("{}:{}: {mark}", source.name, i + 1));
                }
            }
        }
    }
    verdict("unfinished work", breaches);
}

// ---------------------------------------------------------------------------------------------------------------------
// The inspector, inspected

fn sample(name: &str, text: &str) -> Source {
    Source::parse(PathBuf::from(name), name.to_owned(), text)
}

#[test]
fn reader_tells_code_from_comments_and_literals() {
    let s = sample(
        "src/vm/a.rs",
        "let a = \"unsafe { // no\"; // unsafe {\nlet b = r#\"\"unsafe\"\"#; let c = '\"'; x::<'a>()\n",
    );
    assert!(unsafe_lines(&s).is_empty(), "{:?}", s.code);
    assert!(s.comments[0].contains("unsafe"));
    assert_eq!(s.code.len(), s.raw.len());
    assert_eq!(s.comments.len(), s.raw.len());
    assert!(s.code[1].ends_with("x::<'a>()"), "{:?}", s.code[1]);
    let s = sample("src/vm/a.rs", "/* a\n/* b */ c\n*/ let x = b\"\\\"\";\nunsafe fn f() {}");
    assert_eq!(unsafe_lines(&s), [3]);
    assert!(s.path.ends_with("a.rs"));
}

#[test]
fn reader_follows_paths() {
    let s = sample(
        "src/vm/trap.rs",
        "use crate::{util::v128, runtime::{self, store}};\nuse super::layout;\nmod tests { use super::super::code; }\nuse super::super::interp::x;\n// crate::capi\n",
    );
    let named: Vec<_> = named_layers(&s).into_iter().collect();
    let expect = [(1, "util"), (1, "runtime"), (4, "interp")].map(|(l, n)| (l, n.to_owned()));
    assert_eq!(named, expect);
}

#[test]
fn reader_finds_explanations() {
    let s = sample(
        "src/vm/a.rs",
        "// SAFETY: one\n#[cfg(x)]\nlet a =\n    unsafe { f() };\nlet b = unsafe { g() };\nlet c = 1;\nlet d = unsafe { h() };\n",
    );
    assert!(explained(&s, 3, "SAFETY:"));
    assert!(explained(&s, 4, "SAFETY:"));
    assert!(!explained(&s, 6, "SAFETY:"));
}
