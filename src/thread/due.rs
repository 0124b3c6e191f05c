//! The effect of time on a thread: missed deadlines are recorded, and a thread that is not resolved is raised to the
//! next level.

use entente_entity::scalar::DateTime;

use super::{State, event::Happened};

/// The next time at which the clock must process the thread; `None` if there is none in the current state.
pub fn next(state: &State) -> Option<DateTime> {
    if !state.is_open() {
        return None;
    }
    let row = &state.row;
    let acknowledge = row.acknowledge_by.filter(|_| row.acknowledged_at.is_none() && !row.acknowledge_breached);
    let resolve = row.resolve_by.filter(|_| !row.resolve_breached);
    [acknowledge, resolve, state.next_raise_at()].into_iter().flatten().min()
}

/// The events that became due until an instant and are not recorded yet, in the order of their times.
pub fn missed(state: &State, now: DateTime) -> Vec<Happened> {
    let row = &state.row;
    let is_new = |happened: &Happened| match happened {
        Happened::AcknowledgeBreached { .. } => !row.acknowledge_breached,
        Happened::ResolveBreached { .. } => !row.resolve_breached,
        Happened::Raised { level, .. } => row.level < Some(*level),
        _ => true,
    };
    let from = next(state).filter(|next| *next <= now);
    from.map(|from| due(state, from, now)).unwrap_or_default().into_iter().filter(is_new).collect()
}

/// All events that became due between two instants, both included, in the order of their times. Some may be recorded
/// already: the timeline accepts each event only once.
pub fn due(state: &State, from: DateTime, to: DateTime) -> Vec<Happened> {
    if !state.is_open() {
        return Vec::new();
    }
    let (row, mut due) = (&state.row, Vec::new());
    let mut look = |at: Option<DateTime>, happened: fn(DateTime, i32) -> Happened, level: i32| {
        if let Some(at) = at.filter(|at| (from..=to).contains(at)) {
            due.push((at, happened(at, level)));
        }
    };
    let acknowledge = row.acknowledge_by.filter(|_| row.acknowledged_at.is_none());
    look(acknowledge, |due_at, _| Happened::AcknowledgeBreached { due_at }, 0);
    look(row.resolve_by, |due_at, _| Happened::ResolveBreached { due_at }, 0);
    for level in state.policy.iter().flat_map(|policy| &policy.levels) {
        let at = row.levels_from.map(|from| DateTime(from.0 + level.delay()));
        look(at, |due_at, level| Happened::Raised { level, due_at: Some(due_at) }, level.level);
    }
    due.sort_by_key(|(at, _)| *at);
    due.into_iter().map(|(_, happened)| happened).collect()
}
