//! An issuer of tokens, which can stop answering requests for its keys.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use aws_lc_rs::{rand::SystemRandom, signature::Ed25519KeyPair};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const KEY: &str = "siege";

/// An issuer.
pub struct Issuer {
    key: EncodingKey,
    /// The address of its keys.
    pub url: String,
    hangs: Arc<AtomicBool>,
}

impl Issuer {
    /// Starts the issuer on a free port.
    pub async fn start() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
        let key = EncodingKey::from_ed_der(pkcs8.as_ref());
        let mut public = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::EdDSA).unwrap()).unwrap();
        public["kid"] = KEY.into();
        let keys = json!({ "keys": [public] }).to_string();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let hangs = Arc::new(AtomicBool::new(false));
        let is_hanging = hangs.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (keys, hangs) = (keys.clone(), is_hanging.load(Ordering::SeqCst));
                tokio::spawn(async move {
                    let _ = stream.read(&mut [0; 4096]).await;
                    if hangs {
                        tokio::time::sleep(Duration::from_mins(1)).await;
                    }
                    let head =
                        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", keys.len());
                    let _ = stream.write_all((head + &keys).as_bytes()).await;
                });
            }
        });
        Self { key, url, hangs }
    }

    /// Sets whether requests for its keys get no answer.
    pub fn hang(&self, hangs: bool) {
        self.hangs.store(hangs, Ordering::SeqCst);
    }

    /// A token with these claims.
    pub fn token(&self, organization: &str, subject: &str, scopes: &str) -> String {
        self.sign(KEY, &claims(organization, subject, scopes))
    }

    /// A token with the name of a key that does not exist.
    pub fn with_unknown_key(&self, number: usize) -> String {
        self.sign(&format!("made-up-{number}"), &claims("provider", "nobody", "read"))
    }

    fn sign(&self, key: &str, claims: &Value) -> String {
        let header = Header { kid: Some(key.to_owned()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }
}

fn claims(organization: &str, subject: &str, scopes: &str) -> Value {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    json!({
        "iss": "entente", "aud": "entente", "sub": subject, "name": subject, "org": organization, "scope": scopes,
        "iat": now, "exp": now + 3600,
    })
}
