//! Variables that are nested, very large, or not JSON.

use rstest::rstest;

use super::super::{Limit, Limits, check_variables};

fn any_size() -> Limits {
    Limits { variables_bytes: usize::MAX, ..Limits::default() }
}

#[rstest]
#[case::lists("[", "]")]
#[case::objects("{\"a\":", "}")]
#[case::mixed("[{\"a\":", "}]")]
#[case::after_a_string("[\"]\\\"]\\\\\",", "]")]
#[case::only_opened("[", "")]
#[case::in_no_json("[}{", "")]
fn nested(#[case] open: &str, #[case] close: &str) {
    for depth in [33, 1_000, 100_000, 1_000_000] {
        let json = open.repeat(depth) + "1" + &close.repeat(depth);
        let exceeded = check_variables(json.as_bytes(), &any_size()).unwrap_err();
        assert_eq!((exceeded.limit, exceeded.found), (Limit::VariablesNesting, 33));
        let exceeded = check_variables(json.as_bytes(), &Limits::default()).unwrap_err();
        if json.len() > Limits::default().variables_bytes {
            assert_eq!((exceeded.limit, exceeded.found), (Limit::VariablesBytes, json.len()));
        }
    }
}

#[rstest]
#[case::in_a_string("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}")]
#[case::after_an_escaped_quote("{\"a\":\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}")]
#[case::in_a_key("{\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\":1}")]
#[case::side_by_side(
    "[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]"
)]
#[case::nothing("")]
#[case::unclosed_string("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")]
#[case::backslash_at_the_end("[\"\\")]
fn passes(#[case] json: &str) {
    assert_eq!(check_variables(json.as_bytes(), &Limits::default()), Ok(()));
}

#[test]
fn bytes_that_are_no_text() {
    let exceeded = check_variables(&[b"\xff\xfe".as_slice(), &[b'['; 40]].concat(), &any_size());
    assert_eq!(exceeded.unwrap_err().limit, Limit::VariablesNesting);
}
