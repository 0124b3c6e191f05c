//! The memory of request bodies and of answers that wait for their clients. It is limited for each principal and for all together,
//! so that incomplete bodies and unread answers cannot use all memory.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

use crate::turns::Principal;

/// Smaller bodies and answers are not counted.
pub(super) const SMALL: usize = 64 << 10;
/// The most bytes of one principal.
const ONE: usize = 64 << 20;
/// The most bytes of all principals together.
const ALL: usize = 192 << 20;
/// The bytes of an answer that its connection gets at a time.
const PIECE: usize = 64 << 10;

/// The memory in use.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<Taken>);

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    of: HashMap<Principal, usize>,
}

/// Why no memory can be reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoMemory {
    /// The principal uses its maximum.
    OfPrincipal,
    /// All principals together use the maximum.
    OfServer,
}

impl Taken {
    fn fits(&self, who: &Principal, bytes: usize) -> Result<(), NoMemory> {
        if self.of.get(who).copied().unwrap_or_default() + bytes > ONE {
            return Err(NoMemory::OfPrincipal);
        }
        if self.all + bytes > ALL {
            return Err(NoMemory::OfServer);
        }
        Ok(())
    }
}

impl Memory {
    /// Reserves memory until the result is dropped.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] if it does not fit.
    pub fn reserve(self: &Arc<Self>, who: Principal, bytes: usize) -> Result<Reserved, NoMemory> {
        let mut taken = self.locked();
        taken.fits(&who, bytes)?;
        taken.all += bytes;
        *taken.of.entry(who.clone()).or_default() += bytes;
        Ok(Reserved { memory: Arc::clone(self), who, bytes })
    }

    /// Whether so many bytes could be reserved.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] if not.
    pub fn fits(&self, who: &Principal, bytes: usize) -> Result<(), NoMemory> {
        self.locked().fits(who, bytes)
    }

    fn locked(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reserved memory.
#[derive(Debug)]
pub(super) struct Reserved {
    memory: Arc<Memory>,
    who: Principal,
    bytes: usize,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let mut taken = self.memory.locked();
        taken.all -= self.bytes;
        if let Some(own) = taken.of.get_mut(&self.who) {
            *own -= self.bytes;
            if *own == 0 {
                taken.of.remove(&self.who);
            }
        }
    }
}

/// The body of an answer, whose memory is reserved until its client has read it.
pub(super) struct Answer {
    left: Bytes,
    _reserved: Reserved,
}

impl Answer {
    /// The body of an answer, in pieces. A connection requests the next piece when its buffer has space.
    pub fn body(bytes: Bytes, reserved: Reserved) -> Body {
        Body::new(Self { left: bytes, _reserved: reserved })
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        let most = self.left.len().min(PIECE);
        let piece = self.left.split_to(most);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[test]
    fn one_has_a_part_and_all_have_the_whole() {
        let memory = Arc::new(Memory::default());
        let take = |who: &str, bytes| memory.reserve(Principal::subject(who), bytes);
        let first = take("a", ONE).unwrap();
        assert_eq!(take("a", 1).unwrap_err(), NoMemory::OfPrincipal);
        let others: Vec<_> = ["b", "c"].map(|who| take(who, ONE).unwrap()).into();
        assert_eq!(take("d", 1).unwrap_err(), NoMemory::OfServer);
        drop(first);
        let again = take("a", 1).unwrap();
        drop((others, again));
        let taken = memory.locked();
        assert_eq!((taken.all, taken.of.len()), (0, 0));
    }

    #[tokio::test]
    async fn an_answer_comes_in_pieces_and_has_its_length() {
        let memory = Arc::new(Memory::default());
        let bytes = Bytes::from(vec![7; 3 * PIECE + 1]);
        let mut body = Answer::body(bytes.clone(), memory.reserve(Principal::default(), bytes.len()).unwrap());
        assert_eq!(body.size_hint().exact(), Some(bytes.len() as u64));
        let piece = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(piece.len(), PIECE);
        assert_eq!(memory.locked().all, bytes.len());
        assert_eq!([piece, body.collect().await.unwrap().to_bytes()].concat(), bytes);
        assert_eq!(memory.locked().all, 0);
    }
}
