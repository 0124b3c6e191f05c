//! Access to the database: connections, differences of the dialects, migrations, errors. It imports no other folder of
//! the store.

pub(super) mod cause;
pub(super) mod database;
pub(super) mod error;
pub(super) mod hosts;
pub(super) mod location;
pub(super) mod migrations;
pub(super) mod needs;
pub(super) mod parts;
mod pool;
pub(super) mod readers;
pub(super) mod recursive;
pub(super) mod servers;
pub(super) mod sqlite_file;
