//! The help of the command line in French: of each command what it does, of each option what it says. The English stands where the
//! options are declared; a test compares the names.

/// What is said of a command.
pub(super) struct Said {
    /// In a line.
    pub about: &'static str,
    /// The rest of its help.
    pub more: &'static str,
}

/// What a command does.
pub(super) fn command(name: &str) -> Option<Said> {
    let (about, more) = match name {
        "entente" => (
            "La définition partagée des services informatiques, servie en GraphQL depuis une base de données",
            "Sans commande, c'est `serve` : `entente --demo` est `entente serve --demo`.",
        ),
        "serve" => (
            "Répondre aux requêtes (la commande par défaut)",
            "Met d'abord la base à la dernière migration. Répond ensuite en GraphQL sur /graphql, par GraphiQL sur /, et sur /healthz et \
             /readyz, jusqu'à SIGTERM ou SIGINT ; les requêtes commencées sont menées à bien.",
        ),
        "check" => (
            "Dire ce que `serve` utiliserait, et si cela fonctionne",
            "Prend les options de `serve`, et dit de chaque chose nécessaire (adresse, clés, base de données, migrations) laquelle c'est et si \
             elle est utilisable. N'écrit rien ; se termine par 1 si quelque chose ne fonctionne pas.",
        ),
        "health" => (
            "Demander au serveur de cette machine s'il prend des requêtes",
            "Demande /readyz à l'adresse où écoute le serveur, affiche sa réponse, et dit par le code de sortie si des requêtes peuvent être \
             envoyées. C'est ce que lance le HEALTHCHECK de l'image. Ne demande ni base de données ni jeton.\n\nCodes de sortie : 0 oui ; \
             1 non (base absente, arrêt en cours), ou rien ne répond en 4 s.",
        ),
        "apply" => (
            "Appliquer des documents : organisations, éléments de configuration, définitions de services",
            "Les documents sont en YAML ou en JSON, plusieurs par fichier au besoin, dans n'importe quel ordre : les organisations partent \
             d'abord, puis les éléments de configuration par portions de 1 000. Tous les fichiers sont lus avant tout envoi, et un fichier \
             illisible arrête tout. Chaque définition est ensuite appliquée entière ou pas du tout : l'une, refusée, n'arrête pas les autres, \
             mais des organisations refusées arrêtent ce qui s'appuie sur elles. Ce qui est déjà ainsi le reste : on peut appliquer de nouveau \
             sans risque.\n\nSur une base de données, qui lance la commande peut tout écrire, et les migrations passent d'abord. Par un \
             serveur, le jeton dit ce qui peut être écrit.\n\nCodes de sortie : 0 tout est appliqué ; 1 quelque chose est refusé ; 2 les \
             fichiers, les options, la base ou le serveur ne sont pas utilisables.",
        ),
        "validate" => (
            "Chercher les fautes dans des documents, sans serveur ni base de données",
            "Dit tout ce qui peut se dire des fichiers seuls : champs et types, clés, limites, et ce qu'une partie d'un document dit d'une \
             autre. Un document qui donne un `name` est pris pour une définition entière, sinon pour un changement. Avec --server, les noms \
             d'organisations, d'éléments de configuration et de tout ce que les documents désignent y sont cherchés aussi. Rien n'est jamais \
             écrit.\n\nCodes de sortie : 0 aucune faute ; 1 des fautes ; 2 les fichiers ou le serveur ne sont pas utilisables.",
        ),
        "export" => (
            "Écrire organisations, éléments de configuration et services dans des fichiers qu'`apply` reprend",
            "Tout ce que le lecteur peut voir : les organisations dans un document (plusieurs au-delà de 1 000), celles dont d'autres dépendent \
             d'abord, les éléments de configuration dans un document par organisation (avec `cmdb:read`), et un document par service. Appliquer \
             ce qui a été exporté ne change rien, quoi que le jeton puisse écrire. Les références externes sont celles de l'organisation du \
             lecteur ; sur une base, celles de l'organisation et du fournisseur du service.\n\nUn dossier est au lecteur pour qui il a d'abord \
             été écrit : un export avec un jeton qui voit moins est refusé, car il supprimerait ce que seul l'autre voit.\n\nCodes de sortie : \
             0 fait ; 1 refusé, ou absent ; 2 la base, le serveur ou le dossier n'est pas utilisable.",
        ),
        "token" => (
            "Faire un jeton, pour le développement et les essais",
            "N'affiche que le jeton, signé avec --jwt-secret (HS256), qui doit être celui du serveur. En production, un fournisseur d'identité \
             fait les jetons. Un jeton qui porte un nom est celui d'une personne, sinon celui d'un programme.",
        ),
        "schema" => (
            "Afficher le schéma de l'API, ou celui des documents",
            "Le schéma de l'API est ce que répond le serveur, dans le langage de définition de GraphQL. Celui des documents est un JSON Schema, \
             pour les éditeurs et les autres programmes qui regardent les fichiers.",
        ),
        "migrate" => (
            "Mettre la base à la dernière migration",
            "Montre chaque migration, et si elle était passée ou passe maintenant. `serve` et `apply` les passent aussi au démarrage ; des \
             répliques qui démarrent ensemble s'attendent.",
        ),
        "help" => ("Afficher cette aide, ou celle d'une commande", ""),
        _ => return None,
    };
    Some(Said { about, more })
}

