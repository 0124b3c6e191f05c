//! Records measurements, with a fixed number of statements for each part of the input. Equal values are not written
//! again.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entente_entity::{
    change::FieldChange,
    element,
    enums::{ChangeAction, ElementKind},
    id::{ElementId, MeasurementId, ServiceId},
    measurement,
    scalar::DateTime,
    service,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, Iterable, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType, Order, Query},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    definition::{
        at::At,
        limits::{MAX_PROBLEMS, is_key},
        nearest::meant,
    },
    measurement::input::{AHEAD, MeasurementsRecordInput},
    policy::{Changed, Scope, Viewer},
    problem::{Problem, Rule, Thing},
    store::{
        db::{
            error::{Error, Refusal, refuse},
            parts::some_at_a_time,
        },
        service::WriteServices,
        write::{mutation::Write, writer::Writer},
    },
};

/// Most services whose unknown indicators get suggestions.
const SUGGESTED: usize = 20;
/// Most indicators that are compared.
const COMPARED: u64 = 10_000;
/// Maximum length of a name that a message repeats.
const QUOTED: usize = 200;

/// Measurements to record.
#[derive(Clone, Debug, Serialize)]
pub struct MeasurementsRecord(pub MeasurementsRecordInput);

/// The measurements that were recorded.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct MeasurementsRecorded {
    /// Number of measurements in the input.
    pub count: i32,
    /// Their indicators with their services, each once, in the order of the input.
    pub indicators: Vec<(ServiceId, ElementId)>,
}

/// What has one value: an indicator, an instant and a source.
type Slot<'a> = (ElementId, DateTime, &'a str);

impl Write for MeasurementsRecord {
    type Done = MeasurementsRecorded;

    fn name(&self) -> &'static str {
        "measurementsRecord"
    }

    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        viewer.require(Scope::MeasurementsWrite)?;
        refuse(self.0.problems())
    }

    async fn run(&self, writer: &mut Writer) -> Result<MeasurementsRecorded, Refusal> {
        let (indicators, services) = self.indicators(writer).await?;
        let mut slots: BTreeMap<Slot<'_>, f64> = BTreeMap::new();
        for (input, (_, indicator)) in self.0.measurements.iter().zip(&indicators) {
            slots.insert((*indicator, input.at, input.source.as_deref().unwrap_or_default()), input.value);
        }
        let rows: HashMap<ServiceId, &service::Model> = services.iter().map(|row| (row.id, row)).collect();
        let of = indicators.iter().filter_map(|(service, indicator)| Some((*indicator, *rows.get(service)?))).collect();
        write(writer, &slots, &of).await?;
        if let Some(own) = writer.viewer.organization {
            let consumed = services.iter().filter(|service| !writer.viewer.acts_for(service.provider_id));
            writer.services().confirm_all_of(consumed.map(|service| service.id).collect(), own).await?;
        }
        let mut seen = HashSet::new();
        let count = i32::try_from(indicators.len()).unwrap_or(i32::MAX);
        Ok(MeasurementsRecorded { count, indicators: indicators.into_iter().filter(|one| seen.insert(*one)).collect() })
    }
}

impl MeasurementsRecord {
    /// The service and the indicator of each measurement, and the services; or all problems.
    async fn indicators(&self, writer: &Writer) -> Result<(Vec<(ServiceId, ElementId)>, Vec<service::Model>), Refusal> {
        let inputs = &self.0.measurements;
        let services = writer.services().named(inputs.iter().map(|input| &input.service)).await?;
        let known = known(writer, services.ids(), inputs.iter().map(|input| input.indicator.as_str())).await?;
        let (list, latest) = (At::top("measurements"), DateTime(writer.now.0 + AHEAD));
        let (mut found, mut problems, mut unknown) = (Vec::with_capacity(inputs.len()), Vec::new(), Vec::new());
        for (index, input) in inputs.iter().enumerate() {
            let at = list.index(index);
            match services.get(&input.service) {
                Err(rule) => problems.push(at.field("service").problem(rule)),
                Ok(service) => match known.get(&(service.id, input.indicator.clone())) {
                    Some(indicator) => found.push((service.id, *indicator)),
                    None => {
                        unknown.push((problems.len(), service.id, input.indicator.as_str()));
                        problems.push(at.field("indicator").problem(Rule::not_found(Thing::Indicator)));
                    }
                },
            }
            if input.at > latest {
                problems.push(at.field("at").problem(Rule::InFuture));
            }
        }
        if problems.is_empty() {
            return Ok((found, services.into_rows()));
        }
        suggest(writer, &mut problems, &unknown).await?;
        problems.truncate(MAX_PROBLEMS);
        Err(problems.into())
    }
}

/// The indicators of these services with these keys, in their published terms.
async fn known(
    writer: &Writer,
    services: Vec<ServiceId>,
    keys: impl Iterator<Item = &str>,
) -> Result<HashMap<(ServiceId, String), ElementId>, Error> {
    use element::Column::{GoneIn, Id, Key, Kind};
    let keys: HashSet<&str> = keys.filter(|key| is_key(key)).collect();
    if keys.is_empty() || services.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(ServiceId, String, ElementId)> = element::Entity::find()
        .select_only()
        .columns([element::Column::ServiceId, Key, Id])
        .filter(element::Column::ServiceId.is_in(services))
        .filter(Kind.eq(ElementKind::Indicator))
        .filter(Key.is_in(keys))
        .filter(GoneIn.is_null())
        .into_tuple()
        .all(&writer.transaction)
        .await?;
    Ok(found.into_iter().map(|(service, key, id)| ((service, key), id)).collect())
}

