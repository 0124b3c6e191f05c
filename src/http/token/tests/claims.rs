use entente_entity::enums::ActorKind;
use rstest::rstest;

use super::*;

fn claim(name: &str) -> Refusal {
    Refusal::Claim(name.to_owned())
}

#[tokio::test]
async fn a_valid_token_identifies_its_bearer() {
    let claims = verify(&claims()).await.unwrap();
    assert_eq!(claims.subject, "u-17");
    assert_eq!(claims.display_name, "Alix Martin");
    assert_eq!(claims.organization.as_deref(), Some("emergency-ward"));
    assert_eq!(claims.scopes, [Scope::Read, Scope::DefinitionsWrite]);
    assert_eq!(claims.kind, ActorKind::Person);
    assert_eq!(claims.expires_at.0.timestamp(), seconds(600));
}

#[rstest]
#[case("exp", json!(seconds(-31)), Refusal::Expired)]
#[case("exp", json!(seconds(-30)), Refusal::Expired)]
#[case("exp", json!(seconds(600).to_string()), claim("exp"))]
#[case("exp", json!(null), claim("exp"))]
#[case("exp", json!(-1), claim("exp"))]
#[case("exp", json!(1e300), claim("exp"))]
#[case("exp", json!(true), claim("exp"))]
#[case("nbf", json!(seconds(31)), Refusal::NotYetValid)]
#[case("nbf", json!("soon"), claim("nbf"))]
#[case("iat", json!(seconds(31)), Refusal::NotYetValid)]
#[case("iat", json!([1]), claim("iat"))]
#[case("iss", json!("elsewhere"), Refusal::Issuer)]
#[case("iss", json!("Entente"), Refusal::Issuer)]
#[case("iss", json!(["entente"]), claim("iss"))]
#[case("iss", json!(null), claim("iss"))]
#[case("aud", json!("elsewhere"), Refusal::Audience)]
#[case("aud", json!("entente other"), Refusal::Audience)]
#[case("aud", json!([]), Refusal::Audience)]
#[case("aud", json!(["elsewhere", "other"]), Refusal::Audience)]
#[case("aud", json!(7), claim("aud"))]
#[case("aud", json!(["entente", 7]), claim("aud"))]
#[case("aud", json!({ "entente": true }), claim("aud"))]
#[case("sub", json!(""), claim("sub"))]
#[case("sub", json!(17), claim("sub"))]
#[case("sub", json!("line\nbreak"), claim("sub"))]
#[case("sub", json!("x".repeat(256)), claim("sub"))]
#[case("name", json!({ "given": "Alix" }), claim("name"))]
#[case("name", json!("a\u{0}b"), claim("name"))]
#[case("name", json!("a\u{202e}b"), claim("name"))]
#[case("name", json!("a\u{2066}b\u{2069}"), claim("name"))]
#[case("name", json!("a\u{2028}b"), claim("name"))]
#[case("name", json!("\u{200b}"), claim("name"))]
#[case("name", json!("a\u{ffff}"), claim("name"))]
#[case("sub", json!("a\u{202e}b"), claim("sub"))]
#[case("sub", json!("\u{200b}"), claim("sub"))]
#[case("org", json!(["emergency-ward"]), claim("org"))]
#[case("scope", json!(1), claim("scope"))]
#[case("scope", json!(["read", 1]), claim("scope"))]
#[case("client_id", json!(1), claim("client_id"))]
#[case("azp", json!(["u-17"]), claim("azp"))]
#[tokio::test]
async fn a_claim_that_is_wrong_refuses_the_token(#[case] name: &str, #[case] value: Value, #[case] refusal: Refusal) {
    assert_eq!(verify(&claims_with(name, value)).await, Err(refusal));
}

#[rstest]
#[tokio::test]
async fn a_required_claim_must_be_present(#[values("exp", "iss", "aud", "sub")] name: &str) {
    assert_eq!(verify(&claims_without(name)).await, Err(claim(name)));
}

#[rstest]
#[case("exp", json!(seconds(-29)))]
#[case("exp", json!(seconds(600) as f64 + 0.5))]
#[case("nbf", json!(seconds(30)))]
#[case("iat", json!(seconds(30)))]
#[case("aud", json!(["other", "entente"]))]
#[tokio::test]
async fn clocks_may_be_half_a_minute_apart_and_audiences_several(#[case] name: &str, #[case] value: Value) {
    assert!(verify(&claims_with(name, value)).await.is_ok());
}

