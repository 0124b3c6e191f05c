//! A queue for each row that is written. Writers of one service or thread wait here for each other. Meanwhile they hold
//! neither a turn nor a connection, so that many writers of one row use one connection.
//!
//! This is only a queue; correctness depends on the locks of the database. They also separate the replicas.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entente_entity::id::{OrganizationId, ServiceId, ThreadId};
use sea_orm::DbErr;

use super::writer::Writer;
use crate::{
    store::db::error::Error,
    thread::input::ThreadKey,
    turns::{Principal, Shares, Turn, Turns},
};

/// What only one write at a time changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Row {
    /// A service, by its slug.
    Service(String),
    /// A thread.
    Thread(ThreadId),
    /// What belongs to a consumer of a service.
    Consumer(ServiceId, OrganizationId),
    /// The configuration items of an organization.
    Items(OrganizationId),
    /// All organizations, because a write knows too late which of them it locks.
    Organizations,
}

impl Row {
    /// The thread with this key, if the key is an id; otherwise `None`.
    pub(in crate::store) fn thread(key: &ThreadKey) -> Option<Self> {
        match key {
            ThreadKey::Id(id) => ThreadId::parse(id).map(Self::Thread),
            ThreadKey::Number(_) | ThreadKey::Ref(_) => None,
        }
    }
}

/// If there are this many queues, the unused ones are removed.
const KEPT: usize = 1024;

/// The queues of the rows that are written.
#[derive(Debug, Default)]
pub(in crate::store) struct Rows(Mutex<HashMap<Row, Arc<Turns>>>);

impl Rows {
    /// The queue of a row; it admits one write.
    fn line(&self, row: &Row) -> Arc<Turns> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(row) {
            return Arc::clone(line);
        }
        if lines.len() >= KEPT {
            lines.retain(|_, line| Arc::strong_count(line) > 1);
        }
        let line = Turns::new(1, Shares { part: 1.0, queue: usize::MAX });
        lines.insert(row.clone(), Arc::clone(&line));
        line
    }
}

/// The rows that one write holds. They are released with the last clone.
#[derive(Clone, Debug)]
pub(in crate::store) struct Held(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    rows: Arc<Rows>,
    who: Principal,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: BTreeMap<Row, Turn>,
    /// A row that this write needs and another one holds.
    busy: Option<Row>,
}

impl Held {
    /// No rows. `who` has the share of the turns.
    pub(in crate::store) fn none(rows: &Arc<Rows>, who: Principal) -> Self {
        Self(Arc::new(Inner { rows: Arc::clone(rows), who, state: Mutex::default() }))
    }

    /// Holds a row. False if another write holds it; the row is then noted as busy.
    pub(in crate::store) fn take(&self, row: Row) -> bool {
        let mut state = self.locked();
        if state.held.contains_key(&row) {
            return true;
        }
        match self.0.rows.line(&row).take_now(&self.0.who) {
            Some(turn) => {
                state.held.insert(row, turn);
                true
            }
            None => {
                state.busy = Some(row);
                false
            }
        }
    }

    /// Whether another write holds a row that this one needs.
    pub(in crate::store) fn is_busy(&self) -> bool {
        self.locked().busy.is_some()
    }

    /// Waits for the busy row. Rows are waited for in their order, and rows that come later are released before, so
    /// that there is no deadlock.
    pub(in crate::store) async fn wait(&self) -> Result<(), Error> {
        let wanted: Vec<Row> = {
            let mut state = self.locked();
            let Some(busy) = state.busy.take() else { return Ok(()) };
            let later = state.held.split_off(&busy);
            [busy].into_iter().chain(later.into_keys()).collect()
        };
        for row in wanted {
            let turn = self.0.rows.line(&row).take(self.0.who.clone()).await?;
            self.locked().held.insert(row, turn);
        }
        Ok(())
    }

    /// Releases all rows.
    pub(in crate::store) fn let_go(&self) {
        let held = std::mem::take(&mut *self.locked());
        drop(held);
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    /// Must be called before this row is locked. If another write of this process holds it, the error makes this one
    /// roll back, wait without a connection, and run again.
    pub(in crate::store) fn hold(&self, row: Row) -> Result<(), Error> {
        if self.held.take(row) {
            return Ok(());
        }
        Err(Error::Unavailable(DbErr::Custom("another writes to the same row".into())))
    }
}
