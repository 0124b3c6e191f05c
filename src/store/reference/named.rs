//! The objects of references: finds those that nobody sees any more, and names them in problems.

use std::collections::{HashMap, HashSet};

use entente_entity::{
    configuration_item,
    enums::ReferencedKind,
    external_reference,
    id::{ItemId, OrganizationId, ReferenceId, ServiceId},
    organization, service,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::ReferenceWrites;
use crate::{
    definition::limits::MAX_PROBLEMS,
    policy::Viewer,
    problem::{Holder, Problem, Rule},
    store::db::error::Error,
};

impl ReferenceWrites<'_> {
    /// Keeps the first 200 problems and adds to each `ReferenceTaken` the object that has the key. `taken` are the rows
    /// of the taken keys, in the order of the problems.
    pub(in crate::store) async fn say_by_whom(
        self,
        problems: &mut Vec<Problem>,
        taken: &[external_reference::Model],
    ) -> Result<(), Error> {
        problems.truncate(MAX_PROBLEMS);
        let open = problems.iter_mut().filter_map(|problem| match &mut problem.rule {
            Rule::ReferenceTaken { by } => Some(by),
            _ => None,
        });
        let open: Vec<(&mut Option<Holder>, &external_reference::Model)> = open.zip(taken).collect();
        let names = self.names_of(open.iter().map(|(_, row)| *row)).await?;
        for (by, row) in open {
            *by = names.get(&row.id).cloned();
        }
        Ok(())
    }

    /// Those of these references that no member of their organization can unlink, because none sees the object any more
    /// (for example a service that the organization no longer consumes). Their keys are free for other objects.
    pub(in crate::store) async fn out_of_sight(
        self,
        rows: Vec<external_reference::Model>,
    ) -> Result<Vec<external_reference::Model>, Error> {
        let mut by_owner: HashMap<OrganizationId, Vec<external_reference::Model>> = HashMap::new();
        for row in rows {
            by_owner.entry(row.organization_id).or_default().push(row);
        }
        let mut out_of_sight = Vec::new();
        for (owner, rows) in by_owner {
            let member = Viewer::member_of(owner);
            let services: HashSet<ServiceId> = rows.iter().filter_map(|row| row.service_id).collect();
            let services = service::Entity::find().filter(service::Column::Id.is_in(services));
            let services = services.filter(member.deals_with_services()).select_only().column(service::Column::Id);
            let services: Vec<ServiceId> = services.into_tuple().all(&self.transaction).await?;
            let is_organization = |row: &&external_reference::Model| row.entity_kind == ReferencedKind::Organization;
            let organizations: HashSet<Uuid> = rows.iter().filter(is_organization).map(|row| row.entity_id).collect();
            let organizations = organization::Entity::find().filter(organization::Column::Id.is_in(organizations));
            let organizations = organizations.filter(member.sees_organizations()?);
            let organizations = organizations.select_only().column(organization::Column::Id);
            let organizations: Vec<OrganizationId> = organizations.into_tuple().all(&self.transaction).await?;
            let in_sight: HashSet<Uuid> =
                services.into_iter().map(|id| id.0).chain(organizations.into_iter().map(|id| id.0)).collect();
            out_of_sight.extend(rows.into_iter().filter(|row| match (row.service_id, row.entity_kind) {
                (Some(service), _) => !in_sight.contains(&service.0),
                (None, ReferencedKind::Organization) => !in_sight.contains(&row.entity_id),
                (None, _) => false,
            }));
        }
        Ok(out_of_sight)
    }

    /// The objects of these references. References to objects that the viewer may not see are left out. One statement
    /// for each kind of object.
    async fn names_of<'r>(
        self,
        rows: impl Iterator<Item = &'r external_reference::Model>,
    ) -> Result<HashMap<ReferenceId, Holder>, Error> {
        let (mut of_services, mut of_items, mut of_organizations) = (HashMap::new(), HashMap::new(), HashMap::new());
        for row in rows {
            match (row.service_id, row.entity_kind) {
                (Some(id), kind) => drop(of_services.insert(row.id, (id, kind))),
                (None, ReferencedKind::ConfigurationItem) => drop(of_items.insert(row.id, ItemId(row.entity_id))),
                (None, _) => drop(of_organizations.insert(row.id, OrganizationId(row.entity_id))),
            }
        }
        let mut names = HashMap::new();
        if !of_services.is_empty() {
            let seen = service::Entity::find()
                .filter(service::Column::Id.is_in(of_services.values().map(|(id, _)| *id)))
                .filter(self.viewer.sees_services()?);
            let seen = seen.all(&self.transaction).await?;
            let seen: HashMap<ServiceId, String> = seen.into_iter().map(|row| (row.id, row.slug)).collect();
            let name = |(id, (service, kind))| {
                let slug = seen.get(&service)?.clone();
                let holder = match kind {
                    ReferencedKind::Service => Holder::Service(slug),
                    _ => Holder::ElementOf(slug),
                };
                Some((id, holder))
            };
            names.extend(of_services.into_iter().filter_map(name));
        }
        if let (false, Ok(sees)) = (of_items.is_empty(), self.viewer.sees_items()) {
            let seen = configuration_item::Entity::find()
                .filter(configuration_item::Column::Id.is_in(of_items.values().copied()))
                .filter(sees);
            let seen = seen.all(&self.transaction).await?;
            let seen: HashMap<ItemId, String> = seen.into_iter().map(|row| (row.id, row.name)).collect();
            let name = |(id, item)| Some((id, Holder::ConfigurationItem(seen.get(&item)?.clone())));
            names.extend(of_items.into_iter().filter_map(name));
        }
        if !of_organizations.is_empty() {
            let seen = organization::Entity::find()
                .filter(organization::Column::Id.is_in(of_organizations.values().copied()))
                .filter(self.viewer.sees_organizations()?);
            let seen = seen.all(&self.transaction).await?;
            let seen: HashMap<OrganizationId, String> = seen.into_iter().map(|row| (row.id, row.slug)).collect();
            let name = |(id, organization)| Some((id, Holder::Organization(seen.get(&organization)?.clone())));
            names.extend(of_organizations.into_iter().filter_map(name));
        }
        Ok(names)
    }
}
