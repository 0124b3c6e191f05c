//! The errors of the operating system, by their kind. Those of a kind that is not in the list stay as the system words them.

use std::io::{Error, ErrorKind};

/// What precedes the number of an error, behind its words.
const NUMBER: &str = " (os error ";

/// The error in French, also where other words precede those of the system.
pub(super) fn in_french(message: &str) -> Option<String> {
    let (_, number) = message.strip_suffix(')')?.rsplit_once(NUMBER)?;
    let error = Error::from_raw_os_error(number.parse().ok()?);
    let before = message.strip_suffix(&error.to_string())?;
    Some(format!("{before}{} (erreur système {number})", words(error.kind())?))
}

/// What an error of this kind is called.
fn words(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::NotFound => "ce fichier ou dossier n'existe pas",
        ErrorKind::PermissionDenied => "l'accès est refusé",
        ErrorKind::AlreadyExists => "il existe déjà",
        ErrorKind::NotADirectory => "ce n'est pas un dossier",
        ErrorKind::IsADirectory => "c'est un dossier, et non un fichier",
        ErrorKind::DirectoryNotEmpty => "le dossier n'est pas vide",
        ErrorKind::ReadOnlyFilesystem => "le système de fichiers est en lecture seule",
        ErrorKind::StorageFull => "le disque est plein",
        ErrorKind::QuotaExceeded => "le quota du disque est dépassé",
        ErrorKind::FileTooLarge => "le fichier est trop grand",
        ErrorKind::InvalidFilename => "le nom du fichier est trop long, ou n'est pas valable",
        ErrorKind::ResourceBusy => "la ressource est occupée",
        ErrorKind::ConnectionRefused => "la connexion est refusée",
        ErrorKind::ConnectionReset => "la connexion a été interrompue",
        ErrorKind::ConnectionAborted => "la connexion a été abandonnée",
        ErrorKind::NotConnected => "il n'y a pas de connexion",
        ErrorKind::BrokenPipe => "l'autre côté a fermé la connexion",
        ErrorKind::AddrInUse => "l'adresse est déjà utilisée",
        ErrorKind::AddrNotAvailable => "l'adresse n'est pas de cette machine",
        ErrorKind::HostUnreachable => "la machine est injoignable",
        ErrorKind::NetworkUnreachable => "le réseau est injoignable",
        ErrorKind::TimedOut => "aucune réponse à temps",
        ErrorKind::OutOfMemory => "la mémoire est pleine",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_system_is_translated_by_its_kind_wherever_it_is() {
        // ENOENT, EACCES, EEXIST, EISDIR, ENOSPC, ETIMEDOUT, ECONNREFUSED of Linux.
        for (number, said) in [
            (2, "ce fichier ou dossier n'existe pas"),
            (13, "l'accès est refusé"),
            (17, "il existe déjà"),
            (21, "c'est un dossier, et non un fichier"),
            (28, "le disque est plein"),
            (110, "aucune réponse à temps"),
            (111, "la connexion est refusée"),
        ] {
            let error = Error::from_raw_os_error(number);
            let expected = format!("{said} (erreur système {number})");
            assert_eq!(in_french(&error.to_string()).as_deref(), Some(&*expected));
            assert_eq!(in_french(&format!("file.yaml: {error}")), Some(format!("file.yaml: {expected}")));
        }
        // ELOOP has no kind that is stable; others say something else with the same number.
        let other = Error::from_raw_os_error(40).to_string();
        for message in [other.as_str(), "No such file (os error 2)", "(os error 2)", "os error 2", ""] {
            assert_eq!(in_french(message), None, "{message}");
        }
    }
}
