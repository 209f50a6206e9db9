use std::collections::BTreeSet;
use std::fmt::Write;

/// Marks begin so unless told otherwise, and nothing else in any output does.
const BEGIN: &str = "zqmark";
/// Shorter words could be in an output by chance.
const SHORTEST_ISSUED: usize = 16;

/// Texts in place of secrets and personal data, and the search for them in everything that a program has written: also in
/// base64, in hexadecimal, and as a list of bytes.
#[derive(Debug)]
pub struct Marks {
    begin: &'static str,
    made: usize,
    writings: Vec<String>,
    issued: BTreeSet<String>,
}

impl Default for Marks {
    fn default() -> Self {
        Self::beginning(BEGIN)
    }
}

impl Marks {
    /// Marks that begin so; of marks with another beginning, none is found.
    #[must_use]
    pub fn beginning(begin: &'static str) -> Self {
        Self { begin, made: 0, writings: writings(begin), issued: BTreeSet::new() }
    }

    /// A new mark: letters and digits, which are valid in a name, a password and an e-mail address.
    pub fn mark(&mut self) -> String {
        self.made += 1;
        format!("{}{}", self.begin, self.made)
    }

    /// A new e-mail address.
    pub fn email(&mut self) -> String {
        let mark = self.mark();
        format!("{mark}@{mark}.example.com")
    }

    /// A new password that keeps every rule.
    pub fn password(&mut self) -> String {
        format!("copper-violin-{}-marsh", self.mark())
    }

    /// Adds a secret that the program has issued. Of a JWT (RFC 7515 §3.1), the claims and the signature are secret.
    pub fn add_issued(&mut self, secret: &str) {
        let parts: Vec<&str> = secret.split('.').collect();
        let secret = if let [_, claims, signature] = parts[..] { vec![claims, signature] } else { vec![secret] };
        assert!(secret.iter().all(|part| part.len() >= SHORTEST_ISSUED), "{secret:?} could be found by chance");
        self.issued.extend(secret.into_iter().map(str::to_owned));
    }

    /// How many secrets were issued.
    #[must_use]
    pub fn issued(&self) -> usize {
        self.issued.len()
    }

    /// The lines of a text with a mark or an issued secret.
    #[must_use]
    pub fn found_in<'a>(&self, text: &'a str) -> Vec<&'a str> {
        text.lines().filter(|line| self.is_in(line)).collect()
    }

    /// The lines of a text with an issued secret, whatever marks are there: a database contains e-mail addresses.
    #[must_use]
    pub fn issued_in<'a>(&self, text: &'a str) -> Vec<&'a str> {
        text.lines().filter(|line| self.has_issued(line)).collect()
    }

    fn is_in(&self, line: &str) -> bool {
        self.writings.iter().any(|writing| line.contains(writing)) || self.has_issued(line)
    }

    fn has_issued(&self, line: &str) -> bool {
        let is_of_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let mut words = line.split(|c| !is_of_word(c)).filter(|word| word.len() >= SHORTEST_ISSUED);
        words.any(|word| self.issued.contains(word))
    }
}

/// The ways in which programs write these bytes.
fn writings(text: &str) -> Vec<String> {
    let joined = |separator| text.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(separator);
    let mut hex = String::new();
    for byte in text.bytes() {
        write!(hex, "{byte:02x}").unwrap();
    }
    let mut all = vec![text.to_owned(), text.to_uppercase(), joined(", "), joined(","), hex.to_uppercase(), hex];
    // In base64, a byte is written in one of three ways, depending on its place.
    all.extend((0..3).map(|before| base64_behind(before, text.as_bytes())));
    all
}

/// The digits of base64 that these bytes determine, behind so many others.
fn base64_behind(before: usize, bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bit = |at: usize| usize::from(bytes[at / 8] >> (7 - at % 8) & 1);
    let unknown = (before * 8).next_multiple_of(6) - before * 8;
    let digits = (bytes.len() * 8 - unknown) / 6;
    let digit = |n: usize| (0..6).fold(0, |digit, at| digit << 1 | bit(unknown + n * 6 + at));
    (0..digits).map(|n| char::from(DIGITS[digit(n)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_however_it_is_written() {
        let mut marks = Marks::default();
        let mark = marks.mark();
        let bytes = mark.as_bytes();
        let lines = [
            format!("email={}", marks.email()),
            format!("{:?}", marks.password()),
            format!("parameters: {bytes:?}"),
            format!("{:?}", format!("{bytes:?}").replace(' ', "")),
            bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
            mark.to_uppercase(),
        ];
        for line in lines {
            let text = format!("before\n{line}\nafter");
            assert_eq!(marks.found_in(&text), [line.as_str()]);
        }
    }

    #[test]
    fn a_mark_is_found_in_base64_at_any_place() {
        // By `printf zqmark1 | base64`, and behind one and two other bytes.
        for line in ["enFtYXJrMQ==", "eHpxbWFyazE=", "eXh6cW1hcmsx"] {
            assert_eq!(Marks::default().found_in(line), [line]);
        }
    }

    #[test]
    fn an_issued_secret_is_found_by_each_of_its_secret_parts() {
        let mut marks = Marks::default();
        marks.add_issued("eyJhbGciOiJFZERTQSJ9.claims-claims-claims.signature_signature");
        marks.add_issued("dws_0123456789abcdef");
        for line in ["token=claims-claims-claims", "\"signature_signature\"", "[dws_0123456789abcdef]"] {
            assert_eq!((marks.found_in(line), marks.issued_in(line)), (vec![line], vec![line]));
        }
        assert_eq!(marks.issued_in("zqmark1"), [""; 0]);
        let harmless = "eyJhbGciOiJFZERTQSJ9 claims-claims-claim dws_ 019a5b7e-0000-7000-8000-000000000000 zq mark";
        assert_eq!(marks.found_in(harmless), [""; 0]);
    }
}
