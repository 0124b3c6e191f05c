//! One run: documents are sent one after the other, and the results are printed.

mod notes;
mod standing;
mod tell;

use anyhow::anyhow;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use self::{notes::Notes, standing::Standing};
use super::{
    files::{Documents, ItemsSource, OrganizationSource, Origin, ServiceSource},
    forecast::{Forecast, Lacks, Made},
    items::{self, ItemsTally},
    organizations::{parents_first, portions},
    problem::{Told, told_of_organizations},
    prune::Pruned,
    report::Tally,
    send::{How, Outcome, ServiceDone, UserError},
};
use crate::{
    cli::{
        causes,
        endpoint::Endpoint,
        language::colon,
        out::{Out, Paint},
    },
    definition::{
        document::{DefinitionInput, OrganizationInput},
        languages::leaves_open,
    },
    words::Words,
};

/// The number of documents from which a progress bar is shown.
const MANY: usize = 20;

/// A run, and its results so far.
pub(super) struct Run<'a> {
    endpoint: Endpoint,
    how: How<'a>,
    out: &'a mut Out,
    bar: ProgressBar,
    /// Number of portions and documents without a result.
    left: usize,
    /// The portions of organizations.
    sent: Vec<Vec<OrganizationSource>>,
    services: Vec<ServiceSource>,
    items: Vec<ItemsSource>,
    /// The objects that the run creates.
    made: Made,
    /// Whether all organizations were accepted.
    are_organizations_accepted: bool,
    forecast: Option<Forecast>,
    told: (Tally, Tally),
    told_items: ItemsTally,
    /// Services compared with the local forecast, and why.
    compared_here: Vec<(String, Lacks)>,
    /// The result of each service, for programs.
    services_json: Vec<Value>,
    /// All problems.
    problems: Vec<Told>,
    /// Notes about accepted documents.
    notes: Vec<Told>,
    /// The services to retire.
    pruned: Pruned,
    is_prune_refused: bool,
    standing: Standing,
}

/// The result of a run.
pub(super) struct Ended {
    /// Whether something was refused.
    pub is_refused: bool,
    /// All problems.
    pub problems: Vec<Told>,
    /// Notes about accepted documents.
    pub notes: Vec<Told>,
}

