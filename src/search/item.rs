//! The searchable words of a configuration item.

use super::words::words;

/// The words of its name, its class and its key, with a space between each.
pub fn item_words(name: &str, class: &str, key: &str) -> String {
    let words = [name, class, key].into_iter().flat_map(words).map(|word| word.folded);
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::item_words;

    #[test]
    fn an_item_is_found_by_name_class_and_key() {
        assert_eq!(item_words("ORA-PMS-01", "cmdb_ci_db", "Élan"), "ora pms 01 cmdb ci db elan");
        assert_eq!(item_words("…", "", "*"), "");
    }
}
