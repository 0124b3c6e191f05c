//! Any sequence of actions, in any order, with the clock running or not.

use chrono::{TimeDelta, TimeZone, Utc};
use entente_entity::{
    actor::Actor,
    contact::Contact,
    enums::{ActorKind, ContactRole, EscalationKind, Severity, ThreadKind, ThreadStatus},
    id::{OrganizationId, ServiceId, ThreadId},
    scalar::{DateTime, Duration},
    text::Text,
    thread,
};
use proptest::prelude::*;

use super::{
    State,
    action::{Action, Refused, Side, act},
    due::{due, missed, next},
    event::Happened,
};
use crate::definition::terms::{Escalation, EscalationLevel};

const PROVIDER: Side = Side { provider: true, consumer: false };
const CONSUMER: Side = Side { provider: false, consumer: true };

fn at(minutes: i64) -> DateTime {
    DateTime(Utc.with_ymd_and_hms(2026, 11, 22, 8, 0, 0).unwrap() + TimeDelta::minutes(minutes))
}

fn policy() -> Escalation {
    let level = |level, after: &str| EscalationLevel {
        level,
        kind: EscalationKind::Functional,
        name: Text::default(),
        contact: None,
        after: Duration(after.into()),
    };
    Escalation { levels: vec![level(1, "PT2H"), level(2, "PT6H"), level(4, "P1D")], ..Escalation::server_default() }
}

/// The row of a thread to which nothing has happened.
fn row(kind: ThreadKind, severity: Severity) -> thread::Model {
    thread::Model {
        number: 1,
        id: ThreadId::new(),
        service_id: ServiceId::new(),
        consumer_id: OrganizationId::new(),
        element_id: None,
        kind,
        status: ThreadStatus::Open,
        severity,
        title: "The record is slow".into(),
        rating: None,
        opened_by: Actor {
            kind: ActorKind::Person,
            subject: "ada".into(),
            display_name: "Ada".into(),
            organization: None,
            on_behalf_of: None,
        },
        assignee: None,
        policy: None,
        level: None,
        deadlines_from: None,
        levels_from: None,
        acknowledge_by: None,
        resolve_by: None,
        acknowledge_breached: false,
        resolve_breached: false,
        suggestion: None,
        opened_at: at(0),
        acknowledged_at: None,
        resolved_at: None,
        closed_at: None,
        updated_at: at(0),
        last_at: at(0),
    }
}

fn escalation(severity: Severity) -> State {
    State::opened(row(ThreadKind::Escalation, severity), &policy())
}

fn feedback(severity: Severity) -> State {
    State::opened(row(ThreadKind::Feedback, severity), &policy())
}

/// Does an action, and changes the thread.
fn done(state: &mut State, action: Action, side: Side, when: DateTime) -> Result<Option<Happened>, Refused> {
    let happened = act(state, &action, side)?;
    if let Some(happened) = &happened {
        state.apply(happened, when);
    }
    Ok(happened)
}

#[test]
fn the_table_says_who_may_do_what_from_where() {
    use ThreadStatus::{Acknowledged, Closed, InProgress, Open, Resolved};
    let table: [(Action, &[ThreadStatus], Option<ThreadStatus>, bool); 9] = [
        (Action::Acknowledge, &[Open], Some(Acknowledged), false),
        (Action::Start, &[Open, Acknowledged], Some(InProgress), false),
        (Action::Resolve, &[Open, Acknowledged, InProgress], Some(Resolved), false),
        (Action::Close, &[Resolved], Some(Closed), true),
        (Action::Reopen, &[Resolved, Closed], Some(InProgress), true),
        (Action::Raise, &[Open, Acknowledged, InProgress], None, true),
        (Action::SetSeverity(Severity::Low), &[Open, Acknowledged, InProgress, Resolved], None, true),
        (Action::Convert(policy()), &[Open, Acknowledged, InProgress, Resolved], None, true),
        (
            Action::Assign(Some(Contact { role: ContactRole::Support, name: "Ada".into(), email: None })),
            &[Open, Acknowledged, InProgress, Resolved],
            None,
            false,
        ),
    ];
    for (action, from, to, is_both) in table {
        for status in ThreadStatus::ALL {
            let mut state = escalation(Severity::High);
            if matches!(action, Action::Convert(_)) {
                state = feedback(Severity::High);
            }
            state.row.status = *status;
            for side in [PROVIDER, CONSUMER] {
                let before = state.clone();
                let answer = act(&state, &action, side);
                let may = side.provider || is_both;
                let can = from.contains(status) || action == Action::Close && side.consumer;
                match answer {
                    Err(Refused::WrongSide) => assert!(!may, "{action:?} {status:?} {side:?}"),
                    Ok(None) => assert!(may && to == Some(*status), "{action:?} {status:?} {side:?}"),
                    Ok(Some(happened)) => {
                        assert!(may && can, "{action:?} {status:?} {side:?}");
                        let mut after = before;
                        after.apply(&happened, at(1));
                        assert_eq!(after.row.status, to.unwrap_or(*status));
                    }
                    Err(_) => assert!(may && !can, "{action:?} {status:?} {side:?}"),
                }
            }
        }
    }
}

