//! One run: documents are sent one after the other, and what comes back is told.

use anyhow::Context;
use entente_entity::{
    problem::Speech,
    words::{Noun, Words},
};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::{
    files::{Documents, ItemsSource, OrganizationSource, Origin, ServiceSource},
    forecast::{Forecast, Made},
    items::{self, ItemsTally},
    organizations::{parents_first, portions},
    problem::{Told, told_of_organizations},
    report::{Tally, heading, lines},
    send::{How, Outcome, ServiceDone},
};
use crate::{
    cli::{
        endpoint::Endpoint,
        export::Format,
        out::{Out, Paint},
    },
    definition::{
        document::{DefinitionInput, OrganizationInput},
        languages::{leaves_open, only_language},
        read::{Document, read_documents},
    },
};

/// From so many documents on, a bar shows how far the run is.
const MANY: usize = 20;

/// A run, and what it has come to so far.
pub(super) struct Run<'a> {
    endpoint: Endpoint,
    how: How<'a>,
    out: &'a mut Out,
    bar: ProgressBar,
    /// Organizations, in portions that are sent at once.
    sent: Vec<Vec<OrganizationSource>>,
    services: Vec<ServiceSource>,
    items: Vec<ItemsSource>,
    /// What a dry run would make.
    made: Made,
    forecast: Option<Forecast>,
    told: (Tally, Tally),
    told_items: ItemsTally,
    /// What was compared here, not by what would be written to.
    compared_here: Vec<String>,
    /// What became of each service, for programs.
    services_json: Vec<Value>,
    /// All that was wrong.
    problems: Vec<Told>,
    /// The services to retire.
    pruned: Vec<String>,
}

/// What a run came to.
pub(super) struct Ended {
    /// Whether something was refused.
    pub is_refused: bool,
    /// All that was wrong.
    pub problems: Vec<Told>,
}

