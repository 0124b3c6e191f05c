//! The number of objects by result, in English and in French: `3 services: 1 new, 2 unchanged.`

use super::{Speech, Words};

impl Words {
    /// The number of objects by result: `3 services: 1 new, 2 unchanged.`; `None` if there are none.
    pub fn tally(noun: Noun, counts: &[(usize, Came)], speech: Speech) -> Option<String> {
        let all: usize = counts.iter().map(|(count, _)| count).sum();
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let counts: Vec<_> =
            counts.map(|(count, came)| format!("{count} {}", came.say(*count, noun, speech))).collect();
        let noun = noun.say(all, speech).to_owned();
        (all > 0).then(|| Self::Counted { all, noun, counts: counts.join(", ") }.say(speech))
    }
}

/// The kinds of objects that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// Parties.
    Organization,
    /// Configuration items.
    ConfigurationItem,
    /// Services.
    Service,
    /// Outcomes.
    Outcome,
    /// Stages of the journey.
    Stage,
    /// Costs.
    Cost,
    /// Risks.
    Risk,
    /// Benefits.
    Benefit,
    /// Expectations.
    Expectation,
    /// Offerings.
    Offering,
    /// Consumers.
    Consumer,
    /// Measurements.
    Measurement,
    /// Documents.
    Document,
    /// Problems.
    Problem,
}

impl Noun {
    /// The noun for this number of objects.
    pub fn say(self, count: usize, speech: Speech) -> &'static str {
        let [one, many, un, des] = match self {
            Self::Organization => ["organization", "organizations", "organisation", "organisations"],
            Self::ConfigurationItem => {
                ["configuration item", "configuration items", "élément de configuration", "éléments de configuration"]
            }
            Self::Service => ["service", "services", "service", "services"],
            Self::Outcome => ["outcome", "outcomes", "résultat", "résultats"],
            Self::Stage => ["stage", "stages", "étape", "étapes"],
            Self::Cost => ["cost", "costs", "coût", "coûts"],
            Self::Risk => ["risk", "risks", "risque", "risques"],
            Self::Benefit => ["benefit", "benefits", "bénéfice", "bénéfices"],
            Self::Expectation => ["expectation", "expectations", "attente", "attentes"],
            Self::Offering => ["offering", "offerings", "offre", "offres"],
            Self::Consumer => ["consumer", "consumers", "consommateur", "consommateurs"],
            Self::Measurement => ["measurement", "measurements", "mesure", "mesures"],
            Self::Document => ["document", "documents", "document", "documents"],
            Self::Problem => ["problem", "problems", "problème", "problèmes"],
        };
        match (speech, count) {
            (Speech::English, 1) => one,
            (Speech::English, _) => many,
            (Speech::French, 0 | 1) => un,
            (Speech::French, _) => des,
        }
    }

    fn is_feminine(self) -> bool {
        matches!(self, Self::Organization | Self::Stage | Self::Expectation | Self::Offering | Self::Measurement)
    }
}

/// The result of applying a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It did not exist.
    New,
    /// It was changed.
    Changed,
    /// It was the same.
    Unchanged,
    /// It is not in the files.
    Retired,
    /// It breaks a rule.
    Refused,
    /// It breaks no rule, but was sent together with an object that does.
    NotApplied,
    /// Nothing was sent.
    NotSent,
    /// It breaks no rule.
    Valid,
    /// It was deleted.
    Removed,
    /// It was recorded.
    Recorded,
}

impl Came {
    fn say(self, count: usize, noun: Noun, speech: Speech) -> String {
        let (english, masculine, feminine) = match self {
            Self::New => ("new", if count > 1 { "nouveaux" } else { "nouveau" }, "nouvelle"),
            Self::Changed => ("changed", "modifié", "modifiée"),
            Self::Unchanged => ("unchanged", "inchangé", "inchangée"),
            Self::Retired => ("retired", "retiré", "retirée"),
            Self::Refused => ("refused", "refusé", "refusée"),
            Self::NotApplied => ("not applied", "non appliqué", "non appliquée"),
            Self::NotSent => ("not sent", "non envoyé", "non envoyée"),
            Self::Valid => ("valid", "valide", "valide"),
            Self::Removed => ("removed", "supprimé", "supprimée"),
            Self::Recorded => ("recorded", "enregistré", "enregistrée"),
        };
        match speech {
            Speech::English => english.to_owned(),
            Speech::French => {
                let word = if noun.is_feminine() { feminine } else { masculine };
                let plural = if count > 1 && !word.ends_with('x') { "s" } else { "" };
                format!("{word}{plural}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_agrees() {
        let counts = [(6, Came::New), (1, Came::Refused)];
        let say = |noun, speech| Words::tally(noun, &counts, speech).unwrap();
        assert_eq!(say(Noun::Organization, Speech::French), "7 organisations : 6 nouvelles, 1 refusée.");
        assert_eq!(say(Noun::Service, Speech::French), "7 services : 6 nouveaux, 1 refusé.");
        assert_eq!(say(Noun::Service, Speech::English), "7 services: 6 new, 1 refused.");
        assert_eq!(Words::tally(Noun::Service, &[(0, Came::New)], Speech::French), None);
        let one = Words::tally(Noun::ConfigurationItem, &[(0, Came::New), (1, Came::Removed)], Speech::French);
        assert_eq!(one.as_deref(), Some("1 élément de configuration : 1 supprimé."));
    }
}
