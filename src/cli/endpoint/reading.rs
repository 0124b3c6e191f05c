//! Reads the content of an export.

use std::collections::BTreeMap;

use anyhow::Context;
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::{
    cli::endpoint::{Answered, Endpoint},
    definition::document::{ConfigurationItems, OrganizationInput},
};

/// The form of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// YAML
    Yaml,
    /// JSON
    Json,
}

impl Format {
    /// The name of the format in the API.
    fn name(self) -> &'static str {
        match self {
            Self::Yaml => "YAML",
            Self::Json => "JSON",
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
        }
    }
}

const ORGANIZATIONS: &str = "query ExportOrganizations($after: String) {
  organizations(first: 200, after: $after) {
    nodes { document(format: JSON) }
    pageInfo { hasNextPage endCursor }
  }
}";

const ITEMS: &str = "query ExportConfigurationItems($after: String) {
  configurationItems(first: 200, after: $after) {
    nodes { document(format: JSON) }
    pageInfo { hasNextPage endCursor }
  }
}";

const SERVICES: &str = "query ExportServices($after: String, $format: DocumentFormat!) {
  services(first: 50, after: $after, orderBy: {field: CREATED_AT}) {
    nodes { slug document(format: $format) }
    pageInfo { hasNextPage endCursor }
  }
}";

const REVISION: &str = "query ExportRevision($slug: String!, $format: DocumentFormat!, $revision: Int!) {
  service(by: {slug: $slug}) { revision definition(revision: $revision) { document(format: $format) } }
}";

const LISTED: &str = "query ExportServicesListed($after: String) {
  services(first: 200, after: $after) { nodes { slug lifecycle } pageInfo { hasNextPage endCursor } }
}";

const INDICATORS: &str = "query IndicatorsOfServices($after: String) {
  services(first: 50, after: $after) {
    nodes {
      slug outcomes { indicators { key } } value { benefits { indicators { key } } } offerings { indicators { key } }
    }
    pageInfo { hasNextPage endCursor }
  }
}";

const SERVICE: &str = "query ExportService($slug: String!, $format: DocumentFormat!) {
  service(by: {slug: $slug}) { slug document(format: $format) }
}";

/// The document of one revision of a service, or why there is none.
pub(in crate::cli) enum Revision {
    /// The document.
    Found(String),
    /// The service has no such revision yet.
    Beyond {
        /// Its last revision.
        last: i64,
    },
    /// The service does not exist, or the reader may not see it.
    OfNoService,
}

/// A service in the list of services.
pub(in crate::cli) struct Listed {
    pub slug: String,
    /// Whether it is retired.
    pub is_retired: bool,
}

impl Endpoint {
    /// Every organization that the reader may see, by slug.
    pub(in crate::cli) async fn organizations(&self) -> anyhow::Result<Vec<OrganizationInput>> {
        let mut organizations = Vec::new();
        let mut after = Value::Null;
        loop {
            let data = self.execute(ORGANIZATIONS, json!({ "after": after })).await?;
            let page = &data["organizations"];
            for node in nodes(page)? {
                let mut document: Value = serde_json::from_str(text(&node["document"])?)?;
                organizations.extend(serde_json::from_value::<Vec<_>>(document["organizations"].take())?);
            }
            match next(page) {
                Some(cursor) => after = cursor,
                None => return Ok(organizations),
            }
        }
    }

    /// Every configuration item that the reader may see, by organization; `None` if the token lacks the scope.
    pub(in crate::cli) async fn items(&self) -> anyhow::Result<Option<Vec<ConfigurationItems>>> {
        let (mut documents, mut after) = (Vec::<ConfigurationItems>::new(), Value::Null);
        loop {
            let data = match self.execute(ITEMS, json!({ "after": after })).await {
                Ok(data) => data,
                Err(error) if error.downcast_ref::<Answered>().is_some_and(|it| it.code == "FORBIDDEN") => {
                    return Ok(None);
                }
                Err(error) => return Err(error),
            };
            let page = &data["configurationItems"];
            for node in nodes(page)? {
                let mut document: Value = serde_json::from_str(text(&node["document"])?)?;
                document.as_object_mut().context("a document has fields")?.remove("kind");
                let one: ConfigurationItems = serde_json::from_value(document)?;
                match documents.iter_mut().find(|other| other.organization == one.organization) {
                    Some(other) => other.items.extend(one.items),
                    None => documents.push(one),
                }
            }
            match next(page) {
                Some(cursor) => after = cursor,
                None => return Ok(Some(documents)),
            }
        }
    }

