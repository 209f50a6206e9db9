use crate::Timestamp;
use std::fmt::Write as _;
use std::time::Duration;
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// How long a code is shown (RFC 6238 §4.1).
pub const TOTP_PERIOD: Duration = Duration::from_secs(30);
const PERIOD_SECONDS: i64 = 30;
const DIGITS: usize = 6;
/// A seed has the length of the output of the hash (RFC 4226 §4, R6).
const SEED_BYTES: usize = 20;
/// How many steps before and after the expected one a code may be for (RFC 6238 §5.2).
const SKEW: i64 = 1;
/// How far the clock of an authenticator is followed. The present step always stays in the window, so that somebody who
/// corrects the clock of a phone is not locked out.
const MOST_DRIFT: i64 = 1;

/// Why a text is not a code of an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code has six digits")]
pub struct TotpCodeError;

/// A code of an authenticator, as typed: six digits.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct TotpCode(String);

hidden!(TotpCode);

impl TotpCode {
    /// Checks the form. Blanks are left out: authenticators show them between the digits.
    ///
    /// # Errors
    /// [`TotpCodeError`] if it is anything else than six digits.
    pub fn parse(text: &str) -> Result<Self, TotpCodeError> {
        let digits: String = text.chars().filter(|c| !c.is_ascii_whitespace()).take(DIGITS + 1).collect();
        let formed = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        if formed { Ok(Self(digits)) } else { Err(TotpCodeError) }
    }
}

/// The secret that an authenticator shares with Doorward (RFC 6238 §3): 160 bits.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct TotpSeed([u8; SEED_BYTES]);

hidden!(TotpSeed);

impl TotpSeed {
    /// A seed of fresh randomness.
    #[must_use]
    pub const fn new(randomness: [u8; SEED_BYTES]) -> Self {
        Self(randomness)
    }

    /// The seed with these bytes; none if their number is wrong.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, to be sealed.
    #[must_use]
    pub const fn expose(&self) -> &[u8; SEED_BYTES] {
        &self.0
    }

    /// The text that people type into an authenticator (RFC 4648 §6, without padding).
    #[must_use]
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(totp_rs::Secret::new_stack(self.0).to_base32())
    }

    /// The URI that a QR code shows to an authenticator.
    #[must_use]
    pub fn otpauth_uri(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let (issuer, account, secret) = (escaped(issuer), escaped(account), self.to_base32());
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={PERIOD_SECONDS}",
            secret.as_str()
        ))
    }

    fn totp(&self) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_step_duration(PERIOD_SECONDS.unsigned_abs())
            .with_skew(0)
            .with_secret(self.0)
            .build_noncompliant()
    }
}

/// RFC 3986 §2.3: everything but unreserved characters. A colon must not end the name of the issuer early.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => escaped.push(char::from(byte)),
            _ => write!(escaped, "%{byte:02X}").expect("a String takes whatever is written to it"),
        }
    }
    escaped
}

/// What is known of an authenticator: the step of its last code, and how far its clock is away.
///
/// Each step is accepted once, and no step before it (RFC 6238 §5.2, OWASP ASVS 6.5.1). The window always has three
/// steps; the drift moves it and never widens it (RFC 6238 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TotpProgress {
    /// The step of the last accepted code.
    pub last_step: Option<i64>,
    /// How many steps its clock is fast; negative: slow.
    pub drift: i64,
}

impl TotpProgress {
    /// The progress after this code, if it is right and its step is new. All steps of the window are computed, whichever
    /// matches.
    #[must_use]
    pub fn accept(self, seed: &TotpSeed, code: &TotpCode, now: Timestamp) -> Option<Self> {
        let totp = seed.totp();
        let present = step_of(now);
        let expected = present + self.drift.clamp(-MOST_DRIFT, MOST_DRIFT);
        // The window of the library is one step wide, and its comparison takes constant time.
        let matches =
            |step: i64| u64::try_from(step * PERIOD_SECONDS).is_ok_and(|time| totp.check(&code.0, time).is_some());
        let matched: Vec<i64> = (expected - SKEW..=expected + SKEW).filter(|&step| matches(step)).collect();
        let step = matched.into_iter().find(|&step| self.last_step.is_none_or(|last| step > last))?;
        Some(Self { last_step: Some(step), drift: (step - present).clamp(-MOST_DRIFT, MOST_DRIFT) })
    }
}

