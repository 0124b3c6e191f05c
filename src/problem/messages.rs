//! The messages of the rules, in English and in French. A rule without both messages does not compile.

use entente_entity::enums::DefinitionState;

use super::{
    detail::Thing,
    quote::{code_point, decimal, meant_english, meant_french, name, quoted, with_given},
    rule::Rule,
};

/// The message of a broken rule, in English and in French.
pub(super) fn messages(rule: &Rule) -> (String, String) {
    match rule {
        Rule::Required => ("must be given".into(), "doit être indiqué".into()),
        Rule::Blank => ("must not be empty".into(), "ne doit pas être vide".into()),
        Rule::TooManyCharacters { max, found } => (
            format!("has {found} characters; at most {max} are allowed"),
            format!("compte {found} caractères ; {max} au plus sont admis"),
        ),
        Rule::TooManyBytes { max, found } => (
            format!("the document has {found} bytes; at most {max} are allowed"),
            format!("le document compte {found} octets ; {max} au plus sont admis"),
        ),
        Rule::TooMany { max, found } => (
            format!("has {found} entries; at most {max} are allowed"),
            format!("compte {found} entrées ; {max} au plus sont admises"),
        ),
        Rule::TooManyElements { max, found } => (
            format!("the definition would have {found} elements; at most {max} are allowed"),
            format!("la définition aurait {found} éléments ; {max} au plus sont admis"),
        ),
        Rule::NotAKey { given } => {
            let (english, french) = name(given);
            (
                format!("{english} is not a key: lower-case letters, digits and single hyphens between them, 64 at most"),
                format!("{french} n'est pas une clé : minuscules, chiffres et tirets simples entre eux, 64 au plus"),
            )
        }
        Rule::NotASystem { given } => (
            format!("{given:?} does not name a system: lower-case letters, digits and hyphens, 64 at most"),
            format!("{given} ne nomme pas un système : minuscules, chiffres et tirets, 64 au plus", given = quoted(given)),
        ),
        Rule::KeyUsedTwice { key, first } => (
            format!("the key \"{key}\" is used by {first} already; keys are unique within a service"),
            format!("la clé « {key} » est déjà celle de {first} ; une clé est unique dans un service"),
        ),
        Rule::NamedTwice { name } => (
            format!("\"{name}\" is named twice in this list"),
            format!("« {name} » est nommé deux fois dans cette liste"),
        ),
        Rule::LanguageTwice { tag, language } => (
            format!("\"{tag}\" names the language \"{language}\", which this text has already"),
            format!("« {tag} » désigne la langue « {language} », que ce texte a déjà"),
        ),
        Rule::UnknownLanguage { tag } => (
            format!("{tag:?} is not a known language tag, as \"fr\" or \"fr-CA\" are"),
            format!("{tag} n'est pas une langue connue, comme « fr » ou « fr-CA »", tag = quoted(tag)),
        ),
        Rule::UnknownCurrency { code } => (
            format!("{code:?} is not a currency of ISO 4217, as \"EUR\" is"),
            format!("{code} n'est pas une monnaie d'ISO 4217, comme « EUR »", code = quoted(code)),
        ),
        Rule::NotADecimal { given } => (
            match decimal(given) {
                Some(meant) => format!("{given:?} is not a decimal number: write the decimals after a point, not a comma, and separate no thousands: \"{meant}\""),
                None => format!("{given:?} is not a decimal number, as \"12500.00\" is"),
            },
            match decimal(given) {
                Some(meant) => format!("{given} n'est pas un nombre décimal : écrivez les décimales après un point, et non une virgule, sans séparer les milliers : « {meant} »", given = quoted(given)),
                None => format!("{given} n'est pas un nombre décimal, comme « 12500.00 »", given = quoted(given)),
            },
        ),
        Rule::NotADuration { given, meant } => (
            match meant {
                Some(meant) => format!("{given:?} is not a duration of ISO 8601; it would be \"{meant}\""),
                None => format!("{given:?} is not a duration of ISO 8601, as \"PT4H\" or \"P2D\" are"),
            },
            match meant {
                Some(meant) => format!("{given} n'est pas une durée d'ISO 8601 ; ce serait « {meant} »", given = quoted(given)),
                None => format!("{given} n'est pas une durée d'ISO 8601, comme « PT4H » ou « P2D »", given = quoted(given)),
            },
        ),
        Rule::NoTime { given } => (
            format!("{given:?} is a duration of zero: leave the period out if the cost occurs once"),
            format!("{given} est une durée nulle : omettez la période si le coût n'a lieu qu'une fois", given = quoted(given)),
        ),
        Rule::NegativeRevision { given } => (
            format!("{given} is not a revision: give 1 or more, or 0 if the service must not exist yet"),
            format!("{given} n'est pas une révision : donnez 1 ou plus, ou 0 si le service ne doit pas encore exister"),
        ),
        Rule::NoSuchService { slug, nearest } => (
            format!("must be given for a new service, and there is no service {slug:?} that you may see{}", meant_english(nearest)),
            format!("doit être indiqué pour un nouveau service, et il n'y a pas de service {slug} que vous puissiez voir{}", meant_french(nearest), slug = quoted(slug)),
        ),
        Rule::NoProvider { slug, organization } => {
            let (why, raison) = match organization {
                Some(own) => (
                    format!("no organization has the slug {own:?}, which the token names"),
                    format!("aucune organisation n'a le nom court {}, que nomme le jeton", quoted(own)),
                ),
                None => (
                    "the caller has no organization that would be its provider".into(),
                    "l'appelant n'a pas d'organisation qui en serait le fournisseur".into(),
                ),
            };
            (
                format!("must be given: the service {slug:?} does not exist yet, and {why}"),
                format!("doit être indiqué : le service {} n'existe pas encore, et {raison}", quoted(slug)),
            )
        }
        Rule::NoSuchElement { key, nearest } => (
            format!("must be given for something new, and nothing here has the key {key:?}; did you mean {nearest:?}?"),
            format!("doit être indiqué pour ce qui est nouveau, et rien n'a ici la clé {} ; vouliez-vous dire {} ?", quoted(key), quoted(nearest)),
        ),
        Rule::DecimalComma { meant } => (
            format!("a comma ends the number here: write the decimals after a point, as {meant}"),
            format!("une virgule termine ici le nombre : écrivez les décimales après un point, comme {meant}"),
        ),
        Rule::NotAnExactDuration { given } => (
            format!("{given:?} is not a deadline: give weeks, days, hours, minutes or seconds, more than zero"),
            format!("{given} n'est pas un délai : donnez des semaines, jours, heures, minutes ou secondes, plus de zéro", given = quoted(given)),
        ),
        Rule::NotAUrl { given } => (
            format!("{given:?} is not an absolute http or https URL"),
            format!("{given} n'est pas une URL http ou https absolue", given = quoted(given)),
        ),
        Rule::NotAnEmail { given } => (
            format!("{given:?} is not an e-mail address"),
            format!("{given} n'est pas une adresse électronique", given = quoted(given)),
        ),
        Rule::NotANumber => ("is not a finite number".into(), "n'est pas un nombre fini".into()),
        Rule::DeadlineTooLong { given, max_days } => (
            format!("{given:?} is too long: a deadline has at most {max_days} days"),
            format!("{given} est trop long : un délai compte au plus {max_days} jours", given = quoted(given)),
        ),
        Rule::ControlCharacter => (
            "contains a control character; only texts of several lines may contain line breaks and tabs".into(),
            "contient un caractère de contrôle ; seuls les textes de plusieurs lignes admettent sauts de ligne et tabulations".into(),
        ),
        Rule::DirectionControl { found } => (
            format!("contains {}, which changes the direction of text; it is not allowed in a text of one line", code_point(*found)),
            format!("contient {}, qui change le sens du texte ; il n'est pas admis dans un texte d'une seule ligne", code_point(*found)),
        ),
        Rule::UnbalancedDirection { found } => (
            format!("contains {}, which changes the direction of text, without its counterpart in the paragraph", code_point(*found)),
            format!("contient {}, qui change le sens du texte, sans son pendant dans le paragraphe", code_point(*found)),
        ),
        Rule::NotACharacter { found } => (
            format!("contains {}, which is not a character", code_point(*found)),
            format!("contient {}, qui n'est pas un caractère", code_point(*found)),
        ),
        Rule::Invisible { found } => (
            format!("contains {}, which is invisible: delete it", code_point(*found)),
            format!("contient {}, qui est invisible : supprimez-le", code_point(*found)),
        ),
        Rule::UnknownStage { key, meant } => {
            let ((key, cle), (english, french)) = (name(key), meant.words());
            (
                format!("no stage of the journey has the key {key}{english}"),
                format!("aucune étape du parcours n'a la clé {cle}{french}"),
            )
        }
        Rule::UnknownOffering { key, meant } => {
            let ((key, cle), (english, french)) = (name(key), meant.words());
            (
                format!("no offering of the service has the key {key}{english}"),
                format!("aucune offre du service n'a la clé {cle}{french}"),
            )
        }
        Rule::StillUsed { key, by } => (
            format!("\"{key}\" cannot be removed: {by} still uses it"),
            format!("« {key} » ne peut pas être retiré : {by} l'utilise encore"),
        ),
        Rule::RemoveWhileReplacing => (
            "`remove` is not allowed in mode REPLACE: leave the element out".into(),
            "`remove` n'est pas permis en mode REPLACE : omettez l'élément".into(),
        ),
        Rule::AcknowledgeAfterResolve => (
            "the time to acknowledge must not be longer than the time to resolve".into(),
            "le délai de prise en compte ne doit pas dépasser le délai de résolution".into(),
        ),
        Rule::LevelsNotRising => (
            "the numbers and the times of levels must increase from each level to the next".into(),
            "les numéros et les délais des niveaux doivent augmenter d'un niveau à l'autre".into(),
        ),
        Rule::LevelBelowOne => (
            "the number of a level must be 1 or more".into(),
            "le numéro d'un niveau doit être 1 ou plus".into(),
        ),
        Rule::NotFound { what, given, meant } => {
            let (thing, chose) = what.words();
            let (english, french) = meant.words();
            let (given, donne) = match given.as_deref().map(name) {
                Some((given, donne)) => (given + " ", donne + " "),
                None => Default::default(),
            };
            (
                format!("{given}names no {thing} that you may see{english}"),
                format!("{donne}ne désigne aucun {chose} que vous puissiez voir{french}")
                    .replace("aucun organisation", "aucune organisation")
                    .replace("aucun révision", "aucune révision"),
            )
        }
        Rule::SeveralThreads { open } => {
            let numbers = open.iter().map(i32::to_string).collect::<Vec<_>>().join(", ");
            (
                format!("the external key names several open threads: {numbers}; give the number of one"),
                format!("la clé externe désigne plusieurs fils ouverts : {numbers} ; donnez le numéro de l'un d'eux"),
            )
        }
        Rule::UnknownField { nearest: Some(nearest), .. } => (
            format!("there is no such field; did you mean `{nearest}`?"),
            format!("ce champ n'existe pas ; vouliez-vous dire `{nearest}` ?"),
        ),
        Rule::UnknownField { nearest: None, known } => (
            format!("there is no such field here; there are: {}", known.join(", ")),
            format!("ce champ n'existe pas ici ; il y a : {}", known.join(", ")),
        ),
        Rule::FieldTwice => ("this field is given twice".into(), "ce champ est indiqué deux fois".into()),
        Rule::WrongForm { expected, given } => {
            let (english, french, what) = expected.words();
            match given {
                Some(given) => (
                    with_given(english, &format!(", not {given:?}")),
                    format!("{} n'est {what}", quoted(given)),
                ),
                None => (english.to_owned(), french.to_owned()),
            }
        }
        Rule::UnknownValue { given, nearest: Some(nearest), .. } => (
            format!("{given:?} is not one of the values; did you mean {nearest}?"),
            format!("{given} n'est pas l'une des valeurs ; vouliez-vous dire {nearest} ?", given = quoted(given)),
        ),
        Rule::UnknownValue { given, nearest: None, values } => (
            format!("{given:?} is not one of the values: {}", values.join(", ")),
            format!("{given} n'est pas l'une des valeurs : {}", values.join(", "), given = quoted(given)),
        ),
        Rule::KeyWithoutField { given, field: "ref" } => (
            format!("give the system of the key: {{ ref: {{ system: …, key: {given} }} }}"),
            format!("indiquez le système de la clé : {{ ref: {{ system: …, key: {given} }} }}"),
        ),
        Rule::KeyWithoutField { given, field } => (
            format!("give the kind of identifier: {{ {field}: {given} }}"),
            format!("indiquez le type d'identifiant : {{ {field}: {given} }}"),
        ),
        Rule::ExactlyOneOf { fields } => (
            format!("exactly one of these must be given: {}", fields.join(", ")),
            format!("un seul de ces champs doit être indiqué : {}", fields.join(", ")),
        ),
        Rule::NoKind { kinds } => (
            format!("`kind` must say what the document holds: {}", kinds.join(", ")),
            format!("`kind` doit dire ce que le document contient : {}", kinds.join(", ")),
        ),
        Rule::Tab => (
            "this line begins with a tab; YAML must be indented with spaces".into(),
            "cette ligne commence par une tabulation ; en YAML, on indente avec des espaces".into(),
        ),
        Rule::NotYaml { fault } => fault.words(),
        Rule::Unfolds => (
            "is nested too deeply, or expands to too much content".into(),
            "est trop imbriqué, ou contient trop une fois développé".into(),
        ),
        Rule::Unreadable { detail } => (
            format!("cannot be read: {detail}"),
            format!("illisible ; le lecteur dit : {detail}"),
        ),
        Rule::Ambiguous { what: Thing::Thread } => (
            "names more than one thread: list them with `threads(filter: {ref: …})`, and give the id".into(),
            "désigne plus d'un fil : listez-les avec `threads(filter: {ref: …})`, et donnez l'identifiant".into(),
        ),
        Rule::Ambiguous { what } => {
            let (english, french) = what.words();
            (
                format!("names more than one {english}: give the type too, or the id"),
                format!("désigne plus d'un objet ({french}) : donnez aussi le type, ou l'identifiant"),
            )
        }
        Rule::SlugTaken { slug } => (
            format!("the slug \"{slug}\" is taken"),
            format!("le nom court « {slug} » est pris"),
        ),
        Rule::ReferenceTaken { by: Some(by) } => {
            let (english, french) = by.words();
            (
                format!("this external key names {english} already"),
                format!("cette clé externe désigne déjà {french}"),
            )
        }
        Rule::ReferenceTaken { by: None } => (
            "this external key names something else already".into(),
            "cette clé externe désigne déjà autre chose".into(),
        ),
        Rule::OtherRevision { expected, current: 0 } => (
            format!("the service does not exist yet; revision {expected} was expected"),
            format!("le service n'existe pas encore ; la révision {expected} était attendue"),
        ),
        Rule::OtherRevision { expected: 0, current } => (
            format!("the service exists already, at revision {current}"),
            format!("le service existe déjà, à la révision {current}"),
        ),
        Rule::OtherRevision { expected, current } => (
            format!("the service has revision {current}, not {expected}: read it again and retry"),
            format!("le service est à la révision {current}, non {expected} : relisez-le et réessayez"),
        ),
        Rule::ProposedMeanwhile { revision } => (
            format!("revision {revision} was proposed meanwhile, and these terms would withdraw it: read the service again and retry"),
            format!("la révision {revision} a été proposée entre-temps, et ces termes la retireraient : relisez le service et réessayez"),
        ),
        Rule::OtherBase { base, current } => (
            format!("this was proposed as a change of revision {base}, and revision {current} is published now: propose it again"),
            format!("ceci a été proposé comme modification de la révision {base}, et la révision {current} est publiée maintenant : proposez-le à nouveau"),
        ),
        Rule::RevisionState { revision, state } => {
            let (english, french) = match state {
                DefinitionState::Proposed => ("proposed", "proposée"),
                DefinitionState::Published => ("published", "publiée"),
                DefinitionState::Superseded => ("superseded by a newer one", "remplacée par une plus récente"),
                DefinitionState::Withdrawn => ("withdrawn", "retirée"),
            };
            (
                format!("this cannot be done: revision {revision} is {english}"),
                format!("cela ne peut se faire : la révision {revision} est {french}"),
            )
        }
        Rule::LinksInTerms => (
            "only terms can be proposed: lifecycle, contacts, consumers, configurationItems and externalReferences are links, which definitionApply (entente apply) writes".into(),
            "seuls des termes se proposent : lifecycle, contacts, consumers, configurationItems et externalReferences sont des liens, que definitionApply (entente apply) écrit".into(),
        ),
        Rule::NoNewTerms => (
            "this changes nothing: the published terms contain all of it".into(),
            "cela ne change rien : les termes publiés contiennent déjà tout".into(),
        ),
        Rule::ConsumerOnly => (
            "only a consumer of the service decides on its terms, for itself".into(),
            "seul un consommateur du service se prononce sur ses termes, pour lui-même".into(),
        ),
        Rule::NothingDecided => (
            "there is no decision to withdraw".into(), "il n'y a pas de décision à retirer".into()
        ),
        Rule::SuggestionWithoutObjection => (
            "a suggestion goes with OBJECT only; threadOpen takes one too".into(),
            "une suggestion ne va qu'avec OBJECT ; threadOpen en prend une aussi".into(),
        ),
        Rule::OtherService { slug } => (
            format!("this must be the slug of the service, {slug}"),
            format!("ce doit être le slug du service, « {slug} »"),
        ),
        Rule::ThreadOfOtherService => (
            "this thread is about another service".into(), "ce fil concerne un autre service".into()
        ),
        Rule::OtherRequest => (
            "this Idempotency-Key was used for another request in the last 72 hours".into(),
            "cette Idempotency-Key a servi à une autre requête dans les dernières 72 heures".into(),
        ),
        Rule::CyclicParents => (
            "an organization cannot be its own parent, directly or indirectly".into(),
            "une organisation ne peut pas dépendre d'elle-même, directement ou indirectement".into(),
        ),
        Rule::ScopeNeeded { scope } => (
            format!("the token lacks the scope {scope}"),
            format!("il manque au jeton la portée {scope}"),
        ),
        Rule::ProviderOnly => (
            "only the provider of the service may do this".into(),
            "seul le fournisseur du service peut le faire".into(),
        ),
        Rule::NotYourOrganization => (
            "an organization can write only itself, its descendants and new organizations below it; for others the scope admin is required".into(),
            "une organisation ne peut écrire qu'elle-même, celles qui en dépendent et de nouvelles sous elle ; pour les autres, il faut la portée admin".into(),
        ),
        Rule::NotAConsumer => (
            "this organization does not consume the service".into(),
            "cette organisation ne consomme pas le service".into(),
        ),
        Rule::NotARating { found } => (
            format!("{found} is not a rating: give 1 to 5"),
            format!("{found} n'est pas une note : donnez de 1 à 5"),
        ),
        Rule::RatingOfEscalation => ("only feedback has a rating".into(), "seul un retour porte une note".into()),
        Rule::WrongStatus { status } => (
            format!("this cannot be done while the thread is {status}"),
            format!("cela ne peut se faire tant que le fil est {status}"),
        ),
        Rule::NotAnEscalation => (
            "only an escalation can be raised: convert the feedback first".into(),
            "seule une escalade peut être élevée d'un niveau : convertissez d'abord le retour".into(),
        ),
        Rule::NoLevelLeft => (
            "there is no level left to raise the thread to".into(),
            "il ne reste aucun niveau auquel élever le fil".into(),
        ),
        Rule::NoWayBackToFeedback => (
            "an escalation cannot become feedback again".into(),
            "une escalade ne redevient pas un retour".into(),
        ),
        Rule::AuthorOnly => (
            "only its author may edit a message".into(),
            "seul son auteur peut modifier un message".into(),
        ),
        Rule::OtherPartysMessage => (
            "a party can redact only its own messages".into(),
            "une partie ne peut caviarder que ses propres messages".into(),
        ),
        Rule::Redacted => ("the message was redacted".into(), "le message a été caviardé".into()),
        Rule::NotYourItems => (
            "configuration items belong to the organization that applies them; for those of another organization the scope admin is required".into(),
            "les éléments de configuration appartiennent à l'organisation qui les applique ; pour ceux d'une autre, il faut la portée admin".into(),
        ),
        Rule::DependsOnItself => (
            "an item cannot depend on itself".into(),
            "un élément ne peut pas dépendre de lui-même".into(),
        ),
        Rule::NeededOutOfRange { given, dependencies } => (
            format!("{given} is not a number from 0 to {dependencies}, the number of dependencies of the item"),
            format!("{given} n'est pas un nombre de 0 à {dependencies}, le nombre de dépendances de l'élément"),
        ),
        Rule::LastKey => (
            "this is the last key of the item: remove the item instead".into(),
            "c'est la dernière clé de l'élément : retirez plutôt l'élément".into(),
        ),
        Rule::InFuture => (
            "is in the future: only values that were measured can be recorded".into(),
            "est dans le futur : seules des valeurs déjà mesurées peuvent être enregistrées".into(),
        ),
    }
}
