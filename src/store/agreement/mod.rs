//! Agreements: the decisions of consumers on revisions of the terms.

pub(super) mod decide;
pub(super) mod read;

use crate::store::read::session::Session;

way! {
    /// Reads the decisions of consumers, as far as the viewer sees them.
    Agreements, ReadAgreements, agreements, Session;
}
