//! Problems in a caller's input: the broken rule, its place, and the message in the reader's language.

use crate::enums::UserErrorCode;

/// A language that Entente itself speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speech {
    /// English.
    #[default]
    English,
    /// French.
    French,
}

impl Speech {
    /// The language that a tag names (`fr`, `fr-CA`, `fr_FR.UTF-8`), if Entente speaks it.
    pub fn of_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_', '.', '@']).next() {
            Some("fr") => Some(Self::French),
            Some("en" | "C" | "POSIX") => Some(Self::English),
            _ => None,
        }
    }

    /// Its tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }
}

/// One thing that is wrong with an input. The call that it belongs to changed nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Where: the names of the input's fields from the outside in, list indexes as strings.
    pub path: Vec<String>,
    /// Which rule it breaks.
    pub rule: Rule,
}

impl Problem {
    /// A problem at this place.
    pub fn at<S: ToString>(path: impl IntoIterator<Item = S>, rule: Rule) -> Self {
        Self { path: path.into_iter().map(|step| step.to_string()).collect(), rule }
    }
}

/// The rules that an input can break.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are what the message names")]
pub enum Rule {
    /// It must be given.
    Required,
    /// A text, a name or a list that is given must not be empty.
    Blank,
    /// More characters than a text may have.
    TooManyCharacters { max: usize, found: usize },
    /// More bytes than a document may have.
    TooManyBytes { max: usize, found: usize },
    /// More entries than a list may have.
    TooMany { max: usize, found: usize },
    /// More elements than a definition may have.
    TooManyElements { max: usize, found: usize },
    /// A key or a slug that is not written as one.
    NotAKey { given: String },
    /// A name of a tool that is not written as one.
    NotASystem { given: String },
    /// Two elements of one definition have this key.
    KeyUsedTwice { key: String, first: String },
    /// The same thing is named twice in a list.
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
    /// A required field of a new element, if no element has the key: another key was probably meant.
    NoSuchElement { key: String, nearest: String },
    /// A decimal comma: within braces it ends the number.
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
    /// The key names more than one thing that the viewer may see.
    Ambiguous { what: Thing },
    /// The external key names several threads that are neither resolved nor closed: these.
    SeveralThreads { open: Vec<i32> },
    /// Another thing has the slug.
    SlugTaken { slug: String },
    /// Another thing has the external key; which one, if the viewer may see it.
    ReferenceTaken { by: Option<String> },
    /// The service has another revision than expected; 0: it does not exist.
    OtherRevision { expected: i32, stands: i32 },
    /// The idempotency key was used for another request.
    OtherRequest,
    /// An organization would be its own ancestor.
    CyclicParents,
    /// The viewer's token lacks a scope.
    ScopeNeeded { scope: &'static str },
    /// Only the provider of the service may do this.
    ProviderOnly,
    /// An organization may write itself, those below it, and new ones below itself.
    NotYourOrganization,
    /// The organization does not consume the service.
    NotAConsumer,
    /// A rating that is not one of 1 to 5.
    NotARating { found: i32 },
    /// A rating on an escalation.
    RatingOfEscalation,
    /// The thread is not in a status in which this can be done.
    WrongStatus { status: &'static str },
    /// Only an escalation is raised.
    NotAnEscalation,
    /// The thread has reached the highest level of its policy.
    NoLevelLeft,
    /// An escalation cannot become feedback again.
    NoWayBackToFeedback,
    /// Only its author may edit a message.
    AuthorOnly,
    /// Each party redacts its own messages only.
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
    /// A plain name where the kind of identifier must be given.
    KeyWithoutField { given: String, field: &'static str },
    /// Exactly one of these fields must be given.
    ExactlyOneOf { fields: Vec<String> },
    /// A document without `kind`.
    NoKind { kinds: Vec<String> },
    /// A tab where YAML indents.
    Tab,
    /// Text that is not YAML.
    NotYaml { fault: Syntax },
    /// A document that expands too much.
    Unfolds,
    /// Another error of the parser.
    Unreadable { detail: String },
}

/// What an unknown name was probably meant to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meant {
    /// The most similar existing name.
    pub nearest: Option<String>,
    /// All existing names, if none is similar and they are few.
    pub known: Vec<String>,
}

impl Meant {
    /// The end of a message, in English and in French.
    fn words(&self) -> (String, String) {
        match self {
            Self { nearest: None, known } if !known.is_empty() => {
                let known = known.join(", ");
                (format!("; there are: {known}"), format!(" ; il y a : {known}"))
            }
            Self { nearest, .. } => (meant(nearest), voulu(nearest)),
        }
    }
}

/// The form of something in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A list.
    List,
    /// Fields with values.
    Fields,
    /// A text.
    Text,
    /// A text, or one for each language.
    Texts,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    WholeNumber,
    /// A number.
    Number,
}

impl Form {
    /// What is expected, in English and in French; and in French what something else is not.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::List => (
                "a list is expected: begin each entry with \"- \", or write [ … ]",
                "une liste est attendue : commencez chaque entrée par « - », ou écrivez [ … ]",
                "pas une liste : commencez chaque entrée par « - », ou écrivez [ … ]",
            ),
            Self::Fields => (
                "fields are expected: `name: value`, each on a line of its own, or { name: value, … }",
                "des champs sont attendus : `nom: valeur`, chacun sur sa ligne, ou { nom: valeur, … }",
                "pas fait de champs, qui sont attendus ici : `nom: valeur`, chacun sur sa ligne, ou { nom: valeur, … }",
            ),
            Self::Text => ("a text is expected", "un texte est attendu", "pas un texte"),
            Self::Texts => (
                "a text is expected, or one for each language: { en: \"…\", fr: \"…\" }; quote what looks like a number",
                "un texte est attendu, ou un par langue : `{ en: \"…\", fr: \"…\" }` ; mettez entre guillemets ce qui \
                 ressemble à un nombre",
                "pas pris pour un texte : mettez-le entre guillemets ; un texte est attendu, ou un par langue : \
                 `{ en: \"…\", fr: \"…\" }`",
            ),
            Self::Boolean => ("`true` or `false` is expected", "`true` ou `false` est attendu", "ni `true` ni `false`"),
            Self::WholeNumber => ("a whole number is expected", "un nombre entier est attendu", "pas un nombre entier"),
            Self::Number => (
                "a number is expected, as 12 or 99.5 are",
                "un nombre est attendu, comme 12 ou 99.5 (avec un point)",
                "pas un nombre, comme 12 ou 99.5 (avec un point)",
            ),
        }
    }
}

