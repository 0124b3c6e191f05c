//! Quotes, and other parts of messages.

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