/// What ends the help of the program.
pub(super) const AFTER: &str = "Chaque option d'une commande est un drapeau et, là où son aide le dit, une variable ENTENTE_ : voir \
                                `entente COMMANDE --help`.\n\nCodes de sortie : 0 fait ; 1 refusé, pour ce que disent les documents ; 2 échec, pour toute autre \
                                raison.";

/// What stands for a value in a help.
pub(super) fn value(name: &str) -> Option<&'static str> {
    Some(match name {
        "ADDRESS" => "ADRESSE",
        "ADDRESSES" => "ADRESSES",
        "BYTES" => "OCTETS",
        "CLAIM" => "CHAMP",
        "COUNT" | "NUMBER" => "NOMBRE",
        "DIR" => "DOSSIER",
        "FILE" => "FICHIER",
        "FILE|DIR|-" => "FICHIER|DOSSIER|-",
        "FILTER" => "FILTRE",
        "FORMAT" => "FORME",
        "LANGUAGE" => "LANGUE",
        "ORIGINS" => "ORIGINES",
        "PART" => "PART",
        "SCOPE" => "PORTÉE",
        "SECONDS" => "SECONDES",
        "SECRET" => "SECRET",
        "SLUG" => "NOM-COURT",
        "TAG" => "ÉTIQUETTE",
        "TEXT" => "TEXTE",
        "TEXTS" => "TEXTES",
        "TIME" => "DURÉE",
        "TOKEN" => "JETON",
        "URL" => "URL",
        "WHEN" => "QUAND",
        _ => return None,
    })
}

