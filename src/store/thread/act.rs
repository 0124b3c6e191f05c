//! Actions on threads.

use async_graphql::MaybeUndefined;
use entente_entity::{contact::Contact, enums::ThreadKind};
use serde::Serialize;
use serde_json::{Value, json};

use super::{ThreadWrites, WriteThreads, change::Changing, messages::Said, open::ThreadWritten};
use crate::{
    characters::composed,
    definition::{
        document::ContactInput,
        limits::{MAX_NAME, email_rule, line_rule, text_rule},
    },
    policy::{Scope, Viewer},
    problem::{Problem, Rule},
    store::{
        db::error::{Error, Refusal, refuse},
        write::{mutation::Write, rows::Row, writer::Writer},
    },
    thread::{
        action::{Action, Refused, act},
        event::Happened,
        input::{MAX_BODY, MAX_TITLE, ThreadActionInput, ThreadUpdateInput},
    },
};

/// An action on a thread.
#[derive(Clone, Debug, Serialize)]
pub struct ThreadAct {
    /// The action. Stored hashes of requests contain it under the old name `step`.
    #[serde(rename = "step")]
    pub action: Action,
    /// The thread, and a comment.
    pub input: ThreadActionInput,
}

/// Fields of a thread to change.
#[derive(Clone, Debug, Serialize)]
pub struct ThreadUpdate(pub ThreadUpdateInput);

impl Write for ThreadAct {
    type Done = ThreadWritten;

    fn name(&self) -> &'static str {
        match self.action {
            Action::Acknowledge => "threadAcknowledge",
            Action::Start => "threadStart",
            Action::Raise => "threadRaise",
            Action::Resolve => "threadResolve",
            Action::Reopen => "threadReopen",
            Action::Close => "threadClose",
            Action::Retitle | Action::SetSeverity(_) | Action::Convert(_) | Action::Assign(_) => "threadUpdate",
        }
    }

    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        viewer.require(Scope::ThreadsWrite)?;
        let ThreadActionInput { comment, on_behalf_of, .. } = &self.input;
        let mut problems = Vec::new();
        let mut look = |field: &str, rule: Option<Rule>| problems.extend(rule.map(|rule| Problem::at([field], rule)));
        look("comment", comment.as_deref().and_then(|text| text_rule(text, MAX_BODY)));
        look("onBehalfOf", on_behalf_of.as_deref().and_then(|name| line_rule(name, MAX_NAME)));
        refuse(problems)
    }

    fn row(&self) -> Option<Row> {
        Row::thread(&self.input.thread)
    }

    async fn run(&self, writer: &mut Writer) -> Result<ThreadWritten, Refusal> {
        let Self { action, input: ThreadActionInput { thread, comment, on_behalf_of } } = self;
        writer.on_behalf_of.clone_from(on_behalf_of);
        let mut thread = writer.threads().change(thread, "thread").await?;
        let id = thread.state.row.id;
        if let Some(happened) = look_at(writer, &thread, action, "thread")? {
            let more = writer.threads().comment(&mut thread, comment.as_deref()).await?;
            thread.happen(&happened, more, writer.actor(), writer.now);
            writer.threads().write(thread).await?;
        }
        Ok(ThreadWritten(id))
    }
}

impl Write for ThreadUpdate {
    type Done = ThreadWritten;

