//! Counting, and the list of failures that are expected.
//!
//! The list holds lines `suite/file.wast:line  reason`; `#` begins a comment. A failure that is not listed fails the
//! test, and so does a listed one that passes: the list can only shrink.

use std::collections::BTreeMap;
use std::io::Write;

/// What came of one script.
#[derive(Default)]
pub struct Outcome {
    /// Directives that are assertions, and all others (modules, registrations, plain invocations).
    pub assertions: usize,
    pub others: usize,
    /// Of the assertions: refusals of malformed text, which the parser of the scripts decides before any engine.
    pub by_text_parser: usize,
    pub failures: Vec<Failed>,
}

impl Outcome {
    /// Adds what came of a thread of the script.
    pub fn add(&mut self, other: Outcome) {
        self.assertions += other.assertions;
        self.others += other.others;
        self.by_text_parser += other.by_text_parser;
        self.failures.extend(other.failures);
    }
}

/// A directive that did not do what it should.
pub struct Failed {
    /// `suite/file.wast:line`.
    pub place: String,
    pub message: String,
    pub is_assertion: bool,
}

/// The sum over the files of a suite.
pub fn conclude(runner: &str, suite: &str, expected: &str, filtered: bool, outcomes: &[Outcome]) {
    let expected = parse_expectations(expected, suite);
    let sum = |f: fn(&Outcome) -> usize| outcomes.iter().map(f).sum::<usize>();
    let assertions = sum(|o| o.assertions);
    let failed = sum(|o| o.failures.iter().filter(|f| f.is_assertion).count());
    say(&format!(
        "{runner}: {suite}: {} files, {assertions} assertions, {} passed ({} of them decided by the text parser), \
         {} other directives\n",
        outcomes.len(),
        assertions - failed,
        sum(|o| o.by_text_parser),
        sum(|o| o.others),
    ));

    let mut unseen = expected.clone();
    let mut wrong = 0;
    let mut text = String::new();
    for failure in outcomes.iter().flat_map(|o| &o.failures) {
        if expected.contains_key(failure.place.as_str()) {
            unseen.remove(failure.place.as_str());
            continue;
        }
        wrong += 1;
        text.push_str(&format!("{}: {}\n", failure.place, failure.message));
    }
    if !filtered {
        for (place, reason) in unseen {
            wrong += 1;
            text.push_str(&format!("{place}: passes, but is expected to fail: {reason}\n"));
        }
    }
    if wrong != 0 {
        say(&text);
        panic!("{runner}: {suite}: {wrong} unexpected outcomes");
    }
}

fn parse_expectations<'a>(list: &'a str, suite: &str) -> BTreeMap<&'a str, &'a str> {
    list.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(char::is_whitespace).expect("`place reason`"))
        .filter(|(place, _)| place.split('/').next() == Some(suite))
        .map(|(place, reason)| (place, reason.trim()))
        .collect()
}

/// Prints past the capture of the test harness, so that the counts show in every run.
pub fn say(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(text.as_bytes());
    let _ = err.flush();
}
