//! Who writes to which row. Writers of one service or thread wait here for one another, in turns, and hold neither a place among
//! those who write nor a connection meanwhile: many who write to one row take one connection, whoever they are.
//!
//! Nothing depends on it but who waits where. The database's own locks decide, and keep those of other replicas apart.

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

/// What is written by one at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Row {
    /// A service, by its slug.
    Service(String),
    /// A thread.
    Thread(ThreadId),
    /// What a consumer has of a service.
    Consumer(ServiceId, OrganizationId),
    /// The configuration items of an organization.
    Items(OrganizationId),
    /// Organizations: which of them a write locks is known too late.
    Organizations,
}

impl Row {
    /// The thread that a key names, where it is its id.
    pub(in crate::store) fn thread(key: &ThreadKey) -> Option<Self> {
        match key {
            ThreadKey::Id(id) => ThreadId::parse(id).map(Self::Thread),
            ThreadKey::Number(_) | ThreadKey::Ref(_) => None,
        }
    }
}

/// So many lines are kept before those at which nobody is are forgotten.
const KEPT: usize = 1024;

/// The rows that are written to, each with a line of those who wait.
#[derive(Debug, Default)]
pub(in crate::store) struct Rows(Mutex<HashMap<Row, Arc<Turns>>>);

impl Rows {
    /// The line at a row: one place.
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

/// The rows that one write holds, until the last who knows them lets go.
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
    /// A row that is needed, and that another holds.
    busy: Option<Row>,
}

impl Held {
    /// None yet, of these, for whom they count.
    pub(in crate::store) fn none(rows: &Arc<Rows>, who: Principal) -> Self {
        Self(Arc::new(Inner { rows: Arc::clone(rows), who, state: Mutex::default() }))
    }

    /// Holds a row, unless another does: then it is noted as busy.
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

    /// Whether a row that is needed is held by another.
    pub(in crate::store) fn is_busy(&self) -> bool {
        self.locked().busy.is_some()
    }

    /// Waits for the row that was busy. Rows are waited for in their order, and none that comes later is held meanwhile, so that no two
    /// wait for each other.
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

    /// Lets others have all of them.
    pub(in crate::store) fn let_go(&self) {
        let held = std::mem::take(&mut *self.locked());
        drop(held);
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    /// Says that this row is about to be locked. Where another write of this process holds it, this one is undone, waits for it without
    /// a connection, and is begun again.
    pub(in crate::store) fn hold(&self, row: Row) -> Result<(), Error> {
        if self.held.take(row) {
            return Ok(());
        }
        Err(Error::Unavailable(DbErr::Custom("another writes to the same row".into())))
    }
}
