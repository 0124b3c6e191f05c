//! Valid and invalid tokens, created with keys of the test.

mod claims;
mod header;
mod jwks;

use std::sync::LazyLock;

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, jwk::Jwk};
use serde_json::{Value, json};

use super::*;

const SECRET: &str = "a secret of forty characters for the tests";

/// A private key, and its public key in a JWKS.
struct Signer {
    key: EncodingKey,
    algorithm: Algorithm,
    public: Value,
}

impl Signer {
    fn new(id: &str, key: EncodingKey, algorithm: Algorithm) -> Self {
        let mut public = serde_json::to_value(Jwk::from_encoding_key(&key, algorithm).unwrap()).unwrap();
        public["kid"] = id.into();
        Self { key, algorithm, public }
    }

    fn rsa(id: &str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = pair.as_der().unwrap();
        let lines = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n");
        Self::new(id, EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(), Algorithm::RS256)
    }

    fn ec(id: &str) -> Self {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        Self::new(id, EncodingKey::from_ec_der(pkcs8.as_ref()), Algorithm::ES256)
    }

    fn ed(id: &str) -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
        Self::new(id, EncodingKey::from_ed_der(pkcs8.as_ref()), Algorithm::EdDSA)
    }

    fn secret(secret: &[u8]) -> Self {
        Self { key: EncodingKey::from_secret(secret).unwrap(), algorithm: Algorithm::HS256, public: Value::Null }
    }

    fn id(&self) -> &str {
        self.public["kid"].as_str().unwrap()
    }

    /// A token with this header and these claims, valid or not.
    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }

    /// A valid token.
    fn token(&self) -> String {
        let mut header = json!({ "alg": format!("{:?}", self.algorithm), "typ": "JWT" });
        if let Some(id) = self.public.get("kid") {
            header["kid"] = id.clone();
        }
        self.sign(&header, &claims())
    }
}

static RSA: LazyLock<Signer> = LazyLock::new(|| Signer::rsa("rsa"));

fn now() -> DateTime<Utc> {
    "2026-11-22T08:30:00Z".parse().unwrap()
}

fn seconds(after: i64) -> i64 {
    now().timestamp() + after
}

/// The claims of a valid token.
fn claims() -> Value {
    json!({
        "iss": "entente", "aud": "entente", "sub": "u-17", "name": "Alix Martin", "org": "emergency-ward",
        "scope": "read definitions:write something:else", "iat": seconds(-60), "exp": seconds(600),
    })
}

/// The claims of a valid token, one of them changed.
fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

/// The claims of a valid token without this one.
fn claims_without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn rules() -> Rules {
    Rules {
        issuer: "entente".to_owned(),
        audiences: vec!["entente".to_owned()],
        organization: "org".to_owned(),
        scope: "scope".to_owned(),
        name: "name".to_owned(),
    }
}

fn secret_verifier() -> Verifier {
    Verifier::new(KeySource::Secrets(vec![SECRET.to_owned().into()]), rules()).unwrap()
}

/// A verifier with the public keys of these signers, in a file.
fn public_verifier(signers: &[&Signer]) -> (Verifier, tempfile::NamedTempFile) {
    let file = tempfile::NamedTempFile::new().unwrap();
    write(file.path(), signers);
    (Verifier::new(KeySource::JwksFile(file.path().to_owned()), rules()).unwrap(), file)
}

fn write(path: &std::path::Path, signers: &[&Signer]) {
    std::fs::write(path, jwks(signers).to_string()).unwrap();
}

fn jwks(signers: &[&Signer]) -> Value {
    json!({ "keys": signers.iter().map(|signer| signer.public.clone()).collect::<Vec<_>>() })
}

/// The result for claims that a trusted key has signed.
async fn verify(claims: &Value) -> Result<Claims, Refusal> {
    let token = Signer::secret(SECRET.as_bytes()).sign(&json!({ "alg": "HS256" }), claims);
    secret_verifier().verify(&token, now()).await.map(|claims| Claims::clone(&claims))
}