/// Adds suggestions for unknown indicators. Each entry is the index of its problem, the service and the key.
async fn suggest(writer: &Writer, problems: &mut [Problem], unknown: &[(usize, ServiceId, &str)]) -> Result<(), Error> {
    use element::Column::{GoneIn, Key, Kind};
    let services: BTreeSet<ServiceId> = unknown.iter().map(|(_, service, _)| *service).collect();
    if services.is_empty() {
        return Ok(());
    }
    let keys: Vec<(ServiceId, String)> = element::Entity::find()
        .select_only()
        .columns([element::Column::ServiceId, Key])
        .filter(element::Column::ServiceId.is_in(services.into_iter().take(SUGGESTED)))
        .filter(Kind.eq(ElementKind::Indicator))
        .filter(GoneIn.is_null())
        .limit(COMPARED)
        .into_tuple()
        .all(&writer.transaction)
        .await?;
    let mut of_services: HashMap<ServiceId, Vec<String>> = HashMap::new();
    for (service, key) in keys {
        of_services.entry(service).or_default().push(key);
    }
    of_services.values_mut().for_each(|keys| keys.sort());
    for (index, service, given) in unknown.iter().take(MAX_PROBLEMS) {
        let keys = of_services.get(service).map(Vec::as_slice).unwrap_or_default();
        let meant = meant(given, keys.iter().map(String::as_str));
        let given = (given.len() <= QUOTED).then(|| (*given).to_owned());
        problems[*index].rule = Rule::NotFound { what: Thing::Indicator, given, meant };
    }
    Ok(())
}

/// Writes and logs the values that differ from the stored ones.
async fn write(
    writer: &Writer,
    slots: &BTreeMap<Slot<'_>, f64>,
    services: &HashMap<ElementId, &service::Model>,
) -> Result<(), Error> {
    let mut standing = standing(writer, slots).await?;
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    for (&(indicator, at, source), &value) in slots {
        let before = standing.remove(&(indicator, at, source.to_owned()));
        let before_value = before.as_ref().map(|row| row.value);
        if before_value == Some(value) {
            continue;
        }
        let row = measurement::Model {
            id: before.map_or_else(MeasurementId::new, |row| row.id),
            element_id: indicator,
            at,
            value,
            source: source.to_owned(),
            recorded_by: writer.actor(),
            recorded_at: writer.now,
        };
        if let Some(service) = services.get(&indicator) {
            log(writer, &row, before_value, service);
        }
        if before_value.is_some() { &mut changed } else { &mut new }.push(row.into_active_model());
    }
    let columns = [measurement::Column::Value, measurement::Column::RecordedBy, measurement::Column::RecordedAt];
    writer.upsert(changed, measurement::Column::Id, &columns).await?;
    writer.insert(new).await
}

/// The stored measurements of these indicators and instants, locked until the transaction ends, so that of two writers
/// that replace a value, the second sees the value of the first.
async fn standing(
    writer: &Writer,
    slots: &BTreeMap<Slot<'_>, f64>,
) -> Result<HashMap<(ElementId, DateTime, String), measurement::Model>, Error> {
    use measurement::{Column, Entity};
    const WANTED: &str = "wanted";
    let mut found = HashMap::new();
    let wanted: BTreeSet<(ElementId, DateTime)> = slots.keys().map(|(indicator, at, _)| (*indicator, *at)).collect();
    for some in some_at_a_time(wanted) {
        let query = Query::select()
            .columns(Column::iter().map(|column| (Entity, column)))
            .from_values(some, WANTED)
            .cross_join(Entity)
            .and_where(Expr::col((Entity, Column::ElementId)).equals((WANTED, "column1")))
            .and_where(Expr::col((Entity, Column::At)).equals((WANTED, "column2")))
            .order_by((Entity, Column::Id), Order::Asc)
            .lock_with_tables(LockType::Update, [Entity])
            .take();
        for row in writer.transaction.query_all(&query).await? {
            let row = measurement::Model::from_query_result(&row, "")?;
            found.insert((row.element_id, row.at, row.source.clone()), row);
        }
    }
    Ok(found)
}

/// Logs a measurement.
fn log(writer: &Writer, row: &measurement::Model, before: Option<f64>, service: &service::Model) {
    // `at` and `source` identify the measurement, so they are in the change even if they did not change.
    let same = |name: &str, value: serde_json::Value| FieldChange {
        name: name.into(),
        before: before.map(|_| value.clone()),
        after: Some(value),
    };
    let mut fields = vec![same("at", json!(row.at.to_string()))];
    if !row.source.is_empty() {
        fields.push(same("source", json!(row.source)));
    }
    fields.extend(FieldChange::between("value", before.map(|it| json!(it)), Some(json!(row.value))));
    let action = if before.is_some() { ChangeAction::Updated } else { ChangeAction::Created };
    let by = row.recorded_by.organization;
    writer.log(Changed::measurement(service.id, service.provider_id, by, row.element_id), action, fields);
}
