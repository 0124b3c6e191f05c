//! The search: the words of a text, the searchable texts of a definition, and the excerpts. Pure, so that every
//! database finds, orders and shows the same.

mod index_entry;
mod item;
mod snippet;
mod wanted;
mod words;

pub use index_entry::{IndexEntry, Rewritten, rewritten, thread_words};
pub use item::item_words;
pub use snippet::snippet;
pub use wanted::{Unsearchable, Wanted};
pub use words::{Word, words};
