//! Measurements of indicators, and what follows from them: attainment and realization.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Object, SimpleObject};
use entente_entity::{
    enums::{AttainmentStatus, ElementKind},
    id::{ElementId, ServiceId},
    scalar::DateTime,
};

use crate::{
    api::{
        service::{
            Service,
            contact::Actor,
            element::{self, DefinitionElement, Source},
            indicator::Indicator,
        },
        shared::{
            connection::{Slice, connection, count},
            error::{Nullable, nullable},
            list::List,
            price,
            user_error::{UserError, done_or_problems},
        },
    },
    definition::terms,
    measurement::{attainment, input::MeasurementsRecordInput},
    store::{
        Error, MEASUREMENTS_BY_INSTANT, MeasurementRow, MeasurementsRecord, MeasurementsRecorded, ReadMeasurements,
        ReadServices, ServiceRow, Session, Span, page::Window,
    },
};

/// A measurement.
#[derive(Clone)]
pub struct Measurement(pub(in crate::api) MeasurementRow);

connection!(MeasurementConnection, MeasurementEdge, Measurement);

/// A measurement: the value of an indicator at an instant. Both parties can record measurements, and everybody who sees
/// the service sees all of them.
#[Object]
impl Measurement {
    /// The instant for which the value holds.
    async fn at(&self) -> DateTime {
        self.0.at()
    }

    /// The value, in the `unit` of the indicator.
    async fn value(&self) -> f64 {
        self.0.value()
    }

    /// The source of the value, for example the name of the tool that measured it. Null if none was given, and if the
    /// viewer may not see who recorded the measurement.
    async fn source(&self) -> Option<&str> {
        self.0.source()
    }

    /// The person or program that last recorded the value. A consumer sees its own people and programs, and those of the
    /// provider; for all others it sees Entente itself (kind SYSTEM).
    async fn recorded_by(&self) -> Actor {
        Actor(self.0.recorded_by())
    }
}

/// How far an indicator is from its target.
#[derive(SimpleObject)]
pub struct Attainment {
    /// How the latest value compares with the baseline and the target, in the direction of the indicator.
    status: AttainmentStatus,
    /// (value - baseline) / (target - baseline): 0 at the baseline, 1 at the target, whether the target is above or below
    /// the baseline. Less than 0 if the value is on the other side of the baseline, more than 1 if it is beyond the
    /// target. If the baseline is equal to the target: 1 if the target is met, otherwise 0. Null without a baseline or a
    /// measurement.
    progress: Option<f64>,
}

impl From<attainment::Attainment> for Attainment {
    fn from(attainment::Attainment { status, progress }: attainment::Attainment) -> Self {
        Self { status, progress }
    }
}

/// Realized value: the number of indicators with each attainment status.
#[derive(SimpleObject)]
pub struct Realization {
    /// Indicators whose latest value is equal to the target or better.
    met: i32,
    /// Indicators whose latest value does not meet the target, and is not worse than the baseline.
    improving: i32,
    /// Indicators whose latest value does not meet the target, and is worse than the baseline.
    regressed: i32,
    /// Indicators without a measurement.
    not_measured: i32,
}

impl From<attainment::Realization> for Realization {
    fn from(attainment::Realization { met, improving, regressed, not_measured }: attainment::Realization) -> Self {
        let [met, improving, regressed, not_measured] =
            [met, improving, regressed, not_measured].map(|count| i32::try_from(count).unwrap_or(i32::MAX));
        Self { met, improving, regressed, not_measured }
    }
}

/// A page of the measurements of an indicator of a service.
pub(in crate::api) async fn list(
    service: &ServiceRow,
    indicator: ElementId,
    span: Span,
    window: &Window,
) -> Result<MeasurementConnection, Error> {
    let session = service.session().clone();
    let page = session.measurements().page(service, indicator, span, window).await?;
    let count = count!(session => session.measurements().count(indicator, span).await);
    let cursor = |measurement: &Measurement| MEASUREMENTS_BY_INSTANT.cursor(&measurement.0);
    Ok(MeasurementConnection(Slice::new(page, Measurement, cursor, count)))
}

