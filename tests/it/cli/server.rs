//! A server: a process with its own port, whose log is read while it runs.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Router, handler::Handler};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{SECRET, program, run};

/// Where something answers that is not Entente, until the test ends.
pub async fn answering<T: 'static>(answer: impl Handler<T, ()>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await.unwrap() });
    format!("http://{address}")
}

/// A started server; it is stopped when this value is dropped.
pub struct Server {
    child: Child,
    /// Where it answers.
    pub url: String,
    log: Arc<Mutex<String>>,
    pub client: Client,
}

impl Server {
    /// Starts `serve` with these options on a port of its own, and waits until it answers.
    pub fn start(options: &[&str]) -> Self {
        Self::spawn(program(&[&["serve", "--listen", "127.0.0.1:0", "--jwt-secret", SECRET], options].concat()))
    }

    /// Starts a command that ends up as a server, and waits until it answers.
    pub fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (lines, written) = (BufReader::new(child.stderr.take().unwrap()), log.clone());
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                *written.lock().unwrap() += &(line + "\n");
            }
        });
        let client = Client::builder().no_proxy().build().unwrap();
        let mut server = Self { child, url: String::new(), log, client };
        let ready = server.logged("ready address=", Duration::from_secs(60));
        let address = ready.split("address=").nth(1).unwrap().split(' ').next().unwrap();
        server.url = format!("http://{address}");
        server
    }

    /// The first line of the log with this text; waits for it.
    #[track_caller]
    pub fn logged(&mut self, text: &str, within: Duration) -> String {
        let start = Instant::now();
        loop {
            let log = self.log();
            if let Some(line) = log.lines().find(|line| line.contains(text)) {
                return line.to_owned();
            }
            let ended = self.child.try_wait().unwrap();
            assert!(start.elapsed() < within && ended.is_none(), "\"{text}\" is not in the log ({ended:?}):\n{log}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub fn id(&self) -> String {
        self.child.id().to_string()
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        assert!(Command::new("kill").args(["-TERM", &self.id()]).status().unwrap().success());
    }

    /// Waits until it has ended; its exit code.
    pub fn ended(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    pub async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    /// The answer of `/readyz`.
    pub async fn ready(&self) -> (u16, String) {
        let answer = self.get("/readyz").await;
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Asks with an administrator's token.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let request = self.client.post(format!("{}/graphql", self.url)).bearer_auth(admin()).json(&body);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Writes an organization; the code of the error, if it is refused.
    pub async fn write(&self, slug: &str, name: &str) -> Result<(), String> {
        let query = "mutation($all: [OrganizationInput!]!) { organizationsApply(input: { organizations: $all }) {
            userErrors { code message } } }";
        let answer = self.ask(query, json!({ "all": [{ "slug": slug, "name": name }] })).await;
        match &answer["errors"] {
            Value::Null => {
                assert_eq!(answer["data"]["organizationsApply"]["userErrors"], json!([]), "{answer:#}");
                Ok(())
            }
            errors => Err(errors[0]["extensions"]["code"].as_str().unwrap().to_owned()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A token that may do everything.
pub fn admin() -> String {
    let arguments = ["token", "--jwt-secret", SECRET, "--scope", "admin", "--lifetime", "1h"];
    run(&arguments).ends(0).out.trim().to_owned()
}
