use crate::digest::{Salt, Sum};
use zeroize::Zeroizing;

/// bcrypt reads no more of a password than this.
pub const LONGEST_KEY: usize = 72;

/// The bytes that bcrypt is keyed with: cut at [`LONGEST_KEY`], and ended by a NUL where one fits, as every bcrypt does.
pub fn bcrypt_key(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    // Sized beforehand: a buffer that grows leaves copies of the secret behind.
    let mut key = Zeroizing::new(Vec::with_capacity(LONGEST_KEY + 1));
    key.extend_from_slice(&bytes[..bytes.len().min(LONGEST_KEY)]);
    key.push(0);
    key.truncate(LONGEST_KEY);
    key
}

/// One piece of slow work: stretch a key, and go on as long as the present cost takes.
pub struct Stretching {
    pub key: Zeroizing<Vec<u8>>,
    pub salt: Salt,
    pub cost: u32,
    /// It takes no less work than this cost, lest a digest made at a lower one be told apart by time, or at a shut door a
    /// right password from a wrong one.
    pub no_less_than: u32,
}

/// What came out, and what it took.
pub struct Stretched {
    pub sum: Sum,
    pub rounds: u64,
}

impl Stretching {
    pub fn run(&self) -> Stretched {
        let sum = self.bcrypt(self.cost);
        let mut rounds = 1 << self.cost;
        // 2^c + (2^c + … + 2^(p-1)) = 2^p: together exactly the work of the present cost.
        for cost in self.cost..self.no_less_than {
            std::hint::black_box(self.bcrypt(cost));
            rounds += 1 << cost;
        }
        Stretched { sum, rounds }
    }

    fn bcrypt(&self, cost: u32) -> Sum {
        let output = bcrypt::bcrypt(cost, self.salt, &self.key);
        *output.first_chunk().expect("bcrypt gives 24 bytes, of which a digest holds 23")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretching(cost: u32, no_less_than: u32) -> Stretched {
        Stretching { key: bcrypt_key(b"key"), salt: [7; 16], cost, no_less_than }.run()
    }

    #[test]
    fn it_takes_the_work_of_the_present_cost_also_for_a_cheaper_digest() {
        assert_eq!(stretching(4, 8).rounds, 1 << 8);
        assert_eq!(stretching(8, 8).rounds, 1 << 8);
        assert_eq!(stretching(8, 4).rounds, 1 << 8);
        assert_eq!(stretching(4, 8).sum, stretching(4, 4).sum, "the answer is the digest's");
    }

    #[test]
    fn a_key_ends_with_a_nul_only_where_one_fits() {
        assert_eq!(*bcrypt_key(b""), [0]);
        assert_eq!(bcrypt_key(&[b'a'; 71])[70..], [b'a', 0]);
        assert_eq!(*bcrypt_key(&[b'a'; 72]), [b'a'; 72]);
        assert_eq!(*bcrypt_key(&[b'a'; 73]), [b'a'; 72]);
    }
}
