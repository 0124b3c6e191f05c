//! `entente token`.

use anyhow::Context;
use chrono::TimeDelta;
use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser};

use super::out::Out;
use crate::{
    clock::Clock,
    config::TokenOptions,
    definition::limits::is_key,
    http::token::{Grant, Rules, mint},
    policy::Scope,
};

const EXAMPLES: &str = "Examples:
  export ENTENTE_JWT_SECRET=$(openssl rand -hex 32)
  entente token --org dsi --scope read --scope definitions:write --name 'Claire Fontaine'
  entente token --org dsi --scope read --subject ticketing-tool --lifetime 30d";

/// Create a token, for development and tests
///
/// Prints only the token, signed with --jwt-secret (HS256), which must be the secret of the server. In production, an
/// identity provider creates tokens. A token with a name belongs to a person, a token without a name to a program.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct TokenCommand {
    /// Slug of the bearer's organization
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    org: Option<String>,

    /// Scope of the token; can be repeated
    #[arg(long = "scope", value_name = "SCOPE", default_value = "read", value_parser = scopes())]
    scopes: Vec<Scope>,

    /// Permanent identifier of the bearer
    #[arg(long, value_name = "TEXT", default_value = "developer")]
    subject: String,

    /// Name of the bearer; a token without a name belongs to a program
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,

    /// Lifetime of the token, up to 366 days: 90s, 30m, 8h, 7d
    #[arg(long, value_name = "TIME", default_value = "8h", value_parser = lifetime)]
    lifetime: TimeDelta,

    #[command(flatten)]
    token: TokenOptions,
}

/// Prints a token.
pub(super) fn run(command: TokenCommand, out: &mut Out) -> anyhow::Result<()> {
    let TokenCommand { org, scopes, subject, name, lifetime, token } = command;
    let secret = token.secret()?.context("no secret to sign with: give --jwt-secret, or set ENTENTE_JWT_SECRET")?;
    let grant = Grant { subject, name, organization: org, scopes };
    let now = Clock::system().now().0;
    let token = mint(secret, &Rules::from(&token), &grant, lifetime, now).context("the token cannot be signed")?;
    Ok(out.line(&token)?)
}

fn scopes() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.iter().map(|scope| scope.name()))
        .map(|name| Scope::ALL.iter().copied().find(|scope| scope.name() == name).unwrap_or(Scope::Read))
}

fn slug(text: &str) -> Result<String, String> {
    let rule = "a slug has lower-case letters, digits and single hyphens between them, 64 at most";
    if is_key(text) { Ok(text.to_owned()) } else { Err(rule.to_owned()) }
}

fn lifetime(text: &str) -> Result<TimeDelta, String> {
    let wrong = || "a number of seconds, minutes, hours or days: 90s, 30m, 8h, 7d; up to 366 days".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let number: u32 = number.parse().map_err(|_| wrong())?;
    let unit = match unit {
        "s" => TimeDelta::seconds(1),
        "m" => TimeDelta::minutes(1),
        "h" => TimeDelta::hours(1),
        "d" => TimeDelta::days(1),
        _ => return Err(wrong()),
    };
    let lifetime = i32::try_from(number).ok().and_then(|number| unit.checked_mul(number));
    lifetime.filter(|length| (TimeDelta::seconds(1)..=TimeDelta::days(366)).contains(length)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_a_number_and_a_unit() {
        assert_eq!(lifetime("90s"), Ok(TimeDelta::seconds(90)));
        assert_eq!(lifetime("8h"), Ok(TimeDelta::hours(8)));
        assert_eq!(lifetime("366d"), Ok(TimeDelta::days(366)));
        for wrong in ["", "8", "h", "0h", "-1h", "367d", "8 h", "8é", "99999999999h", "4294967295d", "P1D"] {
            assert!(lifetime(wrong).is_err(), "{wrong}");
        }
    }
}
