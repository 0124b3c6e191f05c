//! The messages of the command line.

/// Each message, in English and in French. Of two that fit, the first is taken.
pub(super) const TABLE: &[(&str, &str)] = &[
    // What the program cannot do.
    ("the database cannot be used", "la base de données n'est pas utilisable"),
    ("{} cannot be used", "{1} n'est pas utilisable"),
    ("{} cannot be listened on", "impossible d'écouter sur {1}"),
    ("{} cannot be made", "{1} ne peut pas être créé"),
    ("{} cannot be written", "{1} ne peut pas être écrit"),
    ("{} cannot be removed", "{1} ne peut pas être supprimé"),
    ("the database is not available: {}", "la base de données n'est pas disponible : {1}"),
    ("the database refuses the connection: {}", "la base de données refuse la connexion : {1}"),
    ("the database can only be read: {}", "la base de données ne peut être que lue : {1}"),
    (
        "the database has no space left, or its disk fails: {}",
        "la base de données n'a plus de place, ou son disque est en panne : {1}",
    ),
    ("the database takes too long: {}", "la base de données prend trop de temps : {1}"),
    ("the database failed: {}", "la base de données a échoué : {1}"),
    ("no connection was available in time", "aucune connexion ne s'est libérée à temps"),
    ("no server that can write is available", "aucun serveur où écrire n'est disponible"),
    ("the server did not answer in time", "le serveur n'a pas répondu à temps"),
    ("{} (code {}; the disk may be full)", "{1} (code {2} ; le disque est peut-être plein)"),
    ("it cannot be created: {}", "il ne peut pas être créé : {1}"),
    (
        "it does not exist, and ?mode=rwc, which creates it, is not in the URL",
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
        "{} is read-only, and its migrations cannot be run: {}",
        "{1} ne peut être que lue, et ses migrations ne peuvent pas être exécutées : {2}",
    ),
    // What is checked before a server is started.
    ("environment: {}", "environnement : {1}"),
    ("address: {}", "adresse : {1}"),
    ("keys: {}", "clés : {1}"),
    ("database: {}", "base de données : {1}"),
    ("connections: {}", "connexions : {1}"),
    ("migrations: {}", "migrations : {1}"),
    (
        "a temporary SQLite file with the sample, which is deleted at the end",
        "un fichier SQLite temporaire avec l'exemple, supprimé à la fin",
    ),
    ("{}, where a server of Entente listens already", "{1}, où un serveur d'Entente écoute déjà"),
    ("the demo's own secret", "un secret propre à la démonstration"),
    (
        "two secrets (HS256): the one that signs, and another that is accepted",
        "deux secrets (HS256) : celui qui signe, et un autre qui est accepté",
    ),
    ("one secret (HS256)", "un secret (HS256)"),
    ("public keys from {}", "clés publiques de {1}"),
    ("{}; tokens of the issuer {} for {}", "{1} ; jetons de l'émetteur {2} pour {3}"),
    ("{}, for reading and writing", "{1}, en lecture et en écriture"),
    ("{}, read-only, as set in its URL", "{1}, en lecture seule, comme l'indique son URL"),
    (
        "{} can only be read: no server that can write is available",
        "{1} ne peut être que lue : aucun serveur où écrire n'est disponible",
    ),
    (
        "{} can only be read: its file or its folder may not be written to, or its disk is full",
        "{1} ne peut être que lue : son fichier ou son dossier est interdit en écriture, ou son disque est plein",
    ),
    ("{} can only be read: its disk is full", "{1} ne peut être que lue : son disque est plein"),
    (
        "{}, which does not exist yet: serve and migrate create it",
        "{1}, qui n'existe pas encore : serve et migrate la créent",
    ),
    (
        "the role {} has {}, and a server needs at least {}",
        "le rôle {1} en reçoit {2}, et il en faut {3} au moins à un serveur",
    ),
    (
        "the role {} has {}, and up to {} may be needed: reduce {} or {}, or raise its limit",
        "le rôle {1} en reçoit {2}, et il en faudra jusqu'à {3} : baissez {4} ou {5}, ou relevez sa limite",
    ),
    ("up to {}, of the {} of the role {}", "jusqu'à {1}, sur les {2} que reçoit le rôle {3}"),
    ("all {} have run", "les {1} sont passées"),
    (
        "{} of {} are pending, and the role {} may not create tables in the schema: make it the owner of the database",
        "{1} sur {2} sont en attente, et le rôle {3} ne peut pas créer de tables dans le schéma : donnez-lui la base",
    ),
    ("{} of {} are pending: serve and migrate run them", "{1} sur {2} sont en attente : serve et migrate les passent"),
    ("the set of keys cannot be fetched: {}", "les clés ne peuvent pas être obtenues : {1}"),
    ("the issuer answered with status {}", "l'émetteur a répondu avec le statut {1}"),
    ("the set of keys is larger than 1 MiB", "les clés dépassent 1 Mio"),
    ("the file with the keys cannot be read: {}", "le fichier des clés est illisible : {1}"),
    ("the keys are not a JSON Web Key Set: {}", "les clés ne forment pas un JSON Web Key Set : {1}"),
    (
        "no key of the set is a signing key for RS256, ES256 or EdDSA",
        "aucune de ces clés ne signe en RS256, ES256 ou EdDSA",
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
        "{} is too short: it needs at least {} bytes, without blanks at both ends; `{}` creates one",
        "{1} est trop court : il lui faut {2} octets au moins, sans compter les blancs aux bouts ; `{3}` en fait un",
    ),
    (
        "{} can be guessed: it has fewer than {} different characters; `{}` creates a good one",
        "{1} se devinerait : il a moins de {2} caractères différents ; `{3}` en fait un bon",
    ),
    ("the secret in {}", "le secret de {1}"),
    (
        "--jwt-previous-secret (ENTENTE_JWT_PREVIOUS_SECRET) goes with --jwt-secret (ENTENTE_JWT_SECRET), which is not given",
        "--jwt-previous-secret (ENTENTE_JWT_PREVIOUS_SECRET) va avec --jwt-secret (ENTENTE_JWT_SECRET), qui n'est pas donné",
    ),
    (
        "--jwt-secret (ENTENTE_JWT_SECRET) and --jwt-previous-secret (ENTENTE_JWT_PREVIOUS_SECRET) are the same: give the second only \
         while you replace the first, and then it is another",
        "--jwt-secret (ENTENTE_JWT_SECRET) et --jwt-previous-secret (ENTENTE_JWT_PREVIOUS_SECRET) sont le même : ne donnez le second que \
         pendant que vous remplacez le premier ; c'en est alors un autre",
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
    ("invalid digit found in string", "un nombre entier, sans autre signe"),
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
        "a slug has lower-case letters, digits and single hyphens between them, 64 at most",
        "un nom court a des minuscules, des chiffres et des tirets simples entre eux, 64 au plus",
    ),
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
        "--demo gives everyone who can reach it full access to its data, and --listen is not a local address: listen on \
         127.0.0.1 or [::1], or allow this with --demo-public (ENTENTE_DEMO_PUBLIC=true)",
        "--demo donne un accès complet à ses données à tous ceux qui l'atteignent, et --listen n'est pas une adresse locale : écoutez sur \
         127.0.0.1 ou [::1], ou permettez-le avec --demo-public (ENTENTE_DEMO_PUBLIC=true)",
    ),
    // What a server answers to who asks whether it is ready.
    ("ok", "vivant"),
    ("ready", "prêt"),
    ("ready: read-only", "prêt : en lecture seule"),
    ("not ready", "pas prêt"),
    ("draining", "arrêt en cours"),
    // The demo, and migrations.
    (
        "Entente serves the sample data of a hospital at {}; the database is deleted when it stops\n",
        "Entente sert l'exemple d'un hôpital sur {1} ; sa base disparaît quand il s'arrête\n",
    ),
    ("Entente serves the sample data of a hospital at {}\n", "Entente sert l'exemple d'un hôpital sur {1}\n"),
    (
        "Create tokens with the configured keys; enter one at the top of the page.",
        "Créez des jetons avec les clés configurées ; saisissez-en un en haut de la page.",
    ),
    (
        "The tokens are valid for 24 hours. The hospital's outcomes in both languages:\n",
        "Les jetons sont valables 24 heures. Les résultats de l'hôpital dans les deux langues :\n",
    ),
    ("IT department: {}", "Service informatique : {1}"),
    ("Emergency ward: {}", "Urgences : {1}"),
    ("Integration, a program of the IT department: {}", "Intégration, un programme du service informatique : {1}"),
    // Tables of measurements.
    ("{}: there is no measurement in it", "{1} : ne contient aucune mesure"),
    (
        "{} measurements were recorded; those after them were not sent (recording again is safe)",
        "{1} mesures ont été enregistrées ; les suivantes n'ont pas été envoyées (on peut enregistrer de nouveau sans risque)",
    ),
    (
        "a quote is not closed, or something follows it; a quote within a field is written twice",
        "un guillemet n'est pas fermé, ou quelque chose le suit ; dans un champ, un guillemet s'écrit deux fois",
    ),
    (
        "there is no column {}: the first row names the columns indicator, instant and value, or none",
        "il n'y a pas de colonne {1} : la première ligne nomme les colonnes indicateur, instant et valeur, ou aucune",
    ),
    (
        "\"{}\" is not an instant, as 2026-11-22T08:30:00+01:00 is, or in UTC 2026-11-22 08:30 (with --locale fr also 22/11/2026 08:30)",
        "« {1} » n'est pas un instant, comme 2026-11-22T08:30:00+01:00, ou en UTC 2026-11-22 08:30 (avec --locale fr, aussi 22/11/2026 08:30)",
    ),
    (
        "\"{}\" has a decimal comma: give --locale fr, or write {}",
        "« {1} » a une virgule décimale : donnez --locale fr, ou écrivez {2}",
    ),
    (
        "\"{}\" is not a number, as 99.5 is (with --locale fr also 99,5)",
        "« {1} » n'est pas un nombre, comme 99.5 (avec --locale fr, aussi 99,5)",
    ),
    (
        "\"{}\" is an indicator of several services: {}; give --service, or a column service",
        "« {1} » est un indicateur de plusieurs services : {2} ; donnez --service, ou une colonne service",
    ),
    ("{}  ran now", "{1}  passée maintenant"),
    ("{}  has run", "{1}  déjà passée"),
    ("{}  pending", "{1}  en attente"),
];
