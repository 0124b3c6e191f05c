//! Every mutation of threads and messages, by everyone, on what is theirs, the other side's, another consumer's, and on
//! nothing.

use std::collections::BTreeSet;

use entente::policy::Scope;
use serde_json::{Value, json};

use crate::{
    app::{App, Asker},
    threads::{open, post, thread},
    world::{canaries, of, slug, world},
};

/// Those who ask: the provider, two consumers, another consumer of the same service, one of another, nobody's.
const ASKERS: [&str; 6] = ["stranger", "elsewhere", "lab", "ward-b", "ward-a", "dsi"];

/// The answers that `ward-a` and `dsi` get to a mutation with this input; `ok` if it succeeds. For all others the
/// object does not exist.
type Case = (&'static str, &'static str, &'static str, [&'static str; 2]);

/// `THREAD` is a thread of `ward-a` that is open, `OWN`, `SHARED` and `NOTE` its messages: the ward's, the provider's, and
/// one that is internal.
const CASES: &[Case] = &[
    ("threadAcknowledge", "ThreadActionInput", r#"{"thread": {"id": "THREAD"}}"#, ["FORBIDDEN", "ok"]),
    ("threadStart", "ThreadActionInput", r#"{"thread": {"id": "THREAD"}}"#, ["FORBIDDEN", "ok"]),
    ("threadRaise", "ThreadActionInput", r#"{"thread": {"id": "THREAD"}}"#, ["ok", "ok"]),
    ("threadReopen", "ThreadActionInput", r#"{"thread": {"id": "THREAD"}}"#, ["INVALID_STATE", "INVALID_STATE"]),
    ("threadResolve", "ThreadActionInput", r#"{"thread": {"id": "THREAD"}}"#, ["FORBIDDEN", "ok"]),
    ("threadClose", "ThreadActionInput", r#"{"thread": {"id": "THREAD"}}"#, ["ok", "ok"]),
    ("threadUpdate", "ThreadUpdateInput", r#"{"thread": {"id": "THREAD"}, "title": "changed"}"#, ["ok", "ok"]),
    ("threadUpdate", "ThreadUpdateInput", r#"{"thread": {"id": "THREAD"}, "severity": "LOW"}"#, ["ok", "ok"]),
    ("threadUpdate", "ThreadUpdateInput", r#"{"thread": {"id": "THREAD"}, "assignee": null}"#, ["FORBIDDEN", "ok"]),
    ("messagePost", "MessagePostInput", r#"{"thread": {"id": "THREAD"}, "body": "changed"}"#, ["ok", "ok"]),
    (
        "messagePost",
        "MessagePostInput",
        r#"{"thread": {"id": "THREAD"}, "body": "changed", "visibility": "INTERNAL"}"#,
        ["FORBIDDEN", "ok"],
    ),
    ("messageEdit", "MessageEditInput", r#"{"message": "OWN", "body": "changed"}"#, ["ok", "FORBIDDEN"]),
    ("messageEdit", "MessageEditInput", r#"{"message": "SHARED", "body": "changed"}"#, ["FORBIDDEN", "ok"]),
    ("messageEdit", "MessageEditInput", r#"{"message": "NOTE", "body": "changed"}"#, ["NOT_FOUND", "ok"]),
    ("messageRedact", "MessageRedactInput", r#"{"message": "OWN", "reason": "gone"}"#, ["ok", "FORBIDDEN"]),
    ("messageRedact", "MessageRedactInput", r#"{"message": "SHARED", "reason": "gone"}"#, ["FORBIDDEN", "ok"]),
    ("messageRedact", "MessageRedactInput", r#"{"message": "NOTE", "reason": "gone"}"#, ["NOT_FOUND", "ok"]),
    (
        "referenceLink",
        "ReferenceLinkInput",
        r#"{"entity": "THREAD", "reference": {"system": "s", "key": "k"}}"#,
        ["ok", "ok"],
    ),
    (
        "referenceLink",
        "ReferenceLinkInput",
        r#"{"entity": "NOTE", "reference": {"system": "s", "key": "k"}}"#,
        ["NOT_FOUND", "ok"],
    ),
    (
        "referenceUnlink",
        "ReferenceLinkInput",
        r#"{"entity": "NOTE", "reference": {"system": "s", "key": "k"}}"#,
        ["NOT_FOUND", "ok"],
    ),
];

fn writer<'a>(app: &'a App, party: &str) -> Asker<'a> {
    app.someone(&slug(party), &[Scope::Read, Scope::ThreadsWrite])
}

/// A thread of `ward-a` and three messages of it, by the names that the cases call them.
async fn things(app: &App) -> [(&'static str, String); 4] {
    let (ward, desk) = (writer(app, "ward-a"), writer(app, "dsi"));
    let about = json!({ "service": { "slug": slug("care") }, "title": "canary-new", "body": "canary-new" });
    let opened = open(&ward, about).await;
    let (id, number) = (&thread(&opened)["id"], &thread(&opened)["number"]);
    thread(
        &crate::threads::act(
            &desk,
            "threadUpdate",
            number,
            json!({ "assignee": { "role": "SUPPORT", "name": "Ada" } }),
        )
        .await,
    );
    let shared = post(&desk, number, json!({})).await;
    let note = post(&desk, number, json!({ "visibility": "INTERNAL", "body": "canary-new-note" })).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    [
        ("THREAD", text(id)),
        ("OWN", text(&thread(&opened)["messages"]["nodes"][0]["id"])),
        ("SHARED", text(&shared["message"]["id"])),
        ("NOTE", text(&note["message"]["id"])),
    ]
}

/// Another id of the same kind, which names nothing.
fn absent(id: &str) -> String {
    let at = id.find('_').unwrap() + 2;
    format!("{}7{}", &id[..at], &id[at + 1..])
}

async fn ask(asker: &Asker<'_>, (mutation, r#type, ..): &Case, input: &str) -> Value {
    let query =
        format!("mutation($input: {type}!) {{ {mutation}(input: $input) {{ userErrors {{ code message path }} }} }}");
    asker.ask(&query, json!({ "input": serde_json::from_str::<Value>(input).unwrap() })).await
}

#[tokio::test]
async fn each_does_to_threads_what_it_may_and_a_refused_one_changes_nothing() {
    let app = world().await;
    for case @ (mutation, _, input, [ward_a, dsi]) in CASES {
        for who in ASKERS {
            let things = things(&app).await;
            let fill = |of: &dyn Fn(&str) -> String| {
                things.iter().fold((*input).to_owned(), |text, (name, id)| text.replace(name, &of(id)))
            };
            let (here, there) = (fill(&str::to_owned), fill(&absent));
            let expected = match who {
                "ward-a" => ward_a,
                "dsi" => dsi,
                _ => "NOT_FOUND",
            };
            // The provider closes what is resolved.
            if expected == "ok" && who == "dsi" && *mutation == "threadClose" {
                let resolve = ("threadResolve", "ThreadActionInput", "", [""; 2]);
                ask(&writer(&app, who), &resolve, &here).await;
            }
            let name = format!("{mutation} as {who}: {input}");
            let before = app.rows().await;
            for (asker, code) in [
                (app.someone(&slug(who), &[Scope::Read, Scope::DefinitionsWrite, Scope::CmdbWrite]), "FORBIDDEN"),
                (app.loner(&[Scope::Read, Scope::ThreadsWrite]), "NOT_FOUND"),
            ] {
                let refused = ask(&asker, case, &here).await;
                assert_eq!(refused["data"][mutation]["userErrors"][0]["code"], *code, "{name}: {refused}");
                assert_eq!(refused, ask(&asker, case, &there).await, "{name}");
            }
            let nobody = ask(&app.nobody(), case, &here).await;
            assert_eq!(nobody["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{name}");
            let asker = writer(&app, who);
            let nothing = ask(&asker, case, &there).await;
            assert_eq!(nothing["data"][mutation]["userErrors"][0]["code"], "NOT_FOUND", "{name}: {nothing}");
            assert!(app.rows().await == before, "{name} was refused, and changed something");

            let answer = ask(&asker, case, &here).await;
            let found = answer["data"][mutation]["userErrors"][0]["code"].as_str().unwrap_or("ok");
            assert_eq!(found, expected, "{name}: {answer}");
            if found == "NOT_FOUND" {
                assert_eq!(answer, nothing, "{name}");
            }
            if found != "ok" {
                assert!(app.rows().await == before, "{name} was refused, and changed something");
            } else if *mutation != "referenceUnlink" {
                assert!(app.rows().await != before, "{name} was done, and changed nothing");
            }
            assert_eq!(canaries(&answer), BTreeSet::new(), "{name}");
        }
    }
}

#[tokio::test]
async fn each_opens_threads_about_what_it_deals_with() {
    let app = world().await;
    let case: Case = ("threadOpen", "ThreadOpenInput", "", [""; 2]);
    let input = |service: &str, more: &str| {
        format!(r#"{{"kind": "FEEDBACK", "service": {{"slug": "{service}"}}, "title": "t", "body": "b" {more}}}"#)
    };
    let for_ward_b = format!(r#", "consumer": {{"slug": "{}"}}"#, slug("ward-b"));
    let for_nobody = r#", "consumer": {"slug": "nothing-here"}"#;
    for (who, own, for_another) in [
        ("stranger", "NOT_FOUND", "NOT_FOUND"),
        ("elsewhere", "NOT_FOUND", "NOT_FOUND"),
        ("lab", "ok", "NOT_FOUND"),
        ("ward-a", "ok", "NOT_FOUND"),
        // It consumes no own service, so it names the consumer.
        ("dsi", "REQUIRED", "ok"),
    ] {
        let asker = writer(&app, who);
        let code =
            |answer: &Value| answer["data"]["threadOpen"]["userErrors"][0]["code"].as_str().unwrap_or("ok").to_owned();
        let nowhere = ask(&asker, &case, &input("nothing-here", "")).await;
        assert_eq!(code(&nowhere), "NOT_FOUND");
        for (more, none, expected) in [("", "", own), (for_ward_b.as_str(), for_nobody, for_another)] {
            let before = app.rows().await;
            let answer = ask(&asker, &case, &input(&slug("care"), more)).await;
            assert_eq!(code(&answer), expected, "{who} {more}: {answer}");
            if expected == "NOT_FOUND" {
                let absent = match own {
                    "NOT_FOUND" => nowhere.clone(),
                    _ => ask(&asker, &case, &input(&slug("care"), none)).await,
                };
                assert_eq!(answer, absent, "{who} {more}");
            }
            assert_eq!(app.rows().await == before, expected != "ok", "{who} {more}");
        }
        let without = of(&app, who);
        let answer = ask(&without, &case, &input(&slug("care"), "")).await;
        assert_eq!(code(&answer), "FORBIDDEN", "{who}");
        assert_eq!(answer, ask(&without, &case, &input("nothing-here", "")).await, "{who}");
    }
}
