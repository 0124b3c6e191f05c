//! The search: the words of a text, the searchable texts of a definition, and the excerpts. Pure, so that every
//! database finds, orders and shows the same.

mod index_entry;
mod item;
mod search_words;
mod snippet;
mod words;

pub use index_entry::{IndexEntry, Rewritten, rewritten, thread_words};
pub use item::item_words;
pub use search_words::{SearchWords, Unsearchable};
pub use snippet::snippet;
pub use words::{Word, words};
