//! Servers in separate processes, so that their memory and their time can be measured.

use std::{
    ffi::OsStr,
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A server. It is stopped when this is dropped.
pub struct Process {
    child: Child,
    /// Its address.
    pub address: SocketAddr,
    /// The time from its start to its first answer.
    pub ready_in: Duration,
}

/// Ticks of `/proc/PID/stat` per second.
const TICKS: f64 = 100.0;

impl Process {
    /// Starts this program again with these arguments and a free port, and waits until it answers `GET /readyz`.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_other(std::env::current_exe().unwrap().as_os_str(), arguments)
    }

    /// Starts another program in the same way.
    pub fn start_other(program: &OsStr, arguments: &[&str]) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let started = Instant::now();
        let mut command = Command::new(program);
        command.args(arguments).arg(address.to_string()).stdin(Stdio::null()).stdout(Stdio::null());
        if std::env::var_os("ENTENTE_BENCH_VERBOSE").is_none() {
            command.stderr(Stdio::null());
        }
        let mut child = command.spawn().unwrap();
        while !is_ready(address) {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the server {arguments:?} ended: {status}; ENTENTE_BENCH_VERBOSE=1 shows why");
            }
            assert!(started.elapsed() < Duration::from_mins(1), "the server {arguments:?} is not ready");
            std::thread::sleep(Duration::from_millis(5));
        }
        Self { child, address, ready_in: started.elapsed() }
    }

    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it runs.
    pub fn is_alive(&self) -> bool {
        fs::read_to_string(format!("/proc/{}/stat", self.id()))
            .is_ok_and(|stat| !stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z')))
    }

    /// Its current memory, in MiB.
    pub fn memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
        kib.map_or(f64::NAN, |kib| kib / 1024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// The CPU time of these processes, in seconds.
pub fn time_of(processes: &[u32]) -> f64 {
    processes.iter().filter_map(|process| ticks(*process)).sum::<f64>() / TICKS
}

fn ticks(process: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in parentheses, can contain spaces. After it are the state and 10 other numbers before the two times.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<f64>().ok();
    Some(next()? + next()?)
}

fn is_ready(address: SocketAddr) -> bool {
    let mut answer = [0; 12];
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let asked = stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n");
    asked.is_ok() && stream.read_exact(&mut answer).is_ok() && &answer == b"HTTP/1.1 200"
}