fn step_of(now: Timestamp) -> i64 {
    now.as_micros().div_euclid(1_000_000 * PERIOD_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// RFC 6238, appendix B: the seed, the time, and the last six of the eight digits.
    const OF_THE_RFC: &[u8; 20] = b"12345678901234567890";
    const VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    fn seed() -> TotpSeed {
        TotpSeed::new(*OF_THE_RFC)
    }

    fn shown_at(seed: &TotpSeed, step: i64) -> TotpCode {
        let time = u64::try_from(step * PERIOD_SECONDS).unwrap();
        TotpCode::parse(&seed.totp().generate(time).to_string()).unwrap()
    }

    fn at_step(step: i64) -> Timestamp {
        Timestamp::from_seconds(step * PERIOD_SECONDS + 7)
    }

    fn accepts(progress: TotpProgress, step: i64, now: i64) -> Option<TotpProgress> {
        progress.accept(&seed(), &shown_at(&seed(), step), at_step(now))
    }

    #[test]
    fn rfc_6238_appendix_b_codes_are_those_of_the_rfc() {
        for (time, code) in VECTORS {
            let code = TotpCode::parse(code).unwrap();
            let accepted = TotpProgress::default().accept(&seed(), &code, Timestamp::from_seconds(time));
            assert_eq!(accepted.and_then(|after| after.last_step), Some(time / 30), "{time}");
        }
    }

    #[test]
    fn a_code_is_six_digits_with_or_without_blanks() {
        assert_eq!(TotpCode::parse("123 456"), TotpCode::parse("123456"));
        for text in ["", "12345", "1234567", "12345a", "１２３４５６", "123-456"] {
            assert_eq!(TotpCode::parse(text), Err(TotpCodeError), "{text:?}");
        }
    }

    #[test]
    fn asvs_6_5_1_a_step_is_accepted_once_and_none_before_it() {
        let after = accepts(TotpProgress::default(), 1000, 1000).unwrap();
        assert_eq!(after, TotpProgress { last_step: Some(1000), drift: 0 });
        assert_eq!(accepts(after, 1000, 1000), None, "again");
        assert_eq!(accepts(after, 999, 1000), None, "the previous one, after a later one");
        let slow = accepts(TotpProgress::default(), 999, 1000).unwrap();
        assert_eq!(accepts(slow, 999, 1000), None, "the previous one twice");
        assert!(accepts(slow, 1000, 1000).is_some(), "the present one after the previous one");
    }

    #[test]
    fn rfc_6238_6_a_clock_is_followed_and_the_window_stays_three_steps_wide() {
        let width = |drift, last| {
            (900..1100)
                .filter(|&step| accepts(TotpProgress { last_step: last, drift }, step, 1000).is_some())
                .collect::<Vec<_>>()
        };
        assert_eq!(width(0, None), [999, 1000, 1001]);
        assert_eq!(width(1, None), [1000, 1001, 1002]);
        assert_eq!(width(-1, None), [998, 999, 1000]);
        assert_eq!(width(99, None), [1000, 1001, 1002], "a drift that no use has caused");
    }

    #[test]
    fn a_seed_and_a_code_are_hidden() {
        assert_eq!(format!("{:?} {:?}", seed(), TotpCode::parse("123456")), "TotpSeed(…) Ok(TotpCode(…))");
    }

    #[test]
    fn the_uri_names_issuer_and_account_and_escapes_both() {
        assert_eq!(
            seed().otpauth_uri("Door: ward", "ann+x@example.com").as_str(),
            "otpauth://totp/Door%3A%20ward:ann%2Bx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Door%3A%20ward&algorithm=SHA1&digits=6&period=30"
        );
    }

    proptest! {
        #[test]
        fn parsing_a_code_never_panics(text: String) {
            if let Ok(code) = TotpCode::parse(&text) {
                prop_assert_eq!(code.0.len(), DIGITS);
            }
        }

        /// For all codes at all times: accepted steps only grow, each is within two of the present one, and the window is
        /// never wider than three.
        #[test]
        fn accepted_steps_only_grow(codes in prop::collection::vec((0..4_i64, -4..5_i64), 1..60)) {
            let (mut now, mut progress) = (1000_i64, TotpProgress::default());
            for (wait, offset) in codes {
                now += wait;
                let Some(after) = accepts(progress, now + offset, now) else { continue };
                prop_assert!(progress.last_step < after.last_step);
                prop_assert!((after.last_step.unwrap() - now).abs() <= SKEW + MOST_DRIFT);
                prop_assert!(after.drift.abs() <= MOST_DRIFT);
                progress = after;
            }
        }
    }
}