impl<'a> Run<'a> {
    /// A run that sends these documents.
    pub fn new(endpoint: Endpoint, how: How<'a>, documents: Documents, out: &'a mut Out) -> Self {
        let Documents { organizations, services, items, .. } = documents;
        let items = items::portions(items);
        let made = match how.dry_run {
            true => {
                let organizations = organizations.iter().map(|it| &it.organization);
                Made::of(organizations, items.iter().flat_map(|source| &source.items), out.speech())
            }
            false => Made::default(),
        };
        let sent = portions(parents_first(organizations, |it| &it.organization), |it| &it.organization);
        let count = sent.len() + items.len() + services.len();
        let bar = if count > MANY { ProgressBar::new(count as u64) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} ({eta})") {
            bar.set_style(style);
        }
        let (told, told_items) = ((Tally::default(), Tally::default()), ItemsTally::default());
        let (forecast, compared_here) = (None, Vec::new());
        let (services_json, problems) = (Vec::new(), Vec::new());
        Self {
            endpoint,
            how,
            out,
            bar,
            left: count,
            sent,
            services,
            items,
            made,
            are_organizations_accepted: true,
            forecast,
            told,
            told_items,
            compared_here,
            services_json,
            problems,
            notes: Vec::new(),
            pruned: Pruned::default(),
            is_prune_refused: false,
            standing: Standing::default(),
        }
    }

    /// Retires these services after everything else was accepted.
    pub fn pruning(self, pruned: Pruned) -> Self {
        Self { pruned, ..self }
    }

    /// Sends everything.
    pub async fn run(mut self) -> anyhow::Result<Ended> {
        self.out.detail(&self.endpoint.works_on(self.out.speech()))?;
        self.out.flush()?;
        let written = self.send_organizations().await?;
        let (items, services) = (std::mem::take(&mut self.items), std::mem::take(&mut self.services));
        if written || self.how.dry_run {
            for portion in &items {
                self.send_items(portion).await?;
            }
            for service in &services {
                let outcome = self.send_service(service).await;
                let (outcome, notes) = outcome.map_err(|error| self.stopped_at(&service.origin, &error))?;
                self.tell_service(service, outcome, notes)?;
            }
        } else {
            self.told.1.not_sent = services.len();
            self.told_items.tally.not_sent = items.iter().map(|portion| portion.items.len()).sum();
        }
        self.retire().await?;
        self.bar.finish_and_clear();
        self.tell_end()?;
        let refused = self.told.0.refused + self.told.1.refused + self.told_items.tally.refused;
        let is_refused = refused > 0 || self.is_prune_refused;
        Ok(Ended { is_refused, problems: self.problems, notes: self.notes })
    }

    /// Sends the organizations. Returns whether all were accepted.
    async fn send_organizations(&mut self) -> anyhow::Result<bool> {
        let portions = std::mem::take(&mut self.sent);
        let mut needs_forecast = false;
        for (number, portion) in portions.iter().enumerate() {
            let inputs: Vec<_> = portion.iter().map(|source| &source.organization).collect();
            let outcome = self.endpoint.apply_organizations(&inputs, self.how).await;
            let outcome = outcome.map_err(|error| self.stopped_at(&portion[0].origin, &error))?;
            let problems = match outcome {
                Ok(done) => {
                    self.told.0.add_organizations(done);
                    Vec::new()
                }
                Err(problems) if is_forbidden(&problems) && self.organizations_stand(&inputs).await? => {
                    self.told.0.unchanged += inputs.len();
                    Vec::new()
                }
                Err(problems) => {
                    let others = self.made.others_of_organizations(problems, &inputs);
                    needs_forecast |= others.is_empty();
                    others
                }
            };
            self.advance();
            if problems.is_empty() {
                continue;
            }
            self.tell(told_of_organizations(portion, &problems))?;
            self.told.0.add_refused(&problems, portion.len());
            if !self.how.dry_run {
                self.told.0.not_sent = portions[number + 1..].iter().map(Vec::len).sum();
                break;
            }
        }
        let taken = self.told.0.refused == 0;
        self.are_organizations_accepted = taken;
        self.sent = portions;
        if needs_forecast
            && taken
            && let Some(forecast) = self.forecast().await?
        {
            let organizations = forecast.organizations;
            self.told.0 = Tally::default();
            self.told.0.add_organizations(organizations);
        }
        Ok(taken)
    }

    /// Sends a portion of configuration items. A refused portion does not stop the others; dependencies on its items
    /// stay unresolved.
    async fn send_items(&mut self, portion: &ItemsSource) -> anyhow::Result<()> {
        let ItemsSource { origin, organization, items, .. } = portion;
        let outcome = self.endpoint.apply_items(organization.as_ref(), items, self.how).await;
        let outcome = outcome.map_err(|error| self.stopped_at(origin, &error))?;
        self.advance();
        let problems = match outcome {
            Ok(done) => {
                self.told_items.add(done);
                return Ok(());
            }
            Err(problems) if is_forbidden(&problems) && self.items_stand(portion).await? => {
                self.told_items.tally.unchanged += items.len();
                return Ok(());
            }
            Err(problems) => problems,
        };
        let others = self.made.others_of_items(problems, organization.as_ref());
        if others.is_empty() {
            // Their organization is created by the run, so all of them are new.
            let tally = &mut self.told_items.tally;
            let count = if self.are_organizations_accepted { &mut tally.new } else { &mut tally.not_sent };
            *count += items.len();
            return Ok(());
        }
        self.told_items.tally.add_refused(&others, items.len());
        self.tell(portion.told(&others))
    }

    /// Applies a definition; returns the result and notes.
    async fn send_service(&mut self, service: &ServiceSource) -> anyhow::Result<(Outcome<ServiceDone>, Notes)> {
        let definition = &service.definition;
        let mut notes = Notes::default();
        if Notes::need_what_stands(definition, self.how.dry_run) {
            let standing = self.endpoint.standing(&definition.slug).await?;
            let default = self.endpoint.default_locale().await?;
            notes = Notes::of(service, standing.as_ref(), self.how.dry_run.then_some(default), self.out.speech());
        }
        let outcome = self.outcome_of(definition).await?;
        if let Ok(done) = &outcome {
            notes.add_lifecycle(service, done, self.out.speech());
            if done.before.is_none() && notes.language.is_none() && leaves_open(definition) {
                notes.language = Some(self.endpoint.default_locale().await?);
            }
        }
        Ok((outcome, notes))
    }

    /// The result for a definition. Without problems, it was only refused because it refers to organizations that were
    /// refused; it would not be sent.
    async fn outcome_of(&mut self, definition: &DefinitionInput) -> anyhow::Result<Outcome<ServiceDone>> {
        let outcome = self.endpoint.apply_definition(definition, self.how).await?;
        let Err(problems) = outcome else { return Ok(outcome) };
        if is_forbidden(&problems)
            && let Some(done) = self.definition_stands(definition).await?
        {
            return Ok(Ok(done));
        }
        let others = self.made.others_of_definition(problems.clone(), definition);
        if !others.is_empty() || !self.are_organizations_accepted {
            return Ok(Err(others));
        }
        let how = self.how;
        self.forecast().await?;
        if let Some(forecast) = &self.forecast
            && let Some(outcome) = forecast.definition(&self.endpoint, definition, &self.made, how).await?
        {
            self.compared_here.push((definition.slug.clone(), Lacks::of(&problems)));
            return Ok(outcome);
        }
        Ok(Err(problems))
    }

    /// The state after the run, if the real database cannot show it.
    async fn forecast(&mut self) -> anyhow::Result<Option<&Forecast>> {
        if self.forecast.is_none() {
            let inputs = |portion: &Vec<OrganizationSource>| -> Vec<OrganizationInput> {
                portion.iter().map(|source| source.organization.clone()).collect()
            };
            let sent: Vec<_> = self.sent.iter().map(inputs).collect();
            let sent: Vec<Vec<&OrganizationInput>> = sent.iter().map(|portion| portion.iter().collect()).collect();
            self.forecast = Forecast::new(&self.endpoint, &sent).await?;
        }
        Ok(self.forecast.as_ref())
    }

    /// Retires services that are not in the files, unless something was refused.
    async fn retire(&mut self) -> anyhow::Result<()> {
        let refused = self.told.0.refused + self.told.1.refused + self.told_items.tally.refused;
        let pruned = std::mem::take(&mut self.pruned);
        let speech = self.out.speech();
        if refused > 0 && !pruned.slugs.is_empty() {
            return Ok(self.out.problem(&Words::PruneAfterRefusal.say(speech))?);
        }
        let refusal = pruned.refusal(speech);
        for slug in pruned.slugs {
            let done = self.endpoint.retire(&slug, self.how).await?;
            match done {
                // A dry run: without --yes, the run would not have begun.
                Ok(_) if refusal.is_some() => {
                    self.told.1.refused += 1;
                    self.head(&slug, Paint::Red, &Words::RetiredWithYes.say(speech))?;
                    self.services_json.push(json!({ "slug": slug, "result": "REFUSED" }));
                }
                Ok(_) => {
                    self.told.1.retired += 1;
                    self.head(&slug, Paint::Yellow, &Words::RetiredService.say(speech))?;
                    self.services_json.push(json!({ "slug": slug, "result": "RETIRED" }));
                }
                Err(errors) => {
                    self.told.1.refused += 1;
                    self.head(&slug, Paint::Red, &Words::Refused.say(speech))?;
                    self.services_json.push(json!({ "slug": slug, "result": "REFUSED" }));
                    let told = errors
                        .iter()
                        .map(|error| Told::line(format!("{slug}{}{} ({})", colon(speech), error.message, error.code)));
                    self.tell(told.collect())?;
                }
            }
        }
        self.is_prune_refused = refusal.is_some();
        self.tell(refusal.into_iter().map(Told::line).collect())
    }

    /// Counts a portion or a document with a result.
    pub(super) fn advance(&mut self) {
        self.left = self.left.saturating_sub(1);
        self.bar.inc(1);
    }

    /// The error of a run that ended early: the cause, then the place.
    fn stopped_at(&self, origin: &Origin, error: &anyhow::Error) -> anyhow::Error {
        let speech = self.out.speech();
        let (cause, file) = (causes(error, speech), origin.file.clone());
        let words = match (self.how.only_checks, self.left > 1) {
            (true, true) => Words::CheckStoppedAt { cause, file },
            (true, false) => Words::CheckStoppedAtLast { cause, file },
            (false, true) => Words::StoppedAt { cause, file },
            (false, false) => Words::StoppedAtLast { cause, file },
        };
        anyhow!(words.say(speech))
    }
}

/// Whether missing rights are the only problems.
fn is_forbidden(problems: &[UserError]) -> bool {
    problems.iter().all(|problem| problem.code == "FORBIDDEN")
}