/// The kind of syntax error in YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// A bracket or a brace.
    Bracket,
    /// A quote.
    Quote,
    /// A backslash within quotes.
    Escape,
    /// A line with the wrong indentation.
    Line,
    /// A character that cannot begin a text.
    Character(char),
    /// `*` before an unknown anchor.
    Alias,
    /// A git merge conflict.
    Conflict,
    /// Something else, in the parser's words.
    Other(String),
}

impl Syntax {
    fn words(&self) -> (String, String) {
        match self {
            Self::Bracket => (
                "a bracket or a brace is not closed, or a comma is missing between [ ] or { }".into(),
                "un crochet ou une accolade n'est pas fermé, ou une virgule manque entre [ ] ou { }".into(),
            ),
            Self::Quote => (
                "a quote is not closed, or something follows it; within \"…\" a quote is written \\\", within '…' it is ''".into(),
                "un guillemet n'est pas fermé, ou quelque chose le suit ; dans `\"…\"` un guillemet s'écrit `\\\"`, dans `'…'` l'apostrophe s'écrit `''`".into(),
            ),
            Self::Escape => (
                "a backslash within \"…\" begins a sign that does not exist: write two, or use '…'".into(),
                "une barre oblique inverse dans `\"…\"` commence un signe qui n'existe pas : doublez-la, ou prenez `'…'`".into(),
            ),
            Self::Line => (
                "this line does not fit those above it: check how far it is indented, that a blank follows the colon of a field, and quote a text that holds \": \"".into(),
                "cette ligne ne va pas avec celles du dessus : vérifiez son retrait, l'espace après les deux-points d'un champ, et mettez entre guillemets un texte qui contient « : »".into(),
            ),
            Self::Character(c) => (
                format!("a text that begins with {c:?} must be quoted"),
                format!("un texte qui commence par {} se met entre guillemets", quoted(&c.to_string())),
            ),
            Self::Alias => (
                "\"*\" refers to a name that nothing above has (&name); quote a text that begins with \"*\"".into(),
                "« * » renvoie à un nom que rien ne porte au-dessus (&nom) ; mettez entre guillemets un texte qui commence par « * »".into(),
            ),
            Self::Conflict => (
                "git left a conflict of two changes here (<<<<<<<, =======, >>>>>>>): keep one of the two, and delete these lines".into(),
                "git a laissé ici un conflit entre deux modifications (<<<<<<<, =======, >>>>>>>) : gardez l'une des deux, et supprimez ces lignes".into(),
            ),
            Self::Other(detail) => (
                format!("this is not YAML: {detail}"),
                format!("ce n'est pas du YAML ; l'analyseur dit : {detail}"),
            ),
        }
    }
}