impl<'a> Run<'a> {
    /// A run that sends these documents.
    pub fn new(endpoint: Endpoint, how: How<'a>, documents: Documents, out: &'a mut Out) -> Self {
        let Documents { organizations, services, items } = documents;
        let items = items::portions(items);
        let made = match how.dry_run {
            true => {
                Made::of(organizations.iter().map(|it| &it.organization), items.iter().flat_map(|source| &source.items))
            }
            false => Made::default(),
        };
        let sent = portions(parents_first(organizations, |it| &it.organization), |it| &it.organization);
        let count = sent.len() + items.len() + services.len();
        let bar = if count > MANY { ProgressBar::new(count as u64) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} documents and portions, {eta} left") {
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
            sent,
            services,
            items,
            made,
            forecast,
            told,
            told_items,
            compared_here,
            services_json,
            problems,
            pruned: Vec::new(),
        }
    }

    /// Retires these services once all else was taken.
    pub fn pruning(self, pruned: Vec<String>) -> Self {
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
                let language = self.language_of(&service.definition).await?;
                let outcome = self.send_service(&service.definition).await;
                let outcome = outcome.with_context(|| stopped_at(&service.origin, self.out.speech()))?;
                self.tell_service(service, outcome, language)?;
            }
        } else {
            self.told.1.not_sent = services.len();
            self.told_items.tally.not_sent = items.iter().map(|portion| portion.items.len()).sum();
        }
        self.retire().await?;
        self.bar.finish_and_clear();
        self.tell_end()?;
        let is_refused = self.told.0.refused + self.told.1.refused + self.told_items.tally.refused > 0;
        Ok(Ended { is_refused, problems: self.problems })
    }

    /// Sends the organizations; whether all were taken.
    async fn send_organizations(&mut self) -> anyhow::Result<bool> {
        let portions = std::mem::take(&mut self.sent);
        let mut needs_forecast = false;
        let speech = self.out.speech();
        for (number, portion) in portions.iter().enumerate() {
            let inputs: Vec<_> = portion.iter().map(|source| &source.organization).collect();
            let outcome = self.endpoint.apply_organizations(&inputs, self.how).await;
            let outcome = outcome.with_context(|| stopped_at(&portion[0].origin, speech))?;
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
            self.tell(told_of_organizations(portion, &problems))?;
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

    /// Sends a portion of configuration items. One that is refused stops no other: what depends on its items waits.
    async fn send_items(&mut self, portion: &ItemsSource) -> anyhow::Result<()> {
        let ItemsSource { origin, organization, items, .. } = portion;
        let speech = self.out.speech();
        let outcome = self.endpoint.apply_items(organization.as_ref(), items, self.how).await;
        let outcome = outcome.with_context(|| stopped_at(origin, speech))?;
        self.bar.inc(1);
        let problems = match outcome {
            Ok(done) => {
                self.told_items.add(done);
                return Ok(());
            }
            Err(problems) => problems,
        };
        let others = self.made.others_of_items(problems, organization.as_ref());
        if others.is_empty() {
            // They are of an organization that the run would make, and so are all new.
            self.told_items.tally.new += items.len();
            return Ok(());
        }
        self.told_items.tally.refused += items.len();
        self.tell(portion.told(&others))
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
            && let Some(outcome) = forecast.definition(&self.endpoint, definition, &self.made, how).await?
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

    /// In a dry run, the language that plain strings are taken to be in where their document does not say it.
    async fn language_of(&self, definition: &DefinitionInput) -> anyhow::Result<Option<String>> {
        if !self.how.dry_run || !leaves_open(definition) {
            return Ok(None);
        }
        let standing = self.endpoint.service_document(&definition.slug, Format::Json).await?;
        let standing = standing.map(|text| read_documents(&text)).transpose()?.unwrap_or_default();
        let only = standing.iter().find_map(|document| match document {
            Document::ServiceDefinition(standing) => only_language(standing),
            _ => None,
        });
        match only {
            Some(only) => Ok(Some(only.to_string())),
            None => self.endpoint.default_locale().await.map(Some),
        }
    }

    fn tell_service(
        &mut self,
        service: &ServiceSource,
        outcome: Outcome<ServiceDone>,
        language: Option<String>,
    ) -> anyhow::Result<()> {
        let slug = &service.definition.slug;
        self.bar.inc(1);
        let speech = self.out.speech();
        match outcome {
            Ok(done) => {
                self.told.1.add_service(&done);
                let is_new = done.before.is_none();
                let (paint, result) = match (is_new, done.changes.is_empty()) {
                    (true, _) => (Paint::Bold, "NEW"),
                    (false, false) => (Paint::Bold, "CHANGED"),
                    (false, true) => (Paint::Dim, "UNCHANGED"),
                };
                // What a new service says stands in its file.
                let shown = if is_new && !self.out.is_verbose() { &[][..] } else { &done.changes[..] };
                let changes: Vec<String> = shown.iter().flat_map(|change| lines(change, self.out)).collect();
                self.head(slug, paint, &heading(&done, speech))?;
                if let Some(language) = &language {
                    let words = Words::PlainStrings { language: language.clone() }.say(speech);
                    self.out.detail(&format!("  {}", self.out.paint(Paint::Dim, &words)))?;
                }
                for line in changes {
                    self.out.detail(&line)?;
                }
                self.services_json.push(json!({
                    "slug": slug, "file": service.origin.file, "result": result, "revisionBefore": done.before,
                    "revision": done.after, "changes": done.changes, "plainStrings": language,
                }));
            }
            Err(problems) => {
                self.told.1.refused += 1;
                self.bar.suspend(|| {
                    let word = self.out.paint(Paint::Red, &Words::Refused.say(speech));
                    self.out.line(&format!("{}: {word}", self.out.paint(Paint::Bold, slug)))
                })?;
                self.services_json.push(json!({ "slug": slug, "file": service.origin.file, "result": "REFUSED" }));
                self.tell(service.told(&problems))?;
            }
        }
        Ok(self.out.flush()?)
    }

    /// Retires what is not in the files, unless something was refused.
    async fn retire(&mut self) -> anyhow::Result<()> {
        let refused = self.told.0.refused + self.told.1.refused + self.told_items.tally.refused;
        let pruned = std::mem::take(&mut self.pruned);
        let speech = self.out.speech();
        if refused > 0 && !pruned.is_empty() {
            return Ok(self.out.problem(&Words::PruneAfterRefusal.say(speech))?);
        }
        for slug in pruned {
            let done = self.endpoint.retire(&slug, self.how).await?;
            match done {
                Ok(_) => {
                    self.told.1.retired += 1;
                    self.head(&slug, Paint::Yellow, &Words::RetiredService.say(speech))?;
                    self.services_json.push(json!({ "slug": slug, "result": "RETIRED" }));
                }
                Err(errors) => {
                    self.told.1.refused += 1;
                    self.head(&slug, Paint::Red, &Words::Refused.say(speech))?;
                    self.services_json.push(json!({ "slug": slug, "result": "REFUSED" }));
                    let told =
                        errors.iter().map(|error| Told::line(format!("{slug}: {} ({})", error.message, error.code)));
                    self.tell(told.collect())?;
                }
            }
        }
        Ok(())
    }

    fn head(&mut self, slug: &str, paint: Paint, words: &str) -> anyhow::Result<()> {
        let line = format!("{}: {}", self.out.paint(Paint::Bold, slug), self.out.paint(paint, words));
        Ok(self.bar.suspend(|| self.out.detail(&line))?)
    }

    /// Tells what is wrong, below what it is wrong with.
    fn tell(&mut self, problems: Vec<Told>) -> anyhow::Result<()> {
        self.bar.suspend(|| problems.iter().try_for_each(|problem| self.out.problem(&problem.say())))?;
        self.problems.extend(problems);
        Ok(())
    }

    fn tell_end(&mut self) -> anyhow::Result<()> {
        let speech = self.out.speech();
        let (organizations, services) = self.told;
        let counts = [
            organizations.say(Noun::Organization, speech),
            self.told_items.say(speech),
            services.say(Noun::Service, speech),
        ];
        let mut notes = Vec::new();
        if !self.compared_here.is_empty() {
            notes.push(Words::ComparedHere { slugs: self.compared_here.join(", ") }.say(speech));
        }
        if self.out.is_json() {
            let report = json!({
                "worksOn": self.endpoint.place(), "dryRun": self.how.dry_run, "organizations": organizations,
                "configurationItems": self.told_items, "services": self.services_json,
                "problems": self.problems, "notes": notes,
            });
            return Ok(self.out.json(&report)?);
        }
        for note in notes {
            self.out.detail(&note)?;
        }
        let note = self.how.dry_run.then(|| Words::DryRun.say(speech));
        let summary: Vec<String> = counts.into_iter().flatten().chain(note).collect();
        self.out.detail(&summary.join(" "))?;
        Ok(())
    }
}

fn stopped_at(origin: &Origin, speech: Speech) -> String {
    Words::StoppedAt { file: origin.file.clone() }.say(speech)
}
