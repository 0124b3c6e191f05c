//! The messages of the gaps of alignment: what is missing, and what to do. `of` is [`element_named`] or [`service_named`].

use entente_entity::enums::ElementKind;

use super::Speech;

words! {
    /// The message of a gap.
    GapWords;
    NoOutcome:
        "The definition has no outcome: the provider adds the results that the customer wants to achieve",
        "La définition n'a aucun résultat : le fournisseur ajoute les résultats que le client veut obtenir";
    NoBenefit:
        "The definition has no benefit: the provider adds what the customer gains when the outcomes are achieved",
        "La définition n'a aucun bénéfice : le fournisseur ajoute ce que le client gagne quand les résultats sont obtenus";
    NoCostOrRisk:
        "The definition has neither a cost nor a risk: the provider adds those that the service removes from the customer or imposes on it",
        "La définition n'a ni coût ni risque : le fournisseur ajoute ceux que le service évite ou impose au client";
    NoExpectationOfProvider:
        "The definition has no expectation of the provider: the provider adds what it must do for its customers",
        "La définition n'a aucune attente envers le fournisseur : celui-ci ajoute ce qu'il doit faire pour ses clients";
    NoExpectationOfConsumer:
        "The definition has no expectation of the consumer: the provider adds what the customer must do so that the service works",
        "La définition n'a aucune attente envers le consommateur : le fournisseur ajoute ce que le client doit faire pour que le service fonctionne";
    NoConsumer:
        "The service has no consumer: add the organizations that use it",
        "Le service n'a aucun consommateur : ajoutez les organisations qui l'utilisent";
    OutcomeWithoutIndicator { of: String }:
        "{of} has no indicator: the provider adds one with a target, so that both parties see whether the outcome is achieved",
        "{of} : aucun indicateur ; le fournisseur en ajoute un avec une cible, pour que les deux parties voient si le résultat est obtenu";
    BenefitWithoutIndicator { of: String }:
        "{of} has no indicator: the provider adds one with a target, so that both parties see whether the benefit is realized",
        "{of} : aucun indicateur ; le fournisseur en ajoute un avec une cible, pour que les deux parties voient si le bénéfice est réel";
    IndicatorNotMeasured { of: String }:
        "{of} has no measurement: record its current value",
        "{of} : aucune mesure ; enregistrez sa valeur actuelle";
    IndicatorRegressed { of: String }:
        "{of}: the latest value is worse than the baseline; find the cause, correct it and measure again",
        "{of} : la dernière valeur est pire que la valeur de départ ; trouvez la cause, corrigez-la et mesurez de nouveau";
    ReviewOverdue { consumer: String, every: String }:
        "{consumer} and the provider have not reviewed the terms for longer than {every}: {consumer} confirms them by agreeing again, or the provider publishes new ones",
        "{consumer} et le fournisseur n'ont pas revu les termes depuis plus de {every} : {consumer} les confirme en donnant de nouveau son accord, ou le fournisseur en publie d'autres";
    NotAgreed { consumer: String, revision: i32 }:
        "{consumer} has not agreed to any published terms: it must read revision {revision}, and agree or object",
        "{consumer} n'a accepté aucun des termes publiés : il lui faut lire la révision {revision}, puis donner son accord ou objecter";
    AgreedToOlderRevision { consumer: String, agreed: i32, revision: i32 }:
        "{consumer} agreed to revision {agreed}, but not to the published revision {revision}: it must read the changes, and agree or object",
        "{consumer} a accepté la révision {agreed}, mais pas la révision publiée {revision} : il lui faut lire les changements, puis donner son accord ou objecter";
    Objected { consumer: String }:
        "{consumer} objects to the published terms or to the open proposal: both parties look for an answer in the thread of the objection, the provider proposes other terms, and {consumer} agrees to them",
        "{consumer} s'oppose aux termes publiés ou à la proposition ouverte : les deux parties cherchent une réponse dans le fil de l'objection, le fournisseur propose d'autres termes, et {consumer} les accepte";
    OpenEscalation { of: String, consumer: String }:
        "{of}: an escalation of {consumer} is open; the provider answers it and resolves it",
        "{of} : une escalade de {consumer} est ouverte ; le fournisseur y répond et la résout";
    MissingTranslation { of: String, languages: String }:
        "{of}: a text is missing in a language that the definition uses elsewhere; the provider adds the translation ({languages})",
        "{of} : il manque un texte dans une langue que la définition emploie ailleurs ; le fournisseur ajoute la traduction ({languages})";
    InfrastructureWording { of: String, names: String }:
        "{of}: a text names a configuration item ({names}); write what it means to the customer instead",
        "{of} : un texte nomme un élément de configuration ({names}) ; écrivez plutôt ce qu'il signifie pour le client";
}

/// An element, at the beginning of a message: `Outcome "one-record"`.
pub fn element_named(kind: ElementKind, key: &str, speech: Speech) -> String {
    let [english, french] = match kind {
        ElementKind::JourneyStage => ["Journey stage", "Étape"],
        ElementKind::Outcome => ["Outcome", "Résultat"],
        ElementKind::Cost => ["Cost", "Coût"],
        ElementKind::Risk => ["Risk", "Risque"],
        ElementKind::Benefit => ["Benefit", "Bénéfice"],
        ElementKind::Expectation => ["Expectation", "Attente"],
        ElementKind::Offering => ["Offering", "Offre"],
        ElementKind::Indicator => ["Indicator", "Indicateur"],
    };
    match speech {
        Speech::English => format!("{english} \"{key}\""),
        Speech::French => format!("{french} « {key} »"),
    }
}

/// The whole service, at the beginning of a message: `Service "patient-management"`.
pub fn service_named(slug: &str, speech: Speech) -> String {
    match speech {
        Speech::English => format!("Service \"{slug}\""),
        Speech::French => format!("Service « {slug} »"),
    }
}
