//! The sender of a request, for the log and for the limits of one principal.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::{HeaderMap, Request};

use crate::{config::Network, policy::Claims, turns::Principal};

/// The address of the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub IpAddr);

/// The sender of a request. It is filled in while the request is answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Asker(Arc<Mutex<Who>>);

/// The subject and the organization of the token, and why the token was refused. `None` if not known.
#[derive(Clone, Debug, Default)]
pub(super) struct Who {
    pub subject: Option<String>,
    pub organization: Option<String>,
    pub refused: Option<String>,
}

impl Asker {
    /// Records the claims of an accepted token.
    pub fn set_claims(&self, claims: Option<&Claims>) {
        if let Some(claims) = claims {
            self.note(|who| {
                who.subject = Some(claims.subject.clone());
                who.organization.clone_from(&claims.organization);
            });
        }
    }

    /// Records why the token was refused.
    pub fn set_refusal(&self, why: &str) {
        self.note(|who| who.refused = Some(why.to_owned()));
    }

    /// What is known at the moment.
    pub fn who(&self) -> Who {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The principal of the request: the organization, otherwise the subject. All requests without a token have the same one.
    pub fn principal(&self) -> Principal {
        match self.who() {
            Who { organization: Some(organization), .. } => Principal::organization(organization),
            Who { subject: Some(subject), .. } => Principal::subject(&subject),
            _ => Principal::default(),
        }
    }

    fn note(&self, note: impl FnOnce(&mut Who)) {
        note(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The address of the client. If the other end is a trusted proxy, the address that it names in `X-Forwarded-For`, and so on.
pub(super) fn client<B>(request: &Request<B>, trusted: &[Network]) -> Option<IpAddr> {
    let Peer(mut address) = *request.extensions().get()?;
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    for named in forwarded(request.headers()).into_iter().rev() {
        if !is_trusted(address) {
            break;
        }
        let Some(named) = named else { break };
        address = named;
    }
    Some(address.to_canonical())
}

/// The addresses in `X-Forwarded-For`, that of the last proxy last. `None` for a malformed one.
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|address| address.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_believed_where_it_is_trusted() {
        let told = |peer: &str, lines: &[&str], trusted: &[&str]| {
            let mut request = Request::new(());
            request.extensions_mut().insert(Peer(peer.parse().unwrap()));
            for line in lines {
                request.headers_mut().append("x-forwarded-for", line.parse().unwrap());
            }
            let trusted: Vec<Network> = trusted.iter().map(|network| network.parse().unwrap()).collect();
            client(&request, &trusted).unwrap().to_string()
        };
        assert_eq!(told("192.0.2.7", &["198.51.100.1"], &[]), "192.0.2.7");
        assert_eq!(told("10.0.0.2", &["198.51.100.1"], &["10.0.0.0/8"]), "198.51.100.1");
        // Entries that the client itself sent are further to the left.
        assert_eq!(told("10.0.0.2", &["203.0.113.9, 198.51.100.1"], &["10.0.0.0/8"]), "198.51.100.1");
        assert_eq!(told("10.0.0.2", &["198.51.100.1", "10.0.0.3"], &["10.0.0.0/8"]), "198.51.100.1");
        assert_eq!(told("10.0.0.2", &["nobody"], &["10.0.0.0/8"]), "10.0.0.2");
        assert_eq!(told("10.0.0.2", &[], &["10.0.0.0/8"]), "10.0.0.2");
        assert_eq!(told("::ffff:10.0.0.2", &["2001:db8::1"], &["10.0.0.0/8"]), "2001:db8::1");
    }
}