    /// The document of a service; `None` if it does not exist or if the reader may not see it.
    pub(in crate::cli) async fn service_document(&self, slug: &str, format: Format) -> anyhow::Result<Option<String>> {
        let data = self.execute(SERVICE, json!({ "slug": slug, "format": format.name() })).await?;
        match &data["service"] {
            Value::Null => Ok(None),
            service => Ok(Some(text(&service["document"])?.to_owned())),
        }
    }

    /// The document of one revision of a service.
    pub(in crate::cli) async fn revision_document(
        &self,
        slug: &str,
        revision: u32,
        format: Format,
    ) -> anyhow::Result<Revision> {
        let variables = json!({ "slug": slug, "format": format.name(), "revision": revision });
        let data = self.execute(REVISION, variables).await?;
        let service = &data["service"];
        Ok(match (&service["definition"], service["revision"].as_i64()) {
            (_, None) => Revision::OfNoService,
            (Value::Null, Some(last)) => Revision::Beyond { last },
            (definition, _) => Revision::Found(text(&definition["document"])?.to_owned()),
        })
    }

    /// The services that the reader may see.
    pub(in crate::cli) async fn services(&self) -> anyhow::Result<Vec<Listed>> {
        let (mut services, mut after) = (Vec::new(), Value::Null);
        loop {
            let data = self.execute(LISTED, json!({ "after": after })).await?;
            let page = &data["services"];
            for node in nodes(page)? {
                let is_retired = node["lifecycle"] == "RETIRED";
                services.push(Listed { slug: text(&node["slug"])?.to_owned(), is_retired });
            }
            match next(page) {
                Some(cursor) => after = cursor,
                None => return Ok(services),
            }
        }
    }

    /// The slugs of the services that the reader may see, by the keys of their indicators.
    pub(in crate::cli) async fn services_by_indicator(&self) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
        let (mut services, mut after) = (BTreeMap::<_, Vec<_>>::new(), Value::Null);
        loop {
            let data = self.execute(INDICATORS, json!({ "after": after })).await?;
            let page = &data["services"];
            for node in nodes(page)? {
                let slug = text(&node["slug"])?;
                let parents = [&node["outcomes"], &node["value"]["benefits"], &node["offerings"]];
                let parents = parents.into_iter().filter_map(Value::as_array).flatten();
                for indicator in parents.filter_map(|parent| parent["indicators"].as_array()).flatten() {
                    services.entry(text(&indicator["key"])?.to_owned()).or_default().push(slug.to_owned());
                }
            }
            match next(page) {
                Some(cursor) => after = cursor,
                None => return Ok(services),
            }
        }
    }

    /// Calls `each` for every service that the reader may see, with its document.
    pub(in crate::cli) async fn each_service(
        &self,
        format: Format,
        mut take: impl FnMut(&str, &str) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut after = Value::Null;
        loop {
            let data = self.execute(SERVICES, json!({ "after": after, "format": format.name() })).await?;
            let page = &data["services"];
            for node in nodes(page)? {
                take(text(&node["slug"])?, text(&node["document"])?)?;
            }
            match next(page) {
                Some(cursor) => after = cursor,
                None => return Ok(()),
            }
        }
    }
}

fn nodes(page: &Value) -> anyhow::Result<&[Value]> {
    page["nodes"].as_array().map(Vec::as_slice).context("the answer is not as the schema has it")
}

fn text(value: &Value) -> anyhow::Result<&str> {
    value.as_str().context("the answer is not as the schema has it")
}

/// The cursor of the next page; `None` after the last page.
pub(in crate::cli) fn next(page: &Value) -> Option<Value> {
    let info = &page["pageInfo"];
    (info["hasNextPage"] == true && info["endCursor"].is_string()).then(|| info["endCursor"].clone())
}
