//! Quotes, and other parts of messages.

use entente_entity::scalar::Decimal;

/// A text between French quotes. What cannot be shown is escaped, as it is in English.
pub(super) fn quoted(text: &str) -> String {
    let escaped = format!("{text:?}");
    format!("« {} »", escaped[1..escaped.len() - 1].replace("\\\"", "\""))
}

/// A name in quotes, in English and in French. Quotes alone do not show a blank at its start or its end.
pub(super) fn name(given: &str) -> (String, String) {
    let (english, french) = match given.trim() == given {
        true => ("", ""),
        false => (" (with a blank at its start or its end)", " (avec une espace au début ou à la fin)"),
    };
    (format!("{given:?}{english}"), format!("{}{french}", quoted(given)))
}

/// The name of a character that cannot be printed.
pub(super) fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// The end of an English message that suggests a name.
pub(super) fn meant_english(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!("; did you mean {name:?}?")).unwrap_or_default()
}

/// The end of a French message that suggests a name.
pub(super) fn meant_french(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!(" ; vouliez-vous dire {} ?", quoted(name))).unwrap_or_default()
}

/// Inserts the given value after what is expected, and before any advice.
pub(super) fn with_given(words: &str, given: &str) -> String {
    match words.find([':', ';', ',']) {
        Some(at) => {
            let at = words[..at].trim_end().len();
            format!("{}{given}{}", &words[..at], &words[at..])
        }
        None => format!("{words}{given}"),
    }
}

/// The number that was meant by one with a decimal comma or with separated thousands, if there is no doubt.
pub(super) fn decimal(given: &str) -> Option<String> {
    let plain: String = given.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’' | '_')).collect();
    let meant = match plain.rsplit_once([',', '.']) {
        // `36,000` is 36 in some languages and 36000 in others.
        Some((whole, decimals)) if decimals.len() == 3 && !whole.contains([',', '.']) && plain.contains(',') => {
            return None;
        }
        Some((whole, decimals)) => format!("{}.{decimals}", whole.replace([',', '.'], "")),
        None => plain,
    };
    let is_number = Decimal(meant.clone()).parse().is_some() && !meant.ends_with('.') && !meant.starts_with('.');
    (is_number && meant != given).then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_that_was_meant_is_suggested_if_there_is_no_doubt() {
        for (given, meant) in [
            ("36000,00", Some("36000.00")),
            ("36 000,5", Some("36000.5")),
            ("36.000,00", Some("36000.00")),
            ("36,000.00", Some("36000.00")),
            ("36\u{202f}000", Some("36000")),
            ("36,000", None),
            ("36,", None),
            ("trente", None),
        ] {
            assert_eq!(decimal(given).as_deref(), meant, "{given}");
        }
    }
}