#[tokio::test]
async fn organization_scopes_and_name_may_be_absent() {
    let claims = verify(&claims_without("org")).await.unwrap();
    assert_eq!(claims.organization, None);
    assert_eq!(verify(&claims_without("scope")).await.unwrap().scopes, []);
    assert_eq!(verify(&claims_without("name")).await.unwrap().display_name, "u-17");
}

#[tokio::test]
async fn scopes_may_be_a_list() {
    let scopes = verify(&claims_with("scope", json!(["admin", "read"]))).await.unwrap().scopes;
    assert_eq!(scopes, [Scope::Read, Scope::Admin]);
}

#[tokio::test]
async fn programs_and_persons_are_distinguished() {
    let kind = async |claims: Value| verify(&claims).await.unwrap().kind;
    assert_eq!(kind(claims_without("name")).await, ActorKind::ServiceAccount);
    assert_eq!(kind(claims_with("client_id", json!("u-17"))).await, ActorKind::ServiceAccount);
    assert_eq!(kind(claims_with("azp", json!("u-17"))).await, ActorKind::ServiceAccount);
    assert_eq!(kind(claims_with("azp", json!("the-portal"))).await, ActorKind::Person);
}

#[tokio::test]
async fn claims_are_found_by_other_names_and_by_pointers() {
    let rules = Rules {
        organization: "https://example.org/org".to_owned(),
        scope: "/realm_access/roles".to_owned(),
        name: "preferred_username".to_owned(),
        ..rules()
    };
    let verifier = Verifier::new(KeySource::Secrets(vec![SECRET.to_owned().into()]), rules.clone()).unwrap();
    let mut given = claims();
    given["https://example.org/org"] = json!("it");
    given["realm_access"] = json!({ "roles": ["admin"] });
    given["preferred_username"] = json!("alix");
    let token = Signer::secret(SECRET.as_bytes()).sign(&json!({ "alg": "HS256" }), &given);
    let read = verifier.verify(&token, now()).await.unwrap();
    assert_eq!(
        (read.organization.as_deref(), &*read.display_name, &*read.scopes),
        (Some("it"), "alix", &[Scope::Admin][..])
    );

    let grant = Grant {
        subject: "s".to_owned(),
        name: Some("Sam".to_owned()),
        organization: Some("ward".to_owned()),
        scopes: vec![Scope::Read, Scope::OrganizationsWrite],
    };
    let token = mint(&SECRET.to_owned().into(), &rules, &grant, TimeDelta::minutes(5), now()).unwrap();
    let read = verifier.verify(&token, now()).await.unwrap();
    assert_eq!(
        (read.organization.as_deref(), &*read.display_name, &*read.scopes),
        (Some("ward"), "Sam", &*grant.scopes)
    );
    assert_eq!(verifier.verify(&token, now() + TimeDelta::minutes(6)).await, Err(Refusal::Expired));
}

#[tokio::test]
async fn a_minted_token_without_a_name_is_a_programs() {
    let grant = Grant { subject: "zammad".to_owned(), name: None, organization: None, scopes: vec![] };
    let token = mint(&SECRET.to_owned().into(), &rules(), &grant, TimeDelta::minutes(5), now()).unwrap();
    let read = secret_verifier().verify(&token, now()).await.unwrap();
    assert_eq!((read.kind, &*read.display_name), (ActorKind::ServiceAccount, "zammad"));
}

#[tokio::test]
async fn a_token_that_was_checked_before_still_expires() {
    let verifier = secret_verifier();
    let token = Signer::secret(SECRET.as_bytes()).token();
    assert!(verifier.verify(&token, now()).await.is_ok());
    assert!(verifier.verify(&token, now() + TimeDelta::seconds(629)).await.is_ok());
    assert_eq!(verifier.verify(&token, now() + TimeDelta::seconds(630)).await, Err(Refusal::Expired));
}

#[tokio::test]
async fn a_null_claim_counts_as_absent() {
    for name in ["nbf", "iat", "org", "scope", "client_id", "azp", "name"] {
        let claims =
            verify(&claims_with(name, json!(null))).await.unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_eq!(claims.organization.is_none(), name == "org");
        assert_eq!(claims.scopes.is_empty(), name == "scope");
        assert_eq!(claims.kind == ActorKind::ServiceAccount, name == "name");
    }
}
