//! Alignment: whether the provider and the consumers share one view of a service, and what is missing for that.

use std::sync::Arc;

use async_graphql::{Context, Object};
use entente_entity::{
    enums::{AlignmentGapCode as Code, AlignmentState},
    id::OrganizationId,
    scalar::Locale,
    text::Lang,
};

use crate::{
    alignment::{self, Detail},
    api::{
        organization::Organization,
        service::element::{self, DefinitionElement, Source},
        shared::{
            error::{Nullable, nullable},
            list::List,
            price,
            reader::{Reader, shown},
        },
    },
    store::{Error, ReadAlignments},
    words::{GapWords, Speech, element_named, service_named},
};

/// Whether the provider and the consumers of a service share one view of it.
pub struct Alignment(pub(in crate::api) Arc<Source>);

impl Alignment {
    async fn computed(&self) -> Result<Arc<alignment::Alignment>, Error> {
        let service = &self.0.service.0;
        service.session().alignments().of(service).await
    }
}

/// Whether the provider and the consumers of a service share one view of it. It is computed when it is read, from the
/// published terms, the decisions of the consumers, the latest measurements and the open escalations, as far as the viewer
/// may see them: a consumer sees only what follows from its own decisions and threads.
#[Object]
impl Alignment {
    /// The state: INCOMPLETE while there is a gap whose code begins with `NO_`; otherwise DISPUTED while a consumer objects
    /// to the published revision or to the open proposal; otherwise UNAGREED while a consumer has never agreed; otherwise
    /// OUTDATED while a consumer has agreed to an older revision only; otherwise ALIGNED. The other gaps do not change it.
    async fn state(&self) -> Result<AlignmentState, Error> {
        let service = &self.0.service.0;
        service.session().alignments().state(service).await
    }

    /// The share of the checks that hold, from 0 to 1: the number of checks without a gap, divided by the number of all
    /// checks. 1 if there is no gap. The checks are:
    ///
    /// - one for each of NO_OUTCOME, NO_BENEFIT, NO_COST_OR_RISK, NO_EXPECTATION_OF_PROVIDER and
    ///   NO_EXPECTATION_OF_CONSUMER, and for the provider NO_CONSUMER;
    /// - one for each supported outcome (OUTCOME_WITHOUT_INDICATOR) and for each benefit (BENEFIT_WITHOUT_INDICATOR);
    /// - two for each indicator: INDICATOR_NOT_MEASURED, and INDICATOR_REGRESSED, which holds if it is not measured;
    /// - one for each consumer that the viewer may see: its decision (OBJECTED, NOT_AGREED or AGREED_TO_OLDER_REVISION); and
    ///   another one if the terms have `reviewEvery`: REVIEW_OVERDUE;
    /// - one for all threads that the viewer may see: OPEN_ESCALATION;
    /// - one for the service itself (its name, its summary and the names of its escalation levels) and for each element:
    ///   MISSING_TRANSLATION;
    /// - for viewers who may read the provider's configuration items, one for the service itself and for each element:
    ///   INFRASTRUCTURE_WORDING.
    #[graphql(complexity = "child_complexity + price::ALIGNMENT")]
    async fn score(&self) -> Result<f64, Error> {
        Ok(self.computed().await?.score)
    }

    /// What is missing, in the order of the codes. Empty if the state is ALIGNED and the score is 1.
    #[graphql(complexity = "price::ALIGNMENT + price::each(price::GAPS, child_complexity)")]
    async fn gaps(&self) -> Result<List<AlignmentGap>, Error> {
        let computed = self.computed().await?;
        let gap = |index| AlignmentGap { source: self.0.clone(), computed: computed.clone(), index };
        Ok((0..computed.gaps.len()).map(gap).collect())
    }
}

/// Something that is missing for a shared view of a service.
pub struct AlignmentGap {
    source: Arc<Source>,
    computed: Arc<alignment::Alignment>,
    index: usize,
}

impl AlignmentGap {
    fn gap(&self) -> &alignment::Gap {
        &self.computed.gaps[self.index]
    }

    async fn consumer(&self, id: OrganizationId) -> Result<Organization, Error> {
        self.source.service.0.party(id).await.map(Organization)
    }

