//! The effect of a document on the links of a service.

use entente_entity::enums::{ApplyMode, ServiceLifecycle};

use super::{changes, merge, new, organization, refused, replace};
use crate::definition::plan::Plan;

fn base() -> Plan {
    new("name: Patients
lifecycle: LIVE
offerings: [{ key: always, name: Always }, { key: daytime, name: Daytime }]
contacts: [{ role: OWNER, name: Claire, email: claire@chu.example }]
consumers:
  - { organization: { slug: emergency }, offering: always, contacts: [{ role: USER, name: Samir }] }
  - { organization: { slug: pharmacy }, offering: daytime }")
}

const TERMS: &str = "name: Patients\nofferings: [{ key: always, name: Always }, { key: daytime, name: Daytime }]\n";

fn consumers(plan: &Plan) -> Vec<String> {
    plan.links.consumers.iter().map(|consumer| super::slug_of(consumer.organization)).collect()
}

#[test]
fn a_new_service_is_in_the_pipeline() {
    assert_eq!(new("name: A").links.lifecycle, ServiceLifecycle::Pipeline);
}

#[test]
fn links_that_are_left_out_are_kept_in_both_modes() {
    let base = base();
    assert_eq!(merge(&base, ""), base);
    assert_eq!(replace(&base, TERMS), base);
}

#[test]
fn a_list_of_contacts_replaces_the_current_one() {
    let base = base();
    for after in [
        merge(&base, "contacts: [{ role: SPONSOR, name: Nadia }]"),
        replace(&base, &format!("{TERMS}contacts: [{{ role: SPONSOR, name: Nadia }}]")),
    ] {
        assert_eq!(
            changes(Some(&base), &after),
            [
                "UPDATED contacts [{\"role\":\"OWNER\",\"name\":\"Claire\",\"email\":\"claire@chu.example\"}] -> [{\"role\":\"SPONSOR\",\"name\":\"Nadia\"}]"
            ]
        );
    }
    for empty in ["contacts: null", "contacts: []"] {
        assert!(changes(Some(&base), &merge(&base, empty))[0].starts_with("DELETED contacts "));
    }
    let consumer = "consumers: [{ organization: { slug: emergency }, contacts: null }]";
    assert!(merge(&base, consumer).links.consumers[0].contacts.is_empty());
}

#[test]
fn consumers_are_merged_by_organization() {
    let base = base();
    let after = merge(
        &base,
        "consumers: [{ organization: { slug: finance }, offering: always }, { organization: { slug: pharmacy }, offering: null },
{ organization: { slug: emergency }, remove: true }, { organization: { slug: outpatients }, remove: true }]",
    );
    assert_eq!(consumers(&after), ["pharmacy", "finance"]);
    assert_eq!(
        changes(Some(&base), &after),
        [
            "DELETED consumers/emergency {\"organization\":{\"slug\":\"emergency\"},\"offering\":\"always\",\"contacts\":[{\"role\":\"USER\",\"name\":\"Samir\"}]} -> -",
            "DELETED consumers/pharmacy/offering \"daytime\" -> -",
            "CREATED consumers/finance - -> {\"organization\":{\"slug\":\"finance\"},\"offering\":\"always\",\"contacts\":[]}",
        ]
    );
    assert!(merge(&base, "consumers: null").links.consumers.is_empty());
}

#[test]
fn consumers_of_a_replacing_document_replace_the_current_ones() {
    let base = base();
    let after = replace(
        &base,
        &format!(
            "{TERMS}consumers: [{{ organization: {{ slug: finance }} }}, {{ organization: {{ slug: emergency }} }}]"
        ),
    );
    assert_eq!(consumers(&after), ["emergency", "finance"]);
    // Fields of an existing consumer that are left out: its offering is deleted, its list of contacts is kept.
    assert_eq!(after.links.consumers[0].offering, None);
    assert_eq!(after.links.consumers[0].contacts.len(), 1);
    let remove = format!("{TERMS}consumers: [{{ organization: {{ slug: emergency }}, remove: true }}]");
    assert_eq!(
        refused(Some(&base), &remove, ApplyMode::Replace),
        ["definition/consumers/0/remove: `remove` is not allowed in mode REPLACE: leave the element out"]
    );
}

#[test]
fn an_organization_is_named_once() {
    let twice =
        "consumers: [{ organization: { slug: emergency } }, { organization: { slug: emergency }, remove: true }]";
    assert_eq!(
        refused(Some(&base()), twice, ApplyMode::Merge),
        ["definition/consumers/1/organization: \"emergency\" is named twice in this list"]
    );
}

#[test]
fn offerings_exist_and_are_not_deleted_while_used() {
    let base = base();
    let unknown = "consumers: [{ organization: { slug: pharmacy }, offering: nightly }]";
    let said = [
        "definition/consumers/0/offering: no offering of the service has the key \"nightly\"; there are: always, daytime",
    ];
    assert_eq!(refused(Some(&base), unknown, ApplyMode::Merge), said);
    assert_eq!(refused(Some(&base), &format!("{TERMS}{unknown}"), ApplyMode::Replace), said);
    let used = "\"daytime\" cannot be removed: consumers/pharmacy still uses it";
    let remove = "offerings: [{ key: daytime, remove: true }]";
    assert_eq!(refused(Some(&base), remove, ApplyMode::Merge), [format!("definition/offerings/0/remove: {used}")]);
    let kept = "name: Patients\nofferings: [{ key: always, name: Always }]";
    assert_eq!(refused(Some(&base), kept, ApplyMode::Replace), [format!("definition/offerings: {used}")]);
    assert_eq!(refused(Some(&base), "offerings: null", ApplyMode::Merge).len(), 2);
    // It can be deleted together with the choice of another offering, or with the end of the relationship.
    for rest in ["offering: always", "remove: true"] {
        let yaml = format!("{remove}\nconsumers: [{{ organization: {{ slug: pharmacy }}, {rest} }}]");
        assert_eq!(merge(&base, &yaml).terms.offerings.len(), 1);
    }
    // An offering can be created together with its consumer.
    let new = "offerings: [{ key: nightly, name: Nightly }]\n";
    let after = merge(&base, &format!("{new}{unknown}"));
    assert_eq!(after.links.consumers[1].organization, organization("pharmacy"));
}
