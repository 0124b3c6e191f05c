//! The variables, as the bytes of JSON they come in.

use super::limits::{Counter, Exceeded, Limit, Limits};

/// Holds the variables against their limits before they are parsed: one scan that tells strings from what is outside
/// them.
///
/// It takes the value of `variables` alone, as it stands in the request. Given a whole body instead, the body's own
/// brace counts as one more bracket, and its bytes as theirs. JSON that is not well formed is left to its parser,
/// which stops at the first fault and so never descends further than was counted up to there.
///
/// # Errors
///
/// [`Exceeded`] names the limit that does not hold: the bytes, or the brackets nested.
pub fn check_variables(json: &[u8], limits: &Limits) -> Result<(), Exceeded> {
    Limit::VariablesBytes.hold(limits.variables_bytes, json.len())?;
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
