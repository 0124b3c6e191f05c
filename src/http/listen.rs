//! The address of the server. It is bound first, and listened on when the server is ready: until then, connections are refused
//! immediately.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

/// The most connections that wait to be accepted.
const BACKLOG: i32 = 1024;

/// A bound address.
#[derive(Debug)]
pub struct Bound(Socket);

impl Bound {
    /// Listens on the address.
    ///
    /// # Errors
    ///
    /// If another process that bound it at the same time listens on it.
    pub fn listen(self) -> io::Result<TcpListener> {
        self.0.listen(BACKLOG)?;
        TcpListener::from_std(self.0.into())
    }
}

/// Binds an address. `[::]` accepts clients of IPv4 and IPv6, whatever the default of the system; if the system has no IPv6, only
/// clients of IPv4.
///
/// # Errors
///
/// If the address is in use, or is not an address of this machine.
pub fn bind(address: SocketAddr) -> io::Result<Bound> {
    let is_any_v6 = address.is_ipv6() && address.ip().is_unspecified();
    match take(address, is_any_v6) {
        Err(error) if is_any_v6 && error.kind() != io::ErrorKind::AddrInUse => {
            take(SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port())), false).map_err(|_| error)
        }
        done => done,
    }
}

fn take(address: SocketAddr, takes_both: bool) -> io::Result<Bound> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if takes_both {
        socket.set_only_v6(false)?;
    }
    // So that a restarted server need not wait until the system has forgotten the connections of the previous one.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(Bound(socket))
}