/// What an option of a command says.
pub(super) fn option(command: &str, id: &str) -> Option<&'static str> {
    Some(match (command, id) {
        (_, "help") => "Afficher l'aide",
        (_, "version") => "Afficher la version",
        (_, "lang") => {
            "Langue des résultats, des problèmes et de l'aide : en ou fr. Sans elle : celle de LC_ALL, LC_MESSAGES ou LANG"
        }
        (_, "sources") => "Fichiers, dossiers contenant des .yaml, .yml et .json, « - » pour l'entrée standard",
        (_, "dry_run") => "Dire seulement ce qui changerait",
        (_, "organization") => {
            "Nom court de l'organisation à qui sont les éléments de configuration dont le document n'en nomme pas. Sans elle : celle du \
             jeton ; sur une base, ou avec un jeton qui peut tout, celle qui fournit tous les services de l'exécution"
        }
        ("validate", "replace") => "Prendre les documents pour tout ce qu'il y a, comme `apply --replace`",
        (_, "replace") => {
            "Faire des termes exactement ce que disent les documents : vider ce qu'ils omettent. Les organisations sont fusionnées quand même"
        }
        (_, "prune") => {
            "Retirer du catalogue les services absents du dossier : parmi ceux des organisations qui fournissent un service du dossier. Va \
             avec --replace et un seul dossier. Regardez d'abord avec --dry-run"
        }
        (_, "yes") => "Retirer aussi plus d'un dixième des services",
        (_, "comment") => "Pourquoi ; gardé avec chaque nouvelle révision",
        (_, "expected_revision") => {
            "Refuser, sauf si le service est à cette révision ; 0 : sauf s'il n'existe pas. Pour le document d'un seul service"
        }
        (_, "create") => "Créer la base si elle n'existe pas",
        (_, "quiet") => "N'afficher que ce qui ne va pas",
        (_, "json") => "Afficher un objet JSON, pour les programmes",
        (_, "verbose") => "Afficher aussi tout ce que dit un nouveau service",
        (_, "color") => "Afficher en couleurs ou non",
        ("validate", "server") => "Chercher les noms sur le serveur à cette adresse",
        (_, "server") => "Passer par le serveur à cette adresse, et non par une base de données",
        (_, "token") => "Jeton pour le serveur",
        (_, "output") => {
            "Dossier où écrire `organizations.yaml`, `configuration-items.yaml` et un fichier par service ; « - » affiche une suite de \
             documents. Les fichiers qu'un export antérieur y a écrits, et qui ne le sont plus, sont supprimés ; ceux des autres \
             restent, sauf s'ils disent exactement ce qui serait écrit sous leur nom. Un service retiré dont le fichier a disparu est omis"
        }
        (_, "other_reader") => {
            "Écrire par-dessus ce qui a été exporté pour un autre lecteur : une autre organisation, ou un jeton aux portées que celui-ci n'a pas"
        }
        (_, "format") => "Forme des documents",
        (_, "services") => "Ce service seul, sans organisations ni éléments de configuration ; peut être répété",
        (_, "revision") => "Les termes de cette révision du service que nomme --service, sans ses liens",
        (_, "org") => "Nom court de l'organisation du porteur",
        (_, "scopes") => "Ce que le porteur peut faire ; peut être répété",
        (_, "subject") => "Qui est le porteur, pour de bon",
        (_, "name") => "Le nom du porteur ; le jeton d'un programme n'en a pas",
        (_, "lifetime") => "Combien de temps le jeton est bon, 366 jours au plus : 90s, 30m, 8h, 7d",
        (_, "documents") => "Afficher le JSON Schema des documents que prend `apply`",
        (_, "check") => "Montrer seulement : ne rien passer, et sortir avec 1 si une migration n'est pas passée",
        (_, "database_url") => {
            "Base de données : sqlite://FICHIER?mode=rwc ou postgres://UTILISATEUR:MOTDEPASSE@HÔTE/NOM [défaut : \
             sqlite://entente.db?mode=rwc]"
        }
        (_, "database_readers") => {
            "Connexions à la base qui lisent, au plus ; avec SQLite, deux par processeur au plus"
        }
        (_, "database_writers") => "Connexions à PostgreSQL qui écrivent, au plus ; avec SQLite il y en a une",
        (_, "database_wait") => {
            "Temps d'attente au démarrage d'une base qui ne répond pas encore, en secondes ; 0 pour renoncer aussitôt"
        }
        (_, "default_locale") => {
            "Langue des textes simples des documents, et des lecteurs qui n'en nomment aucune qu'un texte ait : une étiquette BCP 47"
        }
        (_, "definition_cache_bytes") => "Mémoire pour les définitions déjà lues, en octets (268435456 font 256 Mio)",
        (_, "jwt_secret") => {
            "Secret qui signe les jetons (HS256), 32 octets au moins ; exclut --jwks-url et --jwks-file"
        }
        (_, "jwt_previous_secret") => {
            "Autre secret dont les jetons sont acceptés, pendant que l'un remplace l'autre : aucun n'est signé avec lui"
        }
        (_, "public_url") => {
            "Adresse à laquelle les clients joignent le serveur, comme https://entente.example ; sans elle, celle que nomme la requête"
        }
        (_, "trusted_proxies") => {
            "Mandataires dont X-Forwarded-For est cru, adresses ou réseaux séparés par des virgules : le journal a alors les adresses des clients"
        }
        (_, "drain") => {
            "Durée après SIGTERM ou SIGINT pendant laquelle /readyz répond « draining » et de nouvelles connexions sont encore servies, en secondes ; aucune avec --demo"
        }
        (_, "jwt_issuer") => "Émetteur des jetons : le champ « iss » doit lui être égal",
        (_, "jwt_audience") => "Destinataire des jetons : le champ « aud » doit l'être, ou une liste qui le contient",
        (_, "jwt_organization_claim") => {
            "Champ du nom court de l'organisation du porteur ; ce qui commence par « / » est un pointeur JSON dans les champs"
        }
        (_, "jwt_scope_claim") => {
            "Champ des portées, en mots séparés d'espaces ou en liste ; ce qui commence par « / » est un pointeur JSON"
        }
        (_, "jwt_name_claim") => "Champ du nom du porteur ; les jetons qui ne l'ont pas sont ceux de programmes",
        (_, "log_format") => "Forme du journal",
        (_, "log") => {
            "Ce qui est journalisé : un niveau (error, warn, info, debug, trace), ou des cibles avec leurs niveaux (`info,entente=debug`)"
        }
        (_, "demo") => {
            "Servir l'exemple dans une base temporaire (sauf si une base est nommée), avec des jetons tout prêts ; jamais en production"
        }
        (_, "demo_public") => {
            "Laisser --demo écouter sur une adresse que d'autres atteignent : qui l'atteint peut lire et écrire ses données"
        }
        ("health", "listen") => "Adresse et port où écoute le serveur ; 0.0.0.0 et [::] sont demandés sur 127.0.0.1",
        ("health", "live") => "Demander seulement si le processus vit (/healthz), quoi que fasse sa base",
        (_, "listen") => "Adresse et port d'écoute ; [::]:8080 prend IPv6 et IPv4",
        (_, "jwks_url") => {
            "Où l'émetteur publie ses clés publiques (RS256, ES256, EdDSA) : un JWKS, relu toutes les 10 minutes"
        }
        (_, "jwks_file") => {
            "Fichier des clés publiques de l'émetteur (RS256, ES256, EdDSA) : un JWKS, relu dans les 10 secondes qui suivent un changement"
        }
        (_, "cors_origins") => {
            "Origines dont les pages peuvent appeler l'API depuis un navigateur, séparées par des virgules ; aucune sans elle"
        }
        (_, "max_connections") => "Connexions à la fois ; les suivantes attendent",
        (_, "max_connections_per_address") => {
            "Connexions à la fois depuis une même adresse ; un répartiteur en est une. Pas de limite sans elle"
        }
        (_, "answer_timeout") => {
            "Temps laissé au client pour lire une réponse, en secondes ; ce qui n'est pas lu alors est coupé"
        }
        (_, "writer_share") => {
            "Part des connexions qui écrivent qu'une organisation (un porteur sans organisation : pour lui-même) tient au plus"
        }
        (_, "max_queued_writes") => {
            "Écritures d'une organisation qui attendent leur tour, au plus ; les suivantes sont priées de revenir (429)"
        }
        (_, "max_requests") => "Requêtes à l'API à la fois ; les suivantes sont priées de revenir (503)",
        (_, "header_timeout") => "Temps d'arrivée de l'en-tête d'une requête, en secondes",
        (_, "body_timeout") => "Temps d'arrivée du corps d'une requête, en secondes",
        (_, "request_timeout") => "Temps de réponse à une requête, en secondes",
        (_, "idle_timeout") => {
            "Temps pendant lequel une connexion sans requête reste ouverte, en secondes ; un répartiteur devrait la garder moins longtemps"
        }
        (_, "shutdown_grace") => {
            "Temps laissé aux requêtes pour finir après SIGTERM ou SIGINT, en secondes ; ce qui reste est coupé"
        }
        _ => return None,
    })
}
