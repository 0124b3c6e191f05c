//! Numbers in JSON that no 64-bit float holds.

use crate::api::OUT_OF_RANGE;

/// The text with numbers in place of those that are out of range, as `1e400`, that no field takes either: so the field that has one is
/// named, rather than a line and a column. `None` if there are none, also where the text is no JSON.
pub(super) fn replaced(json: &str) -> Option<String> {
    let bytes = json.as_bytes();
    let (mut text, mut copied, mut at) = (String::new(), 0, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = end_of_text(bytes, at),
            b'-' | b'0'..=b'9' => {
                let is_of_number = |byte: &&u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
                let end = at + bytes[at..].iter().take_while(is_of_number).count();
                if let Some(number) = json[at..end].parse().ok().filter(|number: &f64| number.is_infinite()) {
                    text += &json[copied..at];
                    text += &format!("{:e}", OUT_OF_RANGE.copysign(number));
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    (copied > 0).then(|| text + &json[copied..])
}

/// Behind the quote that ends the text that begins here.
fn end_of_text(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::Value;

    use super::*;

    #[rstest]
    #[case(r#"{"a": 1e400, "b": [-1E+999, 2]}"#, Some(r#"{"a": 1e301, "b": [-1e301, 2]}"#))]
    #[case(r#"{"a": "1e400", "b\"": 1e308, "c": "\\"}"#, None)]
    #[case(r#"{"é1e400": 1e400}"#, Some(r#"{"é1e400": 1e301}"#))]
    #[case("1e400", Some("1e301"))]
    #[case(r#"{"a": 1.7976931348623157e308}"#, None)]
    #[case(r#"{"a": "1e400"#, None)]
    #[case(r#"{"a": 1e4-00, "b": --1}"#, None)]
    #[case("", None)]
    fn a_number_that_is_out_of_range_is_replaced_by_one_that_no_field_takes(
        #[case] json: &str,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(replaced(json).as_deref(), expected);
        if let Some(expected) = expected {
            assert!(serde_json::from_str::<Value>(json).is_err());
            serde_json::from_str::<Value>(expected).unwrap();
        }
    }
}