#[test]
fn skipped_steps_get_the_same_time() {
    let mut state = escalation(Severity::High);
    done(&mut state, Action::Close, CONSUMER, at(5)).unwrap();
    assert_eq!(
        (state.row.acknowledged_at, state.row.resolved_at, state.row.closed_at),
        (Some(at(5)), Some(at(5)), Some(at(5)))
    );
    done(&mut state, Action::Reopen, CONSUMER, at(9)).unwrap();
    assert_eq!((state.row.acknowledged_at, state.row.resolved_at, state.row.closed_at), (Some(at(5)), None, None));
    assert_eq!(state.row.status, ThreadStatus::InProgress);
}

#[test]
fn the_hours_pass_and_nobody_answers() {
    let mut state = escalation(Severity::High);
    assert_eq!(next(&state), Some(at(60)));
    let all = due(&state, at(60), at(8 * 60));
    assert_eq!(
        all,
        [
            Happened::AcknowledgeBreached { due_at: at(60) },
            Happened::Raised { level: 1, due_at: Some(at(120)) },
            Happened::Raised { level: 2, due_at: Some(at(360)) },
            Happened::ResolveBreached { due_at: at(480) },
        ]
    );
    for happened in &all {
        state.apply(happened, at(481));
    }
    assert_eq!((state.row.level, state.row.acknowledge_breached, state.row.resolve_breached), (Some(2), true, true));
    assert_eq!(next(&state), Some(at(24 * 60)));
    assert_eq!(done(&mut state, Action::Raise, CONSUMER, at(500)).unwrap().unwrap().detail()["level"], 4);
    assert_eq!(next(&state), None);
    assert_eq!(act(&state, &Action::Raise, PROVIDER), Err(Refused::NoLevelLeft));
}

#[test]
fn time_spent_resolved_is_left_out() {
    let mut state = escalation(Severity::High);
    done(&mut state, Action::Resolve, PROVIDER, at(30)).unwrap();
    assert_eq!((next(&state), state.next_raise_at()), (None, None));
    assert_eq!(due(&state, at(0), at(10_000)), []);
    done(&mut state, Action::Close, PROVIDER, at(60)).unwrap();
    done(&mut state, Action::Reopen, CONSUMER, at(1_000)).unwrap();
    assert_eq!(state.row.resolve_by, Some(at(970 + 480)));
    assert_eq!(state.next_raise_at(), Some(at(970 + 120)));
    assert_eq!(state.row.acknowledge_by, Some(at(60)), "a deadline that was met stays as it was");
}

#[test]
fn another_severity_restarts_the_deadlines_and_not_the_levels() {
    let mut state = escalation(Severity::Low);
    done(&mut state, Action::SetSeverity(Severity::Critical), CONSUMER, at(100)).unwrap();
    assert_eq!((state.row.acknowledge_by, state.row.resolve_by), (Some(at(115)), Some(at(340))));
    assert_eq!(state.next_raise_at(), Some(at(120)));
    done(&mut state, Action::Resolve, PROVIDER, at(110)).unwrap();
    done(&mut state, Action::SetSeverity(Severity::High), CONSUMER, at(200)).unwrap();
    done(&mut state, Action::Reopen, CONSUMER, at(300)).unwrap();
    assert_eq!(state.row.resolve_by, Some(at(300 + 480)), "rest before the change is not left out twice");
    assert_eq!(state.next_raise_at(), Some(at(120 + 190)));
}

