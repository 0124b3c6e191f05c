//! Reads measurements of indicators: the latest of each, and pages. Every viewer of the service sees them, but not who
//! recorded them.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{actor::Actor, id::ElementId, measurement, scalar::DateTime};
use futures_util::future::try_join_all;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Select};

use super::Measurements;
use crate::{
    policy::Viewer,
    store::{
        db::error::Error,
        read::{
            batch::{Found, Relation, counts},
            first_per_group::Groups,
            page::{By, Order, Page, Window},
            session::Session,
        },
        service::related::ServiceRow,
    },
};

/// A measurement, as far as the viewer sees it.
#[derive(Clone)]
pub struct MeasurementRow {
    /// The row.
    row: Arc<measurement::Model>,
    /// Whether the viewer sees the recorder and the source.
    shows_who: bool,
}

/// A period, from one instant until before another. `None`: no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first instant.
    pub from: Option<DateTime>,
    /// The instant after the last one.
    pub to: Option<DateTime>,
}

/// The order of the measurements of an indicator.
pub const BY_INSTANT: Order<MeasurementRow> = Order {
    list: "measurements",
    by: By::Instant(|measurement| measurement.row.at),
    id: |measurement| measurement.row.id.0,
    descending: false,
};

impl Measurements<'_> {
    /// The measurement with the greatest instant of an indicator of this service; `None` if there is none.
    pub async fn latest(self, service: &ServiceRow, indicator: ElementId) -> Result<Option<MeasurementRow>, Error> {
        let row = self.load(Latest, indicator).await?;
        row.map(|row| self.shown(service, row)).transpose()
    }

    /// The latest value of each of these indicators of services that the viewer sees, in their order.
    pub async fn latest_values(
        self,
        indicators: impl IntoIterator<Item = ElementId>,
    ) -> Result<Vec<Option<f64>>, Error> {
        let rows = try_join_all(indicators.into_iter().map(|id| self.load(Latest, id))).await?;
        Ok(rows.into_iter().map(|row| row.map(|row| row.value)).collect())
    }

    /// A page of the measurements of an indicator of this service, oldest first.
    pub async fn page(
        self,
        service: &ServiceRow,
        indicator: ElementId,
        span: Span,
        window: &Window,
    ) -> Result<Page<MeasurementRow>, Error> {
        let page = self.load(Pages { span, window: window.clone() }, indicator).await?;
        let Some(Page { rows, has_next, has_previous }) = page else { return Ok(window.page(Vec::new())) };
        let rows = rows.into_iter().map(|row| self.shown(service, row)).collect::<Result<_, _>>()?;
        Ok(Page { rows, has_next, has_previous })
    }

    /// The number of measurements of an indicator of a service that the viewer sees.
    pub async fn count(self, indicator: ElementId, span: Span) -> Result<u64, Error> {
        Ok(self.load(Counts(span), indicator).await?.unwrap_or_default())
    }

    fn shown(self, service: &ServiceRow, row: Arc<measurement::Model>) -> Result<MeasurementRow, Error> {
        let shows_who = self.viewer()?.sees_who_measured(row.recorded_by.organization, service.row.provider_id);
        Ok(MeasurementRow { row, shows_who })
    }
}

impl MeasurementRow {
    /// The instant for which the value holds.
    pub fn at(&self) -> DateTime {
        self.row.at
    }

    /// The value, in the unit of the indicator.
    pub fn value(&self) -> f64 {
        self.row.value
    }

    /// The source; `None` if there is none or if the viewer may not see it.
    pub fn source(&self) -> Option<&str> {
        Some(self.row.source.as_str()).filter(|source| self.shows_who && !source.is_empty())
    }

    /// The recorder; Entente itself if the viewer may not see it.
    pub fn recorded_by(&self) -> Actor {
        if self.shows_who { self.row.recorded_by.clone() } else { Viewer::system().actor() }
    }
}

impl Span {
    fn rows(self) -> Select<measurement::Entity> {
        let Self { from, to } = self;
        let within = Condition::all()
            .add_option(from.map(|from| measurement::Column::At.gte(from)))
            .add_option(to.map(|to| measurement::Column::At.lt(to)));
        measurement::Entity::find().filter(within)
    }

    /// A window of the measurements of each indicator. Only the entries of the window are read from the index.
    async fn pages(
        self,
        indicators: Vec<ElementId>,
        window: &Window,
        session: &Session,
    ) -> Result<HashMap<ElementId, Page<Arc<measurement::Model>>>, Error> {
        use measurement::Column::{At, ElementId, Id};
        let groups = Groups::by(self.rows(), ElementId, Id);
        let pages = groups.pages(indicators, (&BY_INSTANT, At.into_expr()), window, session).await?;
        Ok(pages.into_iter().map(|(indicator, page)| (indicator, page.map(Arc::new))).collect())
    }
}

/// The latest measurements of indicators.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Latest;

impl Relation for Latest {
    type Key = ElementId;
    type Value = Arc<measurement::Model>;

    async fn read(&self, session: &Session, indicators: Vec<ElementId>) -> Found<Self> {
        let last = Window::new(None, None, Some(1), None)?;
        let pages = Span::default().pages(indicators, &last, session).await?;
        Ok(pages.into_iter().filter_map(|(indicator, mut page)| Some((indicator, page.rows.pop()?))).collect())
    }
}

/// A page of the measurements of each indicator.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Pages {
    span: Span,
    window: Window,
}

impl Relation for Pages {
    type Key = ElementId;
    type Value = Page<Arc<measurement::Model>>;

    async fn read(&self, session: &Session, indicators: Vec<ElementId>) -> Found<Self> {
        self.span.pages(indicators, &self.window, session).await
    }
}

/// The number of measurements of each indicator.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Counts(Span);

impl Relation for Counts {
    type Key = ElementId;
    type Value = u64;

    async fn read(&self, session: &Session, indicators: Vec<ElementId>) -> Found<Self> {
        use measurement::Column::{ElementId, Id};
        counts(session, self.0.rows(), Id.count(), ElementId, indicators).await
    }
}
