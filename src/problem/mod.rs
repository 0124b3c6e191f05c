//! Problems in a caller's input. A [`Rule`] is a rule that an input can break, and a [`Problem`] is a rule that is broken
//! at a place of the input.
//!
//! `rule.rs` has the rules and their codes, `messages.rs` their messages in English and in French. All other messages for
//! people are in [`crate::words`].

mod detail;
mod messages;
mod quote;
mod rule;

pub use detail::{Form, Holder, Meant, Syntax, Thing};
pub use rule::Rule;

/// One thing that is wrong with an input. The call that it belongs to changed nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The place: the names of the input's fields from the outside in, list indexes as strings.
    pub path: Vec<String>,
    /// The rule that is broken.
    pub rule: Rule,
}

impl Problem {
    /// A problem at this place.
    pub fn at<S: ToString>(path: impl IntoIterator<Item = S>, rule: Rule) -> Self {
        Self { path: path.into_iter().map(|step| step.to_string()).collect(), rule }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Speech;

    #[test]
    fn french_has_its_own_quotes_and_no_message_has_a_run_of_blanks() {
        let sources = [include_str!("messages.rs"), include_str!("detail.rs"), include_str!("quote.rs")];
        let literals =
            sources.iter().flat_map(|source| source.lines()).filter(|line| !line.trim_start().starts_with("//"));
        for line in literals.map(str::trim) {
            assert!(!line.contains("  "), "{line}");
        }
        let given = || "d'abord \"ici\"".to_owned();
        let nearest = || Some("là".to_owned());
        let rules = [
            Rule::NotAKey { given: given() },
            Rule::NotADuration { given: given(), meant: None },
            Rule::UnknownStage { key: given(), meant: Meant { nearest: nearest(), known: Vec::new() } },
            Rule::NoSuchService { slug: given(), nearest: nearest() },
            Rule::NotFound {
                what: Thing::Service,
                given: Some(given()),
                meant: Meant { nearest: Some(given()), known: Vec::new() },
            },
            Rule::UnknownValue { given: given(), nearest: nearest(), values: Vec::new() },
            Rule::UnknownValue { given: given(), nearest: None, values: vec!["A".into()] },
            Rule::WrongForm { expected: Form::Boolean, given: Some(given()) },
        ];
        for rule in rules {
            let said = rule.say(Speech::French);
            assert!(said.contains("« d'abord \"ici\" »"), "{said}");
            assert!(!said.replace("\"ici\"", "").contains('"'), "{said}");
        }
        let said = Rule::NotAKey { given: "emergency ".into() }.say(Speech::English);
        assert!(said.starts_with("\"emergency \" (with a blank at its start or its end) is not a key"), "{said}");
        let said = Rule::WrongForm { expected: Form::Boolean, given: Some("non".into()) }.say(Speech::French);
        assert_eq!(said, "« non » n'est ni `true` ni `false`");
        assert_eq!(
            Rule::NotAKey { given: "a\u{200b}".into() }.say(Speech::French).split(" n'").next(),
            Some("« a\\u{200b} »")
        );
    }

    #[test]
    fn the_holder_of_a_key_is_named_in_both_languages() {
        let slug = || "laundry".to_owned();
        for (by, english, french) in [
            (Holder::Organization(slug()), "organization laundry", "l'organisation « laundry »"),
            (Holder::Service(slug()), "service laundry", "le service « laundry »"),
            (Holder::ElementOf(slug()), "an element of service laundry", "un élément du service « laundry »"),
            (
                Holder::ConfigurationItem("SAN A".into()),
                "configuration item SAN A",
                "l'élément de configuration « SAN A »",
            ),
        ] {
            let rule = Rule::ReferenceTaken { by: Some(by) };
            assert_eq!(rule.say(Speech::English), format!("this external key names {english} already"));
            assert_eq!(rule.say(Speech::French), format!("cette clé externe désigne déjà {french}"));
        }
    }
}
