use crate::blowfish::{self, Lane};
use crate::{Output, Salt};

/// The largest number of hashes that one core advances together. A fifth would not fit into the registers of most
/// processors.
pub const MOST: usize = 4;

/// Up to [`MOST`] hashes in progress on one core, at positions from 0 without gaps.
///
/// It needs 17 KiB, which should stay in the first cache of a core: create one for each hashing thread, and keep it.
pub struct Lanes {
    /// The first `busy` lanes are in progress; the others are wiped.
    lanes: Box<[Lane; MOST]>,
    busy: usize,
}

impl Default for Lanes {
    fn default() -> Self {
        Self::new()
    }
}

impl Lanes {
    /// Creates free lanes.
    #[must_use]
    pub fn new() -> Self {
        Self { lanes: Box::new([Lane::IDLE; MOST]), busy: 0 }
    }

    /// The number of hashes in progress.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.busy
    }

    /// Whether no hash is in progress.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.busy == 0
    }

    /// Begins a hash at the position after the others; returns the position, or none if all lanes are busy. For keys,
    /// see [Keys](crate#keys).
    pub fn begin(&mut self, key: &[u8], salt: &Salt) -> Option<usize> {
        let place = self.busy;
        self.lanes.get_mut(place)?.begin(key, salt);
        self.busy += 1;
        Some(place)
    }

    /// Advances all hashes by this many rounds. A hash is done after 2^cost rounds ([`rounds`](crate::rounds)).
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

    /// The hash at this position after its rounds so far. It can be called at any time and changes nothing.
    ///
    /// # Panics
    /// If no hash is in progress there.
    #[must_use]
    pub fn output(&self, place: usize) -> Output {
        self.lanes[..self.busy][place].output()
    }

    /// Ends the hash at this position and wipes it; the last one moves there, as with [`Vec::swap_remove`].
    ///
    /// # Panics
    /// If no hash is in progress there.
    pub fn end(&mut self, place: usize) {
        let under_way = &mut self.lanes[..self.busy];
        let last = under_way.len() - 1;
        under_way.swap(place, last);
        under_way[last].wipe();
        self.busy = last;
    }

    /// Ends and wipes all hashes.
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
