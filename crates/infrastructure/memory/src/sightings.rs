use doorward_domain::{SEEN_EVERY, SessionId, Timestamp};
use doorward_ports::outbound::{Sighting, Sightings};
use quick_cache::sync::Cache;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How soon a session is noted again: as much before the store would record it again as passes on the way there, so that
/// what came a little too early for one minute is not missing from two.
const AGAIN_AFTER: Duration = SEEN_EVERY.saturating_sub(Duration::from_secs(15));

/// Keeps in mind which sessions this process has seen used.
pub struct SightingMemory {
    noted: Cache<SessionId, Timestamp>,
    fresh: Mutex<HashMap<SessionId, Timestamp>>,
    capacity: usize,
}

impl SightingMemory {
    /// Keeps at most so many sessions in mind.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { noted: Cache::new(capacity), fresh: Mutex::default(), capacity }
    }

    fn is_noted(&self, session: SessionId, at: Timestamp) -> bool {
        // Requests at once come in any order, so a moment before the one noted counts as well; one long before it
        // comes from a clock that was set back.
        self.noted.get(&session).is_some_and(|noted| at.since(noted).max(noted.since(at)) < AGAIN_AFTER)
    }
}

impl Sightings for SightingMemory {
    fn note(&self, session: SessionId, at: Timestamp) {
        if self.is_noted(session, at) {
            return;
        }
        // Nothing that can panic runs while it is held.
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        // Of several requests at once the first has noted it.
        if fresh.len() < self.capacity && !self.is_noted(session, at) {
            fresh.insert(session, at);
            self.noted.insert(session, at);
        }
    }

    fn take(&self) -> Vec<Sighting> {
        let fresh = std::mem::take(&mut *self.fresh.lock().unwrap_or_else(PoisonError::into_inner));
        fresh.into_iter().map(|(session, at)| Sighting { session, at }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn session(n: u8) -> SessionId {
        SessionId::mint(NOW, [n; 10])
    }

    #[test]
    fn a_session_is_noted_once_a_minute_however_often_it_is_used() {
        let sightings = SightingMemory::new(10);
        let mut noted = Vec::new();
        for second in 0..600 {
            sightings.note(session(1), NOW.plus(Duration::from_secs(second)));
            noted.extend(sightings.take());
        }
        assert!(noted.is_sorted_by(|a, b| a.at.plus(AGAIN_AFTER) <= b.at), "{noted:?}");
        assert!((10..=14).contains(&noted.len()), "{}", noted.len());
    }

    #[test]
    fn what_is_taken_is_taken_once_and_each_session_once() {
        let sightings = SightingMemory::new(10);
        assert_eq!(sightings.take(), []);
        for n in [1, 2, 1, 1] {
            sightings.note(session(n), NOW);
        }
        let mut taken = sightings.take();
        taken.sort_by_key(|sighting| sighting.session);
        assert_eq!(taken, [1, 2].map(|n| Sighting { session: session(n), at: NOW }));
        assert_eq!(sightings.take(), []);
    }

    #[test]
    fn more_than_it_can_keep_in_mind_is_forgotten_and_room_comes_again() {
        let sightings = SightingMemory::new(3);
        (0..9).for_each(|n| sightings.note(session(n), NOW));
        assert_eq!(sightings.take().len(), 3);
        sightings.note(session(8), NOW);
        assert_eq!(sightings.take(), [Sighting { session: session(8), at: NOW }]);
    }

    #[test]
    fn requests_that_overtake_each_other_are_one_sighting_and_a_clock_set_back_makes_another() {
        let sightings = SightingMemory::new(10);
        let moments = [NOW.plus(Duration::from_micros(31)), NOW, NOW.minus(AGAIN_AFTER)];
        moments.into_iter().for_each(|at| sightings.note(session(1), at));
        assert_eq!(sightings.take(), [Sighting { session: session(1), at: NOW.minus(AGAIN_AFTER) }]);
    }

    #[test]
    fn of_a_crowd_of_requests_one_is_noted() {
        let sightings = Arc::new(SightingMemory::new(10));
        let crowd: Vec<_> = (0..32)
            .map(|n| {
                let sightings = sightings.clone();
                std::thread::spawn(move || {
                    sightings.note(session(1), NOW.plus(Duration::from_micros(n)));
                    sightings.take().len()
                })
            })
            .collect();
        assert_eq!(crowd.into_iter().map(|one| one.join().unwrap()).sum::<usize>(), 1);
    }
}
