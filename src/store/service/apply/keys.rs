//! Renames the keys of elements, and the references to them by key.

use std::collections::HashMap;

use entente_entity::{element, enums::ElementKind, service_consumer};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{CaseStatement, Expr},
};

use super::current::Current;
use crate::{
    definition::rename::{self, Rename},
    store::{db::error::Error, service::ServiceWrites},
};

impl ServiceWrites<'_> {
    /// Renames elements, and the offerings of consumers. The elements keep their ids.
    pub(in crate::store) async fn rename_elements(
        self,
        current: &mut Current,
        renames: &[Rename],
        identities: &mut HashMap<(ElementKind, String), element::Model>,
    ) -> Result<(), Error> {
        if renames.is_empty() {
            return Ok(());
        }
        let mut terms = current.definition.terms.clone();
        rename::rename(&mut terms, &mut current.links, renames);
        current.renamed = Some(terms);
        let (mut gone, mut renamed) = (Vec::new(), Vec::new());
        for Rename { kind, id, from, to } in renames {
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
        for rows in [gone, renamed] {
            let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
            self.upsert(rows, element::Column::Id, &[element::Column::Key]).await?;
        }
        self.rename_offerings(current, renames).await
    }

    async fn rename_offerings(self, current: &Current, renames: &[Rename]) -> Result<(), Error> {
        let renames: Vec<_> = renames.iter().filter(|rename| rename.kind == ElementKind::Offering).collect();
        if renames.is_empty() {
            return Ok(());
        }
        use service_consumer::Column::{Offering, ServiceId};
        let new = renames.iter().fold(CaseStatement::new(), |new, Rename { from, to, .. }| {
            new.case(Offering.eq(from.as_str()), Expr::val(to.as_str()))
        });
        service_consumer::Entity::update_many()
            .col_expr(Offering, new.into())
            .filter(ServiceId.eq(current.row.id))
            .filter(Offering.is_in(renames.iter().map(|rename| rename.from.as_str())))
            .exec(&self.transaction)
            .await?;
        Ok(())
    }
}
