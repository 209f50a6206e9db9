//! Checks of settings that only an adapter can make, before anything starts. The adapter accepts every value that passes here.
use super::{mail, secrets, shipping, traces, vault};
use doorward_crypto::{LONGEST_NAME_BYTES, SealingKey};
use doorward_domain::KeyAlgorithm;
use doorward_ports::{Causes, Secret};
use doorward_redis::{Address, Sentinels};
use doorward_settings::{
    Check, DatabaseUrl, Fault, Faults, HttpUrl, KeyPem, LogFilter, RedisUrl, SettingValue, Settings, Sources, Values,
};
use doorward_sql::Database;
use std::path::PathBuf;

/// Reads and checks every setting, as each command and the server's start do.
///
/// # Errors
/// All faults of the settings.
pub fn settings(sources: &Sources) -> Result<Settings, Faults> {
    Settings::load(sources, CHECKS)
}

const CHECKS: &[Check] = &[
    database,
    authorities,
    redis,
    signing_key,
    sealing_key,
    vault::check,
    issuer_too_long,
    audience_too_long,
    log_filter,
    traces::collector,
    shipping::ship_to,
    mail::templates,
    mail::authorities,
];

fn database(values: &Values) -> Option<Fault> {
    let url = values.peek::<DatabaseUrl>("database.url")?;
    let refused = Database::parse(&url.exposed()).err()?;
    let cure = format!("write {}; in a password, write @ as %40, # as %23, / as %2F and ? as %3F", DatabaseUrl::FORMAT);
    Some(values.fault("database.url", Causes(&refused).to_string(), cure))
}

fn authorities(values: &Values) -> Option<Fault> {
    let refused = std::fs::read(values.peek::<PathBuf>("redis.ca_file")?).err()?;
    Some(values.fault(
        "redis.ca_file",
        format!("the file can't be read: {refused}"),
        "use a PEM file with certificates",
    ))
}

fn redis(values: &Values) -> Option<Fault> {
    let url = values.peek::<RedisUrl>("redis.url")?;
    let file = values.peek::<PathBuf>("redis.ca_file");
    // A file that can't be read is a fault of its own.
    let authorities = file.as_ref().map(std::fs::read).transpose().ok()?;
    let (master, password) =
        (values.peek::<String>("redis.sentinel_master"), values.peek::<Secret>("redis.sentinel_password"));
    let password = password.as_ref().map(Secret::expose);
    let sentinels = master.as_deref().map(|master| Sentinels { master, password });
    let address = Address { url: url.expose(), authorities: None, sentinels };
    if let Err(refused) = address.check() {
        return Some(values.fault("redis.url", Causes(&refused).to_string(), format!("write {}", RedisUrl::FORMAT)));
    }
    let refused = Address { authorities: authorities.as_deref(), ..address }.check().err()?;
    Some(values.fault("redis.ca_file", Causes(&refused).to_string(), "use a PEM file with certificates"))
}

fn signing_key(values: &Values) -> Option<Fault> {
    let pem = values.peek::<KeyPem>("tokens.signing_key")?;
    let algorithm = values.peek::<KeyAlgorithm>("tokens.algorithm")?;
    let (problem, cure) = secrets::signing_key(&pem, algorithm).err()?;
    Some(values.fault("tokens.signing_key", problem, cure))
}

fn sealing_key(values: &Values) -> Option<Fault> {
    let key = values.peek::<Secret>("secrets.sealing_key")?;
    SealingKey::list_from_base64(key.expose()).err()?;
    let cure =
        "for a new database, create one with `openssl rand -base64 32`; for an existing database, use its own key";
    Some(values.fault("secrets.sealing_key", "it is not 32 bytes in base64", cure))
}

fn issuer_too_long(values: &Values) -> Option<Fault> {
    too_long(values, "tokens.issuer", values.peek::<HttpUrl>("tokens.issuer")?.as_str())
}

fn audience_too_long(values: &Values) -> Option<Fault> {
    too_long(values, "tokens.audience", &values.peek::<String>("tokens.audience")?)
}

/// Every token contains the name, and the length of a token is bounded.
fn too_long(values: &Values, key: &'static str, name: &str) -> Option<Fault> {
    (name.len() > LONGEST_NAME_BYTES).then(|| {
        let problem = format!("it has {} bytes, and every token contains it", name.len());
        values.fault(key, problem, format!("use a name of at most {LONGEST_NAME_BYTES} bytes"))
    })
}

