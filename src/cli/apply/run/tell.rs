//! The output of a run.

use serde_json::json;

use super::{Notes, Run};
use crate::{
    cli::{
        apply::{
            files::ServiceSource,
            forecast::Lacks,
            problem::{Told, sort},
            report::{heading, lines},
            send::{Outcome, ServiceDone},
        },
        language::colon,
        out::Paint,
    },
    words::{Noun, Words},
};

impl Run<'_> {
    /// Prints the result for a service.
    pub(super) fn tell_service(
        &mut self,
        service: &ServiceSource,
        outcome: Outcome<ServiceDone>,
        notes: Notes,
    ) -> anyhow::Result<()> {
        let slug = &service.definition.slug;
        self.advance();
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
                // The content of a new service is in its file.
                let shown = if is_new && !self.out.is_verbose() { &[][..] } else { &done.changes[..] };
                let changes: Vec<String> = shown.iter().flat_map(|change| lines(change, self.out)).collect();
                self.head(slug, paint, &heading(&done, speech))?;
                let Notes { language, found } = notes;
                if let Some(language) = &language {
                    let words = Words::PlainStrings { language: language.clone() }.say(speech);
                    self.out.detail(&format!("  {}", self.out.paint(Paint::Dim, &words)))?;
                    self.notes.push(service.origin.noted(&["slug".to_owned()], &[], words));
                }
                self.bar.suspend(|| found.iter().try_for_each(|note| self.out.problem(&note.say())))?;
                self.notes.extend(found);
                for line in changes {
                    self.out.detail(&line)?;
                }
                self.services_json.push(json!({
                    "slug": slug, "file": service.origin.file, "result": result, "revisionBefore": done.before,
                    "revision": done.after, "changes": done.changes, "plainStrings": language,
                }));
            }
            Err(problems) if problems.is_empty() => {
                self.told.1.not_sent += 1;
                self.services_json.push(json!({ "slug": slug, "file": service.origin.file, "result": "NOT_SENT" }));
            }
            Err(problems) => {
                self.told.1.refused += 1;
                self.bar.suspend(|| {
                    let word = self.out.paint(Paint::Red, &Words::Refused.say(speech));
                    self.out.line(&format!("{}{}{word}", self.out.paint(Paint::Bold, slug), colon(speech)))
                })?;
                self.services_json.push(json!({ "slug": slug, "file": service.origin.file, "result": "REFUSED" }));
                self.tell(service.told(&problems))?;
            }
        }
        Ok(self.out.flush()?)
    }

    pub(super) fn head(&mut self, slug: &str, paint: Paint, words: &str) -> anyhow::Result<()> {
        let colon = colon(self.out.speech());
        let line = format!("{}{colon}{}", self.out.paint(Paint::Bold, slug), self.out.paint(paint, words));
        Ok(self.bar.suspend(|| self.out.detail(&line))?)
    }

    /// Prints the problems of a document below it.
    pub(super) fn tell(&mut self, mut problems: Vec<Told>) -> anyhow::Result<()> {
        sort(&mut problems);
        self.bar.suspend(|| problems.iter().try_for_each(|problem| self.out.problem(&problem.say())))?;
        self.problems.extend(problems);
        Ok(())
    }

    /// Prints the summary.
    pub(super) fn tell_end(&mut self) -> anyhow::Result<()> {
        let speech = self.out.speech();
        let (organizations, services) = self.told;
        let counts = [
            organizations.say(Noun::Organization, speech),
            self.told_items.say(speech),
            services.say(Noun::Service, speech),
        ];
        let mut notes: Vec<String> = Vec::new();
        for lacks in [Lacks::Organizations, Lacks::Items, Lacks::Both] {
            let slugs = self.compared_here.iter().filter(|(_, other)| *other == lacks);
            let slugs: Vec<&str> = slugs.map(|(slug, _)| &**slug).collect();
            if !slugs.is_empty() {
                notes.push(lacks.note(slugs.join(", ")).say(speech));
            }
        }
        if self.out.is_json() {
            notes.extend(self.notes.iter().map(Told::say));
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