    fn name(&self) -> &'static str {
        "threadUpdate"
    }

    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        viewer.require(Scope::ThreadsWrite)?;
        refuse(self.problems())
    }

    fn row(&self) -> Option<Row> {
        Row::thread(&self.0.thread)
    }

    async fn run(&self, writer: &mut Writer) -> Result<ThreadWritten, Refusal> {
        let ThreadUpdateInput { thread, title, severity, assignee, kind, comment } = &self.0;
        let mut thread = writer.threads().change(thread, "thread").await?;
        let mut actions = Vec::new();
        if kind.value() == Some(&ThreadKind::Escalation) {
            let policy = writer.threads().policy_for(thread.state.row.service_id, thread.state.row.consumer_id).await?;
            actions.push((Action::Convert(policy), "kind"));
        } else if kind.value() == Some(&ThreadKind::Feedback) && thread.state.row.kind == ThreadKind::Escalation {
            return Err(Problem::at(["kind"], Rule::NoWayBackToFeedback).into());
        }
        if let Some(severity) = severity.value() {
            actions.push((Action::SetSeverity(*severity), "severity"));
        }
        if !assignee.is_undefined() {
            actions.push((Action::Assign(assignee.value().map(contact)), "assignee"));
        }
        let mut problems = Vec::new();
        let mut happened = Vec::new();
        for (action, field) in &actions {
            match look_at(writer, &thread, action, field) {
                Ok(some) => happened.extend(some),
                Err(problem) => problems.push(problem),
            }
        }
        let title = title.value().filter(|title| **title != thread.state.row.title);
        if title.is_some() {
            problems.extend(look_at(writer, &thread, &Action::Retitle, "title").err());
        }
        refuse(problems)?;
        let id = thread.state.row.id;
        if happened.is_empty() && title.is_none() {
            return Ok(ThreadWritten(id));
        }
        let more = writer.threads().comment(&mut thread, comment.as_deref()).await?;
        if let Some(title) = title {
            thread.shared_instant(writer.now);
            thread.state.row.title.clone_from(title);
        }
        for happened in &happened {
            thread.happen(happened, more.clone(), writer.actor(), writer.now);
        }
        writer.threads().write(thread).await?;
        Ok(ThreadWritten(id))
    }
}

impl ThreadUpdate {
    fn problems(&self) -> Vec<Problem> {
        let ThreadUpdateInput { thread: _, title, severity, assignee, kind, comment } = &self.0;
        let mut problems = Vec::new();
        let mut look = |path: &[&str], rule: Option<Rule>| {
            problems.extend(rule.map(|rule| Problem::at(path.iter().copied(), rule)));
        };
        let required = |is_null: bool| is_null.then_some(Rule::Required);
        look(&["title"], required(title.is_null()));
        look(&["severity"], required(severity.is_null()));
        look(&["kind"], required(kind.is_null()));
        look(&["title"], title.value().and_then(|title| line_rule(title, MAX_TITLE)));
        look(&["comment"], comment.as_deref().and_then(|text| text_rule(text, MAX_BODY)));
        if let MaybeUndefined::Value(ContactInput { role: _, name, email }) = assignee {
            look(&["assignee", "name"], line_rule(name, MAX_NAME));
            look(&["assignee", "email"], email.value().and_then(|email| email_rule(email)));
        }
        problems
    }
}

impl ThreadWrites<'_> {
    /// Posts the comment of an action; returns the detail for the timeline.
    async fn comment(self, thread: &mut Changing, comment: Option<&str>) -> Result<Value, Error> {
        let Some(comment) = comment else { return Ok(json!({})) };
        let message = self.say(thread, Said::shared(comment)).await?;
        Ok(json!({ "message": message.id.to_string() }))
    }
}

/// The event that an action causes, `None` if it changes nothing; a problem if it is not possible.
fn look_at(writer: &Writer, thread: &Changing, action: &Action, field: &str) -> Result<Option<Happened>, Problem> {
    act(&thread.state, action, writer.threads().side(thread)).map_err(|refused| {
        let rule = match refused {
            Refused::WrongSide => Rule::ProviderOnly,
            Refused::WrongStatus => Rule::WrongStatus { status: thread.state.row.status.name() },
            Refused::NotAnEscalation => Rule::NotAnEscalation,
            Refused::NoLevelLeft => Rule::NoLevelLeft,
        };
        Problem::at([field], rule)
    })
}

fn contact(input: &ContactInput) -> Contact {
    let ContactInput { role, name, email } = input;
    Contact { role: *role, name: composed(name).into(), email: email.value().map(Into::into) }
}
