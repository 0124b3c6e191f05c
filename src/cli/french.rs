//! The help of the command line in French, for each command and each option. The English help is in the declarations of the
//! options; a test compares the names.

/// The help of a command.
pub(super) struct Said {
    /// Its first line.
    pub about: &'static str,
    /// The rest of its help.
    pub more: &'static str,
}

/// The help of the command with this name.
pub(super) fn command(name: &str) -> Option<Said> {
    let (about, more) = match name {
        "entente" => (
            "La définition partagée des services informatiques, publiée en GraphQL depuis une base de données",
            "Sans commande, `serve` est utilisée : `entente --demo` équivaut à `entente serve --demo`.",
        ),
        "serve" => (
            "Répondre aux requêtes (la commande par défaut)",
            "Exécute d'abord les migrations manquantes. Répond ensuite en GraphQL sur /graphql, avec GraphiQL sur /, et sur /healthz et /readyz, jusqu'à SIGTERM ou SIGINT ; les requêtes en cours sont terminées.",
        ),
        "check" => (
            "Afficher ce que `serve` utiliserait, et si cela fonctionne",
            "Prend les options de `serve` et vérifie tout ce qu'il faut (adresse, clés, base de données, migrations). N'écrit rien ; se termine par 1 si quelque chose ne fonctionne pas.",
        ),
        "health" => (
            "Demander au serveur de cette machine s'il peut répondre aux requêtes",
            "Interroge /readyz à l'adresse du serveur, affiche la réponse, et se termine par 0 ou 1. Le HEALTHCHECK de l'image utilise cette commande. Ne demande ni base de données ni jeton.\n\nCodes de sortie : 0 oui ; 1 non (base non disponible, arrêt en cours), ou pas de réponse en 4 s.",
        ),
        "apply" => (
            "Appliquer des documents : organisations, éléments de configuration, définitions de services",
            "Les documents sont en YAML ou en JSON, un ou plusieurs par fichier, dans n'importe quel ordre : les organisations sont envoyées d'abord, puis les éléments de configuration par lots de 1 000. Tous les fichiers sont lus avant tout envoi ; si un fichier est illisible, rien n'est envoyé. Chaque définition est ensuite appliquée entièrement ou pas du tout : si l'une est refusée, les autres sont quand même appliquées ; si des organisations sont refusées, les documents qui en ont besoin ne sont pas envoyés. Un contenu inchangé n'est pas écrit : on peut appliquer de nouveau sans risque.\n\nAvec une base de données, la commande peut tout écrire, et les migrations s'exécutent d'abord. Avec un serveur, le jeton détermine ce qui peut être écrit.\n\nCodes de sortie : 0 tout a été appliqué ; 1 quelque chose a été refusé ; 2 les fichiers, les options, la base ou le serveur n'ont pas pu être utilisés.",
        ),
        "validate" => (
            "Vérifier des documents, sans serveur ni base de données",
            "Vérifie tout ce qui peut l'être dans les fichiers seuls : champs et types, clés, limites, et références à l'intérieur d'un document. Un document avec un `name` est vérifié comme une définition complète, sinon comme une modification. Avec --server, les noms des organisations, des éléments de configuration et des autres objets sont aussi vérifiés sur le serveur. Rien n'est écrit.\n\nCodes de sortie : 0 aucune erreur ; 1 des erreurs ; 2 les fichiers ou le serveur n'ont pas pu être utilisés.",
        ),
        "export" => (
            "Écrire les organisations, les éléments de configuration et les services dans des fichiers pour `apply`",
            "Tout ce que le lecteur peut voir : les organisations dans un document (plusieurs au-delà de 1 000), celles dont d'autres dépendent d'abord, les éléments de configuration dans un document par organisation (avec `cmdb:read`), et un document par service. Appliquer un export ne change rien, quelles que soient les portées du jeton. Les références externes sont celles de l'organisation du lecteur ; avec une base de données, celles de l'organisation et du fournisseur du service.\n\nUn dossier appartient au lecteur pour qui il a d'abord été écrit : un export avec un jeton qui permet de voir moins est refusé, car il supprimerait ce que ce jeton ne permet pas de voir.\n\nCodes de sortie : 0 succès ; 1 refusé, ou introuvable ; 2 la base, le serveur ou le dossier n'a pas pu être utilisé.",
        ),
        "propose" => (
            "Proposer de nouveaux termes d'un service à ses consommateurs",
            "Crée une proposition : une nouvelle révision des termes à côté de la révision publiée, qui reste inchangée. Chaque consommateur peut alors accepter ou refuser. Quand tous ont accepté, la proposition est publiée. Un service a une seule proposition en cours ; une nouvelle retire la précédente. Le fichier contient le document d'un service, comme pour `apply` ; une proposition change des termes, et aucun lien.\n\nAvec un serveur, le jeton est celui du fournisseur et a les portées `definitions:write` et `read`.\n\nCodes de sortie : 0 proposé ; 1 refusé ; 2 le fichier, les options, la base ou le serveur n'ont pas pu être utilisés.",
        ),
        "status" => (
            "Afficher quels services sont acceptés, par qui, et ce qui manque",
            "Pour chaque service que le lecteur peut voir : la révision publiée, l'état de l'accord, la part des contrôles satisfaits, combien de consommateurs acceptent, et la proposition en cours. Pour un service : la décision de chaque consommateur sur la révision publiée et sur la proposition, avec le numéro du fil d'une objection, les changements de la proposition, et les lacunes, chacune avec ce qu'il faut faire. Un consommateur ne voit que ses propres décisions.\n\nCodes de sortie : 0 succès ; 1 ce service n'existe pas ; 2 les options, la base ou le serveur n'ont pas pu être utilisés.",
        ),
        "agree" => (
            "Accepter les termes d'un service, pour le consommateur du jeton",
            "Décide sur la proposition en cours s'il y en a une, sinon sur la révision publiée ; le résultat la nomme. Répéter la même décision ne change rien. Une acceptation résout le fil d'une objection antérieure à la même révision et, si celle-ci est publiée, à de plus anciennes. Quand tous les consommateurs ont accepté une proposition, elle est publiée, sauf si elle a été faite avec --no-publish-when-agreed.\n\nAvec un serveur, le jeton est celui du consommateur et a les portées `agreements:write` et `read`. Avec une base de données, --as désigne le consommateur.\n\nCodes de sortie : 0 la décision est enregistrée ; 1 refusé ; 2 les options, la base ou le serveur n'ont pas pu être utilisés.",
        ),
        "object" => (
            "Faire objection aux termes d'un service, pour le consommateur du jeton",
            "Décide sur la proposition en cours s'il y en a une, sinon sur la révision publiée ; le résultat la nomme. Le commentaire ouvre un fil d'avis avec le fournisseur, ou continue celui de l'objection antérieure. Une suggestion est un document du service qui contient seulement le changement des termes que le consommateur souhaite.\n\nAvec un serveur, le jeton est celui du consommateur et a les portées `agreements:write` et `read`. Avec une base de données, --as désigne le consommateur.\n\nCodes de sortie : 0 la décision est enregistrée ; 1 refusé ; 2 le fichier, les options, la base ou le serveur n'ont pas pu être utilisés.",
        ),
        "publish" => (
            "Publier la proposition en cours d'un service",
            "La proposition devient la révision publiée, que tous les consommateurs aient accepté ou non ; les fils auxquels elle répond sont résolus. Avec un serveur, le jeton est celui du fournisseur et a les portées `definitions:write` et `read`.\n\nCodes de sortie : 0 publié ; 1 refusé, ou aucune proposition en cours ; 2 les options, la base ou le serveur n'ont pas pu être utilisés.",
        ),
        "withdraw" => (
            "Retirer la proposition en cours d'un service",
            "La révision publiée reste inchangée. Avec un serveur, le jeton est celui du fournisseur et a les portées `definitions:write` et `read`. Pour retirer une décision d'un consommateur : `entente agree --withdraw`.\n\nCodes de sortie : 0 retiré ; 1 refusé, ou aucune proposition en cours ; 2 les options, la base ou le serveur n'ont pas pu être utilisés.",
        ),
        "verify" => (
            "Afficher quelle révision d'un service est un document, ou ce qui diffère",
            "Calcule l'empreinte des termes de chaque document, sans les liens du service, et la compare avec celle de chaque révision du service. Si aucune révision n'a cette empreinte, affiche ce qui diffère de la révision publiée. Rien n'est écrit. Avec un serveur, la portée `read` suffit.\n\nCodes de sortie : 0 chaque document est une révision qui est ou a été publiée ; 1 un document n'en est pas une, ou contient des erreurs ; 2 les fichiers, les options, la base ou le serveur n'ont pas pu être utilisés.",
        ),
        "measure" => (
            "Enregistrer les mesures d'indicateurs de fichiers CSV",
            "Un fichier a les colonnes indicateur (sa clé), instant et valeur, dans cet ordre. Si la première ligne nomme les colonnes (service, indicateur, instant, valeur, source), elles peuvent être dans n'importe quel ordre, et les autres sont ignorées. Les champs sont séparés par des virgules, des points-virgules ou des tabulations. Les instants sont au format 2026-11-22T08:30:00+01:00 ; sans décalage, ils sont en UTC.\n\nTous les fichiers sont lus avant tout envoi ; si une ligne est fausse, rien n'est envoyé. Les mesures sont ensuite enregistrées par lots de 1 000, entièrement ou pas du tout ; si un lot est refusé, les autres sont quand même enregistrés. Les mêmes indicateur, instant et source remplacent la valeur : on peut enregistrer de nouveau sans risque.\n\nAvec une base de données, la commande peut tout enregistrer. Avec un serveur, il faut au jeton la portée `measurements:write`, et `read` pour les lignes sans service.\n\nCodes de sortie : 0 tout a été enregistré ; 1 quelque chose a été refusé ; 2 les fichiers, les options, la base ou le serveur n'ont pas pu être utilisés.",
        ),
        "token" => (
            "Créer un jeton, pour le développement et les tests",
            "N'affiche que le jeton, signé avec --jwt-secret (HS256), qui doit être celui du serveur. En production, un fournisseur d'identité crée les jetons. Un jeton avec un nom est celui d'une personne, un jeton sans nom celui d'un programme.",
        ),
        "schema" => (
            "Afficher le schéma de l'API, ou celui des documents",
            "Le schéma de l'API est dans le langage de définition de GraphQL. Celui des documents est un JSON Schema, pour les éditeurs et les autres programmes qui vérifient les fichiers.",
        ),
        "migrate" => (
            "Exécuter les migrations manquantes de la base",
            "Affiche chaque migration, déjà exécutée ou exécutée maintenant. `serve` et `apply` les exécutent aussi au démarrage ; si plusieurs répliques démarrent ensemble, une seule les exécute et les autres attendent.",
        ),
        "help" => ("Afficher cette aide, ou celle d'une commande", ""),
        _ => return None,
    };
    Some(Said { about, more })
}