/// The kind of object that a key in the input identifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A party.
    Organization,
    /// A service.
    Service,
    /// An element of a definition.
    Element,
    /// A thread.
    Thread,
    /// A message.
    Message,
    /// A configuration item.
    ConfigurationItem,
    /// An indicator.
    Indicator,
    /// Any object that can have external keys.
    Anything,
}

impl Thing {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Organization => ("organization", "organisation"),
            Self::Service => ("service", "service"),
            Self::Element => ("element", "élément"),
            Self::Thread => ("thread", "fil"),
            Self::Message => ("message", "message"),
            Self::ConfigurationItem => ("configuration item", "élément de configuration"),
            Self::Indicator => ("indicator", "indicateur"),
            Self::Anything => (
                "service, outcome, offering, organization, item, thread or message",
                "service, résultat, offre, organisation, élément, fil ou message",
            ),
        }
    }
}

impl Rule {
    /// No object that the viewer may see has a key, which is not a single text.
    pub fn not_found(what: Thing) -> Self {
        Self::NotFound { what, given: None, meant: Meant::default() }
    }

    /// The code for programs.
    pub fn code(&self) -> UserErrorCode {
        self.words().0
    }

    /// The message for people: what is wrong, and how to correct it.
    pub fn say(&self, speech: Speech) -> String {
        let (_, english, french) = self.words();
        match speech {
            Speech::English => english,
            Speech::French => french,
        }
    }

