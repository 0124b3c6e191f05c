//! The French translations of error messages that are written elsewhere, also in libraries. `{}` is a placeholder; in
//! French `{1}` is the first one. A message that is not in this table is shown in English.

mod program;
mod requests;
mod system;

use super::Speech;

/// Each message of the API, in English and in French. Of two that fit, the first is taken.
const TABLE: &[(&str, &str)] = &[
    // Requests.
    (
        "Send requests with POST; queries can also be sent with GET.",
        "Envoyez les requêtes par POST ; celles de lecture peuvent aussi passer par GET.",
    ),
    ("Send mutations with POST.", "Envoyez les mutations par POST."),
    (
        "The answer is application/graphql-response+json or application/json; the Accept header accepts neither.",
        "La réponse est application/graphql-response+json ou application/json ; l'en-tête Accept n'accepte ni l'un ni l'autre.",
    ),
    (
        "The body of a request must be application/json in UTF-8, without compression.",
        "Le corps d'une requête doit être application/json en UTF-8, sans compression.",
    ),
    (
        "A subscription has many answers; this request takes one.",
        "Un abonnement a plusieurs réponses ; cette requête n'en prend qu'une.",
    ),
    (
        "The server is already answering its maximum number of requests: try again.",
        "Le serveur traite déjà son nombre maximal de requêtes : réessayez.",
    ),
    (
        "The server has no capacity for this request at the moment: try again.",
        "Le serveur n'a pas la capacité de traiter cette requête en ce moment : réessayez.",
    ),
    (
        "too many requests of yours are waiting already: send this one again in a second",
        "trop de vos requêtes attendent déjà : renvoyez celle-ci dans une seconde",
    ),
    (
        "The server's memory for requests and answers is full: try again.",
        "La mémoire du serveur pour les requêtes et les réponses est pleine : réessayez.",
    ),
    (
        "The memory for your answers is full, but the mutation may have been executed: read your answers, and send this request again with the same Idempotency-Key.",
        "La mémoire pour vos réponses est pleine, mais la mutation a pu être exécutée : lisez vos réponses, et renvoyez cette requête avec la même Idempotency-Key.",
    ),
    (
        "The memory for your requests and answers is full: read your answers, and send this request again in a second.",
        "La mémoire pour vos requêtes et vos réponses est pleine : lisez vos réponses, et renvoyez cette requête dans une seconde.",
    ),
    (
        "An internal error occurred. The server's log has the details under the request id {}.",
        "Une erreur interne s'est produite. Le journal du serveur en donne le détail sous l'identifiant de requête {1}.",
    ),
    (
        "The request took longer than {} s; a mutation may have been executed.",
        "La requête a pris plus de {1} s ; une mutation a pu être exécutée.",
    ),
    ("The request's body is larger than {} bytes.", "Le corps de la requête dépasse {1} octets."),
    ("The request's body did not arrive whole.", "Le corps de la requête n'est pas arrivé en entier."),
    ("The request's body did not arrive within {} s.", "Le corps de la requête n'est pas arrivé en {1} s."),
    ("The address must have a parameter \"query\".", "L'adresse doit avoir un paramètre « query »."),
    ("The parameter \"{}\" must be a JSON object: {}.", "Le paramètre « {1} » doit être un objet JSON : {2}."),
    (
        "The token has no scope that lets it change anything.",
        "Le jeton n'a aucune portée qui permette de changer quoi que ce soit.",
    ),
    (
        "There must be exactly one Authorization header, with \"Bearer\" and a token.",
        "Il faut un seul en-tête Authorization, avec « Bearer » et un jeton.",
    ),
    (
        "There must be exactly one Idempotency-Key header, of 1 to {} visible ASCII characters.",
        "Il faut un seul en-tête Idempotency-Key, de 1 à {1} caractères ASCII visibles.",
    ),
    ("Limit exceeded: {}.", "Limite dépassée : {1}."),
    ("the document is {} bytes long; {} are allowed", "le document compte {1} octets ; {2} sont admis"),
    ("the document has a name of {} bytes; {} are allowed", "le document a un nom de {1} octets ; {2} sont admis"),
    (
        "the document nests brackets at least {} deep; {} are allowed",
        "le document emboîte des parenthèses sur {1} niveaux au moins ; {2} sont admis",
    ),
    (
        "the price of the query is {}; {} are allowed: ask for fewer entries a page, or for fewer fields",
        "le prix de la requête est de {1} ; {2} sont admis : demandez moins d'entrées par page, ou moins de champs",
    ),
    (
        "the query nests fields {} deep; {} are allowed",
        "la requête emboîte des champs sur {1} niveaux ; {2} sont admis",
    ),
    ("the document has at least {} {}; {} are allowed", "le document a au moins {1} {2} ; {3} sont admis"),
    ("the variables are {} bytes long; {} are allowed", "les variables comptent {1} octets ; {2} sont admis"),
    // Tokens.
    ("this needs a token: Authorization: Bearer …", "il faut un jeton : Authorization: Bearer …"),
    ("The token is longer than 8 KiB.", "Le jeton dépasse 8 Kio."),
    ("The token is not a signed JWT of an accepted kind.", "Le jeton n'est pas un JWT signé d'un type accepté."),
    ("The token's signature is not from a trusted key.", "La signature du jeton ne provient pas d'une clé reconnue."),
    ("The token has expired.", "Le jeton a expiré."),
    ("The token is not valid yet.", "Le jeton n'est pas encore valable."),
    ("The token comes from another issuer.", "Le jeton vient d'un autre émetteur."),
    ("The token is meant for another audience.", "Le jeton est destiné à un autre."),
    (
        "The token's claim \"{}\" is missing or has the wrong type.",
        "Le champ « {1} » du jeton manque, ou n'a pas le bon type.",
    ),
    (
        "The keys that check tokens cannot be read at the moment.",
        "Les clés qui vérifient les jetons sont illisibles en ce moment.",
    ),
    // Documents of GraphQL.
    ("The document cannot be read: {}.", "Le document est illisible : {1}."),
    ("The document has no operation named \"{}\".", "Le document n'a pas d'opération nommée « {1} »."),
    (
        "The document has several operations: \"operationName\" must name the one to run.",
        "Le document a plusieurs opérations : « operationName » doit nommer celle qu'il faut exécuter.",
    ),
    ("The fragment \"{}\" is not used.", "Le fragment « {1} » ne sert pas."),
    ("There is no fragment \"{}\".", "Il n'y a pas de fragment « {1} »."),
    ("There are no operations of the kind \"{}\".", "Il n'y a pas d'opérations de la sorte « {1} »."),
    (
        "The fields under the key \"{}\" cannot be merged: {}. Give one of them an alias.",
        "Les champs sous la clé « {1} » ne peuvent pas être réunis : {2}. Donnez un alias à l'un d'eux.",
    ),
    ("The document's fields overlap more than {} times.", "Les champs du document se recouvrent plus de {1} fois."),
    ("The introspection asks for more than {} values.", "L'introspection demande plus de {1} valeurs."),
    ("The introspection asks for more than {} bytes.", "L'introspection demande plus de {1} octets."),
    ("The introspection is more than {} deep.", "L'introspection s'emboîte sur plus de {1} niveaux."),
    (
        "The introspection nests more than {} lists within each other.",
        "L'introspection emboîte plus de {1} listes les unes dans les autres.",
    ),
    ("The field \"{}\" is given twice in one object.", "Le champ « {1} » figure deux fois dans un objet."),
    (
        "A mutation is given twice under one key, with directives: it can run only once.",
        "Une mutation figure deux fois sous une même clé, avec des directives : elle ne peut s'exécuter qu'une fois.",
    ),
    (
        "The field of a subscription must have neither \"@skip\" nor \"@include\".",
        "Le champ d'un abonnement ne doit avoir ni « @skip » ni « @include ».",
    ),
    (
        "The field \"__typename\" takes no arguments and no selection of fields.",
        "Le champ « __typename » n'admet ni arguments ni sélection de champs.",
    ),
    ("Variable \"${}\" is defined twice.", "La variable « ${1} » est définie deux fois."),
    (
        "Variable \"${}\" of type \"{}\" cannot be used where \"{}\" without null is expected.",
        "La variable « ${1} » de type « {2} » ne convient pas là où « {3} » sans null est attendu.",
    ),
    (
        "Variable \"${}\" of type \"{}\" cannot be used where \"{}\" is expected.",
        "La variable « ${1} » de type « {2} » ne convient pas là où « {3} » est attendu.",
    ),
    ("Variable \"${}\" is not defined.", "La variable « ${1} » n'est pas définie."),
    ("Variable \"${}\" is not used.", "La variable « ${1} » ne sert pas."),
    ("Variable \"${}\" of type \"{}\" is required.", "La variable « ${1} » de type « {2} » est obligatoire."),
    ("Variable \"${}\" cannot be of the type \"{}\".", "La variable « ${1} » ne peut pas être du type « {2} »."),
    ("expected a value of type \"{}\", found {}", "une valeur du type « {1} » est attendue, et non {2}"),
    (
        "the enum \"{}\" has no value \"{}\"; the values are: {}",
        "« {1} » n'a pas de valeur « {2} » ; les valeurs sont : {3}",
    ),
    (
        "the type \"{}\" has no field \"{}\"; did you mean \"{}\"?",
        "le type « {1} » n'a pas de champ « {2} » ; vouliez-vous dire « {3} » ?",
    ),
    ("the type \"{}\" has no field \"{}\"", "le type « {1} » n'a pas de champ « {2} »"),
    ("the field \"{}\" of type \"{}\" is required", "le champ « {1} » de type « {2} » est obligatoire"),
    (
        "the type \"{}\" takes exactly one of its fields, and not null",
        "le type « {1} » prend un seul de ses champs, et non null",
    ),
    ("Unknown field \"{}\" on type \"{}\".", "Le type « {2} » n'a pas de champ « {1} »."),
    (
        "Unknown argument \"{}\" on field \"{}\" of type \"{}\".",
        "Le champ « {2} » du type « {3} » n'a pas d'argument « {1} ».",
    ),
    ("Unknown argument \"{}\" on directive \"{}\".", "La directive « {2} » n'a pas d'argument « {1} »."),
    ("The directive \"@{}\" {}.", "La directive « @{1} » {2}."),
    ("does not exist", "n'existe pas"),
    ("may not stand here", "n'a pas sa place ici"),
    ("stands twice", "figure deux fois"),
    ("Unknown directive \"{}\"", "Il n'y a pas de directive « {1} »"),
    ("Unknown fragment: \"{}\"", "Il n'y a pas de fragment « {1} »"),
    ("Unknown type \"{}\"", "Il n'y a pas de type « {1} »"),
    (
        "Field \"{}\" argument \"{}\" of type \"{}\" is required but not provided",
        "Le champ « {1} » du type « {3} » demande l'argument « {2} », qui manque",
    ),
    (
        "Field \"{}\" of type \"{}\" must have a selection of subfields",
        "Il faut dire quels champs de « {1} », de type « {2} », sont demandés : {1} { … }",
    ),
    (
        "Field \"{}\" must not have a selection since type \"{}\" has no subfields",
        "« {1} » est de type « {2} », qui n'a pas de champs : rien ne peut en être choisi",
    ),
    ("Invalid value for argument {}", "Valeur qui ne va pas pour l'argument {1}"),
    // What the API refuses.
    (
        "{} is not a known language tag, as \"fr\" or \"fr-CA\" are",
        "{1} n'est pas une langue connue, comme « fr » ou « fr-CA »",
    ),
    ("`{}` has {} entries; {} at most are allowed", "`{1}` a {2} entrées ; {3} au plus sont admises"),
    ("give `{}` or `{}`, not both", "donnez `{1}` ou `{2}`, non les deux"),
    ("`{}` is {}; a page holds {} at most", "`{1}` vaut {2} ; une page en contient {3} au plus"),
    ("`{}` must not be negative", "`{1}` ne doit pas être négatif"),
    ("`{}` is not a cursor of this list", "`{1}` n'est pas un curseur de cette liste"),
    ("there is no revision {}", "il n'y a pas de révision {1}"),
    (
        "the external key at {} names several items: give its type too, or the id",
        "la clé externe numéro {1} (à partir de 0) désigne plusieurs éléments : donnez aussi son type, ou l'identifiant",
    ),
    (
        "the external key names several open threads: {}; give the number of one",
        "la clé externe désigne plusieurs fils ouverts : {1} ; donnez le numéro de l'un d'eux",
    ),
    (
        "`{}` has {} different words; {} at most can be searched for",
        "`{1}` a {2} mots différents ; {3} au plus peuvent être cherchés",
    ),
    (
        "`window` is {}; give weeks, days, hours, minutes or seconds, of ten years at most",
        "`window` vaut {1} ; donnez des semaines, jours, heures, minutes ou secondes, dix ans au plus",
    ),
    ("A subscription selects exactly one field.", "Un abonnement demande un seul champ."),
    (
        "the external key names several things: give its type too, or the id",
        "la clé externe désigne plusieurs choses : donnez aussi son type, ou l'identifiant",
    ),
    (
        "a text contains a character that cannot be stored: U+0000",
        "un texte contient un caractère qui ne peut pas être enregistré : U+0000",
    ),
    ("and {} more faults of this document", "et {1} autres fautes dans ce document"),
];

