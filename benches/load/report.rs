//! The measurements, with the required values.

use std::time::Duration;

use super::{Figures, Question, support::client::Measured, support::database::Kind};

/// The required values for one query: the part of the limit's requests per second, the median time with one connection, and the time of the
/// limit on the machine on which that was set.
fn bar(question: &str, kind: Kind) -> Option<(f64, f64, f64)> {
    match (question, kind) {
        ("Q1", Kind::Postgres) => Some((0.8, 0.7, 0.42)),
        ("Q1", Kind::Sqlite) => Some((0.8, 0.7, 0.22)),
        ("Q2", Kind::Postgres) => Some((1.3, 3.0, 4.2)),
        ("Q2", Kind::Sqlite) => Some((2.0, 3.0, 3.1)),
        _ => None,
    }
}

/// Prints the first answers of servers that were just started.
pub fn cold(measured: &[(&'static str, Duration, Measured)]) {
    println!("\n| cold | start to ready, ms | first answer, ms | p50, ms | p99, ms |\n|---|---:|---:|---:|---:|");
    for (question, ready_in, waits) in measured {
        let ready = ready_in.as_secs_f64() * 1000.0;
        println!(
            "| {question} | {ready:.0} | {:.2} | {:.2} | {:.2} |",
            waits.first,
            waits.percentile(50),
            waits.percentile(99)
        );
    }
    println!();
}

/// Prints the measurements of running servers, with those of the previous build if there are any.
pub fn warm(kind: Kind, questions: &[Question], figures: &[[Figures; 3]]) {
    println!("\n| warm | Entente | limit | ratio | bar | | before |\n|---|---:|---:|---:|---:|---|---:|");
    for (question, figures) in questions.iter().zip(figures) {
        let name = question.name;
        let bar = bar(name, kind);
        let all = |of: fn(&Figures) -> &Vec<f64>| [0, 1, 2].map(|at| figures[at].median(of));
        let rates = all(|it| &it.per_second);
        let held = bar.map(|(ratio, ..)| (ratio, rates[0] / rates[1] >= ratio));
        line(name, "requests/s at 32", 0, rates, held);
        line(name, "CPU ms a request", 3, all(|it| &it.cpu), None);
        line(name, "p50 ms at 32", 2, all(|it| &it.p50), None);
        line(name, "p99 ms at 32", 2, all(|it| &it.p99), None);
        let alone = all(|it| &it.p50_alone);
        let held = bar.map(|(_, time, limits)| time / limits * alone[1]).map(|most| (most, alone[0] <= most));
        line(name, "p50 ms at 1", 2, alone, held);
    }
}

fn line(question: &str, what: &str, digits: usize, [ours, limit, before]: [f64; 3], bar: Option<(f64, bool)>) {
    let shown = |figure: f64, digits: usize| match figure.is_nan() {
        true => String::new(),
        false => format!("{figure:.digits$}"),
    };
    let (bar, held) = match bar {
        None => (f64::NAN, ""),
        Some((bar, true)) => (bar, "held"),
        Some((bar, false)) => (bar, "missed"),
    };
    let [ours_shown, limit_shown, before] = [ours, limit, before].map(|figure| shown(figure, digits));
    let (ratio, bar) = (shown(ours / limit, 2), shown(bar, 2));
    println!("| {question}: {what} | {ours_shown} | {limit_shown} | {ratio} | {bar} | {held} | {before} |");
}

/// Prints the memory of both servers.
pub fn memory(ours: f64, limit: f64) {
    let held = if ours <= 200.0 { "held" } else { "missed" };
    println!("| memory, MiB | {ours:.0} | {limit:.0} | | 200 | {held} | |\n");
}