    fn words(&self) -> (UserErrorCode, String, String) {
        use UserErrorCode::{
            Conflict, Forbidden, Invalid, InvalidState, LimitExceeded, NotFound, Required, Taken, TooLong,
        };
        match self {
            Self::Required => (Required, "must be given".into(), "doit être indiqué".into()),
            Self::Blank => (Invalid, "must not be empty".into(), "ne doit pas être vide".into()),
            Self::TooManyCharacters { max, found } => (
                TooLong,
                format!("has {found} characters; at most {max} are allowed"),
                format!("compte {found} caractères ; {max} au plus sont admis"),
            ),
            Self::TooManyBytes { max, found } => (
                TooLong,
                format!("the document has {found} bytes; at most {max} are allowed"),
                format!("le document compte {found} octets ; {max} au plus sont admis"),
            ),
            Self::TooMany { max, found } => (
                LimitExceeded,
                format!("has {found} entries; at most {max} are allowed"),
                format!("compte {found} entrées ; {max} au plus sont admises"),
            ),
            Self::TooManyElements { max, found } => (
                LimitExceeded,
                format!("the definition would have {found} elements; at most {max} are allowed"),
                format!("la définition aurait {found} éléments ; {max} au plus sont admis"),
            ),
            Self::NotAKey { given } => {
                let (english, french) = name(given);
                (
                    Invalid,
                    format!("{english} is not a key: lower-case letters, digits and single hyphens between them, 64 at most"),
                    format!("{french} n'est pas une clé : minuscules, chiffres et tirets simples entre eux, 64 au plus"),
                )
            }
            Self::NotASystem { given } => (
                Invalid,
                format!("{given:?} does not name a system: lower-case letters, digits and hyphens, 64 at most"),
                format!("{given} ne nomme pas un système : minuscules, chiffres et tirets, 64 au plus", given = quoted(given)),
            ),
            Self::KeyUsedTwice { key, first } => (
                Invalid,
                format!("the key \"{key}\" is used by {first} already; keys are unique within a service"),
                format!("la clé « {key} » est déjà celle de {first} ; une clé est unique dans un service"),
            ),
            Self::NamedTwice { name } => (
                Invalid,
                format!("\"{name}\" is named twice in this list"),
                format!("« {name} » est nommé deux fois dans cette liste"),
            ),
            Self::LanguageTwice { tag, language } => (
                Invalid,
                format!("\"{tag}\" names the language \"{language}\", which this text has already"),
                format!("« {tag} » désigne la langue « {language} », que ce texte a déjà"),
            ),
            Self::UnknownLanguage { tag } => (
                Invalid,
                format!("{tag:?} is not a known language tag, as \"fr\" or \"fr-CA\" are"),
                format!("{tag} n'est pas une langue connue, comme « fr » ou « fr-CA »", tag = quoted(tag)),
            ),
            Self::UnknownCurrency { code } => (
                Invalid,
                format!("{code:?} is not a currency of ISO 4217, as \"EUR\" is"),
                format!("{code} n'est pas une monnaie d'ISO 4217, comme « EUR »", code = quoted(code)),
            ),
            Self::NotADecimal { given } => (
                Invalid,
                format!("{given:?} is not a decimal number, as \"12500.00\" is"),
                format!("{given} n'est pas un nombre décimal, comme « 12500.00 »", given = quoted(given)),
            ),
            Self::NotADuration { given, meant } => (
                Invalid,
                match meant {
                    Some(meant) => format!("{given:?} is not a duration of ISO 8601; it would be \"{meant}\""),
                    None => format!("{given:?} is not a duration of ISO 8601, as \"PT4H\" or \"P2D\" are"),
                },
                match meant {
                    Some(meant) => format!("{given} n'est pas une durée d'ISO 8601 ; ce serait « {meant} »", given = quoted(given)),
                    None => format!("{given} n'est pas une durée d'ISO 8601, comme « PT4H » ou « P2D »", given = quoted(given)),
                },
            ),
            Self::NoTime { given } => (
                Invalid,
                format!("{given:?} is a duration of zero: leave the period out if the cost occurs once"),
                format!("{given} est une durée nulle : omettez la période si le coût n'a lieu qu'une fois", given = quoted(given)),
            ),
            Self::NegativeRevision { given } => (
                Invalid,
                format!("{given} is not a revision: give 1 or more, or 0 if the service must not exist yet"),
                format!("{given} n'est pas une révision : donnez 1 ou plus, ou 0 si le service ne doit pas encore exister"),
            ),
            Self::NoSuchService { slug, nearest } => (
                Required,
                format!("must be given for a new service, and there is no service {slug:?} that you may see{}", meant(nearest)),
                format!("doit être indiqué pour un nouveau service, et il n'y a pas de service {slug} que vous puissiez voir{}", voulu(nearest), slug = quoted(slug)),
            ),
            Self::NoSuchElement { key, nearest } => (
                Required,
                format!("must be given for something new, and nothing here has the key {key:?}; did you mean {nearest:?}?"),
                format!("doit être indiqué pour ce qui est nouveau, et rien n'a ici la clé {} ; vouliez-vous dire {} ?", quoted(key), quoted(nearest)),
            ),
            Self::DecimalComma { meant } => (
                Invalid,
                format!("a comma ends the number here: write the decimals after a point, as {meant}"),
                format!("une virgule termine ici le nombre : écrivez les décimales après un point, comme {meant}"),
            ),
            Self::NotAnExactDuration { given } => (
                Invalid,
                format!("{given:?} is not a deadline: give weeks, days, hours, minutes or seconds, more than zero"),
                format!("{given} n'est pas un délai : donnez des semaines, jours, heures, minutes ou secondes, plus de zéro", given = quoted(given)),
            ),
            Self::NotAUrl { given } => (
                Invalid,
                format!("{given:?} is not an absolute http or https URL"),
                format!("{given} n'est pas une URL http ou https absolue", given = quoted(given)),
            ),
            Self::NotAnEmail { given } => (
                Invalid,
                format!("{given:?} is not an e-mail address"),
                format!("{given} n'est pas une adresse électronique", given = quoted(given)),
            ),
            Self::NotANumber => {
                (Invalid, "is not a finite number".into(), "n'est pas un nombre fini".into())
            }
            Self::DeadlineTooLong { given, max_days } => (
                Invalid,
                format!("{given:?} is too long: a deadline has at most {max_days} days"),
                format!("{given} est trop long : un délai compte au plus {max_days} jours", given = quoted(given)),
            ),
            Self::ControlCharacter => (
                Invalid,
                "contains a control character; only texts of several lines may contain line breaks and tabs".into(),
                "contient un caractère de contrôle ; seuls les textes de plusieurs lignes admettent sauts de ligne et tabulations".into(),
            ),
            Self::DirectionControl { found } => (
                Invalid,
                format!("contains {}, which changes the direction of text; it is not allowed in a text of one line", code_point(*found)),
                format!("contient {}, qui change le sens du texte ; il n'est pas admis dans un texte d'une seule ligne", code_point(*found)),
            ),
            Self::UnbalancedDirection { found } => (
                Invalid,
                format!("contains {}, which changes the direction of text, without its counterpart in the paragraph", code_point(*found)),
                format!("contient {}, qui change le sens du texte, sans son pendant dans le paragraphe", code_point(*found)),
            ),
            Self::NotACharacter { found } => (
                Invalid,
                format!("contains {}, which is not a character", code_point(*found)),
                format!("contient {}, qui n'est pas un caractère", code_point(*found)),
            ),
            Self::Invisible { found } => (
                Invalid,
                format!("contains {}, which is invisible: delete it", code_point(*found)),
                format!("contient {}, qui est invisible : supprimez-le", code_point(*found)),
            ),
            Self::UnknownStage { key, meant } => {
                let ((key, cle), (english, french)) = (name(key), meant.words());
                (
                    Invalid,
                    format!("no stage of the journey has the key {key}{english}"),
                    format!("aucune étape du parcours n'a la clé {cle}{french}"),
                )
            }
            Self::UnknownOffering { key, meant } => {
                let ((key, cle), (english, french)) = (name(key), meant.words());
                (
                    Invalid,
                    format!("no offering of the service has the key {key}{english}"),
                    format!("aucune offre du service n'a la clé {cle}{french}"),
                )
            }
            Self::StillUsed { key, by } => (
                Invalid,
                format!("\"{key}\" cannot be removed: {by} still uses it"),
                format!("« {key} » ne peut pas être retiré : {by} l'utilise encore"),
            ),
            Self::RemoveWhileReplacing => (
                Invalid,
                "`remove` is not allowed in mode REPLACE: leave the element out".into(),
                "`remove` n'est pas permis en mode REPLACE : omettez l'élément".into(),
            ),
            Self::AcknowledgeAfterResolve => (
                Invalid,
                "the time to acknowledge must not be longer than the time to resolve".into(),
                "le délai de prise en compte ne doit pas dépasser le délai de résolution".into(),
            ),
            Self::LevelsNotRising => (
                Invalid,
                "the numbers and the times of levels must increase from each level to the next".into(),
                "les numéros et les délais des niveaux doivent augmenter d'un niveau à l'autre".into(),
            ),
            Self::LevelBelowOne => {
                (Invalid, "the number of a level must be 1 or more".into(), "le numéro d'un niveau doit être 1 ou plus".into())
            }
            Self::NotFound { what, given, meant } => {
                let (thing, chose) = what.words();
                let (english, french) = meant.words();
                let (given, donne) = match given.as_deref().map(name) {
                    Some((given, donne)) => (given + " ", donne + " "),
                    None => Default::default(),
                };
                (
                    NotFound,
                    format!("{given}names no {thing} that you may see{english}"),
                    format!("{donne}ne désigne aucun {chose} que vous puissiez voir{french}")
                        .replace("aucun organisation", "aucune organisation"),
                )
            }
            Self::SeveralThreads { open } => {
                let numbers = open.iter().map(i32::to_string).collect::<Vec<_>>().join(", ");
                (
                    Invalid,
                    format!("the external key names several open threads: {numbers}; give the number of one"),
                    format!("la clé externe désigne plusieurs fils ouverts : {numbers} ; donnez le numéro de l'un d'eux"),
                )
            }
            Self::UnknownField { nearest: Some(nearest), .. } => (
                Invalid,
                format!("there is no such field; did you mean `{nearest}`?"),
                format!("ce champ n'existe pas ; vouliez-vous dire `{nearest}` ?"),
            ),
            Self::UnknownField { nearest: None, known } => (
                Invalid,
                format!("there is no such field here; there are: {}", known.join(", ")),
                format!("ce champ n'existe pas ici ; il y a : {}", known.join(", ")),
            ),
            Self::FieldTwice => {
                (Invalid, "this field is given twice".into(), "ce champ est indiqué deux fois".into())
            }
            Self::WrongForm { expected, given } => {
                let (english, french, what) = expected.words();
                match given {
                    Some(given) => (
                        Invalid,
                        with_given(english, &format!(", not {given:?}")),
                        format!("{} n'est {what}", quoted(given)),
                    ),
                    None => (Invalid, english.to_owned(), french.to_owned()),
                }
            }
            Self::UnknownValue { given, nearest: Some(nearest), .. } => (
                Invalid,
                format!("{given:?} is not one of the values; did you mean {nearest}?"),
                format!("{given} n'est pas l'une des valeurs ; vouliez-vous dire {nearest} ?", given = quoted(given)),
            ),
            Self::UnknownValue { given, nearest: None, values } => (
                Invalid,
                format!("{given:?} is not one of the values: {}", values.join(", ")),
                format!("{given} n'est pas l'une des valeurs : {}", values.join(", "), given = quoted(given)),
            ),
            Self::KeyWithoutField { given, field: "ref" } => (
                Invalid,
                format!("give the system of the key: {{ ref: {{ system: …, key: {given} }} }}"),
                format!("indiquez le système de la clé : {{ ref: {{ system: …, key: {given} }} }}"),
            ),
            Self::KeyWithoutField { given, field } => (
                Invalid,
                format!("give the kind of identifier: {{ {field}: {given} }}"),
                format!("indiquez le type d'identifiant : {{ {field}: {given} }}"),
            ),
            Self::ExactlyOneOf { fields } => (
                Invalid,
                format!("exactly one of these must be given: {}", fields.join(", ")),
                format!("un seul de ces champs doit être indiqué : {}", fields.join(", ")),
            ),
            Self::NoKind { kinds } => (
                Required,
                format!("`kind` must say what the document holds: {}", kinds.join(", ")),
                format!("`kind` doit dire ce que le document contient : {}", kinds.join(", ")),
            ),
            Self::Tab => (
                Invalid,
                "this line begins with a tab; YAML must be indented with spaces".into(),
                "cette ligne commence par une tabulation ; en YAML, on indente avec des espaces".into(),
            ),
            Self::NotYaml { fault } => {
                let (english, french) = fault.words();
                (Invalid, english, french)
            }
            Self::Unfolds => (
                LimitExceeded,
                "is nested too deeply, or expands to too much content".into(),
                "est trop imbriqué, ou contient trop une fois développé".into(),
            ),
            Self::Unreadable { detail } => (
                Invalid,
                format!("cannot be read: {detail}"),
                format!("illisible ; le lecteur dit : {detail}"),
            ),
            Self::Ambiguous { what: Thing::Thread } => (
                Invalid,
                "names more than one thread: list them with `threads(filter: {ref: …})`, and give the id".into(),
                "désigne plus d'un fil : listez-les avec `threads(filter: {ref: …})`, et donnez l'identifiant".into(),
            ),
            Self::Ambiguous { what } => {
                let (english, french) = what.words();
                (
                    Invalid,
                    format!("names more than one {english}: give the type too, or the id"),
                    format!("désigne plus d'un objet ({french}) : donnez aussi le type, ou l'identifiant"),
                )
            }
            Self::SlugTaken { slug } => {
                (Taken, format!("the slug \"{slug}\" is taken"), format!("le nom court « {slug} » est pris"))
            }
            Self::ReferenceTaken { by: Some(by) } => (
                Taken,
                format!("this external key names {by} already"),
                format!("cette clé externe désigne déjà {by}"),
            ),
            Self::ReferenceTaken { by: None } => (
                Taken,
                "this external key names something else already".into(),
                "cette clé externe désigne déjà autre chose".into(),
            ),
            Self::OtherRevision { expected, stands: 0 } => (
                Conflict,
                format!("the service does not exist yet; revision {expected} was expected"),
                format!("le service n'existe pas encore ; la révision {expected} était attendue"),
            ),
            Self::OtherRevision { expected: 0, stands } => (
                Conflict,
                format!("the service exists already, at revision {stands}"),
                format!("le service existe déjà, à la révision {stands}"),
            ),
            Self::OtherRevision { expected, stands } => (
                Conflict,
                format!("the service has revision {stands}, not {expected}: read it again and retry"),
                format!("le service est à la révision {stands}, non {expected} : relisez-le et réessayez"),
            ),
            Self::OtherRequest => (
                Conflict,
                "this Idempotency-Key was used for another request in the last 72 hours".into(),
                "cette Idempotency-Key a servi à une autre requête dans les dernières 72 heures".into(),
            ),
            Self::CyclicParents => (
                Invalid,
                "an organization cannot be its own parent, directly or indirectly".into(),
                "une organisation ne peut pas dépendre d'elle-même, directement ou indirectement".into(),
            ),
            Self::ScopeNeeded { scope } => (
                Forbidden,
                format!("the token lacks the scope {scope}"),
                format!("il manque au jeton la portée {scope}"),
            ),
            Self::ProviderOnly => (
                Forbidden,
                "only the provider of the service may do this".into(),
                "seul le fournisseur du service peut le faire".into(),
            ),
            Self::NotYourOrganization => (
                Forbidden,
                "an organization can write only itself, its descendants and new organizations below it; for others the scope admin is required".into(),
                "une organisation ne peut écrire qu'elle-même, celles qui en dépendent et de nouvelles sous elle ; pour les autres, il faut la portée admin".into(),
            ),
            Self::NotAConsumer => (
                Invalid,
                "this organization does not consume the service".into(),
                "cette organisation ne consomme pas le service".into(),
            ),
            Self::NotARating { found } => (
                Invalid,
                format!("{found} is not a rating: give 1 to 5"),
                format!("{found} n'est pas une note : donnez de 1 à 5"),
            ),
            Self::RatingOfEscalation => (
                Invalid,
                "only feedback has a rating".into(),
                "seul un retour porte une note".into(),
            ),
            Self::WrongStatus { status } => (
                InvalidState,
                format!("this cannot be done while the thread is {status}"),
                format!("cela ne peut se faire tant que le fil est {status}"),
            ),
            Self::NotAnEscalation => (
                InvalidState,
                "only an escalation can be raised: convert the feedback first".into(),
                "seule une escalade peut être élevée d'un niveau : convertissez d'abord le retour".into(),
            ),
            Self::NoLevelLeft => (
                InvalidState,
                "there is no level left to raise the thread to".into(),
                "il ne reste aucun niveau auquel élever le fil".into(),
            ),
            Self::NoWayBackToFeedback => (
                Invalid,
                "an escalation cannot become feedback again".into(),
                "une escalade ne redevient pas un retour".into(),
            ),
            Self::AuthorOnly => (
                Forbidden,
                "only its author may edit a message".into(),
                "seul son auteur peut modifier un message".into(),
            ),
            Self::OtherPartysMessage => (
                Forbidden,
                "a party can redact only its own messages".into(),
                "une partie ne peut caviarder que ses propres messages".into(),
            ),
            Self::Redacted => (
                InvalidState,
                "the message was redacted".into(),
                "le message a été caviardé".into(),
            ),
            Self::NotYourItems => (
                Forbidden,
                "configuration items belong to the organization that applies them; for those of another organization the scope admin is required".into(),
                "les éléments de configuration appartiennent à l'organisation qui les applique ; pour ceux d'une autre, il faut la portée admin".into(),
            ),
            Self::DependsOnItself => (
                Invalid,
                "an item cannot depend on itself".into(),
                "un élément ne peut pas dépendre de lui-même".into(),
            ),
            Self::NeededOutOfRange { given, dependencies } => (
                Invalid,
                format!("{given} is not a number from 0 to {dependencies}, the number of dependencies of the item"),
                format!("{given} n'est pas un nombre de 0 à {dependencies}, le nombre de dépendances de l'élément"),
            ),
            Self::LastKey => (
                InvalidState,
                "this is the last key of the item: remove the item instead".into(),
                "c'est la dernière clé de l'élément : retirez plutôt l'élément".into(),
            ),
            Self::InFuture => (
                Invalid,
                "is in the future: only values that were measured can be recorded".into(),
                "est dans le futur : seules des valeurs déjà mesurées peuvent être enregistrées".into(),
            ),
        }
    }
}

