use crate::accounts::{first_admin, new_password};
use crate::fields::Fields;
use crate::services::{Act, Policies};
use doorward_domain::{Email, Password, PersonalContext};
use doorward_ports::inbound::FirstAdmin;
use doorward_ports::outbound::Guard;
use doorward_ports::{Result, Secret};

/// Letters and digits that can't be confused with others.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Four groups of five letters, with separators.
const FOUR_GROUPS: usize = 23;

pub(super) async fn bootstrap(mut act: Act<'_>, email: &str, password: Option<Secret>) -> Result<Option<FirstAdmin>> {
    if act.read().await?.users().any().await? {
        return Ok(None);
    }
    let made_up = password.is_none();
    let secret = password.unwrap_or_else(|| make_up(&act));
    let (email, password) = checked(act.policies, email, &secret)?;
    let hash = act.hash(act.caller.key(), &password).await?;
    let mut work = act.begin().await?;
    work.guard(Guard::Bootstrap).await?;
    if work.users().any().await? {
        return Ok(None);
    }
    let admin = first_admin(&mut work, email, &hash).await?;
    work.commit().await?;
    Ok(Some(FirstAdmin { email: admin.email, password: made_up.then_some(secret) }))
}

fn checked(policies: &Policies, email: &str, password: &Secret) -> Result<(Email, Password)> {
    let mut fields = Fields::default();
    let email = fields.take("/bootstrap/admin_email", "invalid_email", Email::parse(email));
    let owner = PersonalContext { email: email.as_ref(), username: None, full_name: None };
    let password = new_password(policies, (&mut fields, "/bootstrap/admin_password"), password, &owner);
    fields.finish_with(email.zip(password))
}

/// 100 bits, in groups that can be read aloud; more if the policy requires a longer password.
fn make_up(act: &Act<'_>) -> Secret {
    let length = act.policies.passwords.min_length.max(FOUR_GROUPS);
    let mut text = group(act);
    while text.len() < length {
        text.push('-');
        text.push_str(&group(act));
    }
    text.truncate(length);
    Secret::new(text)
}

fn group(act: &Act<'_>) -> String {
    act.draw::<5>().map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()])).iter().collect()
}