fn log_filter(values: &Values) -> Option<Fault> {
    let filter = values.peek::<LogFilter>("telemetry.log_level")?;
    let refused = doorward_telemetry::check_filter(filter.as_str()).err()?;
    Some(values.fault("telemetry.log_level", Causes(&refused).to_string(), format!("write {}", LogFilter::FORMAT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with a setting, given by its variable.
    fn refusal(given: &[(&str, &str)]) -> String {
        let env = given.iter().map(|(name, value)| (name.into(), value.into())).collect();
        settings(&Sources { env, ..Sources::default() }).expect_err("the settings should be refused").to_string()
    }

    fn is_good(given: &[(&str, &str)]) -> bool {
        let env = given.iter().map(|(name, value)| (name.into(), value.into())).collect();
        settings(&Sources { env, ..Sources::default() }).is_ok()
    }

    #[test]
    fn an_address_that_the_database_would_refuse_is_refused_before() {
        for url in [
            "postgres://ann:hunter2@db/x?sslmode=allow",
            "postgres://ann:hunter2@db/x?pgbouncer=true",
            "postgres://ann:hunter@2@db/x",
            "postgres://ann:hunter#2@db/x",
            "postgres://ann:hunter/2@db/x",
            "postgres://ann:hunter?2@db/x",
            "postgres://ann:hunter2@db:port/x",
            "postgres://ann:hunter2@db/x?sslmode=require&sslrootcert=/nowhere",
            "mysql://ann:hunter2@db/x",
        ] {
            let refusal = refusal(&[("DATABASE_URL", url)]);
            assert!(
                refusal.starts_with("one setting can't be used:\n  database.url (environment variable DATABASE_URL): ")
            );
            assert!(!refusal.contains("hunter"), "{refusal}");
        }
        assert!(is_good(&[("DATABASE_URL", "postgres://ann:hunter%402@db/x?sslmode=require")]));
    }

    #[test]
    fn an_address_that_redis_would_refuse_is_refused_before() {
        let refused = refusal(&[("REDIS_URL", "redis://one/1,redis://two/1")]);
        assert!(
            refused.contains("redis.url (environment variable REDIS_URL): ") && refused.contains("numbered"),
            "{refused}"
        );
        let file = "/nowhere/authorities.pem";
        let refused = refusal(&[("REDIS_URL", "rediss://one"), ("DOORWARD_REDIS__CA_FILE", file)]);
        assert!(
            refused.contains("redis.ca_file (environment variable DOORWARD_REDIS__CA_FILE): the file can't be read")
        );
        let refused = refusal(&[("REDIS_URL", "redis://one"), ("DOORWARD_REDIS__CA_FILE", "/dev/null")]);
        assert!(refused.contains("redis.ca_file (environment variable DOORWARD_REDIS__CA_FILE): "), "{refused}");
    }

    #[test]
    fn a_key_that_can_not_sign_or_signs_otherwise_is_refused_before() {
        let broken = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
        let refused = refusal(&[("DOORWARD_TOKENS__SIGNING_KEY", broken)]);
        assert!(
            refused.contains("tokens.signing_key (environment variable DOORWARD_TOKENS__SIGNING_KEY): "),
            "{refused}"
        );
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem();
        assert!(is_good(&[("DOORWARD_TOKENS__SIGNING_KEY", &key)]));
        let refused = refusal(&[("DOORWARD_TOKENS__SIGNING_KEY", &key), ("DOORWARD_TOKENS__ALGORITHM", "ES256")]);
        assert!(refused.contains("it is a key for EdDSA, and tokens.algorithm is ES256"), "{refused}");
    }

    #[test]
    fn a_sealing_key_that_is_not_32_bytes_is_refused_without_being_quoted() {
        for text in ["copper", "AAECAwQFBgcICQoLDA0ODw=="] {
            let refusal = refusal(&[("DOORWARD_SECRETS__SEALING_KEY", text)]);
            assert!(refusal.contains("it is not 32 bytes in base64") && !refusal.contains(text), "{refusal}");
        }
    }

    #[test]
    fn a_name_that_no_token_has_room_for_is_refused() {
        let long = "a".repeat(513);
        let refused = refusal(&[("DOORWARD_TOKENS__AUDIENCE", &long)]);
        assert!(refused.contains("tokens.audience") && refused.contains("it has 513 bytes"), "{refused}");
        assert!(is_good(&[("DOORWARD_TOKENS__AUDIENCE", &long[1..])]));
        let refused = refusal(&[("DOORWARD_TOKENS__ISSUER", &format!("https://{long}"))]);
        assert!(refused.contains("tokens.issuer"), "{refused}");
    }

    #[test]
    fn log_filters_are_those_of_the_logger() {
        assert!(is_good(&[("DOORWARD_TELEMETRY__LOG_LEVEL", "info,doorward_sql=debug")]));
        for filter in ["inof", "info,wran"] {
            let refusal = refusal(&[("DOORWARD_TELEMETRY__LOG_LEVEL", filter)]);
            assert!(refusal.contains("is not a log filter"), "{refusal}");
        }
    }

    #[test]
    fn every_fault_is_told_at_once_whoever_finds_it() {
        let refusal = refusal(&[
            ("DATABASE_URL", "postgres://ann@db/x?pgbouncer=true"),
            ("DOORWARD_HTTP__BIND", "nowhere"),
            ("DOORWARD_TELEMETRY__LOG_LEVEL", "inof"),
        ]);
        assert!(refusal.starts_with("3 settings can't be used:"), "{refusal}");
    }
}
