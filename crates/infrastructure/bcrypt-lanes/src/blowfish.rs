//! The cipher of bcrypt and its expensive key schedule, over several states at once.
//!
//! It is written for the loop in which [`round`] spends its time. Indices are bytes into tables of 256, so no bounds
//! are checked. The lanes are one array of one struct, so everything is at a fixed distance from one address, and the
//! few registers of the processor are free for the current words. After a change, measure again with `cargo run
//! --release -p doorward-bench --bin hashes`.
use crate::pi;
use zeroize::Zeroize;

/// One hash in progress. All of its state reveals the password.
pub struct Lane {
    tables: [[u32; 256]; 4],
    round_words: [u32; 18],
    key: [u32; 18],
    salt: [u32; 18],
}

/// `OrpheanBeholderScryDoubt`, which is encrypted at the end.
const TEXT: [[u32; 2]; 3] = [[0x4f72_7068, 0x6561_6e42], [0x6568_6f6c, 0x6465_7253], [0x6372_7944, 0x6f75_6274]];

impl Lane {
    /// The state of a free lane.
    pub const IDLE: Self = Self { tables: [[0; 256]; 4], round_words: [0; 18], key: [0; 18], salt: [0; 18] };

    /// Sets up for a key and a salt, in place: a lane that was created elsewhere and moved here would leave copies
    /// behind.
    pub fn begin(&mut self, key: &[u8], salt: &[u8; 16]) {
        self.tables = pi::TABLES;
        self.round_words = pi::ROUND_WORDS;
        repeat_into(&mut self.key, key);
        repeat_into(&mut self.salt, salt);
        let [a, b, c, d, ..] = self.salt;
        let mut halves = [[a, b], [c, d]].into_iter().cycle();
        expand(
            std::array::from_mut(self),
            |lane| &lane.key,
            |[left], [right]| {
                let [to_left, to_right] = halves.next().unwrap_or_default();
                *left ^= to_left;
                *right ^= to_right;
            },
        );
    }

    /// The hash, if these were all the rounds.
    pub fn output(&self) -> [u8; 24] {
        let mut output = [0; 24];
        for (block, text) in output.chunks_exact_mut(8).zip(TEXT) {
            let (mut left, mut right) = ([text[0]], [text[1]]);
            for _ in 0..64 {
                encipher(std::array::from_ref(self), &mut left, &mut right);
            }
            block[..4].copy_from_slice(&left[0].to_be_bytes());
            block[4..].copy_from_slice(&right[0].to_be_bytes());
        }
        output
    }

    /// Wipes the state.
    pub fn wipe(&mut self) {
        self.tables.zeroize();
        self.round_words.zeroize();
        self.key.zeroize();
        self.salt.zeroize();
    }
}

/// Repeats the bytes until the words are full. Without bytes, the words are like NULs.
fn repeat_into(words: &mut [u32; 18], bytes: &[u8]) {
    let mut repeated = bytes.iter().cycle();
    for word in words {
        *word = (0..4).fold(0, |word, _| word << 8 | repeated.next().map_or(0, |byte| u32::from(*byte)));
    }
}

/// Advances each lane by one round of bcrypt, first with the key and then with the salt.
// A separate function for each count, so that a profiler or a debugger can name it.
#[inline(never)]
pub fn round<const N: usize>(lanes: &mut [Lane; N]) {
    expand(lanes, |lane| &lane.key, |_, _| ());
    expand(lanes, |lane| &lane.salt, |_, _| ());
}

/// Mixes words into each lane, and then replaces its whole state with the output of the cipher, block by block;
/// `between` changes a block before it is encrypted.
#[inline(always)]
fn expand<const N: usize>(
    lanes: &mut [Lane; N],
    mixed_in: impl Fn(&Lane) -> &[u32; 18],
    mut between: impl FnMut(&mut [u32; N], &mut [u32; N]),
) {
    for lane in lanes.iter_mut() {
        for i in 0..18 {
            lane.round_words[i] ^= mixed_in(lane)[i];
        }
    }
    let (mut left, mut right) = ([0; N], [0; N]);
    for i in (0..18).step_by(2) {
        between(&mut left, &mut right);
        encipher(lanes, &mut left, &mut right);
        for k in 0..N {
            lanes[k].round_words[i] = left[k];
            lanes[k].round_words[i + 1] = right[k];
        }
    }
    for table in 0..4 {
        for i in (0..256).step_by(2) {
            between(&mut left, &mut right);
            encipher(lanes, &mut left, &mut right);
            for k in 0..N {
                lanes[k].tables[table][i] = left[k];
                lanes[k].tables[table][i + 1] = right[k];
            }
        }
    }
}

/// Blowfish: one block in each lane.
///
/// A single lane would spend most of its time waiting, because each look-up needs the result of the previous one. So
/// each step is done in all lanes before the next step: while one waits, the others continue.
#[inline(always)]
fn encipher<const N: usize>(lanes: &[Lane; N], left: &mut [u32; N], right: &mut [u32; N]) {
    for k in 0..N {
        left[k] ^= lanes[k].round_words[0];
    }
    for i in (1..17).step_by(2) {
        for k in 0..N {
            right[k] ^= lanes[k].round_words[i] ^ look_up(&lanes[k].tables, left[k]);
        }
        for k in 0..N {
            left[k] ^= lanes[k].round_words[i + 1] ^ look_up(&lanes[k].tables, right[k]);
        }
    }
    for k in 0..N {
        (left[k], right[k]) = (right[k] ^ lanes[k].round_words[17], left[k]);
    }
}

#[inline(always)]
fn look_up(tables: &[[u32; 256]; 4], word: u32) -> u32 {
    let [a, b, c, d] = word.to_be_bytes().map(usize::from);
    (tables[0][a].wrapping_add(tables[1][b]) ^ tables[2][c]).wrapping_add(tables[3][d])
}
