//! The errors of parsers in a request, and the errors in its values.

use super::fit;

/// Each message, in English and in French.
pub(super) const TABLE: &[(&str, &str)] = &[
    // Errors of a value, by its place: these rows must be before the one with "is required" for a whole variable.
    ("Variable \"{}\": {}.", "Variable « {1} » : {2}."),
    ("Variable \"{}\": {}", "Variable « {1} » : {2}"),
    ("The default of variable \"{}\": {}.", "Valeur par défaut de la variable « {1} » : {2}."),
    ("The default of variable \"{}\": {}", "Valeur par défaut de la variable « {1} » : {2}"),
    ("Argument \"{}\": {}.", "Argument « {1} » : {2}."),
    ("Argument \"{}\": {}", "Argument « {1} » : {2}"),
    (
        "an instant must have the format RFC 3339: 2026-11-22T08:30:00Z",
        "un instant doit être au format RFC 3339 : 2026-11-22T08:30:00Z",
    ),
    (
        "the type \"{}\" takes exactly one of its fields ({}), not {}",
        "le type « {1} » prend un seul de ses champs ({2}), et non {3}",
    ),
    ("`{}` has {} characters; {} at most are allowed", "`{1}` compte {2} caractères ; {3} au plus sont admis"),
    // Bodies and variables that are not JSON.
    (
        "The request's body must be a JSON object with \"query\" and, if need be, \"operationName\", \"variables\" and \"extensions\": {}.",
        "Le corps de la requête doit être un objet JSON avec « query » et, au besoin, « operationName », « variables » et « extensions » : {1}.",
    ),
    (
        "The request's body must have a member \"query\", the text of a document.",
        "Le corps de la requête doit avoir un champ « query », le texte d'un document.",
    ),
    (
        "Several operations in one request are not accepted: send one request for each.",
        "Plusieurs opérations dans une requête ne sont pas admises : envoyez une requête pour chacune.",
    ),
    (
        "The parameter \"{}\" is given more than once in the address.",
        "Le paramètre « {1} » figure plusieurs fois dans l'adresse.",
    ),
    (
        "\"documentId\" is not supported: send the text as \"query\", or its SHA-256 as \"extensions.persistedQuery\".",
        "« documentId » n'est pas pris en charge : envoyez le texte comme « query », ou son SHA-256 comme \
         « extensions.persistedQuery ».",
    ),
    (
        "\"extensions.persistedQuery\" must have \"version\" {} and \"sha256Hash\", 64 hexadecimal digits.",
        "« extensions.persistedQuery » doit avoir « version » {1} et « sha256Hash », 64 chiffres hexadécimaux.",
    ),
    (
        "\"extensions.persistedQuery.sha256Hash\" is not the SHA-256 of \"query\".",
        "« extensions.persistedQuery.sha256Hash » n'est pas le SHA-256 de « query ».",
    ),
    // Documents that are not GraphQL.
    ("operation {} is defined twice", "l'opération {1} est définie deux fois"),
    ("fragment {} is defined twice", "le fragment {1} est défini deux fois"),
    ("document contains multiple operations", "le document a plusieurs opérations, dont une sans nom"),
    ("document does not contain an operation", "le document n'a pas d'opération"),
];

/// The errors of the JSON parser. This table must be the last one, because its last row matches every message that ends
/// with a position.
pub(super) const JSON: &[(&str, &str)] = &[
    ("expected value", "une valeur est attendue"),
    ("expected ident", "true, false ou null est attendu"),
    ("expected `:`", "« : » est attendu"),
    ("expected `,` or `}`", "« , » ou « } » est attendu"),
    ("expected `,` or `]`", "« , » ou « ] » est attendu"),
    ("key must be a string", "le nom d'un champ se met entre guillemets"),
    ("trailing comma", "une virgule est de trop"),
    ("trailing characters", "quelque chose suit la fin"),
    ("control character (\\u0000-\\u001F) found while parsing a string", "un texte contient un caractère de contrôle"),
    ("invalid escape", "une barre oblique inverse commence un signe qui n'existe pas"),
    ("invalid number", "un nombre est mal écrit"),
    ("EOF while parsing a value", "le texte s'arrête trop tôt"),
    ("EOF while parsing an object", "le texte s'arrête dans un objet"),
    ("EOF while parsing a list", "le texte s'arrête dans une liste"),
    ("EOF while parsing a string", "le texte s'arrête entre guillemets"),
    ("{} at line {} column {}", "{1} (ligne {2}, colonne {3})"),
    ("missing field `{}`", "il manque le champ « {1} »"),
    ("duplicate field `{}`", "le champ « {1} » figure deux fois"),
];

