//! What is remembered by a digest, the newest so many.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Values by the digest of what they follow from. Once it is full the oldest makes room.
#[derive(Debug)]
pub(super) struct Memory<V> {
    capacity: usize,
    kept: Mutex<Kept<V>>,
}

#[derive(Debug)]
struct Kept<V> {
    known: HashMap<[u8; 32], V>,
    order: VecDeque<[u8; 32]>,
}

impl<V: Clone> Memory<V> {
    /// An empty one, for so many.
    pub fn of(capacity: usize) -> Self {
        Self { capacity, kept: Mutex::new(Kept { known: HashMap::new(), order: VecDeque::new() }) }
    }

    /// What is remembered under this digest.
    pub fn get(&self, digest: &[u8; 32]) -> Option<V> {
        self.kept().known.get(digest).cloned()
    }

    /// Remembers it. What follows from the same is the same: it does not matter who of two comes last.
    pub fn keep(&self, digest: [u8; 32], value: V) {
        let mut kept = self.kept();
        if kept.known.insert(digest, value).is_none() {
            kept.order.push_back(digest);
            if kept.order.len() > self.capacity
                && let Some(oldest) = kept.order.pop_front()
            {
                kept.known.remove(&oldest);
            }
        }
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        let kept = self.kept();
        assert_eq!(kept.known.len(), kept.order.len());
        kept.known.len()
    }

    fn kept(&self) -> MutexGuard<'_, Kept<V>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
