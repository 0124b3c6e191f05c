//! The hospital of the examples: read, planned, rendered and read again.

use entente_entity::enums::ApplyMode;

use super::{apply, difference, slug_of};
use crate::definition::{
    document::Document,
    read::read_documents,
    render::{self, References},
    write,
};

const ORGANIZATIONS: &str = include_str!("../../../examples/hospital/organizations.yaml");
const CONFIGURATION_ITEMS: &str = include_str!("../../../examples/hospital/configuration-items.yaml");
const PATIENT_MANAGEMENT: &str = include_str!("../../../examples/hospital/patient-management.yaml");

#[test]
fn the_organizations_are_read() {
    let documents = read_documents(ORGANIZATIONS).unwrap();
    let [Document::Organizations(organizations)] = &documents[..] else { panic!("{documents:?}") };
    let slugs: Vec<_> = organizations.iter().map(|organization| organization.slug.as_str()).collect();
    assert_eq!(slugs, ["chu", "dsi", "emergency", "outpatients", "pharmacy", "finance"]);
}

#[test]
fn the_configuration_items_are_read() {
    let documents = read_documents(CONFIGURATION_ITEMS).unwrap();
    let [Document::ConfigurationItems(all)] = &documents[..] else { panic!("{documents:?}") };
    let keys: Vec<_> = all.items.iter().map(|item| item.r#ref.key.as_str()).collect();
    assert_eq!(keys, ["pms-web", "pms-app", "ora-pms-01", "hl7-bus", "san-a", "robot-pharma"]);
}

#[test]
fn the_definition_applies_and_comes_back_unchanged() {
    let documents = read_documents(&format!("{ORGANIZATIONS}\n---\n{PATIENT_MANAGEMENT}")).unwrap();
    let [_, Document::ServiceDefinition(document)] = &documents[..] else { panic!("{documents:?}") };
    let plan = apply(None, document, ApplyMode::Merge).unwrap();
    assert_eq!(plan.terms.outcomes.len(), 7);
    for mode in [ApplyMode::Merge, ApplyMode::Replace] {
        assert_eq!(apply(Some(&plan), document, mode).unwrap(), plan);
    }
    assert!(difference(Some(&plan), &plan).is_empty());

    let mut references =
        References { service: document.external_references.value().unwrap().clone(), ..References::default() };
    references.elements.insert(plan.terms.outcomes[0].id, references.service.clone());
    let back = render::document("patient-management", &plan.terms, Some(&plan.links), &references, slug_of);
    let texts =
        [write::to_yaml(Document::SERVICE_DEFINITION, &back), write::to_json(Document::SERVICE_DEFINITION, &back)];
    for text in texts {
        let read = read_documents(&text).unwrap();
        assert_eq!(read, [Document::ServiceDefinition(Box::new(back.clone()))], "{text}");
        for mode in [ApplyMode::Merge, ApplyMode::Replace] {
            let again = apply(Some(&plan), &back, mode).unwrap();
            assert_eq!(again, plan);
            assert!(difference(Some(&plan), &again).is_empty());
        }
        assert_eq!(apply(None, &back, ApplyMode::Replace).unwrap(), plan);
    }
}

#[test]
fn the_yaml_is_readable() {
    let documents = read_documents(PATIENT_MANAGEMENT).unwrap();
    let [Document::ServiceDefinition(document)] = &documents[..] else { panic!("{documents:?}") };
    let yaml = write::to_yaml(Document::SERVICE_DEFINITION, document);
    println!("{yaml}");
    assert!(yaml.starts_with("kind: ServiceDefinition\nslug: patient-management\nprovider:\n  slug: dsi\n"), "{yaml}");
    assert!(yaml.contains("        target: 5\n"), "{yaml}");
    assert!(yaml.contains("    amount: \"180000.00\"\n"), "{yaml}");
}
