//! The reader of an export.

use std::collections::BTreeSet;

use anyhow::Context;
use serde::Deserialize;
use serde_json::json;

use crate::{
    cli::endpoint::Endpoint,
    policy::Scope,
    words::{Speech, Words},
};

/// The reader: its organization and scopes determine what it sees.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reader {
    organization: Option<String>,
    scopes: BTreeSet<String>,
}

/// The beginning of the line with the reader in the list of files.
const BEGIN: &str = "# For ";
/// The text for a reader without an organization.
const NO_ORGANIZATION: &str = "-";

impl Reader {
    fn new(organization: Option<String>, scopes: impl Iterator<Item = String>) -> Self {
        // Exports contain no threads, measurements or agreements, so their scopes do not matter.
        let left_out = [Scope::ThreadsWrite, Scope::MeasurementsWrite, Scope::AgreementsWrite].map(Scope::name);
        let scopes = scopes.filter(|scope| !left_out.contains(&scope.as_str())).collect();
        Self { organization, scopes }
    }

    fn is_admin(&self) -> bool {
        self.scopes.contains(Scope::Admin.name())
    }

    /// Whether its organization does not exist, so that it sees nothing.
    pub fn is_nobody(&self) -> bool {
        self.organization.is_none() && !self.is_admin()
    }

    /// Whether it sees everything that another reader sees.
    pub fn sees_as(&self, other: &Self) -> bool {
        self.organization == other.organization && (self.is_admin() || self.scopes.is_superset(&other.scopes))
    }

    /// The line with the reader.
    pub fn line(&self) -> String {
        let scopes = self.scopes.iter().map(|scope| format!(" {scope}")).collect::<String>();
        format!("{BEGIN}{}:{scopes}", self.organization.as_deref().unwrap_or(NO_ORGANIZATION))
    }

    /// The reader in a line.
    pub fn of_line(line: &str) -> Option<Self> {
        let (organization, scopes) = line.strip_prefix(BEGIN)?.split_once(':')?;
        let organization = Some(organization).filter(|slug| *slug != NO_ORGANIZATION).map(str::to_owned);
        Some(Self::new(organization, scopes.split_whitespace().map(str::to_owned)))
    }

    /// The reader, for people: `dsi (cmdb:read, read)`.
    pub fn say(&self, speech: Speech) -> String {
        let scopes: Vec<&str> = self.scopes.iter().map(String::as_str).collect();
        let organization = self.organization.clone();
        let organization = organization.unwrap_or_else(|| Words::OfNoOrganization.say(speech));
        format!("{organization} ({})", scopes.join(", "))
    }
}

impl Endpoint {
    /// The reader of the answers of this endpoint.
    pub(super) async fn reader(&self) -> anyhow::Result<Reader> {
        #[derive(Deserialize)]
        struct Viewer {
            organization: Option<Organization>,
            scopes: Vec<String>,
        }
        #[derive(Deserialize)]
        struct Organization {
            slug: String,
        }
        let mut data = self.execute("query Reader { viewer { organization { slug } scopes } }", json!({})).await?;
        let viewer = serde_json::from_value(data["viewer"].take());
        let Viewer { organization, scopes } = viewer.context("the answer is not as the schema has it")?;
        Ok(Reader::new(organization.map(|it| it.slug), scopes.into_iter()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sees_less_does_not_see_as_another() {
        let reader = |organization: Option<&str>, scopes: &[&str]| {
            Reader::new(organization.map(str::to_owned), scopes.iter().map(|scope| (*scope).to_owned()))
        };
        let full = reader(Some("dsi"), &["read", "cmdb:read", "threads:write"]);
        assert!(reader(Some("dsi"), &["cmdb:read", "read"]).sees_as(&full));
        assert!(reader(Some("dsi"), &["admin"]).sees_as(&full));
        assert!(!reader(Some("dsi"), &["read"]).sees_as(&full));
        assert!(!reader(Some("emergency"), &["cmdb:read", "read"]).sees_as(&full));
        assert!(!reader(None, &["admin"]).sees_as(&full) && !reader(None, &["admin"]).is_nobody());
        assert!(reader(None, &["read"]).is_nobody());
        for one in [full, reader(None, &["admin"]), reader(Some("dsi"), &[])] {
            assert_eq!(Reader::of_line(&one.line()), Some(one));
        }
        assert_eq!(Reader::of_line("# Written by `entente export`"), None);
    }
}