/// What a parser of JSON found, or expects.
const TYPES: &[(&str, &str)] = &[
    ("map", "un objet"),
    ("a map", "un objet"),
    ("sequence", "une liste"),
    ("a sequence", "une liste"),
    ("a string", "un texte"),
    ("a boolean", "true ou false"),
    ("null", "null"),
    ("option", "une valeur ou null"),
];

/// What a parser of GraphQL expects.
const GRAMMAR: &[(&str, &str)] = &[
    ("executable definition", "une requête ou un fragment"),
    ("selection set", "des champs entre accolades"),
    ("selection", "un champ ou un fragment"),
    ("name", "un nom"),
    ("value", "une valeur"),
    ("const value", "une valeur sans variable"),
    ("variable", "une variable ($nom)"),
    ("variable definition", "la définition d'une variable ($nom: Type)"),
    ("type", "un type"),
    ("type condition", "une condition de type (on Type)"),
    ("argument", "un argument (nom: valeur)"),
    ("arguments", "des arguments entre parenthèses"),
    ("const argument", "un argument sans variable (nom: valeur)"),
    ("object field", "un champ (nom: valeur)"),
    ("const object field", "un champ sans variable (nom: valeur)"),
    ("directive", "une directive (@nom)"),
    ("directives", "des directives (@nom)"),
    ("const directive", "une directive (@nom)"),
    ("const directives", "des directives (@nom)"),
    ("default value", "une valeur par défaut (= valeur)"),
    ("fragment spread", "un fragment (...Nom)"),
    ("string character", "un caractère ou la fin du texte"),
    ("EOI", "la fin du document"),
];

/// What the limits count.
const COUNTED: &[(&str, &str)] = &[
    ("words", "mots"),
    ("comments", "commentaires"),
    ("nesting", "niveaux de parenthèses"),
    ("aliases", "alias"),
    ("operations", "opérations"),
    ("fragments", "fragments"),
    ("fragment spreads", "emplois de fragments"),
    ("fragment cycles", "fragments qui reviennent à eux-mêmes"),
    ("expanded selections", "champs, une fois les fragments développés"),
    ("field comparisons", "comparaisons de champs"),
];

/// A message that names what is expected, or counted: words that are no messages by themselves.
pub(super) fn with_words(message: &str) -> Option<String> {
    if let Some(&[detail]) = fit("The document cannot be read: {}.", message).as_deref() {
        let detail = match (fit("unexpected {}; expected {}", detail).as_deref(), detail.strip_prefix("expected ")) {
            (Some(&[found, expected]), _) => format!("{} est de trop ; il faudrait {}", words(found), words(expected)),
            (_, Some(expected)) => format!("il faudrait {}", words(expected)),
            _ => return None,
        };
        return Some(format!("Le document est illisible : {detail}."));
    }
    if let Some(&[found, expected]) = fit("invalid type: {}, expected {}", message).as_deref()
        && !expected.contains(" at line ")
    {
        let found = match found.split_once(' ') {
            Some(("string", text)) => format!("le texte {text}"),
            Some(("integer", number)) => format!("le nombre {number}"),
            Some(("boolean", value)) => value.to_owned(),
            Some(("floating", number)) => format!("le nombre {}", number.trim_start_matches("point ")),
            _ => word(TYPES, found).to_owned(),
        };
        return Some(format!("{found} n'est pas ce qui est attendu : il faudrait {}", word(TYPES, expected)));
    }
    let counted = fit("the document has at least {} {}; {} are allowed", message)?;
    let &[found, noun, max] = &counted[..] else { return None };
    Some(format!("le document a au moins {found} {} ; {max} sont admis", word(COUNTED, noun)))
}

/// A list as the parser writes it: `name, value, or directive`.
fn words(list: &str) -> String {
    let list = list.replace(", or ", ", ").replace(" or ", ", ");
    let words: Vec<&str> = list.split(", ").map(|one| word(GRAMMAR, one)).collect();
    match &words[..] {
        [first @ .., last] if !first.is_empty() => format!("{} ou {last}", first.join(", ")),
        _ => words.join(", "),
    }
}

fn word<'w>(table: &[(&str, &'w str)], english: &'w str) -> &'w str {
    table.iter().find(|(known, _)| *known == english).map_or(english, |(_, french)| french)
}
