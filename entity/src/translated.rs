//! Messages of errors that are worded where they arise, in libraries among others, and their French. `{}` stands for what differs; in
//! French `{1}` is the first of it. What is in here no more than in English is told in English.

use crate::problem::Speech;

/// Each message, in English and in French. Of two that fit, the first is taken.
pub const TABLE: &[(&str, &str)] = &[
    // Requests.
    (
        "Requests come by POST, and queries by GET as well.",
        "Les requêtes viennent par POST, et celles de lecture aussi par GET.",
    ),
    ("Mutations come by POST.", "Les mutations viennent par POST."),
    (
        "An answer is application/graphql-response+json or application/json; the Accept header has neither.",
        "Une réponse est application/graphql-response+json ou application/json ; l'en-tête Accept n'a ni l'un ni l'autre.",
    ),
    (
        "A request's body is application/json in UTF-8, not compressed.",
        "Le corps d'une requête est application/json en UTF-8, non compressé.",
    ),
    (
        "A subscription has many answers; this request takes one.",
        "Un abonnement a plusieurs réponses ; cette requête n'en prend qu'une.",
    ),
    (
        "The server has as many requests as it can answer at a time.",
        "Le serveur a autant de requêtes qu'il peut en traiter à la fois.",
    ),
    (
        "Something went wrong here. The server's log has more under the request id {}.",
        "Une erreur s'est produite ici. Le journal du serveur en dit plus sous l'identifiant de requête {1}.",
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
        "The Authorization header must be one, with \"Bearer\" and a token.",
        "Il faut un seul en-tête Authorization, avec « Bearer » et un jeton.",
    ),
    (
        "The Idempotency-Key header must be one, of 1 to {} visible ASCII characters.",
        "Il faut un seul en-tête Idempotency-Key, de 1 à {1} caractères ASCII visibles.",
    ),
    ("Limit exceeded: {}.", "Limite dépassée : {1}."),
    ("the document is {} bytes long; {} are allowed", "le document compte {1} octets ; {2} sont admis"),
    ("the document has a name of {} bytes; {} are allowed", "le document a un nom de {1} octets ; {2} sont admis"),
    (
        "the document nests brackets at least {} deep; {} are allowed",
        "le document emboîte des parenthèses sur {1} niveaux au moins ; {2} sont admis",
    ),
    ("the document has at least {} tokens; {} are allowed", "le document a au moins {1} mots ; {2} sont admis"),
    ("the document has at least {} {}; {} are allowed", "le document a au moins {1} {2} ; {3} sont admis"),
    ("the variables are {} bytes long; {} are allowed", "les variables comptent {1} octets ; {2} sont admis"),
    // Tokens.
    ("this needs a token: Authorization: Bearer …", "il faut un jeton : Authorization: Bearer …"),
    ("The token is longer than 8 KiB.", "Le jeton dépasse 8 Kio."),
    (
        "The token is not a signed JWT of a kind that is accepted here.",
        "Le jeton n'est pas un JWT signé d'une sorte admise ici.",
    ),
    (
        "The token's signature is not one of a key that is trusted here.",
        "La signature du jeton n'est pas d'une clé à laquelle on se fie ici.",
    ),
    ("The token has expired.", "Le jeton a expiré."),
    ("The token is not valid yet.", "Le jeton n'est pas encore valable."),
    ("The token comes from another issuer.", "Le jeton vient d'un autre émetteur."),
    ("The token is meant for another audience.", "Le jeton est destiné à un autre."),
    (
        "The token's claim \"{}\" is missing or not of the type that it must have.",
        "Le champ « {1} » du jeton manque, ou n'est pas du type qu'il doit avoir.",
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
    (
        "The fragment \"{}\" comes back to a fragment within it.",
        "Le fragment « {1} » revient à un fragment qu'il contient.",
    ),
    ("There are no operations of the kind \"{}\".", "Il n'y a pas d'opérations de la sorte « {1} »."),
    (
        "The fields under the key \"{}\" cannot be merged: {}. Give one of them an alias.",
        "Les champs sous la clé « {1} » ne peuvent pas être réunis : {2}. Donnez un alias à l'un d'eux.",
    ),
    ("The field \"{}\" stands twice in one object.", "Le champ « {1} » figure deux fois dans un objet."),
    ("Variable \"${}\" is defined twice.", "La variable « ${1} » est définie deux fois."),
    ("Variable \"${}\" is not defined.", "La variable « ${1} » n'est pas définie."),
    ("Variable \"${}\" is not used.", "La variable « ${1} » ne sert pas."),
    ("Variable \"${}\" of type \"{}\" is required.", "La variable « ${1} » de type « {2} » est obligatoire."),
    ("Variable \"${}\" cannot be of the type \"{}\".", "La variable « ${1} » ne peut pas être du type « {2} »."),
    ("Variable \"{}\": {}.", "Variable « {1} » : {2}."),
    ("The default of variable \"{}\": {}.", "Valeur par défaut de la variable « {1} » : {2}."),
    ("Argument \"{}\": {}.", "Argument « {1} » : {2}."),
    ("expected a value of type \"{}\", found {}", "une valeur du type « {1} » est attendue, et non {2}"),
    (
        "the enum \"{}\" has no value \"{}\"; did you mean \"{}\"?",
        "« {1} » n'a pas de valeur « {2} » ; vouliez-vous dire « {3} » ?",
    ),
    ("the enum \"{}\" has no value \"{}\"", "« {1} » n'a pas de valeur « {2} »"),
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
    ("Unknown directive \"{}\"", "Il n'y a pas de directive « {1} »"),
    ("Unknown fragment: \"{}\"", "Il n'y a pas de fragment « {1} »"),
    ("Unknown type \"{}\"", "Il n'y a pas de type « {1} »"),
    (
        "Field \"{}\" argument \"{}\" of type \"{}\" is required but not provided",
        "L'argument « {2} » de type « {3} » du champ « {1} » est obligatoire et manque",
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
    ("Query is too complex.", "La requête demande trop à la fois."),
    ("Query is nested too deep.", "La requête s'emboîte trop profondément."),
    // What the program cannot do.
    ("{} cannot be used", "{1} n'est pas utilisable"),
    ("{} cannot be listened on", "impossible d'écouter sur {1}"),
    ("{} cannot be made", "{1} ne peut pas être créé"),
    ("{} cannot be written", "{1} ne peut pas être écrit"),
    ("{} cannot be removed", "{1} ne peut pas être supprimé"),
    ("the database is not available", "la base de données n'est pas disponible"),
    ("the database failed", "la base de données a échoué"),
    ("The database gives no connection at the moment.", "La base de données ne donne pas de connexion en ce moment."),
    ("the database is not available: {}", "la base de données n'est pas disponible : {1}"),
    ("the database refuses the connection: {}", "la base de données refuse la connexion : {1}"),
    ("the database can only be read: {}", "la base de données ne peut être que lue : {1}"),
    (
        "the database has no space left, or its disk fails: {}",
        "la base de données n'a plus de place, ou son disque est en panne : {1}",
    ),
    ("the database takes too long: {}", "la base de données prend trop de temps : {1}"),
    ("the database failed: {}", "la base de données a échoué : {1}"),
    ("no connection came free in time", "aucune connexion ne s'est libérée à temps"),
    ("no server that can write is reached", "aucun serveur où écrire n'est atteint"),
    ("the server did not answer in time", "le serveur n'a pas répondu à temps"),
    ("{} (code {}; the disk may be full)", "{1} (code {2} ; le disque est peut-être plein)"),
    ("it cannot be made: {}", "il ne peut pas être créé : {1}"),
    (
        "it does not exist, and ?mode=rwc, which makes it, is not in the URL",
        "il n'existe pas, et ?mode=rwc, qui le crée, n'est pas dans l'URL",
    ),
    (
        "the database's encoding is {}: Entente needs one that was created with the encoding UTF8",
        "l'encodage de la base est {1} : il faut à Entente une base créée avec l'encodage UTF8",
    ),
    (
        "the database is of a newer version of Entente: {}, which it has run, is not known to this one",
        "la base est d'une version plus récente d'Entente : {1}, qu'elle a exécutée, est inconnue de celle-ci",
    ),
    (
        "{} can only be read, and cannot be brought up to date: {}",
        "{1} ne peut être que lue, et ne peut pas être mise à jour : {2}",
    ),
    ("the migration {} has not run", "la migration {1} n'a pas été exécutée"),
    // The URL of the database.
    (
        "--database-url (ENTENTE_DATABASE_URL) must begin with postgres:// or sqlite://",
        "--database-url (ENTENTE_DATABASE_URL) doit commencer par postgres:// ou sqlite://",
    ),
    (
        "--database-url (ENTENTE_DATABASE_URL) names {} hosts and {} ports",
        "--database-url (ENTENTE_DATABASE_URL) nomme {1} hôtes et {2} ports",
    ),
    (
        "sslmode in --database-url (ENTENTE_DATABASE_URL) is not one of {}",
        "sslmode, dans --database-url (ENTENTE_DATABASE_URL), n'est pas l'un de {1}",
    ),
    (
        "target_session_attrs in --database-url (ENTENTE_DATABASE_URL) is not one of any, read-write, primary (writes go to the server \
         that can write, and reads with them), read-only, standby (this server only reads)",
        "target_session_attrs, dans --database-url (ENTENTE_DATABASE_URL), n'est pas l'un de any, read-write, primary (les écritures vont \
         au serveur qui peut écrire, et les lectures avec elles), read-only, standby (ce serveur ne fait que lire)",
    ),
    (
        "--database-url (ENTENTE_DATABASE_URL) cannot be read: {}",
        "--database-url (ENTENTE_DATABASE_URL) est illisible : {1}",
    ),
    (
        "special characters of a password must be percent-encoded in it (@ is %40, / is %2F, ? is %3F, # is %23, % is %25)",
        "les caractères spéciaux d'un mot de passe doivent y être encodés (@ est %40, / est %2F, ? est %3F, # est %23, % est %25)",
    ),
    (
        "sqlite:// names a file, without user and password; in its name, @ is %40",
        "sqlite:// désigne un fichier, sans utilisateur ni mot de passe ; dans son nom, @ est %40",
    ),
    (
        "what is percent-encoded in it is not UTF-8 (% itself is %25)",
        "ce qui y est encodé par % n'est pas de l'UTF-8 (% lui-même est %25)",
    ),
    ("invalid port number", "le numéro de port n'est pas bon"),
    (
        "no secret to sign with: give --jwt-secret, or set ENTENTE_JWT_SECRET",
        "aucun secret pour signer : donnez --jwt-secret, ou ENTENTE_JWT_SECRET",
    ),
    (
        "no key to check tokens with: give one of --jwt-secret, --jwks-url and --jwks-file (or ENTENTE_JWT_SECRET, ENTENTE_JWKS_URL, \
         ENTENTE_JWKS_FILE), or start with --demo",
        "aucune clé pour vérifier les jetons : donnez --jwt-secret, --jwks-url ou --jwks-file (ou ENTENTE_JWT_SECRET, ENTENTE_JWKS_URL, \
         ENTENTE_JWKS_FILE), ou démarrez avec --demo",
    ),
    (
        "--jwt-secret, --jwks-url and --jwks-file exclude each other: give exactly one (ENTENTE_JWT_SECRET, ENTENTE_JWKS_URL and \
         ENTENTE_JWKS_FILE count as well)",
        "--jwt-secret, --jwks-url et --jwks-file s'excluent : donnez-en un seul (ENTENTE_JWT_SECRET, ENTENTE_JWKS_URL et \
         ENTENTE_JWKS_FILE comptent aussi)",
    ),
    (
        "{} is too short: it takes {} bytes at least, blanks at its ends not counted; `{}` makes one",
        "{1} est trop court : il lui faut {2} octets au moins, sans compter les blancs aux bouts ; `{3}` en fait un",
    ),
    (
        "{} could be guessed: it has fewer than {} different characters; `{}` makes a good one",
        "{1} se devinerait : il a moins de {2} caractères différents ; `{3}` en fait un bon",
    ),
    ("the secret in {}", "le secret de {1}"),
    (
        "--jwt-previous-secret (ENTENTE_JWT_PREVIOUS_SECRET) goes with --jwt-secret (ENTENTE_JWT_SECRET), which is not given",
        "--jwt-previous-secret (ENTENTE_JWT_PREVIOUS_SECRET) va avec --jwt-secret (ENTENTE_JWT_SECRET), qui n'est pas donné",
    ),
    ("{} names {}, which cannot be read: {}", "{1} désigne {2}, qui est illisible : {3}"),
    ("{} names {}, which is empty", "{1} désigne {2}, qui est vide"),
    (
        "{} names {}, which has several lines: a secret is one line, and nothing else is in its file",
        "{1} désigne {2}, qui a plusieurs lignes : un secret tient en une ligne, et rien d'autre n'est dans son fichier",
    ),
    ("{} and {} exclude each other: set one of them", "{1} et {2} s'excluent : n'en donnez qu'un"),
    ("{} is not UTF-8", "{1} n'est pas en UTF-8"),
    // What the values of options must be.
    ("a number of seconds above 0 and up to 86400", "un nombre de secondes supérieur à 0, jusqu'à 86400"),
    ("a number of seconds from 0 to 86400", "un nombre de secondes de 0 à 86400"),
    ("a whole number from 1 to 1000000", "un nombre entier de 1 à 1000000"),
    ("a whole number of bytes, such as 268435456", "un nombre entier d'octets, comme 268435456"),
    ("a part of 1, as 0.25 is: above 0, and 1 at most", "une part de 1, comme 0.25 : plus de 0, et 1 au plus"),
    ("true or false", "true ou false"),
    (
        "ADDRESS:PORT, such as 127.0.0.1:8080, or [::]:8080 for all addresses",
        "ADRESSE:PORT, comme 127.0.0.1:8080, ou [::]:8080 pour toutes les adresses",
    ),
    ("not a known BCP 47 language tag", "ce n'est pas une langue connue (étiquette BCP 47)"),
    (
        "an origin is a scheme and a whole host, such as https://app.example or http://localhost:3000; or * alone for all",
        "une origine est un protocole et un hôte entier, comme https://app.example ou http://localhost:3000 ; ou * seul pour toutes",
    ),
    (
        "a scheme and a host, such as https://entente.example, without a path",
        "un protocole et un hôte, comme https://entente.example, sans chemin",
    ),
    ("an address begins with http:// or https://", "une adresse commence par http:// ou https://"),
    (
        "an address or a network, such as 10.0.0.7 or 10.0.0.0/8",
        "une adresse ou un réseau, comme 10.0.0.7 ou 10.0.0.0/8",
    ),
    (
        "\"{}\" is not a level: off, error, warn, info, debug or trace; for a target: entente=debug",
        "« {1} » n'est pas un niveau : off, error, warn, info, debug ou trace ; pour une cible : entente=debug",
    ),
    (
        "a number of seconds, minutes, hours or days: 90s, 30m, 8h, 7d; up to 366 days",
        "un nombre de secondes, de minutes, d'heures ou de jours : 90s, 30m, 8h, 7d ; jusqu'à 366 jours",
    ),
    (
        "--server: an address has no user and no password; give a token",
        "--server : une adresse n'a ni utilisateur ni mot de passe ; donnez un jeton",
    ),
    (
        "--demo gives whoever can reach it full access to its data, and --listen is not an address of this machine alone: listen on \
         127.0.0.1 or [::1], or add --demo-public (ENTENTE_DEMO_PUBLIC=true) if that is what you want",
        "--demo donne tout accès à ses données à qui l'atteint, et --listen n'est pas une adresse de cette seule machine : écoutez sur \
         127.0.0.1 ou [::1], ou ajoutez --demo-public (ENTENTE_DEMO_PUBLIC=true) si c'est voulu",
    ),
    // The demo, and migrations.
    (
        "Entente serves the sample of a hospital at {}; its database goes when it ends\n",
        "Entente sert l'exemple d'un hôpital sur {1} ; sa base disparaît quand il s'arrête\n",
    ),
    ("Entente serves the sample of a hospital at {}\n", "Entente sert l'exemple d'un hôpital sur {1}\n"),
    (
        "Tokens come from whoever holds the keys that were given; the page takes one at its top.",
        "Les jetons viennent de qui détient les clés données ; la page en prend un en haut.",
    ),
    (
        "The tokens are good for 24 hours. The hospital's outcomes in both languages:\n",
        "Les jetons sont bons 24 heures. Les résultats de l'hôpital dans les deux langues :\n",
    ),
    ("IT department: {}", "Service informatique : {1}"),
    ("Emergency ward: {}", "Urgences : {1}"),
    ("Integration, a program of the IT department: {}", "Intégration, un programme du service informatique : {1}"),
    ("{}  ran now", "{1}  passée maintenant"),
    ("{}  has run", "{1}  déjà passée"),
    ("{}  pending", "{1}  en attente"),
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
        "the external key names several things: give its type too, or the id",
        "la clé externe désigne plusieurs choses : donnez aussi son type, ou l'identifiant",
    ),
    (
        "a text holds a character that cannot be kept: U+0000",
        "un texte contient un caractère qui ne peut pas être gardé : U+0000",
    ),
    ("and {} more faults of this document", "et {1} autres fautes dans ce document"),
];

/// The message in this language, where it is known in it.
pub fn translate(message: &str, speech: Speech) -> Option<String> {
    match speech {
        Speech::English => None,
        Speech::French => TABLE.iter().find_map(|(english, french)| {
            let found = fit(english, message)?;
            Some(filled(french, &found))
        }),
    }
}

/// What stands at each `{}` of a pattern in a message; `None` where it does not fit.
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
        for (english, french) in TABLE {
            assert!(seen.insert(english), "{english}");
            let count = english.matches("{}").count();
            for number in 1..=count {
                assert!(french.contains(&format!("{{{number}}}")), "{english}: {{{number}}}");
            }
            assert!(!french.contains(&format!("{{{}}}", count + 1)), "{english}");
        }
    }

    #[test]
    fn what_differs_is_put_in_its_place_and_translated_too() {
        let french = |message| translate(message, Speech::French);
        assert_eq!(
            french("Variable \"$input.definition.costs.0\": the type \"CostInput\" has no field \"x\".").as_deref(),
            Some("Variable « $input.definition.costs.0 » : le type « CostInput » n'a pas de champ « x ».")
        );
        assert_eq!(
            french("Unknown field \"nam\" on type \"Service\".").as_deref(),
            Some("Le type « Service » n'a pas de champ « nam ».")
        );
        assert_eq!(french("nobody has said this yet"), None);
        assert_eq!(translate("The token has expired.", Speech::English), None);
    }
}
