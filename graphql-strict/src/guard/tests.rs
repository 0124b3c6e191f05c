//! The guard: with attacks, and in comparison with the parser and the validation behind it.

mod attacks;
mod bounds;
mod documents;
pub mod library;
mod reading;
mod variables;

use std::time::{Duration, Instant};

use async_graphql::parser::{self, types::ExecutableDocument};

use super::{Exceeded, Guarded, Limit, Limits};

fn check(text: &str, limits: &Limits) -> Result<(), Exceeded> {
    Guarded::new(text, limits).map(drop)
}

/// The limits without the size of the text, so that a long text exceeds another limit.
fn of_any_length() -> Limits {
    Limits { document_bytes: usize::MAX, tokens: usize::MAX, comments: usize::MAX, ..Limits::default() }
}

#[track_caller]
fn passes(text: &str) {
    assert_eq!(check(text, &Limits::default()), Ok(()), "{text}");
}

#[track_caller]
fn refuses(limit: Limit, text: &str, limits: &Limits) -> Exceeded {
    let shown: String = text.chars().take(200).collect();
    let exceeded = check(text, limits).expect_err(&shown);
    assert_eq!(exceeded.limit, limit, "{exceeded}: {shown}");
    assert!(exceeded.found > exceeded.allowed);
    exceeded
}

/// The size of a worker thread's stack.
const STACK: usize = 2 * 1024 * 1024;

/// Runs work on a thread with such a stack, and returns the time. An overflow would end the test process.
pub fn on_small_stack<T: Send>(work: impl FnOnce() -> T + Send) -> (T, Duration) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let running = thread
            .spawn_scoped(scope, || {
                let start = Instant::now();
                (work(), start.elapsed())
            })
            .unwrap();
        running.join().unwrap()
    })
}

/// A long time, for a debug build on a busy machine: a successful attack needs seconds or never ends.
pub const PATIENCE: Duration = Duration::from_secs(1);

fn parse(text: &str) -> Result<ExecutableDocument, parser::Error> {
    let (parsed, took) = on_small_stack(|| parser::parse_query(text));
    assert!(took < PATIENCE, "parsed in {took:?}: {text}");
    parsed
}
