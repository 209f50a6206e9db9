//! Signs access tokens for tests/bench, which needs more of them than it can sign in for: one for each line
//! `USER SESSION EMAIL` of standard input. What a signature took, in microseconds, goes to standard error.
//!
//! `tokens KEY_FILE ISSUER AUDIENCE`
use doorward_crypto::{JwtSettings, JwtSigner, OsRandom, SigningKey, SystemClock};
use doorward_domain::{AuthenticationEvent, Authentications, Client, Email, PermissionSet, RoleName, TokenId};
use doorward_ports::outbound::{Clock, Random, TokenSigner, TokenSubject};
use std::collections::BTreeSet;
use std::error::Error;
use std::io::{BufWriter, Write as _};
use std::time::{Duration, Instant};

const LIFETIME: Duration = Duration::from_hours(12);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [key, issuer, audience] = arguments.as_slice() else {
        return Err("usage: tokens KEY_FILE ISSUER AUDIENCE".into());
    };
    let key = SigningKey::from_pem(&std::fs::read_to_string(key)?)?;
    let signer = JwtSigner::new(key, &JwtSettings { issuer: issuer.clone(), audience: audience.clone() });
    let mut output = BufWriter::new(std::io::stdout().lock());
    let (mut signed, mut took) = (0_u32, Duration::ZERO);
    for line in std::io::stdin().lines() {
        let subject = subject(&line?)?;
        let begun = Instant::now();
        let token = sign(&signer, &subject)?;
        took += begun.elapsed();
        signed += 1;
        writeln!(output, "{token}")?;
    }
    output.flush()?;
    eprintln!("{:.3}", took.as_secs_f64() * 1e6 / f64::from(signed.max(1)));
    Ok(())
}

fn subject(line: &str) -> Result<TokenSubject, Box<dyn Error>> {
    let words: Vec<_> = line.split(' ').collect();
    let [user, session, email] = words.as_slice() else {
        return Err("a line is USER SESSION EMAIL".into());
    };
    Ok(TokenSubject {
        user: user.parse()?,
        session: session.parse()?,
        client: Client::doorward(),
        authentications: Authentications::begin(AuthenticationEvent::by_password(SystemClock.now())),
        email: Email::parse(email)?,
        email_verified: false,
        roles: BTreeSet::from([RoleName::user()]),
        permissions: PermissionSet::default(),
    })
}

fn sign(signer: &JwtSigner, subject: &TokenSubject) -> Result<String, Box<dyn Error>> {
    let now = SystemClock.now();
    let mut randomness = [0; 10];
    OsRandom.fill(&mut randomness);
    Ok(signer.access(subject, TokenId::mint(now, randomness), now, now.plus(LIFETIME))?)
}
