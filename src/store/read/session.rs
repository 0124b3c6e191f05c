//! What one request reads through: who asks, and what was read for it already.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use entente_entity::{id::OrganizationId, organization, scalar::DateTime};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use tokio::sync::OnceCell;

use super::rounds::Rounds;
use crate::{
    definition::limits::is_key,
    policy::{Claims, Denied, Viewer},
    store::{
        Store,
        db::{error::Error, readers::Readers},
    },
    turns::apart::Gate,
};

/// A place among the requests in flight, until the last who holds it lets go.
pub type Place = Arc<tokio::sync::OwnedSemaphorePermit>;

/// Reads for one viewer, for as long as one request lasts.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    store: Store,
    viewer: Option<Viewer>,
    idempotency_key: Option<String>,
    /// Held by whatever works on the request.
    _place: Option<Place>,
    gate: Option<Gate>,
    read: Readers,
    rounds: Rounds,
    /// What else was read or made for the request, one of each type.
    kept: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    /// Up to when nothing can still appear in what the session reads.
    settled: OnceCell<DateTime>,
    writes: Mutex<HashMap<&'static str, usize>>,
}

impl Session {
    /// A session for whom the claims name; for nobody without claims.
    pub async fn open(
        store: &Store,
        claims: Option<Claims>,
        idempotency_key: Option<String>,
        place: Option<Place>,
        gate: Option<Gate>,
    ) -> Result<Self, Error> {
        let viewer = match claims {
            None => None,
            Some(claims) => {
                let organization = match &claims.organization {
                    Some(slug) => store.organization_id(slug).await?,
                    None => None,
                };
                Some(Viewer { claims, organization })
            }
        };
        Ok(Self::new(store, viewer, idempotency_key, place, gate))
    }

    /// A session for Entente itself.
    pub fn system(store: &Store) -> Self {
        Self::new(store, Some(Viewer::system()), None, None, None)
    }

    fn new(
        store: &Store,
        viewer: Option<Viewer>,
        idempotency_key: Option<String>,
        place: Option<Place>,
        gate: Option<Gate>,
    ) -> Self {
        Self(Arc::new(Inner {
            store: store.clone(),
            viewer,
            idempotency_key,
            _place: place,
            read: store.database.read.of_request(gate.clone()),
            gate,
            rounds: Rounds::default(),
            kept: Mutex::default(),
            settled: OnceCell::new(),
            writes: Mutex::default(),
        }))
    }

    /// Who asks.
    pub fn viewer(&self) -> Result<&Viewer, Denied> {
        self.0.viewer.as_ref().ok_or(Denied::Unauthenticated)
    }

    /// The store behind the session.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Where the request said that it is large, if it could.
    pub(in crate::store) fn gate(&self) -> Option<&Gate> {
        self.0.gate.as_ref()
    }

    pub(in crate::store) fn idempotency_key(&self) -> Option<&str> {
        self.0.idempotency_key.as_deref()
    }

    /// How many writes of this name the request asked for before this one.
    pub(in crate::store) fn count_write(&self, name: &'static str) -> usize {
        let mut writes = self.0.writes.lock().unwrap_or_else(PoisonError::into_inner);
        let count = writes.entry(name).or_default();
        *count += 1;
        *count - 1
    }

    pub(in crate::store) fn read(&self) -> &Readers {
        &self.0.read
    }

    pub(in crate::store) fn settled(&self) -> &OnceCell<DateTime> {
        &self.0.settled
    }

    pub(in crate::store) fn rounds(&self) -> &Rounds {
        &self.0.rounds
    }

    /// What a noun keeps for as long as the request lasts: nothing at first.
    pub(in crate::store) fn kept<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.entry(TypeId::of::<T>()).or_insert_with(|| Arc::<T>::default());
        Arc::clone(kept).downcast().unwrap_or_default()
    }
}

impl Store {
    /// The organization with this slug. Slugs never change and organizations never go, so it is remembered.
    async fn organization_id(&self, slug: &str) -> Result<Option<OrganizationId>, Error> {
        if let Some(id) = self.organization_ids.get(slug) {
            return Ok(Some(id));
        }
        if !is_key(slug) {
            return Ok(None);
        }
        let id: Option<OrganizationId> = organization::Entity::find()
            .select_only()
            .column(organization::Column::Id)
            .filter(organization::Column::Slug.eq(slug))
            .into_tuple()
            .one(&self.database.read)
            .await?;
        if let Some(id) = id {
            self.organization_ids.insert(slug.to_owned(), id);
        }
        Ok(id)
    }
}

/// Makes what reads one noun through a session, and the way to it: `session.things()`. Whoever goes that way imports it.
macro_rules! reads {
    ($(#[$doc:meta])* $Noun:ident, $Read:ident, $nouns:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $Noun<'s>(&'s $crate::store::read::session::Session);

        impl std::ops::Deref for $Noun<'_> {
            type Target = $crate::store::read::session::Session;

            fn deref(&self) -> &Self::Target {
                self.0
            }
        }

        /// The way to them.
        pub trait $Read {
            $(#[$doc])*
            fn $nouns(&self) -> $Noun<'_>;
        }

        impl $Read for $crate::store::read::session::Session {
            fn $nouns(&self) -> $Noun<'_> {
                $Noun(self)
            }
        }
    };
}

pub(in crate::store) use reads;
