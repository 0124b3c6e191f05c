//! What is wrong with a file, in the words of someone who wrote it by hand.

use std::borrow::Cow;

use serde_saphyr::{Error, Localizer, Location, MessageFormatter, UserMessageFormatter};

/// The message of an error, without its place: lines are counted in the whole text, of which the reader saw a part.
pub(super) struct Words;

impl MessageFormatter for Words {
    fn localizer(&self) -> &dyn Localizer {
        &Placeless
    }

    fn format_message<'a>(&self, error: &'a Error) -> Cow<'a, str> {
        match error {
            Error::Unexpected { expected: "sequence start", .. } => "must be a list".into(),
            Error::Unexpected { expected: "mapping start", .. } => "must have fields".into(),
            Error::Unexpected { expected: "string scalar", .. } => "must be a text".into(),
            Error::DuplicateMappingKey { key: Some(key), .. } => format!("the field `{key}` is given twice").into(),
            Error::Budget { .. }
            | Error::AliasReplayLimitExceeded { .. }
            | Error::AliasExpansionLimitExceeded { .. }
            | Error::AliasReplayStackDepthExceeded { .. }
            | Error::AliasReplayCounterOverflow { .. } => {
                "nests deeper, or unfolds to more, than any document needs".into()
            }
            Error::Message { msg, .. } if msg.ends_with("enum LocalizedText") => {
                "must be a text, or a text for each language: { en: \"…\", fr: \"…\" }; quote what looks like a number"
                    .into()
            }
            other => UserMessageFormatter.format_message(other),
        }
    }
}

struct Placeless;

impl Localizer for Placeless {
    fn attach_location<'a>(&self, base: Cow<'a, str>, _: Location) -> Cow<'a, str> {
        base
    }

    fn alias_defined_at(&self, _: Location) -> String {
        String::new()
    }

    fn alias_used_at(&self, _: Location) -> String {
        String::new()
    }
}
