//! The limits of the variables, as JSON.

use super::limits::{Counter, Exceeded, Limit, Limits};

/// Checks the limits of the variables before they are parsed, in one scan that skips strings.
///
/// `json` is the value of `variables` in the request. Malformed JSON is refused by its parser, which stops at the first error, so that it
/// never reads more nested brackets than were counted until there.
///
/// # Errors
///
/// [`Exceeded`] with the limit that is exceeded: the bytes, or the nested brackets.
pub fn check_variables(json: &[u8], limits: &Limits) -> Result<(), Exceeded> {
    Limit::VariablesBytes.check(limits.variables_bytes, json.len())?;
    let mut open = Counter::new(Limit::VariablesNesting, limits.nesting);
    let mut bytes = json.iter();
    let mut in_string = false;
    while let Some(byte) = bytes.next() {
        match (in_string, byte) {
            (_, b'"') => in_string = !in_string,
            (true, b'\\') => {
                bytes.next();
            }
            (false, b'[' | b'{') => open.add()?,
            (false, b']' | b'}') => open.remove(),
            _ => {}
        }
    }
    Ok(())
}
