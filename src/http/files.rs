//! The limit of open files. Every connection is an open file.

use std::io;

use rlimit::Resource;

/// Files besides the connections to clients and to the database, with a reserve.
const OTHERS: u64 = 96;

/// Raises the limit of open files as far as the process may. Returns how many of the wanted connections of clients are possible
/// besides `to_database` connections to the database.
///
/// # Errors
///
/// If the limit cannot be read.
pub fn make_room(wanted: usize, to_database: u32) -> io::Result<usize> {
    let (soft, hard) = Resource::NOFILE.get()?;
    let raised = if soft < hard { Resource::NOFILE.set(hard, hard).map(|()| hard) } else { Ok(soft) };
    let limit = raised.unwrap_or_else(|error| {
        tracing::warn!(%error, soft, hard, "the limit of open files (ulimit -n) could not be raised");
        soft
    });
    let fits = fitting(limit, OTHERS + u64::from(to_database), wanted);
    if fits < wanted {
        tracing::warn!(
            wanted,
            fits,
            limit,
            "the limit of open files (ulimit -n) is too low for so many connections: there will be fewer"
        );
    }
    Ok(fits)
}

/// How many connections are possible besides the other files. If the limit is very low, half of it.
fn fitting(limit: u64, others: u64, wanted: usize) -> usize {
    let room = limit.saturating_sub(others).max(limit / 2).max(1);
    wanted.min(usize::try_from(room).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_as_many_as_fit() {
        for (limit, wanted, fits) in
            [(1 << 20, 4096, 4096), (1024, 4096, 896), (1024, 500, 500), (200, 4096, 100), (0, 4096, 1)]
        {
            assert_eq!(fitting(limit, 128, wanted), fits);
        }
    }
}
