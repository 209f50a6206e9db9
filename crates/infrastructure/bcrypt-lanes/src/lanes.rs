use crate::blowfish::{self, Lane};
use crate::{Output, Salt};

/// How many hashes one core advances together at most. A fifth would no longer fit into the registers of most processors.
pub const MOST: usize = 4;

/// Up to [`MOST`] hashes under way on one core, at places counted from 0 without a gap.
///
/// It takes 17 KiB, which should stay in a core's first cache: have one for each thread that hashes, and keep it.
pub struct Lanes {
    /// The first `busy` ones are under way; the others are wiped.
    lanes: Box<[Lane; MOST]>,
    busy: usize,
}

impl Default for Lanes {
    fn default() -> Self {
        Self::new()
    }
}

impl Lanes {
    /// Lanes that are all free.
    #[must_use]
    pub fn new() -> Self {
        Self { lanes: Box::new([Lane::IDLE; MOST]), busy: 0 }
    }

    /// How many hashes are under way.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.busy
    }

    /// Whether none is under way.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.busy == 0
    }

    /// Begins a hash, at the place behind the others; answers that place, or none when all lanes are taken. What a key is:
    /// see [Keys](crate#keys).
    pub fn begin(&mut self, key: &[u8], salt: &Salt) -> Option<usize> {
        let place = self.busy;
        self.lanes.get_mut(place)?.begin(key, salt);
        self.busy += 1;
        Some(place)
    }

    /// Advances all that are under way by so many rounds. A hash is done after 2^cost of them ([`rounds`](crate::rounds)).
    pub fn advance(&mut self, rounds: u32) {
        match self.busy {
            0 => (),
            1 => self.advance_first::<1>(rounds),
            2 => self.advance_first::<2>(rounds),
            3 => self.advance_first::<3>(rounds),
            _ => self.advance_first::<MOST>(rounds),
        }
    }

    fn advance_first<const N: usize>(&mut self, rounds: u32) {
        let Some(lanes) = self.lanes.first_chunk_mut::<N>() else { return };
        for _ in 0..rounds {
            blowfish::round(lanes);
        }
    }

    /// What the hash at that place is after the rounds that it has had. It may be asked at any time and changes nothing.
    ///
    /// # Panics
    /// When nothing is under way there.
    #[must_use]
    pub fn output(&self, place: usize) -> Output {
        self.lanes[..self.busy][place].output()
    }

    /// Ends the hash at that place and wipes it; the last one moves there, as by [`Vec::swap_remove`].
    ///
    /// # Panics
    /// When nothing is under way there.
    pub fn end(&mut self, place: usize) {
        let under_way = &mut self.lanes[..self.busy];
        let last = under_way.len() - 1;
        under_way.swap(place, last);
        under_way[last].wipe();
        self.busy = last;
    }

    /// Ends and wipes all.
    pub fn clear(&mut self) {
        self.lanes[..self.busy].iter_mut().for_each(Lane::wipe);
        self.busy = 0;
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        self.clear();
    }
}