#[test]
fn feedback_has_no_deadlines_until_it_is_converted() {
    let mut state = feedback(Severity::High);
    assert_eq!((next(&state), state.row.resolve_by), (None, None));
    assert_eq!(act(&state, &Action::Raise, CONSUMER), Err(Refused::NotAnEscalation));
    done(&mut state, Action::Convert(policy()), PROVIDER, at(45)).unwrap();
    assert_eq!((state.row.acknowledge_by, state.row.resolve_by), (Some(at(105)), Some(at(45 + 480))));
    assert_eq!(state.next_raise_at(), Some(at(165)));
}

/// An event: an action, or the clock.
#[derive(Clone, Debug)]
enum Step {
    Act(Action, Side),
    Clock,
}

fn steps() -> impl Strategy<Value = Vec<(Step, i64)>> {
    let severity = prop::sample::select(Severity::ALL);
    let contact = prop::option::of("[A-Z][a-z]{1,8}")
        .prop_map(|name| name.map(|name| Contact { role: ContactRole::Support, name: name.into(), email: None }));
    let action = prop_oneof![
        Just(Action::Acknowledge),
        Just(Action::Start),
        Just(Action::Resolve),
        Just(Action::Close),
        Just(Action::Reopen),
        Just(Action::Raise),
        Just(Action::Retitle),
        severity.prop_map(Action::SetSeverity),
        Just(Action::Convert(policy())),
        contact.prop_map(Action::Assign),
    ];
    let side = prop_oneof![Just(PROVIDER), Just(CONSUMER), Just(Side { provider: true, consumer: true })];
    let step =
        prop_oneof![3 => (action, side).prop_map(|(action, side)| Step::Act(action, side)), 1 => Just(Step::Clock)];
    prop::collection::vec((step, 0..600_i64), 0..40)
}

proptest! {
    #[test]
    fn the_timeline_of_any_sequence_of_actions_replays_to_the_thread(
        steps in steps(),
        kind in prop::sample::select(ThreadKind::ALL),
        severity in prop::sample::select(Severity::ALL),
    ) {
        let row = row(kind, severity);
        let mut state = State::opened(row.clone(), &policy());
        let mut timeline = vec![(Happened::Opened { kind, severity, policy: policy() }, at(0))];
        let mut now = 0;
        for (step, minutes) in steps {
            now += minutes;
            let happened: Vec<Happened> = match &step {
                // Missed deadlines come before the action in the timeline.
                Step::Act(action, side) => {
                    let mut caught_up = state.clone();
                    let mut missed = missed(&state, at(now));
                    missed.iter().for_each(|happened| caught_up.apply(happened, at(now)));
                    prop_assert!(next(&caught_up).is_none_or(|next| next > at(now)), "nothing that is due is left out");
                    match act(&caught_up, action, *side) {
                        Ok(Some(happened)) => {
                            missed.push(happened);
                            missed
                        }
                        _ => Vec::new(),
                    }
                }
                Step::Clock => match next(&state) {
                    Some(from) if from <= at(now) => due(&state, from, at(now)),
                    _ => Vec::new(),
                },
            };
            for happened in happened {
                // The unique index refuses it.
                if happened.once().is_some_and(|once| timeline.iter().any(|(it, _)| it.once().as_ref() == Some(&once))) {
                    continue;
                }
                state.apply(&happened, at(now));
                timeline.push((happened, at(now)));
            }
            if matches!(step, Step::Clock) {
                prop_assert!(next(&state).is_none_or(|next| next > at(now)), "the clock leaves nothing behind");
            }
        }
        // Written and read back.
        let read: Vec<_> = timeline
            .iter()
            .map(|(happened, at)| (Happened::read(happened.kind(), &happened.detail(), &policy()).unwrap(), *at))
            .collect();
        prop_assert_eq!(&read, &timeline);
        let replayed = State::replay(row, read.iter().map(|(happened, at)| (happened, *at))).unwrap();
        prop_assert_eq!(&replayed, &state);
        let levels: Vec<i32> = timeline.iter().filter_map(|(it, _)| match it { Happened::Raised { level, .. } => Some(*level), _ => None }).collect();
        prop_assert!(levels.is_sorted_by(|one, other| one < other), "each level once, in order: {levels:?}");
        prop_assert_eq!(state.row.level, levels.last().copied());
    }
}
