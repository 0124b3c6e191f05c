//! The rules that an input can break, as data.

use entente_entity::enums::{DefinitionState, UserErrorCode};

use super::{
    detail::{Form, Holder, Meant, Syntax, Thing},
    messages::messages,
};
use crate::words::Speech;

/// The rules that an input can break.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are what the message names")]
pub enum Rule {
    /// It is required, but not given.
    Required,
    /// It is given, but empty.
    Blank,
    /// A text with too many characters.
    TooManyCharacters { max: usize, found: usize },
    /// A document with too many bytes.
    TooManyBytes { max: usize, found: usize },
    /// A list with too many entries.
    TooMany { max: usize, found: usize },
    /// A definition with too many elements.
    TooManyElements { max: usize, found: usize },
    /// A key or a slug with a wrong syntax.
    NotAKey { given: String },
    /// A name of a system with a wrong syntax.
    NotASystem { given: String },
    /// Two elements of one definition have this key.
    KeyUsedTwice { key: String, first: String },
    /// A list names the same object twice.
    NamedTwice { name: String },
    /// Two tags of one text name the same language.
    LanguageTwice { tag: String, language: String },
    /// Not a language.
    UnknownLanguage { tag: String },
    /// Not a currency of ISO 4217.
    UnknownCurrency { code: String },
    /// Not a decimal number.
    NotADecimal { given: String },
    /// Not a duration of ISO 8601.
    NotADuration { given: String, meant: Option<String> },
    /// A duration of zero.
    NoTime { given: String },
    /// A negative revision.
    NegativeRevision { given: i32 },
    /// A service that does not exist, in a document that cannot create it.
    NoSuchService { slug: String, nearest: Option<String> },
    /// A new service without a provider, by a caller without an organization that could be its provider.
    NoProvider { slug: String, organization: Option<String> },
    /// A required field of a new element, if no element has the key: another key was probably meant.
    NoSuchElement { key: String, nearest: String },
    /// A decimal comma: within braces, it ends the number.
    DecimalComma { meant: String },
    /// A deadline in years or months, which have no fixed length, or a deadline of zero.
    NotAnExactDuration { given: String },
    /// Not an absolute web address.
    NotAUrl { given: String },
    /// Not an e-mail address.
    NotAnEmail { given: String },
    /// A deadline that is too long.
    DeadlineTooLong { given: String, max_days: i64 },
    /// Not a finite number.
    NotANumber,
    /// A control character, which not every database can store.
    ControlCharacter,
    /// A character that changes the direction of text, in a text of one line.
    DirectionControl { found: char },
    /// A character that changes the direction of text, without its counterpart.
    UnbalancedDirection { found: char },
    /// A noncharacter of Unicode.
    NotACharacter { found: char },
    /// An invisible character, in a key or an address.
    Invisible { found: char },
    /// No stage of this journey has the key.
    UnknownStage { key: String, meant: Meant },
    /// No offering of this definition has the key.
    UnknownOffering { key: String, meant: Meant },
    /// Another element still refers to the one to delete.
    StillUsed { key: String, by: String },
    /// `remove` in a document that replaces.
    RemoveWhileReplacing,
    /// An acknowledgement that is due after the resolution.
    AcknowledgeAfterResolve,
    /// Levels or times that do not increase.
    LevelsNotRising,
    /// A level below 1.
    LevelBelowOne,
    /// No object that the viewer may see has the key. The key is given if it is a single text.
    NotFound { what: Thing, given: Option<String>, meant: Meant },
    /// The key identifies several objects that the viewer may see.
    Ambiguous { what: Thing },
    /// The external key identifies several threads that are neither resolved nor closed; `open` are their numbers.
    SeveralThreads { open: Vec<i32> },
    /// Another object has the slug.
    SlugTaken { slug: String },
    /// Another object has the external key. `by` is that object; `None` if the viewer may not see it.
    ReferenceTaken { by: Option<Holder> },
    /// The service has another revision than expected; 0: it does not exist.
    OtherRevision { expected: i32, current: i32 },
    /// A proposal was made while the request was on its way; the caller expected a revision, and would withdraw the proposal unseen.
    ProposedMeanwhile { revision: i32 },
    /// The proposal was made from another revision than the published one.
    OtherBase { base: i32, current: i32 },
    /// The revision is not in a state in which this can be done.
    RevisionState { revision: i32, state: DefinitionState },
    /// A link, where only terms are allowed.
    LinksInTerms,
    /// A document that changes no terms, where it must.
    NoNewTerms,
    /// Only a consumer of the service may do this.
    ConsumerOnly,
    /// There is no decision to withdraw.
    NothingDecided,
    /// A suggestion without an objection.
    SuggestionWithoutObjection,
    /// The slug is not that of the service, which is given.
    OtherService { slug: String },
    /// The thread is about another service.
    ThreadOfOtherService,
    /// The idempotency key was used for another request.
    OtherRequest,
    /// An organization would be its own ancestor.
    CyclicParents,
    /// The viewer's token lacks a scope.
    ScopeNeeded { scope: &'static str },
    /// Only the provider of the service may do this.
    ProviderOnly,
    /// An organization may only write itself, its descendants and new organizations below it.
    NotYourOrganization,
    /// The organization does not consume the service.
    NotAConsumer,
    /// A rating that is not from 1 to 5.
    NotARating { found: i32 },
    /// A rating on an escalation.
    RatingOfEscalation,
    /// The thread is not in a status in which this can be done.
    WrongStatus { status: &'static str },
    /// Only an escalation can be raised.
    NotAnEscalation,
    /// The thread has reached the highest level of its policy.
    NoLevelLeft,
    /// An escalation cannot become feedback again.
    NoWayBackToFeedback,
    /// Only its author may edit a message.
    AuthorOnly,
    /// Each party may only redact its own messages.
    OtherPartysMessage,
    /// The message was redacted.
    Redacted,
    /// An organization can only write its own configuration items.
    NotYourItems,
    /// An item would depend on itself.
    DependsOnItself,
    /// `dependenciesNeeded` is negative, or greater than the number of dependencies.
    NeededOutOfRange { given: i32, dependencies: usize },
    /// The last key of an item.
    LastKey,
    /// A measurement of a later time than now.
    InFuture,
    /// An unknown field.
    UnknownField { nearest: Option<String>, known: Vec<String> },
    /// A field that is given twice.
    FieldTwice,
    /// A value of another type than expected.
    WrongForm { expected: Form, given: Option<String> },
    /// An unknown name of a value.
    UnknownValue { given: String, nearest: Option<String>, values: Vec<String> },
    /// A plain text instead of a key with its kind of identifier.
    KeyWithoutField { given: String, field: &'static str },
    /// Exactly one of these fields must be given.
    ExactlyOneOf { fields: Vec<String> },
    /// A document without `kind`.
    NoKind { kinds: Vec<String> },
    /// A tab in the indentation of YAML.
    Tab,
    /// Text that is not YAML.
    NotYaml { fault: Syntax },
    /// A document that expands too much.
    Unfolds,
    /// Another error of the parser.
    Unreadable { detail: String },
}

impl Rule {
    /// The problem that a key, which is not a single text, identifies no object that the viewer may see.
    pub fn not_found(what: Thing) -> Self {
        Self::NotFound { what, given: None, meant: Meant::default() }
    }

    /// The code for programs.
    pub fn code(&self) -> UserErrorCode {
        match self {
            Self::Required
            | Self::NoSuchService { .. }
            | Self::NoProvider { .. }
            | Self::NoSuchElement { .. }
            | Self::NoKind { .. } => UserErrorCode::Required,
            Self::Blank
            | Self::NotAKey { .. }
            | Self::NotASystem { .. }
            | Self::KeyUsedTwice { .. }
            | Self::NamedTwice { .. }
            | Self::LanguageTwice { .. }
            | Self::UnknownLanguage { .. }
            | Self::UnknownCurrency { .. }
            | Self::NotADecimal { .. }
            | Self::NotADuration { .. }
            | Self::NoTime { .. }
            | Self::NegativeRevision { .. }
            | Self::DecimalComma { .. }
            | Self::NotAnExactDuration { .. }
            | Self::NotAUrl { .. }
            | Self::NotAnEmail { .. }
            | Self::NotANumber
            | Self::DeadlineTooLong { .. }
            | Self::ControlCharacter
            | Self::DirectionControl { .. }
            | Self::UnbalancedDirection { .. }
            | Self::NotACharacter { .. }
            | Self::Invisible { .. }
            | Self::UnknownStage { .. }
            | Self::UnknownOffering { .. }
            | Self::StillUsed { .. }
            | Self::RemoveWhileReplacing
            | Self::AcknowledgeAfterResolve
            | Self::LevelsNotRising
            | Self::LevelBelowOne
            | Self::SeveralThreads { .. }
            | Self::UnknownField { .. }
            | Self::FieldTwice
            | Self::WrongForm { .. }
            | Self::UnknownValue { .. }
            | Self::KeyWithoutField { .. }
            | Self::ExactlyOneOf { .. }
            | Self::Tab
            | Self::NotYaml { .. }
            | Self::Unreadable { .. }
            | Self::Ambiguous { .. }
            | Self::CyclicParents
            | Self::NotAConsumer
            | Self::LinksInTerms
            | Self::NoNewTerms
            | Self::SuggestionWithoutObjection
            | Self::OtherService { .. }
            | Self::ThreadOfOtherService
            | Self::NotARating { .. }
            | Self::RatingOfEscalation
            | Self::NoWayBackToFeedback
            | Self::DependsOnItself
            | Self::NeededOutOfRange { .. }
            | Self::InFuture => UserErrorCode::Invalid,
            Self::TooManyCharacters { .. } | Self::TooManyBytes { .. } => UserErrorCode::TooLong,
            Self::TooMany { .. } | Self::TooManyElements { .. } | Self::Unfolds => UserErrorCode::LimitExceeded,
            Self::NotFound { .. } => UserErrorCode::NotFound,
            Self::SlugTaken { .. } | Self::ReferenceTaken { .. } => UserErrorCode::Taken,
            Self::OtherRevision { .. }
            | Self::ProposedMeanwhile { .. }
            | Self::OtherBase { .. }
            | Self::OtherRequest => UserErrorCode::Conflict,
            Self::ScopeNeeded { .. }
            | Self::ProviderOnly
            | Self::ConsumerOnly
            | Self::NotYourOrganization
            | Self::AuthorOnly
            | Self::OtherPartysMessage
            | Self::NotYourItems => UserErrorCode::Forbidden,
            Self::WrongStatus { .. }
            | Self::RevisionState { .. }
            | Self::NothingDecided
            | Self::NotAnEscalation
            | Self::NoLevelLeft
            | Self::Redacted
            | Self::LastKey => UserErrorCode::InvalidState,
        }
    }

    /// The message for people: what is wrong, and how to correct it.
    pub fn say(&self, speech: Speech) -> String {
        let (english, french) = messages(self);
        match speech {
            Speech::English => english,
            Speech::French => french,
        }
    }
}
