//! One table of messages, in English and in French. A message without both languages does not compile.

words! {
    /// A message.
    Words;
    // The thread of an objection.
    ThreadNumbered { number: i64 }: "thread {number}", "fil {number}";
    // The title of the thread of an objection.
    ObjectionTo { revision: i32 }: "Objection to revision {revision}", "Objection à la révision {revision}";
    // The database or server of a run.
    WorksOnDatabase { place: String }: "database: {place}", "base de données : {place}";
    WorksOnServer { place: String }: "server: {place}", "serveur : {place}";
    NoDatabase { place: String }:
        "{place} does not exist. No server was named (--server, ENTENTE_SERVER), so that the documents would go into a new database: give --create to make it",
        "{place} n'existe pas. Aucun serveur n'a été nommé (--server, ENTENTE_SERVER) : les documents iraient donc dans une nouvelle base ; donnez --create pour la créer";
    NothingThere { place: String }: "{place} does not exist", "{place} n'existe pas";
    MigrateFirst { place: String, migration: String }:
        "{place} is not at the newest migration, {migration}: run `entente migrate` first",
        "{place} n'est pas à la dernière migration, {migration} : lancez d'abord `entente migrate`";
    ServerOrDatabase:
        "--server and --database-url exclude each other: give one (ENTENTE_SERVER and ENTENTE_DATABASE_URL count as well)",
        "--server et --database-url s'excluent : donnez l'un des deux (ENTENTE_SERVER et ENTENTE_DATABASE_URL comptent aussi)";
    ServerWithoutToken:
        "--server needs a token: give --token, or set ENTENTE_TOKEN",
        "--server demande un jeton : donnez --token, ou ENTENTE_TOKEN";
    CannotBeUsed { place: String }: "{place} cannot be used", "{place} n'est pas utilisable";
    CannotBeReached { place: String }: "{place} cannot be reached", "{place} est injoignable";
    UnreachableFor { place: String, cause: String }: "{place} cannot be reached: {cause}", "{place} est injoignable : {cause}";
    NoAnswerInTime: "no answer in time", "aucune réponse à temps";
    ConnectionRefused: "nothing listens there (connection refused)", "rien n'y écoute (connexion refusée)";
    NoSuchHost: "there is no machine of this name", "aucune machine ne porte ce nom";
    CertificateNotTrusted:
        "its certificate is not trusted on this machine", "son certificat n'est pas reconnu sur cette machine";
    NoTls: "it does not answer as https does; is it http://?", "elle ne répond pas en https ; est-ce http:// ?";
    ConnectionClosed: "the connection was closed before an answer came", "la connexion a été fermée avant toute réponse";
    AddressWithUser:
        "--server (ENTENTE_SERVER): an address has no user and no password; give a token",
        "--server (ENTENTE_SERVER) : une adresse n'a ni utilisateur ni mot de passe ; donnez un jeton";
    NotAToken:
        "--token (ENTENTE_TOKEN): this is not a whole token; copy all of it, from its first character to its last",
        "--token (ENTENTE_TOKEN) : ce n'est pas un jeton entier ; copiez-le du premier caractère au dernier";
    LocaleOfServer { default: String }:
        "note: --default-locale (ENTENTE_DEFAULT_LOCALE) has no effect with --server; the default language of the server is {default}",
        "note : --default-locale (ENTENTE_DEFAULT_LOCALE) est sans effet avec --server ; la langue par défaut du serveur est {default}";
    AnsweredLater { place: String, cause: String }: "{place} cannot answer now: {cause}", "{place} ne peut répondre maintenant : {cause}";
    NoTimeToAnswer { place: String, status: String }:
        "{place} has no time to answer ({status})", "{place} n'a pas le temps de répondre ({status})";
    NotEntente { place: String, status: String }:
        "{place} answered {status}, which is not an answer of Entente: is the address correct?",
        "{place} a répondu {status}, ce qui n'est pas une réponse d'Entente : l'adresse est-elle correcte ?";
    UnknownVariable { name: String }:
        "{name} is not a variable of Entente: it has no effect",
        "{name} n'est pas une variable d'Entente : elle est sans effet";
    UnknownVariableNear { name: String, nearest: String }:
        "{name} is not a variable of Entente, and has no effect; did you mean {nearest}?",
        "{name} n'est pas une variable d'Entente, et est sans effet ; vouliez-vous dire {nearest} ?";
    // Files.
    NoDocumentsIn { path: String }:
        "{path}: no .yaml, .yml or .json in it", "{path} : ne contient aucun .yaml, .yml ou .json";
    NoDocument { path: String }: "{path}: there is no document in it", "{path} : ne contient aucun document";
    NoSuchFile { path: String }: "{path}: there is no such file or folder", "{path} : ce fichier ou dossier n'existe pas";
    MayNotRead { path: String }: "{path}: may not be read", "{path} : la lecture en est interdite";
    FileFails { path: String, error: String }: "{path}: {error}", "{path} : lecture impossible : {error}";
    FileTooLong { path: String, max: u64 }:
        "{path}: has more than {max} bytes", "{path} : compte plus de {max} octets";
    NotUtf8:
        "the file is not UTF-8 from here on: save it as UTF-8, or convert it: iconv -f latin1 -t utf-8",
        "le fichier n'est plus de l'UTF-8 à partir d'ici : enregistrez-le en UTF-8, ou convertissez-le : iconv -f latin1 -t utf-8";
    ServiceTwice { slug: String, first: String }:
        "the service \"{slug}\" is in {first} already", "le service « {slug} » est déjà dans {first}";
    OrganizationTwice { slug: String, first: String }:
        "the organization \"{slug}\" is in {first} already", "l'organisation « {slug} » est déjà dans {first}";
    ItemTwice { system: String, key: String, first: String }:
        "the configuration item \"{key}\" of {system} is in {first} already",
        "l'élément de configuration « {key} » de {system} est déjà dans {first}";
    ItemTwiceWithoutType { system: String, key: String, first: String }:
        "the configuration item \"{key}\" of {system} is in {first} already: a key without a type is the same item, whatever its type",
        "l'élément de configuration « {key} » de {system} est déjà dans {first} : une clé sans type désigne le même élément, quel qu'en soit le type";
    WhoseItems { file: String }:
        "{file}: give the organization of these configuration items: `organization: {{ slug: … }}` in the document, or --organization",
        "{file} : indiquez l'organisation de ces éléments de configuration : `organization: {{ slug: … }}` dans le document, ou --organization";
    CheckStoppedAt { cause: String, file: String }:
        "{cause}; {file} and the documents after it could not be checked on the server",
        "{cause} ; {file} et les documents suivants n'ont pas pu être vérifiés sur le serveur";
    CheckStoppedAtLast { cause: String, file: String }:
        "{cause}; {file} could not be checked on the server",
        "{cause} ; {file} n'a pas pu être vérifié sur le serveur";
    StoppedAt { cause: String, file: String }:
        "{cause}; stopped at {file}, and the documents after it were not sent (applying again is safe)",
        "{cause} ; arrêt à {file}, et les documents suivants n'ont pas été envoyés (on peut appliquer de nouveau sans risque)";
    StoppedAtLast { cause: String, file: String }:
        "{cause}; stopped at {file} (applying again is safe)",
        "{cause} ; arrêt à {file} (on peut appliquer de nouveau sans risque)";
    NothingSent { problems: String }: "{problems}: nothing was sent.", "{problems} : rien n'a été envoyé.";
    // The results of documents.
    NewService { revision: i32, contents: String }:
        "new, revision {revision}{contents}", "nouveau, révision {revision}{contents}";
    Unchanged: "unchanged", "inchangé";
    Refused: "refused", "refusé";
    Valid: "valid", "valide";
    LinksChanged { revision: i32 }:
        "revision {revision}, changed in its links only", "révision {revision}, seuls les liens changent";
    RevisionChanged { before: i32, after: i32 }: "revision {before} -> {after}", "révision {before} -> {after}";
    RetiredWithYes:
        "not in these files: retired only with --yes", "absent de ces fichiers : retiré du catalogue (RETIRED) seulement avec --yes";
    RetiredService: "not in these files: retired", "absent de ces fichiers : retiré du catalogue (RETIRED)";
    PlainStrings { language: String }:
        "plain strings are in the language \"{language}\"; `locale` in the file sets another",
        "les textes sans langue sont dans la langue « {language} » ; `locale` dans le fichier en fixe une autre";
    PlainStringsOpen:
        "the language of plain strings is not set: `locale` in the file sets it; otherwise it is the only language of the service, or the server's default",
        "la langue des textes sans langue n'est pas fixée : `locale` dans le fichier la fixe ; sinon c'est la seule langue du service, ou celle du serveur";
    DryRun: "Dry run: nothing was written.", "Essai à blanc : rien n'a été écrit.";
    Counted { all: usize, noun: String, counts: String }: "{all} {noun}: {counts}.", "{all} {noun} : {counts}.";
    OneUnresolved:
        "1 dependency is unresolved: its key identifies no item, or more than one.",
        "1 dépendance n'est pas résolue : sa clé ne désigne aucun élément, ou en désigne plusieurs.";
    Unresolved { count: usize }:
        "{count} dependencies are unresolved: their keys identify no item, or more than one.",
        "{count} dépendances ne sont pas résolues : leurs clés ne désignent aucun élément, ou en désignent plusieurs.";
    ComparedForOrganizations { slugs: String }:
        "note: compared without the database, because they name organizations that this run would create: {slugs}",
        "note : comparés sans la base, car ils nomment des organisations que cette exécution créerait : {slugs}";
    ComparedForItems { slugs: String }:
        "note: compared without the database, because they name configuration items that this run would create: {slugs}",
        "note : comparés sans la base, car ils nomment des éléments de configuration que cette exécution créerait : {slugs}";
    ComparedForBoth { slugs: String }:
        "note: compared without the database, because they name organizations and configuration items that this run would create: {slugs}",
        "note : comparés sans la base, car ils nomment des organisations et des éléments de configuration que cette exécution créerait : {slugs}";
    TooManyPruned { count: usize, all: usize }:
        "{count} of {all} services would be retired, more than a tenth: nothing was written; look at them, then give --yes",
        "{count} services sur {all} seraient retirés, plus d'un dixième : rien n'a été écrit ; regardez-les, puis donnez --yes";
    OnePruned { all: usize }:
        "1 of {all} services would be retired, more than a tenth: nothing was written; look at it, then give --yes",
        "1 service sur {all} serait retiré, plus d'un dixième : rien n'a été écrit ; regardez-le, puis donnez --yes";
    RenameLost { key: String, from: String }:
        "\"{key}\" becomes a new element: no element of this kind has the key \"{from}\", so its id and history are not kept",
        "« {key} » devient un nouvel élément : aucun élément de cette sorte n'a la clé « {from} », donc l'identifiant et l'historique ne sont pas gardés";
    RenameLostNear { key: String, from: String, nearest: String }:
        "\"{key}\" becomes a new element: no element of this kind has the key \"{from}\", so its id and history are not kept; did you mean \"{nearest}\"?",
        "« {key} » devient un nouvel élément : aucun élément de cette sorte n'a la clé « {from} », donc l'identifiant et l'historique ne sont pas gardés ; vouliez-vous dire « {nearest} » ?";
    StillRetired { slug: String }:
        "{slug} stays RETIRED: `lifecycle: LIVE` makes it live again",
        "{slug} reste retiré du catalogue (RETIRED) : `lifecycle: LIVE` le remet en service";
    PruneAfterRefusal:
        "something was refused: nothing was retired", "quelque chose a été refusé : rien n'a été retiré";
    PruneNeedsReplace: "--prune requires --replace", "--prune exige --replace";
    PruneNeedsFolder:
        "--prune requires exactly one folder: services that are not in it are retired", "--prune exige un seul dossier : les services qui n'y sont pas sont retirés";
    ExpectedRevisionOfOne:
        "--expected-revision is for one service: give the document of one service",
        "--expected-revision concerne un service : donnez le document d'un seul";
    // Export.
    FilesIn { count: usize, folder: String }: "{count} files in {folder}", "{count} fichiers dans {folder}";
    FileIn { folder: String }: "1 file in {folder}", "1 fichier dans {folder}";
    FileGone { name: String }:
        "; deleted 1 file of an earlier export that is no longer written: {name}",
        " ; 1 fichier supprimé, qu'un export antérieur avait écrit et que celui-ci n'écrit pas : {name}";
    FilesGone { count: usize, names: String }:
        "; deleted {count} files of an earlier export that are no longer written: {names}",
        " ; {count} fichiers supprimés, qu'un export antérieur avait écrits et que celui-ci n'écrit pas : {names}";
    RetiredLeftOut { slugs: String }:
        "note: not written, because they are retired and have no file in the folder: {slugs} (--service writes them)",
        "note : retirés du catalogue (RETIRED) et sans fichier dans le dossier, donc non écrits : {slugs} (--service les écrit)";
    NotAFolder { path: String }: "{path} is a file, and not a folder", "{path} est un fichier, et non un dossier";
    NobodyReads:
        "nothing was exported: the token names no organization that exists on the server, so it sees nothing",
        "rien n'a été exporté : le jeton ne nomme aucune organisation qui existe sur le serveur, et ne voit donc rien";
    NothingToExport:
        "nothing was exported: there is nothing that this reader may see",
        "rien n'a été exporté : il n'y a rien que ce lecteur puisse voir";
    WithoutItems:
        "note: the token lacks the scope cmdb:read: configuration items, and the links of services to them, were left out",
        "note : il manque au jeton la portée cmdb:read : les éléments de configuration, et les liens des services vers eux, sont omis";
    OtherReader { folder: String, before: String, now: String }:
        "nothing was written: the files in {folder} were exported for {before}, and this reader, {now}, may see less; use another folder, or give --other-reader",
        "rien n'a été écrit : les fichiers de {folder} ont été exportés pour {before}, et ce lecteur, {now}, en voit moins ; prenez un autre dossier, ou donnez --other-reader";
    UnknownReader: "a reader that the folder does not name", "un lecteur que le dossier ne nomme pas";
    OfNoOrganization: "no organization", "aucune organisation";
    InTheWay { folder: String }:
        "nothing was written: {folder} contains files that no export wrote, and this export would overwrite or duplicate them; move or delete them, or use another folder:",
        "rien n'a été écrit : {folder} contient des fichiers qu'aucun export n'a écrits, que celui-ci écraserait ou répéterait ; déplacez-les ou supprimez-les, ou prenez un autre dossier :";
    NoSuchService { slug: String }:
        "{slug}: names no service that you may see", "{slug} : ne désigne aucun service que vous puissiez voir";
    NoSuchServiceNear { slug: String, nearest: String }:
        "{slug}: names no service that you may see; did you mean \"{nearest}\"?",
        "{slug} : ne désigne aucun service que vous puissiez voir ; vouliez-vous dire « {nearest} » ?";
    NoSuchRevision { slug: String, revision: u32, last: i64 }:
        "{slug}: has no revision {revision}; the last is {last}", "{slug} : n'a pas de révision {revision} ; la dernière est {last}";
    RevisionOfOne:
        "--revision is for one service: give --service once", "--revision concerne un service : donnez --service une fois";
    // Agreement.
    OneServiceNeeded { file: String, count: usize }:
        "{file}: the document of one service is needed; there are {count} documents",
        "{file} : il faut le document d'un service ; le nombre de documents est {count}";
    IsProposed { revision: i32, published: i32 }:
        "revision {revision} is proposed; revision {published} stays published",
        "la révision {revision} est proposée ; la révision {published} reste publiée";
    IsPublished { revision: i32 }: "revision {revision} is published", "la révision {revision} est publiée";
    WouldBeProposed { published: i32 }:
        "these changes would be proposed; revision {published} stays published",
        "ces changements seraient proposés ; la révision {published} reste publiée";
    AwaitsDecision { names: String }: "awaits the decision of: {names}", "attend la décision de : {names}";
    ProposalWithdrawn { revision: i32 }:
        "the proposal, revision {revision}, is withdrawn", "la proposition, révision {revision}, est retirée";
    NoOpenProposal:
        "there is no open proposal; `entente propose` makes one",
        "il n'y a pas de proposition en cours ; `entente propose` en fait une";
    WhoDecides:
        "a database has no token that names the consumer: give --as SLUG, or --server and the consumer's token",
        "une base de données n'a pas de jeton qui désigne le consommateur : donnez --as NOM-COURT, ou --server et le jeton du consommateur";
    AsNeedsDatabase:
        "--as is only for a database: with --server, the organization of the token decides",
        "--as ne sert qu'avec une base de données : avec --server, c'est l'organisation du jeton qui décide";
    NoSuchOrganization { slug: String }: "{slug}: there is no such organization", "{slug} : cette organisation n'existe pas";
    TheProposal { revision: i32 }: "the proposal, revision {revision}", "la proposition, révision {revision}";
    ThePublished { revision: i32 }: "the published revision {revision}", "la révision publiée {revision}";
    AgreesTo { organization: String, on: String }: "{organization} agrees to {on}", "{organization} accepte {on}";
    ObjectsTo { organization: String, on: String }: "{organization} objects to {on}", "{organization} refuse {on}";
    WithdrewDecision { organization: String, on: String }:
        "{organization} has withdrawn its decision on {on}", "{organization} a retiré sa décision sur {on}";
    ObjectionInThread { number: i64 }: "the objection is in thread {number}", "l'objection est dans le fil {number}";
    AllAgree { revision: i32 }:
        "every consumer agrees: revision {revision} is published",
        "tous les consommateurs l'acceptent : la révision {revision} est publiée";
    StatusHeadings: "service|revision|alignment|score|agreed|proposal", "service|révision|accord|score|acceptée|proposition";
    StatusOfService { revision: String, state: String, score: String }:
        "revision {revision}, {state}, score {score}", "révision {revision}, {state}, score {score}";
    StatusOfProposal { revision: String, date: String }:
        "proposal, revision {revision}, made on {date}", "proposition, révision {revision}, faite le {date}";
    Gaps: "gaps:", "lacunes :";
    NothingToVerify:
        "there is no definition of a service in these files", "il n'y a aucune définition de service dans ces fichiers";
    IsRevision { file: String, revision: i32, slug: String }:
        "{file} is revision {revision} of {slug}", "{file} est la révision {revision} de {slug}";
    PublishedOn { date: String }: ", published on {date}", ", publiée le {date}";
    NowPublished { revision: i32 }:
        "; now revision {revision} is published", " ; la révision {revision} est publiée maintenant";
    OnlyProposed: ", which is proposed and not published", ", qui est proposée et non publiée";
    WithdrawnBefore: ", which was withdrawn and never published", ", qui a été retirée et jamais publiée";
    AgreedBy { names: String }: "; agreed to by {names}", " ; acceptée par {names}";
    AgreedByNobody: "; nobody has agreed to it", " ; personne ne l'a acceptée";
    IsNoRevision { file: String, slug: String, published: i32 }:
        "{file} is no revision of {slug}; its differences from the published revision {published}:",
        "{file} n'est aucune révision de {slug} ; ce qui diffère de la révision publiée {published} :";
    // Errors of the API.
    DatabaseUnavailable:
        "the database is not available: try again", "la base de données n'est pas disponible : réessayez";
    DatabaseReadOnly:
        "the database is read-only at the moment: nothing was written; try again",
        "la base de données ne peut être que lue en ce moment : rien n'a été écrit ; réessayez";
    DatabaseFull:
        "the database has no space left on its disk: nothing was written; try again later",
        "le disque de la base de données est plein : rien n'a été écrit ; réessayez plus tard";
    DatabaseBusy:
        "the database did not answer in time: try again", "la base de données n'a pas répondu à temps : réessayez";
    FaultOfOurs:
        "an internal error occurred; the server's log has the details", "une erreur interne s'est produite ; le journal du serveur en donne le détail";
    NeedsToken:
        "this needs a token: Authorization: Bearer …", "il faut un jeton : Authorization: Bearer …";
    SchemaNeedsToken:
        "reading the schema needs a token: Authorization: Bearer …, or the field \"Token\" of the page at /",
        "lire le schéma demande un jeton : Authorization: Bearer …, ou le champ « Token » de la page /";
    ProviderOnly:
        "only the provider of the service may see this", "seul le fournisseur du service peut le voir";
    LacksScope { scope: String }: "the token lacks the scope {scope}", "il manque au jeton la portée {scope}";
    TooManyEntries { max: usize }:
        "the answer would have more than {max} entries in lists without pages",
        "la réponse aurait plus de {max} entrées dans des listes sans pages";
    TooManyFields { max: usize }:
        "the answer would have more than {max} fields with subfields",
        "la réponse aurait plus de {max} champs qui ont des sous-champs";
    ReadsTooMuch { max: usize }:
        "more than {max} bytes would have to be read for the answer: ask for less at a time",
        "il faudrait lire plus de {max} octets pour la réponse : demandez-en moins à la fois";
    TooMuchText { max: usize }:
        "the answer would have more than {max} bytes",
        "la réponse aurait plus de {max} octets";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{super::gaps, *};

    /// The placeholders of a message.
    fn named(text: &str) -> BTreeSet<&str> {
        let text = text.split("{{").flat_map(|part| part.split("}}"));
        text.flat_map(|part| part.split('{').skip(1)).filter_map(|part| part.split('}').next()).collect()
    }

    #[test]
    fn both_languages_have_a_text_with_the_same_placeholders() {
        let mut names = BTreeSet::new();
        for (name, english, french) in Words::TABLE.iter().chain(gaps::GapWords::TABLE) {
            assert!(names.insert(name), "{name}");
            assert!(!english.trim().is_empty() && !french.trim().is_empty(), "{name}");
            assert_eq!(named(english), named(french), "{name}");
        }
    }

    #[test]
    fn no_message_has_a_run_of_blanks_and_french_has_its_own_quotes() {
        for (name, english, french) in Words::TABLE.iter().chain(gaps::GapWords::TABLE) {
            assert!(!english.contains("  ") && !french.contains("  "), "{name}");
            assert!(!french.contains('"'), "{name}: {french}");
        }
    }
}