    /// The element or the service, at the beginning of a message.
    fn of(&self, speech: Speech) -> String {
        match &self.gap().element {
            Some(subject) => element_named(subject.kind, subject.key.as_str(), speech),
            None => service_named(&self.source.service.0.row.slug, speech),
        }
    }

    /// The message; `consumer` is the name of the consumer that the gap concerns.
    fn words(&self, consumer: String, speech: Speech) -> GapWords {
        let (of, revision) = (self.of(speech), self.source.service.0.row.revision);
        match self.gap().code {
            Code::NoOutcome => GapWords::NoOutcome,
            Code::NoBenefit => GapWords::NoBenefit,
            Code::NoCostOrRisk => GapWords::NoCostOrRisk,
            Code::NoExpectationOfProvider => GapWords::NoExpectationOfProvider,
            Code::NoExpectationOfConsumer => GapWords::NoExpectationOfConsumer,
            Code::NoConsumer => GapWords::NoConsumer,
            Code::OutcomeWithoutIndicator => GapWords::OutcomeWithoutIndicator { of },
            Code::BenefitWithoutIndicator => GapWords::BenefitWithoutIndicator { of },
            Code::IndicatorNotMeasured => GapWords::IndicatorNotMeasured { of },
            Code::IndicatorRegressed => GapWords::IndicatorRegressed { of },
            Code::ReviewOverdue => {
                let every = self.source.terms().review_every.as_ref();
                GapWords::ReviewOverdue { consumer, every: every.map(|every| every.0.clone()).unwrap_or_default() }
            }
            Code::NotAgreed => GapWords::NotAgreed { consumer, revision },
            Code::AgreedToOlderRevision => {
                GapWords::AgreedToOlderRevision { consumer, agreed: self.gap().detail.agreed(), revision }
            }
            Code::Objected => GapWords::Objected { consumer },
            Code::OpenEscalation => GapWords::OpenEscalation { of, consumer },
            Code::MissingTranslation => GapWords::MissingTranslation { of, languages: self.gap().detail.listed() },
            Code::InfrastructureWording => GapWords::InfrastructureWording { of, names: self.gap().detail.listed() },
        }
    }
}

/// Something that is missing for a shared view of a service, with what to do about it.
#[Object]
impl AlignmentGap {
    /// What is missing.
    async fn code(&self) -> Code {
        self.gap().code
    }

    /// What is missing and what to do, in one sentence for people: in the language of `locale`, otherwise of the header
    /// `Accept-Language`, if that is English or French; otherwise in English. The wording can change with each release: use
    /// `code` in programs.
    async fn message(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<String, Error> {
        let reader = Reader::of(ctx);
        let speech = reader.speech_in(locale.as_ref())?;
        let consumer = match self.gap().organization {
            None => None,
            Some(id) => reader.read(Some(&self.consumer(id).await?.0.name), locale.as_ref())?,
        };
        let consumer = consumer.map(|name| name.to_string()).unwrap_or_default();
        shown(ctx, self.words(consumer, speech).say(speech))
    }

    /// The element of the definition that the gap concerns. Null if it concerns the whole service.
    async fn element(&self) -> Option<DefinitionElement> {
        let subject = self.gap().element.as_ref()?;
        element::find(&self.source, |kind, id, _| kind == subject.kind && id == subject.id)
    }

    /// The consumer that the gap concerns: of a decision, a review or an escalation. Null for all other gaps.
    async fn organization(&self) -> Nullable<Organization> {
        let id = self.gap().organization?;
        nullable(self.consumer(id).await.map(Some))
    }
}

impl Detail {
    /// The older revision that the consumer agreed to.
    fn agreed(&self) -> i32 {
        match self {
            Self::Agreed(revision) => *revision,
            _ => 0,
        }
    }

    /// The names or languages, in one text.
    fn listed(&self) -> String {
        match self {
            Self::Names(names) => names.join(", "),
            Self::Languages(languages) => languages.iter().map(Lang::as_str).collect::<Vec<_>>().join(", "),
            _ => String::new(),
        }
    }
}
