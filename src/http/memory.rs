//! What bodies of requests and answers take of memory while they wait for their clients: so much for one principal, and so much in
//! all. So neither halves of bodies nor answers that nobody reads take all of it.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

use crate::turns::Principal;

/// What takes less is not counted.
pub(super) const SMALL: usize = 64 << 10;
/// What one principal may have.
const ONE: usize = 64 << 20;
/// What all may have.
const ALL: usize = 192 << 20;
/// So much of an answer is given to its connection at a time.
const PIECE: usize = 64 << 10;

/// Who has how much.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<Taken>);

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    of: HashMap<Principal, usize>,
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoRoom {
    /// The principal has as much as it may.
    OfOne,
    /// All have.
    OfAll,
}

impl Taken {
    fn fits(&self, who: &Principal, bytes: usize) -> Result<(), NoRoom> {
        if self.of.get(who).copied().unwrap_or_default() + bytes > ONE {
            return Err(NoRoom::OfOne);
        }
        if self.all + bytes > ALL {
            return Err(NoRoom::OfAll);
        }
        Ok(())
    }
}

impl Memory {
    /// Room for so many bytes, until it is dropped.
    pub fn take(self: &Arc<Self>, who: Principal, bytes: usize) -> Result<Room, NoRoom> {
        let mut taken = self.locked();
        taken.fits(&who, bytes)?;
        taken.all += bytes;
        *taken.of.entry(who.clone()).or_default() += bytes;
        Ok(Room { memory: Arc::clone(self), who, bytes })
    }

    /// Whether there would be room for so many bytes.
    pub fn fits(&self, who: &Principal, bytes: usize) -> Result<(), NoRoom> {
        self.locked().fits(who, bytes)
    }

    fn locked(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room that was taken.
#[derive(Debug)]
pub(super) struct Room {
    memory: Arc<Memory>,
    who: Principal,
    bytes: usize,
}

impl Drop for Room {
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

/// An answer that takes room until its client has read it.
pub(super) struct Answer {
    left: Bytes,
    _room: Room,
}

impl Answer {
    /// The body of an answer, in pieces: a connection asks for the next one when there is room in its buffer.
    pub fn body(bytes: Bytes, room: Room) -> Body {
        Body::new(Self { left: bytes, _room: room })
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
        let take = |who: &str, bytes| memory.take(Principal::subject(who), bytes);
        let first = take("a", ONE).unwrap();
        assert_eq!(take("a", 1).unwrap_err(), NoRoom::OfOne);
        let others: Vec<_> = ["b", "c"].map(|who| take(who, ONE).unwrap()).into();
        assert_eq!(take("d", 1).unwrap_err(), NoRoom::OfAll);
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
        let mut body = Answer::body(bytes.clone(), memory.take(Principal::default(), bytes.len()).unwrap());
        assert_eq!(body.size_hint().exact(), Some(bytes.len() as u64));
        let piece = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(piece.len(), PIECE);
        assert_eq!(memory.locked().all, bytes.len());
        assert_eq!([piece, body.collect().await.unwrap().to_bytes()].concat(), bytes);
        assert_eq!(memory.locked().all, 0);
    }
}
