//! Revisions of several services at once.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{
    definition,
    id::{DefinitionId, ServiceId},
    scalar::DateTime,
};
use sea_orm::{
    ColumnTrait, EntityTrait, Iterable, QueryFilter, QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};

use super::{
    ReadServices, Services,
    definitions::{BY_REVISION, Definition, DefinitionRow},
};
use crate::store::{
    db::error::Error,
    read::{
        batch::{Found, Relation, counts},
        first_per_group::Groups,
        page::{Page, Window},
        session::Session,
    },
};

/// The terms of revisions.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) struct TermsOf;

impl Relation for TermsOf {
    type Key = DefinitionId;
    type Value = Arc<Definition>;

    async fn read(&self, session: &Session, ids: Vec<DefinitionId>) -> Found<Self> {
        session.services().terms_of(ids).await
    }
}

/// One revision of each service.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) enum At {
    /// The revision with this number.
    Revision(i32),
    /// The revision that was published at this instant.
    Instant(DateTime),
}

impl Relation for At {
    type Key = ServiceId;
    type Value = DefinitionRow;

    async fn read(&self, session: &Session, services: Vec<ServiceId>) -> Found<Self> {
        let all = definition::Entity::find();
        let rows = match self {
            Self::Revision(revision) => all.filter(definition::Column::Revision.eq(*revision)),
            Self::Instant(at) => all.filter(definition::Column::PublishedAt.lte(*at)),
        };
        session.services().newest_of(rows, services).await
    }
}

impl Services<'_> {
    /// The newest of these revisions of each service.
    pub(in crate::store) async fn newest_of(
        self,
        revisions: Select<definition::Entity>,
        services: Vec<ServiceId>,
    ) -> Result<HashMap<ServiceId, DefinitionRow>, Error> {
        let last = Window::new(None, None, Some(1), None)?;
        let pages = pages(&self, revisions, services, &last).await?;
        Ok(pages.into_iter().filter_map(|(id, mut page)| Some((id, page.rows.pop()?))).collect())
    }
}

/// A page of the revisions of each service.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::store) struct Revisions(pub(in crate::store) Window);

impl Relation for Revisions {
    type Key = ServiceId;
    type Value = Page<DefinitionRow>;

    async fn read(&self, session: &Session, services: Vec<ServiceId>) -> Found<Self> {
        pages(session, definition::Entity::find(), services, &self.0).await
    }
}

/// The number of revisions of each service.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) struct RevisionCounts;

impl Relation for RevisionCounts {
    type Key = ServiceId;
    type Value = u64;

    async fn read(&self, session: &Session, services: Vec<ServiceId>) -> Found<Self> {
        use definition::Column;
        counts(session, definition::Entity::find(), Column::Id.count(), Column::ServiceId, services).await
    }
}

/// The ids of revisions by their numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) struct Numbered;

impl Relation for Numbered {
    type Key = (ServiceId, i32);
    type Value = DefinitionId;

    async fn read(&self, session: &Session, revisions: Vec<(ServiceId, i32)>) -> Found<Self> {
        use definition::Column::{Id, Revision, ServiceId as Service};
        let these = revisions.into_iter().map(|(service, revision)| (service.0, revision));
        let these = Expr::tuple([Service.into_expr(), Revision.into_expr()]).in_tuples(these);
        let ids = definition::Entity::find().select_only().columns([Id, Service, Revision]).filter(these);
        let rows: Vec<(DefinitionId, ServiceId, i32)> = ids.into_tuple().all(session.read()).await?;
        Ok(rows.into_iter().map(|(id, service, revision)| ((service, revision), id)).collect())
    }
}

async fn pages(
    session: &Session,
    rows: Select<definition::Entity>,
    services: Vec<ServiceId>,
    window: &Window,
) -> Result<HashMap<ServiceId, Page<DefinitionRow>>, Error> {
    use definition::Column;
    let by = (&BY_REVISION, Column::Revision.into_expr());
    // All columns except the terms, which are long.
    let columns = Column::iter().filter(|column| !matches!(column, Column::Terms)).collect();
    let groups = Groups::by(rows, Column::ServiceId, Column::Id);
    groups.pages_of::<DefinitionRow, _, _>(columns, services, by, window, session).await
}
