//! The address that is listened on. It is taken first, and listened on once there is something to answer: until then, whoever connects is
//! refused at once.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

/// Connections that wait to be taken.
const BACKLOG: i32 = 1024;

/// An address that is taken.
#[derive(Debug)]
pub struct Bound(Socket);

impl Bound {
    /// Listens on it.
    ///
    /// # Errors
    ///
    /// When another, which took it at the same time, listens on it.
    pub fn listen(self) -> io::Result<TcpListener> {
        self.0.listen(BACKLOG)?;
        TcpListener::from_std(self.0.into())
    }
}

/// Takes an address. `[::]` takes clients of IPv4 as well, whatever the system's default; and where the system has no IPv6, of IPv4
/// alone.
///
/// # Errors
///
/// When the address is taken, or is not of this machine.
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
    // A server that starts again need not wait for the connections of the one before it to be forgotten.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(Bound(socket))
}
