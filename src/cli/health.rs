//! `entente health`: whether the server of this machine can answer requests, without other programs.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::Context;
use clap::Args;
use reqwest::{Client, redirect::Policy};

use super::{Refused, causes, out::Out};
use crate::{config, words::Words};

const TIMEOUT: Duration = Duration::from_secs(4);

const EXAMPLES: &str = "Examples:
  entente health
  entente health --live --listen 127.0.0.1:9090
  docker compose exec entente-1 entente health";

/// Ask the server of this machine whether it can answer requests
///
/// Queries /readyz at the address of the server, prints the answer, and exits with 0 or 1. The HEALTHCHECK of the image
/// uses this command. Needs no database and no token.
///
/// Exit codes: 0 it can; 1 it cannot (its database is not available, or it is stopping), or it does not answer within 4
/// s.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct HealthOptions {
    /// Address and port of the server; for 0.0.0.0 and [::], 127.0.0.1 is used
    #[arg(long, env = "ENTENTE_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = config::listen)]
    listen: SocketAddr,

    /// Only ask whether the process is running (/healthz), even if its database is not available
    #[arg(long)]
    live: bool,
}

/// Sends the request.
pub(super) async fn run(options: HealthOptions, out: &mut Out) -> anyhow::Result<()> {
    let HealthOptions { listen, live } = options;
    let address = format!("http://{}/{}", of_this_machine(listen), if live { "healthz" } else { "readyz" });
    match ask(&address).await {
        Ok((is_well, said)) => {
            out.said(said.trim())?;
            if is_well { Ok(()) } else { Err(Refused.into()) }
        }
        // Health checks only know 0 and 1, for every reason.
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

/// Whether a server of Entente runs at this address, even if it is not ready.
pub(super) async fn lives(listen: SocketAddr) -> bool {
    let answer = ask(&format!("http://{}/healthz", of_this_machine(listen))).await;
    answer.is_ok_and(|(is_well, said)| is_well && said == "ok\n")
}

/// The address at which a client on this machine reaches the server.
pub(super) fn of_this_machine(listen: SocketAddr) -> SocketAddr {
    // A server that listens on all IPv6 addresses also accepts IPv4.
    let ip = if listen.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { listen.ip() };
    SocketAddr::new(ip, listen.port())
}
