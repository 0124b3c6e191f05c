//! The stored data: one file for each table, and the types of the stored values (ids, texts, scalars, enums). Data only:
//! the rules of the domain and the messages for people are in the program.

pub mod actor;
pub mod agreement;
pub mod change;
pub mod configuration_item;
pub mod contact;
pub mod definition;
pub mod element;
pub mod enums;
pub mod external_reference;
pub mod id;
pub mod idempotency;
pub mod index_entry;
pub mod item_dependency;
pub mod item_graph;
pub mod item_link;
pub mod item_words;
pub mod language;
pub mod measurement;
pub mod message;
pub mod organization;
pub mod scalar;
pub mod service;
pub mod service_consumer;
pub mod text;
pub mod thread;
pub mod thread_due;
pub mod thread_event;
