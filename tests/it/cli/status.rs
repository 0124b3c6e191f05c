//! `entente status`.

use serde_json::{Value, json};

use crate::app::App;

const CHANGE: &str = "kind: ServiceDefinition
slug: patient-management
outcomes:
  - key: right-priority
    indicators:
      - { key: triage-within-10, target: 97 }
";

#[tokio::test]
async fn the_status_shows_decisions_proposals_and_gaps() {
    let app = App::hospital().await;
    app.run(&["agree", "patient-management", "--as", "emergency"]).ends(0);
    app.run_reading(&["propose", "-", "--comment", "Faster"], CHANGE).ends(0);
    let object = ["object", "patient-management", "--as", "pharmacy", "--comment", "Too\nfast"];
    app.run(&object).ends(0);
    let all = app.run(&["status"]).ends(0).out;
    let lines: Vec<&str> = all.lines().collect();
    assert_eq!(lines[0], "SERVICE             REVISION  ALIGNMENT  SCORE  AGREED  PROPOSAL");
    assert!(lines[1].starts_with("patient-management  1         DISPUTED   "), "{all}");
    assert!(lines[1].ends_with("%    1/3     2 (0/3)"), "{all}");
    let one = app.run(&["status", "patient-management"]).ends(0).out;
    assert!(one.starts_with("patient-management: revision 1, DISPUTED, score "), "{one}");
    assert!(one.contains("\n  outpatients  PENDING\n"), "{one}");
    assert!(one.contains("\nproposal, revision 2, made on 20") && one.contains(": Faster\n"), "{one}");
    assert!(
        one.lines().any(|line| line.starts_with("  pharmacy     OBJECTED") && line.ends_with("  thread 1  Too fast")),
        "{one}"
    );
    assert!(one.contains("outcomes/right-priority/indicators/triage-within-10/target"), "{one}");
    assert!(one.contains("\ngaps:\n  "), "{one}");
    let french = app.run(&["status", "patient-management", "--lang", "fr"]).ends(0).out;
    assert!(french.contains("\nlacunes :\n"), "{french}");
    let printed: Value =
        serde_json::from_str(&app.run(&["status", "patient-management", "--json"]).ends(0).out).unwrap();
    let service = &printed["service"];
    assert_eq!(
        (&service["alignment"]["state"], &service["agreements"][0]["state"]),
        (&json!("DISPUTED"), &json!("AGREED"))
    );
    let printed: Value = serde_json::from_str(&app.run(&["status", "--json"]).ends(0).out).unwrap();
    assert_eq!(printed["services"][0]["slug"], "patient-management");
    let missing = app.run(&["status", "patient-managment"]).ends(1);
    assert!(missing.err.contains("did you mean \"patient-management\"?"), "{}", missing.err);
}