/// A text between French quotes. What cannot be shown is escaped, as it is in English.
fn quoted(text: &str) -> String {
    let escaped = format!("{text:?}");
    format!("« {} »", escaped[1..escaped.len() - 1].replace("\\\"", "\""))
}

/// A name in quotes, in English and in French. Quotes alone do not show a blank at its start or its end.
fn name(given: &str) -> (String, String) {
    let (english, french) = match given.trim() == given {
        true => ("", ""),
        false => (" (with a blank at its start or its end)", " (avec une espace au début ou à la fin)"),
    };
    (format!("{given:?}{english}"), format!("{}{french}", quoted(given)))
}

/// The name of a character that cannot be printed.
fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// The end of an English message that suggests a name.
fn meant(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!("; did you mean {name:?}?")).unwrap_or_default()
}

/// The end of a French message that suggests a name.
fn voulu(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!(" ; vouliez-vous dire {} ?", quoted(name))).unwrap_or_default()
}

/// Puts what was given behind what is expected, before any advice.
fn with_given(words: &str, given: &str) -> String {
    match words.find([':', ';', ',']) {
        Some(at) => {
            let at = words[..at].trim_end().len();
            format!("{}{given}{}", &words[..at], &words[at..])
        }
        None => format!("{words}{given}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_has_its_own_quotes_and_no_message_has_a_run_of_blanks() {
        let source = include_str!("problem.rs");
        let (messages, _) = source.split_once("mod tests").unwrap();
        let literals = messages.lines().filter(|line| !line.trim_start().starts_with("//"));
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
}
