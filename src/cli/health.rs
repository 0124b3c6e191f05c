//! `entente health`: whether the server of this machine takes requests, for who has no other program to ask it with.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::Context;
use clap::Args;
use entente_entity::words::Words;
use reqwest::{Client, redirect::Policy};

use super::{Refused, causes, out::Out};
use crate::config;

const TIMEOUT: Duration = Duration::from_secs(4);

const EXAMPLES: &str = "Examples:
  entente health
  entente health --live --listen 127.0.0.1:9090
  docker compose exec entente-1 entente health";

/// Ask the server of this machine whether it takes requests
///
/// Asks /readyz at the address that the server listens on, prints what it says, and says by its exit code whether requests may be sent.
/// It is what the image's HEALTHCHECK runs. Takes no database and no token.
///
/// Exit codes: 0 it does; 1 it does not (its database is away, it is draining), or nothing answers within 4 s.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct HealthOptions {
    /// Address and port that the server listens on; 0.0.0.0 and [::] are asked at 127.0.0.1
    #[arg(long, env = "ENTENTE_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = config::listen)]
    listen: SocketAddr,

    /// Only ask whether the process lives (/healthz), whatever its database does
    #[arg(long)]
    live: bool,
}

/// Asks.
pub(super) async fn run(options: HealthOptions, out: &mut Out) -> anyhow::Result<()> {
    let HealthOptions { listen, live } = options;
    let address = format!("http://{}/{}", of_this_machine(listen), if live { "healthz" } else { "readyz" });
    match ask(&address).await {
        Ok((is_well, said)) => {
            out.said(said.trim())?;
            if is_well { Ok(()) } else { Err(Refused.into()) }
        }
        // Whatever the reason, whoever watches knows 0 and 1 alone.
        Err(error) => {
            let speech = out.speech();
            let error = error.context(Words::CannotBeReached { place: address }.say(speech));
            out.line(&causes(&error, speech))?;
            Err(Refused.into())
        }
    }
}

async fn ask(address: &str) -> anyhow::Result<(bool, String)> {
    let client = Client::builder().no_proxy().redirect(Policy::none()).timeout(TIMEOUT).build();
    let answer = client.context("no HTTP client can be made")?.get(address).send().await;
    let answer = answer.map_err(reqwest::Error::without_url)?;
    let is_well = answer.status().is_success();
    Ok((is_well, answer.text().await.map_err(reqwest::Error::without_url)?))
}

/// Whether a server of Entente lives at this address, whatever it takes.
pub(super) async fn lives(listen: SocketAddr) -> bool {
    let answer = ask(&format!("http://{}/healthz", of_this_machine(listen))).await;
    answer.is_ok_and(|(is_well, said)| is_well && said == "ok\n")
}

/// Where a client of this machine reaches what listens there.
pub(super) fn of_this_machine(listen: SocketAddr) -> SocketAddr {
    // What listens on all addresses of IPv6 takes IPv4 as well.
    let ip = if listen.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { listen.ip() };
    SocketAddr::new(ip, listen.port())
}
