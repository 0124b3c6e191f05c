//! What the mutations of threads take.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};
use entente_entity::enums::{Severity, ThreadKind, Visibility};
use serde::Serialize;

use crate::definition::{
    document::{ContactInput, ExternalKey, ExternalReferenceInput, OrganizationKey, ServiceKey},
    given,
};

/// Characters of a thread's title.
pub const MAX_TITLE: usize = 200;
/// Characters of a message.
pub const MAX_BODY: usize = 50_000;

/// Names a thread, in one of three ways.
#[derive(Clone, Debug, PartialEq, OneofObject, Serialize)]
pub enum ThreadKey {
    /// Its id here.
    Id(ID),
    /// Its number here.
    Number(i32),
    /// Another system's key for it; the viewer's own organization's first. One key may name several threads.
    Ref(ExternalKey),
}

/// A thread to open.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize)]
pub struct ThreadOpenInput {
    /// Feedback has no deadlines and may have a rating; an escalation has deadlines and no rating.
    pub kind: ThreadKind,
    /// The service that it is about.
    pub service: ServiceKey,
    /// The key of an element of the published definition; the whole service if none.
    pub element: Option<String>,
    /// What it is about, in a line of at most 200 characters.
    #[graphql(process_with = "given::text")]
    pub title: String,
    /// The first message, shared by both sides: at most 50,000 characters.
    #[graphql(process_with = "given::text")]
    pub body: String,
    /// How grave it is to who raises it.
    #[graphql(default_with = "Severity::Medium")]
    pub severity: Severity,
    /// Perceived value, 1 to 5; feedback only.
    pub rating: Option<i32>,
    /// For whom; the viewer's own organization if none. A provider may open one for a consumer.
    pub consumer: Option<OrganizationKey>,
    /// The person behind an integration, in that tool's words: at most 200 characters, on one line.
    #[graphql(process_with = "given::optional_text")]
    pub on_behalf_of: Option<String>,
    /// Tickets that go with it: at most 100 in one call. Where one of them is already that of a thread that is neither
    /// resolved nor closed, for the same service, element and consumer, that thread is the answer and nothing is written.
    /// Its kind does not matter: an ESCALATION that is opened with the ticket of open feedback answers with the feedback,
    /// which `threadUpdate(kind: ESCALATION)` converts. Without a type, a ticket is the same whatever its type.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// A message to post.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize)]
pub struct MessagePostInput {
    /// To which thread.
    pub thread: ThreadKey,
    /// What it says: at most 50,000 characters.
    #[graphql(process_with = "given::text")]
    pub body: String,
    /// Who reads it: both sides, or the provider's side only, which only the provider may ask for.
    #[graphql(default_with = "Visibility::Shared")]
    pub visibility: Visibility,
    /// The person behind an integration, in that tool's words: at most 200 characters, on one line.
    #[graphql(process_with = "given::optional_text")]
    pub on_behalf_of: Option<String>,
    /// What other systems call the message: at most 100 in one call. Where a message of the thread has one of them already, that
    /// message is the answer and nothing is written, so that a tool may send it again.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// A message to change.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize)]
pub struct MessageEditInput {
    /// Its id.
    pub message: ID,
    /// What it says from now on: at most 50,000 characters.
    #[graphql(process_with = "given::text")]
    pub body: String,
}

/// A message whose text is to go: for what should never have been written, such as a patient's data.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize)]
pub struct MessageRedactInput {
    /// Its id.
    pub message: ID,
    /// Why, for the log of changes: at most 1,000 characters. It must not say again what is taken out.
    #[graphql(process_with = "given::text")]
    pub reason: String,
}

/// What is to change of a thread. What is left out stays.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize)]
pub struct ThreadUpdateInput {
    /// Which thread.
    pub thread: ThreadKey,
    /// What it is about, in a line of at most 200 characters.
    #[graphql(process_with = "given::changed_text")]
    pub title: MaybeUndefined<String>,
    /// How grave it is. Another severity counts the deadlines anew, from now.
    pub severity: MaybeUndefined<Severity>,
    /// Who is to see to it, for the provider to say; null takes it from everyone. The name has at most 200 characters.
    pub assignee: MaybeUndefined<ContactInput>,
    /// ESCALATION makes an escalation of feedback, whose deadlines count from now; there is no way back.
    pub kind: MaybeUndefined<ThreadKind>,
    /// A message to go with it, shared by both sides: at most 50,000 characters. Where nothing changes, it is not posted.
    #[graphql(process_with = "given::optional_text")]
    pub comment: Option<String>,
}

/// A thread to do something to.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize)]
pub struct ThreadActionInput {
    /// Which thread.
    pub thread: ThreadKey,
    /// A message to go with it, shared by both sides: at most 50,000 characters. Where nothing changes, it is not posted.
    #[graphql(process_with = "given::optional_text")]
    pub comment: Option<String>,
    /// The person behind an integration, in that tool's words: at most 200 characters, on one line.
    #[graphql(process_with = "given::optional_text")]
    pub on_behalf_of: Option<String>,
}
