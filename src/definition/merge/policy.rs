//! Escalation policies and contacts. Their lists have no keys: a given list replaces the current one.

use async_graphql::MaybeUndefined;
use chrono::TimeDelta;
use entente_entity::{
    scalar::Duration,
    text::{LocalizedText, Text},
};

use super::Merge;
use crate::{
    characters::composed,
    definition::{
        at::At,
        document::{ContactInput, EscalationInput, EscalationLevelInput, ResponseTargetInput},
        limits::{self, MAX_CONTACTS, MAX_LEVELS, MAX_NAME},
        localized::read_label,
        terms::{Contact, Escalation, EscalationLevel, ResponseTarget},
    },
    problem::Rule,
};

impl Merge<'_> {
    /// Deadlines and levels. If both lists are left out, the current policy is kept, and none is created. An empty list
    /// is a value: there are no deadlines, or no levels, instead of the default ones.
    pub(super) fn escalation(
        &mut self,
        at: &At,
        field: &MaybeUndefined<EscalationInput>,
        base: Option<&Escalation>,
    ) -> Option<Escalation> {
        self.optional(at, field, base.cloned(), |merge, at, given| {
            let EscalationInput { targets, levels } = given;
            if targets.is_undefined() && levels.is_undefined() {
                return base.cloned();
            }
            Some(Escalation {
                targets: match targets {
                    MaybeUndefined::Undefined => base.map(|base| base.targets.clone()).unwrap_or_default(),
                    MaybeUndefined::Null => Vec::new(),
                    MaybeUndefined::Value(targets) => merge.targets(&at.field("targets"), targets),
                },
                levels: match levels {
                    MaybeUndefined::Undefined => base.map(|base| base.levels.clone()).unwrap_or_default(),
                    MaybeUndefined::Null => Vec::new(),
                    MaybeUndefined::Value(levels) => merge.levels(&at.field("levels"), levels),
                },
            })
        })
    }

    fn targets(&mut self, at: &At, given: &[ResponseTargetInput]) -> Vec<ResponseTarget> {
        let mut targets: Vec<ResponseTarget> = Vec::with_capacity(given.len());
        for (index, target) in given.iter().enumerate() {
            let ResponseTargetInput { severity, acknowledge_within, resolve_within } = target;
            let at = at.index(index);
            if targets.iter().any(|other| other.severity == *severity) {
                self.problem(&at.field("severity"), Rule::NamedTwice { name: severity.name().to_owned() });
            }
            let acknowledge = self.deadline(&at.field("acknowledgeWithin"), acknowledge_within);
            let resolve = self.deadline(&at.field("resolveWithin"), resolve_within);
            if acknowledge.zip(resolve).is_some_and(|(acknowledge, resolve)| acknowledge > resolve) {
                self.problem(&at.field("acknowledgeWithin"), Rule::AcknowledgeAfterResolve);
            }
            targets.push(ResponseTarget {
                severity: *severity,
                acknowledge_within: acknowledge_within.clone(),
                resolve_within: resolve_within.clone(),
            });
        }
        targets
    }

    fn levels(&mut self, at: &At, given: &[EscalationLevelInput]) -> Vec<EscalationLevel> {
        if given.len() > MAX_LEVELS {
            self.problem(at, Rule::TooMany { max: MAX_LEVELS, found: given.len() });
            return Vec::new();
        }
        let mut levels = Vec::with_capacity(given.len());
        let (mut last_level, mut last_after) = (None, None);
        for (index, level) in given.iter().enumerate() {
            let EscalationLevelInput { level, kind, name, after, contact } = level;
            let at = at.index(index);
            if *level < 1 {
                self.problem(&at.field("level"), Rule::LevelBelowOne);
            } else if last_level.is_some_and(|last| last >= *level) {
                self.problem(&at.field("level"), Rule::LevelsNotRising);
            }
            let delay = self.deadline(&at.field("after"), after);
            if last_after.zip(delay).is_some_and(|(last, delay)| last >= delay) {
                self.problem(&at.field("after"), Rule::LevelsNotRising);
            }
            (last_level, last_after) = (Some(*level), delay.or(last_after));
            levels.push(EscalationLevel {
                level: *level,
                kind: *kind,
                name: self.whole_label(&at.field("name"), name),
                contact: contact.value().map(|contact| self.contact(&at.field("contact"), contact)),
                after: after.clone(),
            });
        }
        levels
    }

    /// A display name in a list that replaces the current one: there is no current name to merge it into.
    fn whole_label(&mut self, at: &At, given: &LocalizedText) -> Text {
        let before = self.problems.len();
        let text = read_label(given, None, &self.locale, at, &mut self.problems);
        if text.0.is_empty() && self.problems.len() == before {
            self.problem(at, Rule::Required);
        }
        text
    }

    fn deadline(&mut self, at: &At, given: &Duration) -> Option<TimeDelta> {
        match limits::deadline_rule(given) {
            None => given.exact(),
            Some(rule) => {
                self.problem(at, rule);
                None
            }
        }
    }

    /// A list of contacts.
    pub(super) fn contacts(&mut self, at: &At, given: &[ContactInput]) -> Vec<Contact> {
        if given.len() > MAX_CONTACTS {
            self.problem(at, Rule::TooMany { max: MAX_CONTACTS, found: given.len() });
            return Vec::new();
        }
        given.iter().enumerate().map(|(index, contact)| self.contact(&at.index(index), contact)).collect()
    }

    fn contact(&mut self, at: &At, given: &ContactInput) -> Contact {
        let ContactInput { role, name, email } = given;
        if let Some(rule) = limits::line_rule(name, MAX_NAME) {
            self.problem(&at.field("name"), rule);
        }
        if let Some(rule) = email.value().and_then(|email| limits::email_rule(email)) {
            self.problem(&at.field("email"), rule);
        }
        Contact { role: *role, name: composed(name).into(), email: email.value().map(Into::into) }
    }
}
