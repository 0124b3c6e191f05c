//! Details of a broken rule, with their words in English and in French.

use super::quote::{meant_english, meant_french, quoted};

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
    pub(super) fn words(&self) -> (String, String) {
        match self {
            Self { nearest: None, known } if !known.is_empty() => {
                let known = known.join(", ");
                (format!("; there are: {known}"), format!(" ; il y a : {known}"))
            }
            Self { nearest, .. } => (meant_english(nearest), meant_french(nearest)),
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
    /// The message for what is expected, in English and in French; and the end of a French message that says what the
    /// given value is not.
    pub(super) fn words(self) -> (&'static str, &'static str, &'static str) {
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
    /// This bracket or brace is not closed.
    Open(char),
    /// No blank follows this character.
    NoBlank(char),
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
    pub(super) fn words(&self) -> (String, String) {
        match self {
            Self::Bracket => (
                "a bracket or a brace is not closed, or a comma is missing between [ ] or { }".into(),
                "un crochet ou une accolade n'est pas fermé, ou une virgule manque entre [ ] ou { }".into(),
            ),
            Self::Open(sign) => {
                let closing = if *sign == '[' { ']' } else { '}' };
                (
                    format!("this `{sign}` is not closed: `{closing}` is missing"),
                    format!("ce `{sign}` n'est pas fermé : il manque `{closing}`"),
                )
            }
            Self::NoBlank(':') => (
                "a blank is missing after the colon: write `name: value`".into(),
                "il manque une espace après les deux-points : écrivez `nom: valeur`".into(),
            ),
            Self::NoBlank(sign) => (
                format!("a blank is missing after `{sign}`"),
                format!("il manque une espace après `{sign}`"),
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
    /// A revision of the terms.
    Revision,
    /// Any object that can have external keys.
    Anything,
}

impl Thing {
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Organization => ("organization", "organisation"),
            Self::Service => ("service", "service"),
            Self::Element => ("element", "élément"),
            Self::Thread => ("thread", "fil"),
            Self::Message => ("message", "message"),
            Self::ConfigurationItem => ("configuration item", "élément de configuration"),
            Self::Indicator => ("indicator", "indicateur"),
            Self::Revision => ("revision", "révision"),
            Self::Anything => (
                "service, outcome, offering, organization, item, thread or message",
                "service, résultat, offre, organisation, élément, fil ou message",
            ),
        }
    }
}

/// The object that has an external key. The text is a slug; of a configuration item, its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// An organization.
    Organization(String),
    /// A service.
    Service(String),
    /// An element of the service with this slug.
    ElementOf(String),
    /// A configuration item.
    ConfigurationItem(String),
}

impl Holder {
    pub(super) fn words(&self) -> (String, String) {
        match self {
            Self::Organization(slug) => (format!("organization {slug}"), format!("l'organisation « {slug} »")),
            Self::Service(slug) => (format!("service {slug}"), format!("le service « {slug} »")),
            Self::ElementOf(slug) => {
                (format!("an element of service {slug}"), format!("un élément du service « {slug} »"))
            }
            Self::ConfigurationItem(name) => {
                (format!("configuration item {name}"), format!("l'élément de configuration « {name} »"))
            }
        }
    }
}
