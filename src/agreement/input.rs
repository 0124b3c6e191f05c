//! What the mutation of decisions takes.

use async_graphql::InputObject;
use entente_entity::enums::AgreementDecision;
use serde::Serialize;

use crate::{
    definition::{
        document::{DefinitionInput, ServiceKey},
        limits::text_rule,
        normalize,
    },
    problem::{Problem, Rule},
};

/// Maximum number of characters of a comment: it is the first message of a thread.
pub const MAX_COMMENT: usize = 50_000;

/// The decision of the viewer's organization on a revision of the terms.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize)]
pub struct AgreementDecideInput {
    /// The service. The viewer's organization consumes it.
    pub service: ServiceKey,
    /// The revision: the published one, or the one that is proposed.
    pub revision: i32,
    /// The decision.
    pub decision: AgreementDecision,
    /// The reason. Required for OBJECT: it becomes the first message of a feedback thread. At most 50,000 characters.
    #[graphql(process_with = "normalize::optional_text")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Only with OBJECT: the change of the terms that is asked for instead. A document that is merged into the published
    /// terms, without links; its `slug` is that of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<DefinitionInput>,
}

impl AgreementDecideInput {
    /// What is wrong with the input whatever is in the database.
    pub fn problems(&self) -> Vec<Problem> {
        let objects = self.decision == AgreementDecision::Object;
        let comment = match &self.comment {
            None => objects.then_some(Rule::Required),
            Some(comment) => text_rule(comment, MAX_COMMENT),
        };
        let suggestion = (self.suggestion.is_some() && !objects).then_some(Rule::SuggestionWithoutObjection);
        let rules = [("comment", comment), ("suggestion", suggestion)];
        rules.into_iter().filter_map(|(field, rule)| Some(Problem::at([field], rule?))).collect()
    }
}
