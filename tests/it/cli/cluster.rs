//! PostgreSQL servers of a test's own: a primary and its standby, stopped and promoted as operators do it, and a switch in front.

use std::{
    env, fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
};

use tempfile::TempDir;

/// The folder of PostgreSQL's programs: `ENTENTE_TEST_POSTGRES_BIN`, otherwise the one of Debian. `None` without
/// `TEST_DATABASE_URL`, and on a machine that has none.
pub fn programs() -> Option<PathBuf> {
    env::var_os("TEST_DATABASE_URL")?;
    if let Some(named) = env::var_os("ENTENTE_TEST_POSTGRES_BIN") {
        let named = PathBuf::from(named);
        assert!(named.join("pg_basebackup").exists(), "no pg_basebackup in {}", named.display());
        return Some(named);
    }
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions.flatten().map(|version| version.path().join("bin")).collect();
    found.retain(|bin| bin.join("pg_basebackup").exists());
    found.sort();
    let bin = found.pop();
    if bin.is_none() {
        eprintln!("not tried: PostgreSQL's programs are not there");
    }
    bin
}

/// One server.
pub struct Cluster {
    bin: PathBuf,
    folder: TempDir,
    pub port: u16,
    settings: &'static str,
}

impl Cluster {
    /// A new primary.
    pub fn primary(bin: &Path, settings: &'static str) -> Self {
        let cluster = Self::empty(bin, settings);
        let data = cluster.data();
        cluster.run(
            "initdb",
            &["-D", &data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
        );
        cluster.start();
        cluster
    }

    /// A standby of this one.
    pub fn standby(&self) -> Self {
        let standby = Self::empty(&self.bin, "");
        let port = self.port.to_string();
        let (data, name) =
            (standby.data(), format!("host=127.0.0.1 port={port} user=postgres application_name=standby"));
        standby.run("pg_basebackup", &["-d", &name, "-D", &data, "-R", "-c", "fast", "--no-sync"]);
        standby.start();
        standby
    }

    fn empty(bin: &Path, settings: &'static str) -> Self {
        let folder = tempfile::Builder::new().prefix("entente-cluster-").tempdir_in("/tmp").unwrap();
        if is_root() {
            let owned = Command::new("chown").arg("postgres").arg(folder.path()).status().unwrap();
            assert!(owned.success());
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { bin: bin.to_owned(), folder, port, settings }
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    pub fn start(&self) {
        let folder = self.folder.path().display();
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off -c max_connections=80 {}",
            self.port, self.settings
        );
        let log = format!("{folder}/log");
        self.run("pg_ctl", &["-D", &self.data(), "-l", &log, "-w", "-t", "60", "-o", &options, "start"]);
    }

    /// `fast`: as an operator stops it; `immediate`: as a crash does.
    pub fn stop(&self, mode: &str) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", mode, "-w", "stop"]);
    }

    /// Stops it, and starts it as one that only reads.
    pub fn demote(&self) {
        self.stop("fast");
        let signal = format!("{}/standby.signal", self.data());
        self.run_path(Path::new("/usr/bin/touch"), &[&signal]);
        self.start();
    }

    pub fn promote(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-w", "promote"]);
    }

    pub fn sql(&self, database: &str, sql: &str) -> String {
        let port = self.port.to_string();
        self.run("psql", &["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-AtXc", sql, database])
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        self.run_path(&self.bin.join(program), arguments)
    }

    fn run_path(&self, program: &Path, arguments: &[&str]) -> String {
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // A server that is started holds what it inherits: files, then.
        let out = self.folder.path().join("out");
        let file = fs::File::create(&out).unwrap();
        let error = file.try_clone().unwrap();
        let status = command
            .args(arguments)
            .current_dir("/tmp")
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(error)
            .status()
            .unwrap();
        let said = fs::read_to_string(out).unwrap();
        assert!(status.success(), "{} {arguments:?}: {said}", program.display());
        said
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let pid = fs::read_to_string(self.folder.path().join("data/postmaster.pid")).unwrap_or_default();
        if let Some(pid) = pid.lines().next() {
            let _ = Command::new("kill").args(["-QUIT", pid]).status();
        }
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

/// An address of one server, and later of another: open connections stay with their server.
pub struct Switch {
    pub address: SocketAddr,
    to: Arc<AtomicU16>,
}

impl Switch {
    pub async fn to(port: u16) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, to) = (listener.local_addr().unwrap(), Arc::new(AtomicU16::new(port)));
        let target = to.clone();
        tokio::spawn(async move {
            while let Ok((mut from, _)) = listener.accept().await {
                let port = target.load(Ordering::SeqCst);
                tokio::spawn(async move {
                    if let Ok(mut to) = tokio::net::TcpStream::connect(("127.0.0.1", port)).await {
                        let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
                    }
                });
            }
        });
        Self { address, to }
    }

    pub fn turn(&self, port: u16) {
        self.to.store(port, Ordering::SeqCst);
    }
}
