//! `Idempotency-Key`: the result of a key is stored, and returned again.

use chrono::TimeDelta;
use entente_entity::{idempotency, scalar::DateTime};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::{
    mutation::{Write, Written},
    writer::Writer,
};
use crate::{
    policy::{Claims, Viewer},
    problem::{Problem, Rule},
    store::db::error::{Error, Refusal},
};

/// The version of the hash of a request. It must be increased if the same request gets another hash than before. A new
/// optional field does not need that: a field that is left out is not in the hash.
const VERSION: i32 = 2;
/// How long a key is stored.
const REMEMBERED: TimeDelta = TimeDelta::hours(72);

/// The owner of an `Idempotency-Key`: a subject of an organization, with or without `admin`. An organization that the
/// token claims counts even if it does not exist here. The same subject with `admin` is another owner, because its
/// results may contain what the other may not see.
fn principal(viewer: &Viewer) -> Result<String, serde_json::Error> {
    let Claims { organization, subject, .. } = &viewer.claims;
    match viewer.organization {
        Some(id) if !viewer.is_admin() => Ok(format!("{id} {subject}")),
        // Claims may be too long for an index.
        known => {
            let whole = serde_json::to_vec(&(known, organization, subject, viewer.is_admin()))?;
            Ok(format!("{:x}", Sha256::digest(whole)))
        }
    }
}

/// An `Idempotency-Key` with its owner and the hash of its request.
pub(in crate::store) struct IdempotencyKey {
    principal: String,
    key: String,
    request: String,
}

impl IdempotencyKey {
    /// `place` is the number of earlier mutations with the same name in the request. Aliases do not matter.
    pub(in crate::store) fn new<W: Write>(key: &str, place: usize, write: &W, viewer: &Viewer) -> Result<Self, Error> {
        let mut hash = Sha256::new();
        hash.update(write.name());
        hash.update([0]);
        hash.update(serde_json::to_vec(write)?);
        Ok(Self {
            principal: principal(viewer)?,
            key: format!("{} {place} {key}", write.name()),
            request: format!("{:x}", hash.finalize()),
        })
    }

    /// The stored result; a problem if it is of another request. `None` if there is none: then the key is claimed, and
    /// other writes with the same key wait for the end of this one.
    pub(in crate::store) async fn recall_or_claim<D: DeserializeOwned>(
        &self,
        writer: &Writer,
    ) -> Result<Option<Written<D>>, Refusal> {
        let id = (self.principal.clone(), self.key.clone());
        match idempotency::Entity::find_by_id(id.clone()).one(&writer.transaction).await? {
            None => {}
            Some(row) if row.created_at.0 <= writer.now.0 - REMEMBERED => {
                idempotency::Entity::delete_by_id(id).exec(&writer.transaction).await?;
            }
            // A row of another version of the program: its hash cannot be compared.
            Some(row) if row.version != VERSION || row.request == self.request => {
                let done = serde_json::from_str(&row.outcome).map_err(Error::from)?;
                return Ok(Some(Written { done, first_change: row.first_change }));
            }
            Some(_) => return Err(Problem::at([] as [&str; 0], Rule::OtherRequest).into()),
        }
        let row = idempotency::ActiveModel {
            principal: Set(self.principal.clone()),
            key: Set(self.key.clone()),
            request: Set(self.request.clone()),
            version: Set(VERSION),
            outcome: Set(String::new()),
            first_change: Set(None),
            created_at: Set(writer.now),
        };
        idempotency::Entity::insert(row).exec_without_returning(&writer.transaction).await?;
        Ok(None)
    }

    pub(in crate::store) async fn remember<D: Serialize>(
        &self,
        writer: &Writer,
        written: &Written<D>,
    ) -> Result<(), Error> {
        let row = idempotency::ActiveModel {
            principal: Set(self.principal.clone()),
            key: Set(self.key.clone()),
            outcome: Set(serde_json::to_string(&written.done)?),
            first_change: Set(written.first_change),
            ..Default::default()
        };
        idempotency::Entity::update(row).exec(&writer.transaction).await?;
        idempotency::Entity::delete_many()
            .filter(idempotency::Column::CreatedAt.lte(DateTime(writer.now.0 - REMEMBERED)))
            .exec(&writer.transaction)
            .await?;
        Ok(())
    }
}
