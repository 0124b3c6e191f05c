//! Renames the keys of elements, and the references to them by key.

use entente_entity::{element, enums::ElementKind, id::ServiceId, service_consumer};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{CaseStatement, Expr},
};

use super::current::{Current, Identities};
use crate::{
    definition::rename::{self, Rename},
    store::{db::error::Error, service::ServiceWrites},
};

/// Renames of elements, with the rows to write.
#[derive(Default)]
pub(in crate::store) struct Renames {
    pub(in crate::store) all: Vec<Rename>,
    /// Removed elements that give up their keys.
    gone: Vec<element::Model>,
    /// The elements with their new keys.
    renamed: Vec<element::Model>,
}

impl Current {
    /// Renames elements and the references to them, in memory. The elements keep their ids.
    pub(in crate::store) fn rename(&mut self, renames: Vec<Rename>, identities: &mut Identities) -> Renames {
        if renames.is_empty() {
            return Renames::default();
        }
        let mut terms = self.definition.terms.clone();
        rename::rename(&mut terms, &mut self.links, &renames);
        self.renamed = Some(terms);
        let (mut gone, mut renamed) = (Vec::new(), Vec::new());
        for Rename { kind, id, from, to } in &renames {
            // A removed element may have had the new key. It keeps its id, under a key that no other element can have.
            if let Some(row) = identities.remove(&(*kind, to.to_string())) {
                gone.push(element::Model { key: format!("~{}", row.id.0.simple()), ..row });
            }
            if let Some(row) = identities.remove(&(*kind, from.to_string())) {
                debug_assert_eq!(row.id, *id, "the key is taken");
                renamed.push(element::Model { key: to.to_string(), ..row });
            }
        }
        identities.extend(renamed.iter().map(|row| ((row.kind, row.key.clone()), row.clone())));
        Renames { all: renames, gone, renamed }
    }
}

impl ServiceWrites<'_> {
    /// Writes renamed elements, and the offerings of consumers.
    pub(in crate::store) async fn write_renames(self, service: ServiceId, renames: &Renames) -> Result<(), Error> {
        for rows in [&renames.gone, &renames.renamed].into_iter().filter(|rows| !rows.is_empty()) {
            let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model).collect();
            self.upsert(rows, element::Column::Id, &[element::Column::Key]).await?;
        }
        self.rename_offerings(service, &renames.all).await
    }

    async fn rename_offerings(self, service: ServiceId, renames: &[Rename]) -> Result<(), Error> {
        let renames: Vec<_> = renames.iter().filter(|rename| rename.kind == ElementKind::Offering).collect();
        if renames.is_empty() {
            return Ok(());
        }
        use service_consumer::Column::{Offering, ServiceId as Service};
        let new = renames.iter().fold(CaseStatement::new(), |new, Rename { from, to, .. }| {
            new.case(Offering.eq(from.as_str()), Expr::val(to.as_str()))
        });
        service_consumer::Entity::update_many()
            .col_expr(Offering, new.into())
            .filter(Service.eq(service))
            .filter(Offering.is_in(renames.iter().map(|rename| rename.from.as_str())))
            .exec(&self.transaction)
            .await?;
        Ok(())
    }
}
