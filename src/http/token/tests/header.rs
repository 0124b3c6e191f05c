use rstest::rstest;

use super::{super::keys::KeySet, *};

#[tokio::test]
async fn each_kind_of_key_checks_what_it_signed() {
    let (ec, ed) = (Signer::ec("ec"), Signer::ed("ed"));
    let (verifier, _file) = public_verifier(&[&RSA, &ec, &ed]);
    for signer in [&*RSA, &ec, &ed] {
        assert!(verifier.verify(&signer.token(), now()).await.is_ok(), "{:?}", signer.algorithm);
    }
    let named_anew = ed.sign(&json!({ "alg": "Ed25519", "kid": "ed" }), &claims());
    assert!(verifier.verify(&named_anew, now()).await.is_ok());
}

#[tokio::test]
async fn a_token_without_a_signature_is_refused() {
    let (verifier, _file) = public_verifier(&[&RSA]);
    for algorithm in ["none", "None", "NONE", ""] {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(json!({ "alg": algorithm })), part(claims()));
        assert_eq!(verifier.verify(&format!("{message}."), now()).await, Err(Refusal::Malformed));
        assert_eq!(verifier.verify(&format!("{message}.AAAA"), now()).await, Err(Refusal::Signature));
        assert_eq!(secret_verifier().verify(&format!("{message}.AAAA"), now()).await, Err(Refusal::Signature));
    }
}

#[tokio::test]
async fn the_public_key_is_not_accepted_as_a_secret() {
    let (verifier, _file) = public_verifier(&[&RSA]);
    let der = RSA.key.as_bytes().to_vec();
    let modulus = RSA.public["n"].as_str().unwrap();
    let whole = RSA.public.to_string();
    let raw = URL_SAFE_NO_PAD.decode(modulus).unwrap();
    for secret in [der.as_slice(), modulus.as_bytes(), whole.as_bytes(), raw.as_slice()] {
        for header in [json!({ "alg": "HS256" }), json!({ "alg": "HS256", "kid": "rsa" })] {
            let token = Signer::secret(secret).sign(&header, &claims());
            assert_eq!(verifier.verify(&token, now()).await, Err(Refusal::Signature));
        }
    }
}

#[tokio::test]
async fn a_secret_in_a_public_set_is_passed_over() {
    let secret = json!({ "kty": "oct", "kid": "s", "alg": "HS256", "k": URL_SAFE_NO_PAD.encode(SECRET) });
    let set = |keys: Value| KeySet::public(json!({ "keys": keys }).to_string().as_bytes());
    assert!(matches!(set(json!([secret])), Err(KeysError::NoKey)));
    let keys = set(json!([secret, RSA.public])).unwrap();
    let token = Signer::secret(SECRET.as_bytes()).sign(&json!({ "alg": "HS256", "kid": "s" }), &claims());
    assert_eq!(keys.check(&Parts::of(&token).unwrap()), Err(Refusal::Signature));
}

#[rstest]
#[case(json!({ "use": "enc" }))]
#[case(json!({ "key_ops": ["encrypt"] }))]
#[case(json!({ "alg": "RS512" }))]
#[case(json!({ "alg": "HS256" }))]
#[case(json!({ "kty": "EC" }))]
fn a_key_for_something_else_is_passed_over(#[case] change: Value) {
    let mut key = RSA.public.clone();
    for (name, value) in change.as_object().unwrap() {
        key[name] = value.clone();
    }
    assert!(matches!(KeySet::public(json!({ "keys": [key] }).to_string().as_bytes()), Err(KeysError::NoKey)));
}

/// With a key of small order, anyone can sign: with the point 0, `R` = identity and `S` = 0 is a signature of any message.
#[rstest]
#[case("0000000000000000000000000000000000000000000000000000000000000000")]
#[case("0100000000000000000000000000000000000000000000000000000000000000")]
#[case("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")]
#[case("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")]
#[case("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
#[case("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
#[case("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
#[tokio::test]
async fn a_key_of_small_order_is_passed_over(#[case] point: &str) {
    let mut point: Vec<u8> =
        (0..32).map(|index| u8::from_str_radix(&point[2 * index..2 * index + 2], 16).unwrap()).collect();
    for sign in [0, 0x80] {
        point[31] = (point[31] & 0x7f) | sign;
        let weak = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "weak", "x": URL_SAFE_NO_PAD.encode(&point) });
        let alone = json!({ "keys": [weak] }).to_string();
        assert!(matches!(KeySet::public(alone.as_bytes()), Err(KeysError::NoKey)));
        // In a set with a good key, it is ignored.
        let keys = KeySet::public(json!({ "keys": [RSA.public, weak] }).to_string().as_bytes()).unwrap();
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let mut forged = [0; 64];
        forged[0] = 1;
        let token = format!(
            "{}.{}.{}",
            part(json!({ "alg": "EdDSA", "kid": "weak" })),
            part(claims()),
            URL_SAFE_NO_PAD.encode(forged)
        );
        assert_eq!(keys.check(&Parts::of(&token).unwrap()), Err(Refusal::Signature));
    }
}

