//! One run: documents are sent one after the other, and what comes back is told.

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::{
    files::{Documents, OrganizationSource, ServiceSource},
    forecast::{Forecast, Made},
    organizations::{parents_first, portions},
    report::{Tally, heading, lines, problem},
    send::{How, Outcome, ServiceDone, UserError},
};
use crate::{
    cli::{
        endpoint::Endpoint,
        out::{Out, Paint},
    },
    definition::document::{DefinitionInput, OrganizationInput},
};

/// From so many documents on, a bar shows how far the run is.
const MANY: usize = 20;

/// A run, and what it has come to so far.
pub(super) struct Run<'a> {
    endpoint: Endpoint,
    how: How,
    out: &'a mut Out,
    bar: ProgressBar,
    /// Organizations, in portions that are sent at once.
    sent: Vec<Vec<OrganizationSource>>,
    services: Vec<ServiceSource>,
    /// What a dry run would make.
    made: Made,
    forecast: Option<Forecast>,
    told: (Tally, Tally),
    /// What was compared here, not by what would be written to.
    compared_here: Vec<String>,
}

impl<'a> Run<'a> {
    /// A run that sends these documents.
    pub fn new(endpoint: Endpoint, how: How, documents: Documents, out: &'a mut Out) -> Self {
        let Documents { organizations, services } = documents;
        let made =
            if how.dry_run { Made::of(organizations.iter().map(|it| &it.organization)) } else { Made::default() };
        let sent = portions(parents_first(organizations, |it| &it.organization), |it| &it.organization);
        let count = sent.len() + services.len();
        let bar = if count > MANY { ProgressBar::new(count as u64) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} documents, {eta} left") {
            bar.set_style(style);
        }
        let told = (Tally::default(), Tally::default());
        Self { endpoint, how, out, bar, sent, services, made, forecast: None, told, compared_here: Vec::new() }
    }

    /// Sends everything; whether something was refused.
    pub async fn run(mut self) -> anyhow::Result<bool> {
        let written = self.send_organizations().await?;
        let services = std::mem::take(&mut self.services);
        if written || self.how.dry_run {
            for service in &services {
                let outcome = self.send_service(&service.definition).await;
                let outcome = outcome.with_context(|| stopped_at(&service.name))?;
                self.tell_service(service, outcome)?;
            }
        } else {
            self.told.1.not_sent = services.len();
        }
        self.bar.finish_and_clear();
        self.tell_end()?;
        Ok(self.told.0.refused + self.told.1.refused > 0)
    }

    /// Sends the organizations; whether all were taken.
    async fn send_organizations(&mut self) -> anyhow::Result<bool> {
        let portions = std::mem::take(&mut self.sent);
        let mut needs_forecast = false;
        for (number, portion) in portions.iter().enumerate() {
            let inputs: Vec<_> = portion.iter().map(|source| &source.organization).collect();
            let outcome = self.endpoint.apply_organizations(&inputs, self.how).await;
            let outcome = outcome.with_context(|| stopped_at(&portion[0].name))?;
            let problems = match outcome {
                Ok(done) => {
                    self.told.0.add_organizations(done);
                    Vec::new()
                }
                Err(problems) => {
                    let others = self.made.others_of_organizations(problems, &inputs);
                    needs_forecast |= others.is_empty();
                    others
                }
            };
            self.bar.inc(1);
            if problems.is_empty() {
                continue;
            }
            for error in &problems {
                self.tell_organization_problem(error, portion)?;
            }
            self.told.0.refused += portion.len();
            if !self.how.dry_run {
                self.told.0.not_sent = portions[number + 1..].iter().map(Vec::len).sum();
                break;
            }
        }
        let taken = self.told.0.refused == 0;
        if !taken {
            self.made = Made::default();
        }
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

    async fn send_service(&mut self, definition: &DefinitionInput) -> anyhow::Result<Outcome<ServiceDone>> {
        let outcome = self.endpoint.apply_definition(definition, self.how).await?;
        let Err(problems) = outcome else { return Ok(outcome) };
        let others = self.made.others_of_definition(problems.clone(), definition);
        if !others.is_empty() {
            return Ok(Err(others));
        }
        let how = self.how;
        self.forecast().await?;
        if let Some(forecast) = &self.forecast
            && let Some(outcome) = forecast.definition(&self.endpoint, definition, how).await?
        {
            self.compared_here.push(definition.slug.clone());
            return Ok(outcome);
        }
        Ok(Err(problems))
    }

    /// What the run would leave, where the real thing cannot say it.
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

    fn tell_service(&mut self, service: &ServiceSource, outcome: Outcome<ServiceDone>) -> anyhow::Result<()> {
        let ServiceSource { name, definition } = service;
        let Self { out, bar, told, .. } = self;
        bar.inc(1);
        bar.suspend(|| {
            let slug = out.paint(Paint::Bold, &definition.slug);
            match outcome {
                Ok(done) => {
                    told.1.add_service(&done);
                    let paint = if done.changes.is_empty() { Paint::Dim } else { Paint::Bold };
                    out.line(&format!("{slug}: {}", out.paint(paint, &heading(&done))))?;
                    for line in done.changes.iter().flat_map(|change| lines(change, out)).collect::<Vec<_>>() {
                        out.line(&line)?;
                    }
                }
                Err(problems) => {
                    told.1.refused += 1;
                    out.line(&format!("{slug}: {}", out.paint(Paint::Red, "refused")))?;
                    let input = json!({ "definition": definition });
                    for error in &problems {
                        out.error(&problem(name, &within(error, "definition"), &input["definition"]))?;
                    }
                }
            }
            out.flush()
        })?;
        Ok(())
    }

    fn tell_organization_problem(&mut self, error: &UserError, portion: &[OrganizationSource]) -> anyhow::Result<()> {
        let error = within(error, "organizations");
        let index = error.path.as_ref().and_then(|path| path.first()).and_then(|index| index.parse::<usize>().ok());
        let name = index.and_then(|index| portion.get(index)).or(portion.first()).map_or("", |source| &source.name);
        let input: Vec<Value> = portion.iter().map(|source| json!(source.organization)).collect();
        self.bar.suspend(|| self.out.error(&problem(name, &error, &input.into())))?;
        Ok(())
    }

    fn tell_end(&mut self) -> anyhow::Result<()> {
        let (organizations, services) = self.told;
        let counts = [organizations.say("organization", "organizations"), services.say("service", "services")];
        let note = self.how.dry_run.then(|| "Dry run: nothing was written.".to_owned());
        let summary: Vec<String> = counts.into_iter().flatten().chain(note).collect();
        self.out.line(&summary.join(" "))?;
        if !self.compared_here.is_empty() {
            let slugs = self.compared_here.join(", ");
            self.out.error(&format!(
                "note: compared without the database, for they name organizations that this run would make: {slugs}"
            ))?;
        }
        Ok(())
    }
}

/// The error with its path below this field of the input.
fn within(error: &UserError, field: &str) -> UserError {
    let mut error = error.clone();
    if let Some(path) = error.path.as_mut().filter(|path| path.first().is_some_and(|first| first == field)) {
        path.remove(0);
    }
    error
}

fn stopped_at(name: &str) -> String {
    format!("stopped at {name}, and what comes after it was not sent (applying again is safe)")
}
