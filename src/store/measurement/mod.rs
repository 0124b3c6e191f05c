//! Measurements of indicators: reading and recording them.

pub(super) mod read;
pub(super) mod record;

use crate::store::read::session::Session;

way! {
    /// Reads the measurements of indicators of services that the viewer sees.
    Measurements, ReadMeasurements, measurements, Session;
}