#[rstest]
#[case(json!({ "jku": "https://elsewhere.example/keys" }))]
#[case(json!({ "x5u": "https://elsewhere.example/chain" }))]
#[case(json!({ "jwk": { "kty": "oct", "k": "AAAA" } }))]
#[case(json!({ "crit": ["exp"] }))]
#[case(json!({ "crit": ["b64"], "b64": false }))]
#[case(json!({ "crit": [] }))]
#[case(json!({ "b64": false }))]
#[case(json!({ "b64": true }))]
#[case(json!({ "zip": "DEF" }))]
#[case(json!({ "enc": "A128GCM" }))]
#[case(json!({ "typ": "logout+jwt" }))]
#[case(json!({ "typ": "dpop+jwt" }))]
#[case(json!({ "typ": 1 }))]
#[case(json!({ "kid": 1 }))]
#[case(json!({ "alg": 1 }))]
#[case(json!({ "alg": null }))]
#[tokio::test]
async fn a_header_that_asks_for_more_is_refused(#[case] change: Value) {
    let mut header = json!({ "alg": "HS256" });
    for (name, value) in change.as_object().unwrap() {
        header[name] = value.clone();
    }
    let token = Signer::secret(SECRET.as_bytes()).sign(&header, &claims());
    assert_eq!(secret_verifier().verify(&token, now()).await, Err(Refusal::Malformed));
}

#[rstest]
#[case("RS256")]
#[case("HS384")]
#[case("HS512")]
#[case("hs256")]
#[tokio::test]
async fn the_header_does_not_choose_the_algorithm(#[case] algorithm: &str) {
    let token = Signer::secret(SECRET.as_bytes()).sign(&json!({ "alg": algorithm }), &claims());
    assert_eq!(secret_verifier().verify(&token, now()).await, Err(Refusal::Signature));
}

#[tokio::test]
async fn another_key_with_the_same_id_is_refused() {
    let (verifier, _file) = public_verifier(&[&RSA]);
    let other = Signer::rsa("rsa");
    assert_eq!(verifier.verify(&other.token(), now()).await, Err(Refusal::Signature));
}

#[tokio::test]
async fn a_token_names_its_key_where_there_are_several() {
    let (one, two) = (Signer::ed("one"), Signer::ed("two"));
    let nameless = one.sign(&json!({ "alg": "EdDSA" }), &claims());
    let (several, _file) = public_verifier(&[&one, &two]);
    assert_eq!(several.verify(&nameless, now()).await, Err(Refusal::Signature));
    let (single, _file) = public_verifier(&[&one, &RSA]);
    assert!(single.verify(&nameless, now()).await.is_ok());
}

#[tokio::test]
async fn a_token_that_was_changed_after_signing_is_refused() {
    let signer = Signer::secret(SECRET.as_bytes());
    let (good, other) =
        (signer.token(), signer.sign(&json!({ "alg": "HS256" }), &claims_with("scope", json!("admin"))));
    let (signature, payload) = (good.rsplit('.').next().unwrap(), other.rsplit_once('.').unwrap().0);
    assert_eq!(secret_verifier().verify(&format!("{payload}.{signature}"), now()).await, Err(Refusal::Signature));
}

#[rstest]
#[case("")]
#[case("abc")]
#[case("a.b")]
#[case("a.b.c")]
#[case("a.b.c.d")]
#[case("a.b.c.d.e")]
#[case("W10.W10.AAAA")]
#[case("....")]
#[tokio::test]
async fn a_malformed_token_is_refused(#[case] token: &str) {
    assert_eq!(secret_verifier().verify(token, now()).await, Err(Refusal::Malformed));
}

#[tokio::test]
async fn an_oversized_token_is_refused() {
    let signer = Signer::secret(SECRET.as_bytes());
    let sized = |bytes: usize| signer.sign(&json!({ "alg": "HS256" }), &claims_with("more", json!("x".repeat(bytes))));
    assert!(secret_verifier().verify(&sized(5_000), now()).await.is_ok());
    assert_eq!(secret_verifier().verify(&sized(6_200), now()).await, Err(Refusal::TooLong));
}

#[tokio::test]
async fn claims_that_are_no_object_are_refused() {
    let token = Signer::secret(SECRET.as_bytes()).sign(&json!({ "alg": "HS256" }), &json!(["entente"]));
    assert_eq!(secret_verifier().verify(&token, now()).await, Err(Refusal::Malformed));
}

#[tokio::test]
async fn of_two_secrets_either_checks_and_no_third() {
    const NEXT: &str = "another secret of forty characters for it";
    let secrets = vec![NEXT.to_owned().into(), SECRET.to_owned().into()];
    let verifier = Verifier::new(KeySource::Secrets(secrets), rules()).unwrap();
    for (secret, accepted) in [(NEXT, true), (SECRET, true), ("a third secret of forty characters for it", false)] {
        for header in [json!({ "alg": "HS256" }), json!({ "alg": "HS256", "kid": "any" })] {
            let token = Signer::secret(secret.as_bytes()).sign(&header, &claims());
            assert_eq!(verifier.verify(&token, now()).await.is_ok(), accepted);
        }
    }
}

#[tokio::test]
async fn of_several_audiences_one_is_enough() {
    let mut rules = rules();
    rules.audiences = vec!["entente".to_owned(), "https://entente.example/graphql".to_owned()];
    let verifier = Verifier::new(KeySource::Secrets(vec![SECRET.to_owned().into()]), rules).unwrap();
    for (audience, accepted) in [
        (json!("entente"), true),
        (json!("https://entente.example/graphql"), true),
        (json!(["other", "https://entente.example/graphql"]), true),
        (json!("other"), false),
        (json!([]), false),
        (json!("entente,https://entente.example/graphql"), false),
    ] {
        let token = Signer::secret(SECRET.as_bytes()).sign(&json!({ "alg": "HS256" }), &claims_with("aud", audience));
        assert_eq!(verifier.verify(&token, now()).await.is_ok(), accepted);
    }
}
