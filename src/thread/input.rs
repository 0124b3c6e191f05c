//! The inputs of the mutations of threads.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};
use entente_entity::enums::{Severity, ThreadKind, Visibility};
use serde::Serialize;

use crate::definition::{
    document::{ContactInput, DefinitionInput, ExternalKey, ExternalReferenceInput, OrganizationKey, ServiceKey},
    normalize,
};

/// Maximum number of characters of a thread's title.
pub const MAX_TITLE: usize = 200;
/// Maximum number of characters of a message.
pub const MAX_BODY: usize = 50_000;

/// Identifies a thread. Exactly one of the fields must be given.
#[derive(Clone, Debug, PartialEq, OneofObject, Serialize)]
pub enum ThreadKey {
    /// The global id.
    Id(ID),
    /// The number of the thread.
    Number(i32),
    /// The key in another system. Keys that the viewer's own organization linked are searched first. If several threads
    /// have the key: the only one that is neither resolved nor closed, or the newest if there is none. Several open
    /// threads are an error.
    Ref(ExternalKey),
}

/// A thread to open.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize)]
pub struct ThreadOpenInput {
    /// FEEDBACK has no deadlines and can have a rating. ESCALATION has deadlines and no rating.
    pub kind: ThreadKind,
    /// The service that the thread is about.
    pub service: ServiceKey,
    /// The key of the element of the published definition that the thread is about. Left out: the thread is about the
    /// whole service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
    /// The subject line: one line of at most 200 characters.
    #[graphql(process_with = "normalize::text")]
    pub title: String,
    /// The first message, visible to both parties: at most 50,000 characters.
    #[graphql(process_with = "normalize::text")]
    pub body: String,
    /// How serious the problem is for the consumer.
    #[graphql(default_with = "Severity::Medium")]
    pub severity: Severity,
    /// The perceived value, from 1 (worst) to 5 (best). Only for FEEDBACK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<i32>,
    /// The consumer for which the thread is opened. Default: the viewer's organization. The provider must name a
    /// consumer of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumer: Option<OrganizationKey>,
    /// The name of the person for whom an integration acts, as the other tool writes it. One line of at most 200
    /// characters.
    #[graphql(process_with = "normalize::optional_text")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// The tickets of the thread in other systems, at most 100. If a thread that is neither resolved nor closed, for
    /// the same service, element and consumer, has one of these tickets already, the mutation returns that thread and
    /// writes nothing. The kind of the thread is not compared: an ESCALATION with the ticket of open feedback returns
    /// the feedback; `threadUpdate(kind: ESCALATION)` converts it. A ticket without a type matches every type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_references: Option<Vec<ExternalReferenceInput>>,
    /// The change of the terms that the thread asks for: a document that is merged into the published terms, without
    /// links; its `slug` is that of the service. It must change something. The provider can take it over with
    /// `definitionPropose`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<DefinitionInput>,
}

/// A message to post.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize)]
pub struct MessagePostInput {
    /// The thread in which to post.
    pub thread: ThreadKey,
    /// The text of the message: at most 50,000 characters.
    #[graphql(process_with = "normalize::text")]
    pub body: String,
    /// Who can read the message. INTERNAL is only allowed for the provider.
    #[graphql(default_with = "Visibility::Shared")]
    pub visibility: Visibility,
    /// The name of the person for whom an integration acts, as the other tool writes it. One line of at most 200
    /// characters.
    #[graphql(process_with = "normalize::optional_text")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// The keys of the message in other systems, at most 100. If a message of the thread has one of these keys already,
    /// the mutation returns that message and writes nothing. A client can therefore safely send the message again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// A new text for a message.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize)]
pub struct MessageEditInput {
    /// The id of the message.
    pub message: ID,
    /// The new text: at most 50,000 characters.
    #[graphql(process_with = "normalize::text")]
    pub body: String,
}

/// A message whose text must be deleted, for example because it contains a patient's data.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize)]
pub struct MessageRedactInput {
    /// The id of the message.
    pub message: ID,
    /// The reason, for the change log: at most 1,000 characters. It must not repeat the deleted text.
    #[graphql(process_with = "normalize::text")]
    pub reason: String,
}

/// The changes of a thread. Fields that are left out stay unchanged.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize)]
pub struct ThreadUpdateInput {
    /// The thread.
    pub thread: ThreadKey,
    /// The subject line: one line of at most 200 characters.
    #[graphql(process_with = "normalize::changed_text")]
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub title: MaybeUndefined<String>,
    /// How serious the problem is for the consumer. A change restarts the deadlines from now.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub severity: MaybeUndefined<Severity>,
    /// The person or team that must handle the thread. Only the provider can change it. Null removes the assignee. The
    /// name has at most 200 characters.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub assignee: MaybeUndefined<ContactInput>,
    /// ESCALATION converts feedback into an escalation; its deadlines count from now. An escalation cannot become
    /// feedback again (INVALID).
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub kind: MaybeUndefined<ThreadKind>,
    /// A message about the change, visible to both parties: at most 50,000 characters. It is not posted if nothing
    /// changes.
    #[graphql(process_with = "normalize::optional_text")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// An action on a thread.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize)]
pub struct ThreadActionInput {
    /// The thread.
    pub thread: ThreadKey,
    /// A message about the change, visible to both parties: at most 50,000 characters. It is not posted if nothing
    /// changes.
    #[graphql(process_with = "normalize::optional_text")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The name of the person for whom an integration acts, as the other tool writes it. One line of at most 200
    /// characters.
    #[graphql(process_with = "normalize::optional_text")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
}

#[cfg(test)]
mod tests {
    use async_graphql::{InputType, Value};
    use serde_json::json;

    use super::*;

    fn kept<T: InputType + Serialize>(given: serde_json::Value) -> serde_json::Value {
        let given = Value::from_json(given).unwrap();
        serde_json::to_value(T::parse(Some(given)).ok().unwrap()).unwrap()
    }

    #[test]
    fn a_field_that_is_left_out_is_not_in_the_hash_of_a_request_and_null_is() {
        let thread = json!({ "number": 7 });
        for kept in [
            kept::<ThreadOpenInput>(
                json!({ "kind": "FEEDBACK", "service": { "slug": "a" }, "title": "t", "body": "b" }),
            ),
            kept::<MessagePostInput>(json!({ "thread": thread, "body": "b" })),
            kept::<ThreadActionInput>(json!({ "thread": thread })),
            kept::<ThreadUpdateInput>(json!({ "thread": thread })),
        ] {
            assert!(!kept.to_string().contains("null"), "{kept}");
        }
        let cleared = kept::<ThreadUpdateInput>(json!({ "thread": thread, "assignee": null }));
        assert_eq!(cleared["assignee"], json!(null));
        assert!(cleared.as_object().unwrap().contains_key("assignee"));
    }
}
