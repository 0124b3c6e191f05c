//! A thread's row, and the thread as the status machine sees it.

use entente_entity::thread;

use crate::{store::db::error::Error, thread::State};

/// The thread as the status machine sees it.
pub(in crate::store) fn read(row: &thread::Model) -> Result<State, Error> {
    let policy = row.policy.as_deref().map(serde_json::from_str).transpose()?;
    Ok(State {
        kind: row.kind,
        status: row.status,
        severity: row.severity,
        assignee: row.assignee.clone(),
        policy,
        level: row.level,
        deadlines_from: row.deadlines_from,
        levels_from: row.levels_from,
        acknowledge_by: row.acknowledge_by,
        resolve_by: row.resolve_by,
        acknowledge_breached: row.acknowledge_breached,
        resolve_breached: row.resolve_breached,
        opened_at: row.opened_at,
        acknowledged_at: row.acknowledged_at,
        resolved_at: row.resolved_at,
        closed_at: row.closed_at,
    })
}

/// Brings a row to where the status machine has come.
pub(in crate::store) fn put(row: &mut thread::Model, state: State) -> Result<(), Error> {
    let State {
        kind,
        status,
        severity,
        assignee,
        policy,
        level,
        deadlines_from,
        levels_from,
        acknowledge_by,
        resolve_by,
        acknowledge_breached,
        resolve_breached,
        opened_at,
        acknowledged_at,
        resolved_at,
        closed_at,
    } = state;
    // What is frozen stays as it was written.
    if row.policy.is_none() {
        row.policy = policy.as_ref().map(serde_json::to_string).transpose()?;
    }
    (row.kind, row.status, row.severity, row.assignee) = (kind, status, severity, assignee);
    (row.level, row.deadlines_from, row.levels_from) = (level, deadlines_from, levels_from);
    (row.acknowledge_by, row.resolve_by) = (acknowledge_by, resolve_by);
    (row.acknowledge_breached, row.resolve_breached) = (acknowledge_breached, resolve_breached);
    (row.opened_at, row.acknowledged_at) = (opened_at, acknowledged_at);
    (row.resolved_at, row.closed_at) = (resolved_at, closed_at);
    Ok(())
}