fn all() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    requests::TABLE.iter().chain(TABLE).chain(program::TABLE).chain(requests::JSON)
}

/// The message in this language, where it is known in it.
pub fn translate(message: &str, speech: Speech) -> Option<String> {
    match speech {
        Speech::English => None,
        Speech::French => {
            let of_table = || {
                all().find_map(|(english, french)| {
                    let found = fit(english, message)?;
                    Some(filled(french, &found))
                })
            };
            requests::with_words(message).or_else(of_table).or_else(|| system::in_french(message))
        }
    }
}

/// The values of the placeholders of a pattern in a message; `None` if the message does not match.
fn fit<'m>(pattern: &str, message: &'m str) -> Option<Vec<&'m str>> {
    let mut parts = pattern.split("{}");
    let mut rest = message.strip_prefix(parts.next()?)?;
    let mut found = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let at = match parts.peek() {
            None => {
                rest.len().checked_sub(part.len()).filter(|at| rest.is_char_boundary(*at) && rest.ends_with(part))?
            }
            Some(_) => rest.find(part)?,
        };
        found.push(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    rest.is_empty().then_some(found)
}

/// What was found may itself be a message.
fn filled(french: &str, found: &[&str]) -> String {
    let mut text = french.to_owned();
    for (part, number) in found.iter().zip(1..) {
        let part = translate(part, Speech::French).unwrap_or_else(|| (*part).to_owned());
        text = text.replace(&format!("{{{number}}}"), &part);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_french_message_has_what_the_english_has() {
        let mut seen = BTreeSet::new();
        for (english, french) in all() {
            assert!(seen.insert(english), "{english}");
            let count = english.matches("{}").count();
            for number in 1..=count {
                assert!(french.contains(&format!("{{{number}}}")), "{english}: {{{number}}}");
            }
            assert!(!french.contains(&format!("{{{}}}", count + 1)), "{english}");
        }
    }

    #[test]
    fn no_message_has_a_run_of_blanks_and_french_has_its_own_quotes() {
        for (english, french) in all() {
            // The columns of migrations are two blanks apart.
            let is_column = english.starts_with("{}  ");
            assert!(is_column || !english.contains("  ") && !french.contains("  "), "{english}");
            assert!(!french.contains('"'), "{french}");
        }
    }

    #[test]
    fn placeholders_are_filled_and_translated_too() {
        let french = |message| translate(message, Speech::French);
        assert_eq!(
            french("Variable \"$input.definition.costs.0\": the type \"CostInput\" has no field \"x\".").as_deref(),
            Some("Variable « $input.definition.costs.0 » : le type « CostInput » n'a pas de champ « x ».")
        );
        assert_eq!(
            french("Unknown field \"nam\" on type \"Service\".").as_deref(),
            Some("Le type « Service » n'a pas de champ « nam ».")
        );
        // Not as of a whole variable that is required, nor with a full stop after a question.
        assert_eq!(
            french("Variable \"$i.definition\": the field \"slug\" of type \"String!\" is required.").as_deref(),
            Some("Variable « $i.definition » : le champ « slug » de type « String! » est obligatoire.")
        );
        assert_eq!(
            french("Argument \"by\": the type \"By\" has no field \"name\"; did you mean \"value\"?").as_deref(),
            Some("Argument « by » : le type « By » n'a pas de champ « name » ; vouliez-vous dire « value » ?")
        );
        assert_eq!(
            french("The document cannot be read: expected selection set, name, or value.").as_deref(),
            Some("Le document est illisible : il faudrait des champs entre accolades, un nom ou une valeur.")
        );
        assert_eq!(
            french("The parameter \"variables\" must be a JSON object: expected value at line 1 column 2.").as_deref(),
            Some("Le paramètre « variables » doit être un objet JSON : une valeur est attendue (ligne 1, colonne 2).")
        );
        assert_eq!(
            french("Limit exceeded: the document has at least 31 aliases; 30 are allowed.").as_deref(),
            Some("Limite dépassée : le document a au moins 31 alias ; 30 sont admis.")
        );
        assert_eq!(french("nobody has said this yet"), None);
        assert_eq!(translate("The token has expired.", Speech::English), None);
    }
}
