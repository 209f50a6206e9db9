use crate::Services;
use crate::accounts::first_admin;
use crate::fields::Fields;
use doorward_domain::{Email, Password, PersonalContext};
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::FirstAdmin;
use doorward_ports::outbound::Guard;
use doorward_ports::{Caller, Result, Secret};

/// Without what is easily misread.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Four groups of five letters, and what stands between them.
const FOUR_GROUPS: usize = 23;

pub(super) async fn bootstrap(
    services: &Services,
    caller: &Caller,
    email: &str,
    password: Option<Secret>,
) -> Result<Option<FirstAdmin>> {
    access::authorize(caller, Operation::Bootstrap)?;
    if services.tools.store.read().await?.users().any().await? {
        return Ok(None);
    }
    let made_up = password.is_none();
    let secret = password.unwrap_or_else(|| make_up(services));
    let (email, password) = checked(services, email, &secret)?;
    let hash = services.tools.hasher.hash(caller.key(), &password).await?;
    let mut work = services.tools.store.write().await?;
    work.guard(Guard::Bootstrap).await?;
    if work.users().any().await? {
        return Ok(None);
    }
    let admin = first_admin(services, caller, &mut *work, email, &hash).await?;
    work.commit().await?;
    Ok(Some(FirstAdmin { email: admin.email, password: made_up.then_some(secret) }))
}

fn checked(services: &Services, email: &str, password: &Secret) -> Result<(Email, Password)> {
    let mut fields = Fields::default();
    let email = fields.take("/bootstrap/admin_email", "invalid_email", Email::parse(email));
    let owner = PersonalContext { email: email.as_ref(), username: None, full_name: None };
    let password = crate::accounts::new_password(services, &mut fields, "/bootstrap/admin_password", password, &owner);
    fields.finish_with(email.zip(password))
}

/// 100 bits, in groups that can be read aloud; more where the policy asks for a longer password.
fn make_up(services: &Services) -> Secret {
    let length = services.policies.passwords.min_length.max(FOUR_GROUPS);
    let mut text = group(services);
    while text.len() < length {
        text.push('-');
        text.push_str(&group(services));
    }
    text.truncate(length);
    Secret::new(text)
}

fn group(services: &Services) -> String {
    services.draw::<5>().map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()])).iter().collect()
}