/// The end of the help of the program.
pub(super) const AFTER: &str = "La plupart des options d'une commande existent aussi en variables d'environnement ENTENTE_ : voir `entente COMMANDE --help`.\n\nCodes de sortie : 0 succès ; 1 la réponse est non : des documents sont refusés, une vérification échoue ; 2 la commande n'a pas pu être exécutée.";

/// The placeholder of a value in the help.
pub(super) fn value(name: &str) -> Option<&'static str> {
    Some(match name {
        "ADDRESS" => "ADRESSE",
        "ADDRESSES" => "ADRESSES",
        "BYTES" => "OCTETS",
        "CLAIM" => "CHAMP",
        "COUNT" | "NUMBER" => "NOMBRE",
        "DIR" => "DOSSIER",
        "FILE" => "FICHIER",
        "FILE|-" => "FICHIER|-",
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

/// The help of an option of a command.
pub(super) fn option(command: &str, id: &str) -> Option<&'static str> {
    Some(match (command, id) {
        (_, "help") => "Afficher l'aide",
        (_, "version") => "Afficher la version",
        (_, "lang") => {
            "Langue des résultats, des erreurs et de l'aide : en ou fr. Par défaut : celle de LC_ALL, LC_MESSAGES ou LANG"
        }
        (_, "file") => "Le document, en YAML ou en JSON ; « - » pour l'entrée standard",
        ("propose", "comment") => "Raison de la proposition, pour ses consommateurs",
        ("propose", "replace") => "Rendre les termes exactement égaux au document : supprimer ce qu'il omet",
        ("propose", "expected_revision") => "Refuser, sauf si cette révision est publiée",
        (_, "resolves") => {
            "Numéro d'un fil auquel la proposition répond : il est résolu quand elle est publiée ; peut être répété"
        }
        (_, "no_publish_when_agreed") => {
            "Ne pas publier la proposition quand tous les consommateurs ont accepté : `entente publish` le fait"
        }
        ("status", "service") => "Nom court du service. Par défaut : tous les services",
        ("agree" | "object" | "publish" | "withdraw", "service") => "Nom court du service",
        ("agree", "withdraw") => "Retirer la dernière décision, une acceptation ou une objection",
        ("agree", "comment") => "Raison de la décision",
        ("object", "comment") => "Raison de l'objection",
        (_, "suggestion") => "Document avec le changement que le consommateur souhaite, « - » pour l'entrée standard",
        ("agree" | "object", "revision") => {
            "Révision sur laquelle décider. Par défaut : la proposition en cours s'il y en a une, sinon la révision publiée"
        }
        ("publish" | "withdraw", "revision") => {
            "Révision de la proposition ; refusé si ce n'est pas la proposition en cours. Par défaut : la proposition en cours"
        }
        (_, "consumer") => "Nom court du consommateur qui décide, avec une base de données",
        ("publish" | "withdraw", "comment") => "Raison, pour le journal des changements",
        (_, "sources") => "Fichiers, dossiers contenant des .yaml, .yml et .json, « - » pour l'entrée standard",
        ("measure", "files") => "Fichiers CSV, « - » pour l'entrée standard",
        ("measure", "service") => {
            "Nom court du service des lignes qui n'en nomment pas. Par défaut : le seul service qui a l'indicateur"
        }
        ("measure", "source") => "Source des valeurs des lignes qui n'en nomment pas",
        ("measure", "locale") => {
            "Écriture des nombres et des dates : en (99.5, 2026-11-22) ou fr (aussi 99,5 et 22/11/2026)"
        }
        (_, "dry_run") => "Afficher seulement ce qui changerait",
        (_, "organization") => {
            "Nom court de l'organisation des éléments de configuration dont le document n'en nomme pas. Par défaut : celle du jeton ; avec une base de données, ou avec un jeton qui peut tout écrire, celle qui fournit tous les services de l'exécution"
        }
        ("validate", "replace") => {
            "Vérifier les documents comme des définitions complètes, comme pour `apply --replace`"
        }
        (_, "replace") => {
            "Rendre les termes exactement égaux aux documents : supprimer ce qu'ils omettent. Les organisations sont toujours fusionnées"
        }
        (_, "prune") => {
            "Retirer du catalogue les services absents du dossier, pour les organisations qui fournissent un service du dossier. Exige --replace et un seul dossier. Utilisez d'abord --dry-run"
        }
        (_, "yes") => "Retirer aussi plus d'un dixième des services",
        (_, "comment") => "Raison de la modification, enregistrée avec chaque nouvelle révision",
        (_, "expected_revision") => {
            "Refuser, sauf si le service a cette révision ; 0 : sauf s'il n'existe pas. Pour le document d'un seul service"
        }
        (_, "create") => "Créer la base si elle n'existe pas",
        (_, "quiet") => "N'afficher que les erreurs",
        (_, "json") => "Afficher un objet JSON, pour les programmes",
        (_, "verbose") => "Afficher aussi tout le contenu d'un nouveau service",
        (_, "color") => "Afficher en couleurs ou non",
        ("validate", "server") => "Vérifier les noms sur le serveur à cette adresse",
        (_, "server") => "Passer par le serveur à cette adresse, et non par une base de données",
        (_, "token") => "Jeton pour le serveur",
        (_, "output") => {
            "Dossier pour `organizations.yaml`, `configuration-items.yaml` et un fichier par service ; « - » affiche une suite de documents. Les fichiers d'un export antérieur qui ne sont plus écrits sont supprimés ; les autres fichiers ne changent pas, sauf s'ils sont égaux à ce qui serait écrit sous leur nom. Un service retiré dont le fichier a été supprimé n'est pas écrit"
        }
        (_, "other_reader") => {
            "Remplacer l'export d'un autre lecteur : d'une autre organisation, ou avec des portées que ce jeton n'a pas"
        }
        (_, "format") => "Format des documents",
        (_, "services") => "Ce service seul, sans organisations ni éléments de configuration ; peut être répété",
        (_, "revision") => "Les termes de cette révision du service que nomme --service, sans ses liens",
        (_, "org") => "Nom court de l'organisation du porteur",
        (_, "scopes") => "Portée du jeton ; peut être répétée",
        (_, "subject") => "Identifiant permanent du porteur",
        (_, "name") => "Le nom du porteur ; le jeton d'un programme n'en a pas",
        (_, "lifetime") => "Durée de validité du jeton, 366 jours au plus : 90s, 30m, 8h, 7d",
        (_, "documents") => "Afficher le JSON Schema des documents que lit `apply`",
        (_, "check") => {
            "Seulement afficher les migrations, sans en exécuter, et se terminer par 1 si une migration n'a pas été exécutée"
        }
        (_, "database_url") => {
            "Base de données : sqlite://FICHIER?mode=rwc ou postgres://UTILISATEUR:MOTDEPASSE@HÔTE/NOM [défaut : \
             sqlite://entente.db?mode=rwc]"
        }
        (_, "database_readers") => {
            "Nombre maximal de connexions pour lire la base ; avec SQLite, deux par processeur au plus"
        }
        (_, "database_writers") => {
            "Nombre maximal de connexions pour écrire dans PostgreSQL ; avec SQLite il y en a une"
        }
        (_, "database_wait") => {
            "Temps d'attente, au démarrage, d'une base qui ne répond pas, en secondes ; 0 pour ne pas attendre"
        }
        (_, "default_locale") => {
            "Langue des textes sans langue des documents, et des textes qui n'existent pas dans les langues du lecteur : une étiquette BCP 47"
        }
        (_, "definition_cache_bytes") => "Mémoire pour le cache des définitions, en octets (268435456 font 256 Mio)",
        (_, "jwt_secret") => {
            "Secret qui signe les jetons (HS256), 32 octets au moins ; exclut --jwks-url et --jwks-file"
        }
        (_, "jwt_previous_secret") => {
            "Second secret dont les jetons sont acceptés pendant que vous remplacez le premier ; aucun jeton n'est signé avec lui"
        }
        (_, "public_url") => {
            "Adresse à laquelle les clients joignent le serveur, comme https://entente.example ; par défaut, l'hôte de la requête"
        }
        (_, "trusted_proxies") => {
            "Serveurs mandataires dont l'en-tête X-Forwarded-For est pris en compte, adresses ou réseaux séparés par des virgules : le journal contient alors les adresses des clients"
        }
        (_, "drain") => {
            "Durée après SIGTERM ou SIGINT pendant laquelle /readyz répond « draining » et de nouvelles connexions sont encore servies, pour que le répartiteur le remarque, en secondes ; aucune avec --demo"
        }
        (_, "jwt_issuer") => "Émetteur des jetons : valeur exigée du champ « iss »",
        (_, "jwt_audience") => {
            "Destinataires des jetons, séparés par des virgules : le champ « aud » doit être l'un d'eux, ou en contenir un ; `entente token` utilise le premier"
        }
        (_, "jwt_organization_claim") => {
            "Champ qui contient le nom court de l'organisation du porteur ; une valeur qui commence par « / » est un pointeur JSON"
        }
        (_, "jwt_scope_claim") => {
            "Champ qui contient les portées, en liste ou séparées par des espaces ; une valeur qui commence par « / » est un pointeur JSON"
        }
        (_, "jwt_name_claim") => "Champ qui contient le nom du porteur ; un jeton sans nom est celui d'un programme",
        (_, "log_format") => "Format du journal",
        (_, "log") => {
            "Niveau du journal (error, warn, info, debug, trace), ou des cibles avec leurs niveaux (`info,entente=debug`)"
        }
        (_, "demo") => {
            "Servir des données d'exemple dans une base temporaire (sauf si une base est indiquée), avec des jetons tout prêts ; jamais en production"
        }
        (_, "demo_public") => {
            "Laisser --demo écouter sur une adresse que d'autres atteignent : tous ceux qui l'atteignent peuvent lire et écrire ses données"
        }
        ("health", "listen") => "Adresse et port du serveur ; pour 0.0.0.0 et [::], 127.0.0.1 est utilisée",
        ("health", "live") => {
            "Demander seulement si le processus fonctionne (/healthz), même si sa base n'est pas disponible"
        }
        (_, "listen") => "Adresse et port d'écoute ; [::]:8080 accepte IPv6 et IPv4",
        (_, "jwks_url") => {
            "Adresse des clés publiques de l'émetteur (RS256, ES256, EdDSA) : un JWKS, relu toutes les 10 minutes"
        }
        (_, "jwks_file") => {
            "Fichier des clés publiques de l'émetteur (RS256, ES256, EdDSA) : un JWKS, relu dans les 10 secondes qui suivent un changement"
        }
        (_, "cors_origins") => {
            "Origines dont les pages peuvent appeler l'API depuis un navigateur, séparées par des virgules ; aucune par défaut"
        }
        (_, "max_connections") => {
            "Nombre maximal de connexions ; pour une nouvelle, celle qui attend son client depuis le plus longtemps est fermée"
        }
        (_, "max_connections_per_address") => {
            "Nombre maximal de connexions depuis une même adresse ; un répartiteur compte pour une adresse. Pas de limite par défaut"
        }
        (_, "answer_timeout") => {
            "Temps laissé au client pour lire une réponse, en secondes ; la connexion est ensuite fermée"
        }
        (_, "writer_share") => {
            "Part maximale des connexions pour écrire qu'utilise une organisation ; un porteur sans organisation compte séparément"
        }
        (_, "max_queued_writes") => {
            "Nombre maximal d'écritures en attente d'une organisation ; les suivantes sont refusées et peuvent être renvoyées (429)"
        }
        (_, "max_requests") => {
            "Nombre maximal de requêtes simultanées à l'API ; les suivantes sont refusées et peuvent être renvoyées (503)"
        }
        (_, "header_timeout") => "Temps d'arrivée de l'en-tête d'une requête, en secondes",
        (_, "body_timeout") => "Temps d'arrivée du corps d'une requête, en secondes",
        (_, "request_timeout") => "Temps de réponse à une requête, en secondes",
        (_, "idle_timeout") => {
            "Temps après lequel une connexion sans requête est fermée, en secondes ; un répartiteur devrait la fermer plus tôt"
        }
        (_, "shutdown_grace") => {
            "Temps laissé ensuite aux requêtes pour se terminer, en secondes ; leurs connexions sont alors fermées"
        }
        _ => return None,
    })
}
