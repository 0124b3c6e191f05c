//! The revisions of a service, by their digest.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    cli::endpoint::{Endpoint, reading::next},
    words::{Speech, Words},
};

const REVISIONS: &str = "query DigestsOfRevisions($slug: String!, $after: String) {
  service(by: {slug: $slug}) {
    revisions(first: 100, after: $after) {
      nodes { revision state publishedAt digest }
      pageInfo { hasNextPage endCursor }
    }
  }
}";

const AGREED: &str = "query AgreedTo($slug: String!, $revision: Int!) {
  service(by: {slug: $slug}) { definition(revision: $revision) { agreements { organization { slug } state } } }
}";

/// The revision that a document is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Found {
    revision: i32,
    state: String,
    published_at: Option<String>,
    digest: String,
    /// The slugs of the consumers that agreed to it, as far as the reader may see them.
    #[serde(default)]
    agreed_by: Vec<String>,
}

impl Found {
    /// Whether it is or was published.
    pub fn is_published(&self) -> bool {
        self.published_at.is_some()
    }

    /// For people: `FILE is revision 3 of SLUG, published on …; agreed to by …`.
    pub fn say(&self, file: &str, slug: &str, published: i32, speech: Speech) -> String {
        let (file, slug) = (file.to_owned(), slug.to_owned());
        let mut said = vec![Words::IsRevision { file, revision: self.revision, slug }];
        match (&self.published_at, &*self.state) {
            (Some(at), state) => {
                let date = at.split('T').next().unwrap_or_default().to_owned();
                said.push(Words::PublishedOn { date });
                if state == "SUPERSEDED" {
                    said.push(Words::NowPublished { revision: published });
                }
            }
            (None, "PROPOSED") => said.push(Words::OnlyProposed),
            (None, _) => said.push(Words::WithdrawnBefore),
        }
        said.push(match self.agreed_by.is_empty() {
            true => Words::AgreedByNobody,
            false => Words::AgreedBy { names: self.agreed_by.join(", ") },
        });
        said.iter().map(|words| words.say(speech)).collect()
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let Self { revision, state, published_at, digest, agreed_by } = self;
        json!({
            "revision": revision, "state": state, "publishedAt": published_at, "digest": digest, "agreedBy": agreed_by,
        })
    }
}

impl Endpoint {
    /// The revisions of a service with this digest: terms that were published again, or proposed again, are several. The published one
    /// first, then the others that were published, then the rest; of each the newest first.
    pub(super) async fn revisions_of(&self, slug: &str, digest: &str) -> anyhow::Result<Vec<Found>> {
        let (mut all, mut after) = (Vec::new(), Value::Null);
        loop {
            let mut data = self.execute(REVISIONS, json!({ "slug": slug, "after": after })).await?;
            let page = &mut data["service"]["revisions"];
            let nodes: Vec<Found> = serde_json::from_value(page["nodes"].take()).unwrap_or_default();
            all.extend(nodes.into_iter().filter(|found| found.digest == digest));
            match next(page) {
                Some(cursor) => after = cursor,
                None => break,
            }
        }
        all.sort_by_key(|found| std::cmp::Reverse((found.state == "PUBLISHED", found.is_published(), found.revision)));
        for found in &mut all {
            let data = self.execute(AGREED, json!({ "slug": slug, "revision": found.revision })).await?;
            let agreements = data["service"]["definition"]["agreements"].as_array();
            let agreed = agreements.into_iter().flatten().filter(|one| one["state"] == "AGREED");
            found.agreed_by = agreed.filter_map(|one| Some(one["organization"]["slug"].as_str()?.to_owned())).collect();
        }
        Ok(all)
    }
}