/// How far an indicator of a service is from its target.
pub(in crate::api) async fn attainment(
    service: &ServiceRow,
    indicator: &terms::Indicator,
) -> Result<Attainment, Error> {
    let latest = service.session().measurements().latest(service, indicator.id).await?;
    Ok(attainment::Attainment::of(indicator, latest.map(|row| row.value())).into())
}

/// How many indicators of the terms have each attainment status.
pub(in crate::api) async fn realization(source: &Source) -> Result<Realization, Error> {
    let indicators = || source.terms().indicators();
    let session = source.service.0.session();
    let values = session.measurements().latest_values(indicators().map(|indicator| indicator.id)).await?;
    let all = indicators().zip(values).map(|(indicator, value)| attainment::Attainment::of(indicator, value).status);
    Ok(all.collect::<attainment::Realization>().into())
}

/// The result of `measurementsRecord`. Nothing was written if there are user errors.
pub struct MeasurementsRecordPayload {
    recorded: MeasurementsRecorded,
    user_errors: Vec<UserError>,
}

/// The result of `measurementsRecord`. Nothing was written if there are user errors.
#[Object]
impl MeasurementsRecordPayload {
    /// The number of measurements in the input. 0 if there are user errors.
    async fn recorded(&self) -> i32 {
        self.recorded.count
    }

    /// The indicators of the measurements, each once, in the order of the input. Null if there are user errors.
    #[graphql(complexity = "price::each(50, child_complexity)")]
    async fn indicators(&self, ctx: &Context<'_>) -> Nullable<List<Indicator>> {
        if !self.user_errors.is_empty() {
            return None;
        }
        nullable(indicators(ctx.data_unchecked(), &self.recorded.indicators).await.map(Some))
    }

    /// The errors in the input. Empty if the mutation succeeded.
    async fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// Indicators of the published terms of services that the viewer deals with, in their order.
async fn indicators(session: &Session, recorded: &[(ServiceId, ElementId)]) -> Result<List<Indicator>, Error> {
    let services = session.services().dealt_with(recorded.iter().map(|(service, _)| *service).collect()).await?;
    let sources: HashMap<ServiceId, Arc<Source>> =
        services.into_iter().map(|(id, service)| (id, Service(service).source())).collect();
    let indicator = |(service, indicator): &(ServiceId, ElementId)| {
        let is_it = |kind: ElementKind, id: ElementId, _: &str| kind == ElementKind::Indicator && id == *indicator;
        match element::find(sources.get(service)?, is_it)? {
            DefinitionElement::Indicator(indicator) => Some(indicator),
            _ => None,
        }
    };
    Ok(recorded.iter().filter_map(indicator).collect())
}

/// Mutations of measurements.
#[derive(Default)]
pub struct MeasurementMutation;

#[Object]
impl MeasurementMutation {
    /// Records measurements of indicators, all or none: if one measurement is wrong, nothing is written, and `path` of
    /// the user error contains its index. The same indicator, instant and source again replaces the value; a value that
    /// is already stored is not written. For the provider and the consumers of the services; needs the scope
    /// `measurements:write`.
    async fn measurements_record(
        &self,
        ctx: &Context<'_>,
        input: MeasurementsRecordInput,
    ) -> Result<MeasurementsRecordPayload, Error> {
        let written = ctx.data_unchecked::<Session>().write(MeasurementsRecord(input)).await;
        let (recorded, user_errors) = match done_or_problems(ctx, written)? {
            Ok(recorded) => (recorded, Vec::new()),
            Err(user_errors) => (MeasurementsRecorded::default(), user_errors),
        };
        Ok(MeasurementsRecordPayload { recorded, user_errors })
    }
}
