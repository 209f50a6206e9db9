use super::Given;

const BIND: &str = "DOORWARD_HTTP__BIND";
const PUBLIC_URL: &str = "DOORWARD_HTTP__PUBLIC_URL";
const COST: &str = "DOORWARD_PASSWORDS__BCRYPT_COST";

#[test]
fn a_public_bind_needs_a_public_address() {
    for bind in ["0.0.0.0:8000", "[::]:8000", "192.0.2.1:80"] {
        let given = Given::nothing().env(BIND, bind);
        let refusal = given.refusal();
        assert!(
            refusal
                .starts_with("one setting can't be used:\n  http.public_url (not set): it must be set when http.bind"),
            "{refusal}"
        );
        assert!(given.env(PUBLIC_URL, "https://id.example.org").load().is_ok(), "{bind}");
    }
}

#[test]
fn the_issuer_follows_the_public_address_unless_it_is_set() {
    let given = Given::nothing().env(PUBLIC_URL, "https://id.example.org");
    assert_eq!(given.load().unwrap().tokens.issuer.as_str(), "https://id.example.org");
    let given = given.env("DOORWARD_TOKENS__ISSUER", "https://issuer.example.org/");
    assert_eq!(given.load().unwrap().tokens.issuer.as_str(), "https://issuer.example.org/");
}

#[test]
fn a_bad_address_is_told_once_though_others_follow_from_it() {
    assert!(Given::nothing().env(PUBLIC_URL, "nowhere").refusal().starts_with("one setting"));
    assert!(Given::nothing().env(BIND, "nowhere").refusal().starts_with("one setting"));
}

#[test]
fn cheap_hashes_are_refused_on_a_public_bind_only() {
    let public =
        |cost| Given::nothing().env(BIND, "0.0.0.0:80").env(PUBLIC_URL, "https://id.example.org").env(COST, cost);
    assert!(
        public("9")
            .refusal()
            .contains("passwords.bcrypt_cost (environment variable DOORWARD_PASSWORDS__BCRYPT_COST): a cost of 9")
    );
    assert!(public("10").load().is_ok());
    assert!(Given::nothing().env(COST, "4").load().is_ok());
}

#[test]
fn trusting_every_address_as_a_proxy_is_refused() {
    for everyone in ["0.0.0.0/0", "10.0.0.0/8,::/0"] {
        let refusal = Given::nothing().env("DOORWARD_HTTP__TRUSTED_PROXIES", everyone).refusal();
        assert!(refusal.contains("contains every IP address"), "{refusal}");
    }
}

#[test]
fn cookies_need_https_or_this_machine() {
    let cookies = |url| Given::nothing().env("DOORWARD_HTTP__SESSION_COOKIE", "true").env(PUBLIC_URL, url);
    let good = ["https://id.example.org", "http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"];
    for url in good {
        assert!(cookies(url).load().unwrap().http.session_cookie, "{url}");
    }
    for url in ["http://id.example.org", "http://192.0.2.1", "http://localhost.example.org"] {
        let refusal = cookies(url).refusal();
        assert!(refusal.contains("browsers store no session cookie from"), "{refusal}");
    }
    assert!(!Given::nothing().env(PUBLIC_URL, "http://id.example.org").load().unwrap().http.session_cookie);
}

#[test]
fn a_refresh_token_outlives_its_access_token() {
    let refusal = Given::nothing().env("DOORWARD_TOKENS__REFRESH_TTL", "15m").refusal();
    assert!(refusal.contains("15m is not longer than tokens.access_ttl, 15m"), "{refusal}");
}

#[test]
fn nothing_is_set_to_outlive_its_session() {
    let short = Given::nothing().env("DOORWARD_SESSIONS__ABSOLUTE_TTL", "12h");
    assert!(short.load().is_ok(), "a refresh token's usual life is cut where the session ends");
    for (variable, key) in
        [("DOORWARD_TOKENS__REFRESH_TTL", "tokens.refresh_ttl"), ("DOORWARD_SESSIONS__IDLE_TTL", "sessions.idle_ttl")]
    {
        let refusal = Given::nothing().env(variable, "91d").refusal();
        assert!(refusal.contains(&format!("{key} (environment variable {variable}): 91d is longer")), "{refusal}");
        assert!(Given::nothing().env(variable, "90d").load().is_ok());
    }
}

#[test]
fn an_administrator_without_an_address_is_refused() {
    for address in ["admin", "@host", "admin@", "ad min@host"] {
        let refusal = Given::nothing().env("DOORWARD_BOOTSTRAP__ADMIN_EMAIL", address).refusal();
        assert!(refusal.contains("is not an e-mail address"), "{refusal}");
    }
}

#[test]
fn a_signing_key_that_is_not_pkcs_8_pem_is_refused() {
    let refusal = Given::nothing().env("DOORWARD_TOKENS__SIGNING_KEY", "-----BEGIN RSA PRIVATE KEY-----").refusal();
    assert!(refusal.contains("it is not a private key as PKCS#8 PEM"), "{refusal}");
}

#[test]
fn a_first_password_that_breaks_the_rules_is_refused_without_being_quoted() {
    let given = |password| Given::nothing().env("DOORWARD_BOOTSTRAP__ADMIN_PASSWORD", password);
    for (password, reason) in
        [("copper", "too short"), ("password1234", "most common"), ("admin@doorward.local", "your e-mail")]
    {
        let refusal = given(password).refusal();
        assert!(refusal.contains(reason), "{refusal}");
        assert!(!refusal.contains(&format!("{password:?}")), "{refusal}");
    }
    assert!(given("copper-violin-marsh-42").load().is_ok());
    let longer = given("copper-violin-marsh-42").env("DOORWARD_PASSWORDS__MIN_LENGTH", "30");
    assert!(longer.refusal().contains("use at least 30 characters"));
}

#[test]
fn origins_that_a_client_app_could_not_have_are_refused() {
    let refusal = Given::nothing().env("DOORWARD_HTTP__ALLOWED_ORIGINS", "http://app.example").refusal();
    assert!(refusal.contains("must begin with https://, or with http:// and a loopback host"), "{refusal}");
}

#[test]
fn keys_are_rotated_at_most_hourly_and_published_for_longer_than_copies_are_kept() {
    for (variable, value) in [("ROTATE_EVERY", "59m"), ("PUBLISH_AHEAD", "5m")] {
        let refusal = Given::nothing().env(&format!("DOORWARD_TOKENS__{variable}"), value).refusal();
        assert!(refusal.contains("is out of range"), "{refusal}");
    }
    let settings = Given::nothing().env("DOORWARD_TOKENS__ROTATE_EVERY", "30d").load().unwrap();
    assert_eq!(settings.tokens.rotate_every, Some(std::time::Duration::from_hours(30 * 24)));
}

#[test]
fn every_origin_at_once_is_refused_with_the_reason() {
    let refusal = Given::nothing().env("DOORWARD_HTTP__ALLOWED_ORIGINS", "https://a.example,*").refusal();
    assert!(refusal.contains("`*` would let every web page use the tokens of its visitors"), "{refusal}");
}

#[test]
fn what_is_said_of_sentinels_that_nobody_is_to_ask_is_refused() {
    let master = Given::nothing().env("DOORWARD_REDIS__SENTINEL_MASTER", "main");
    assert!(master.refusal().contains("redis.url names no sentinel"));
    let password = Given::nothing().env("REDIS_URL", "redis://one").env("DOORWARD_REDIS__SENTINEL_PASSWORD", "copper");
    let refusal = password.refusal();
    assert!(refusal.contains("redis.sentinel_master is not set") && !refusal.contains("copper"), "{refusal}");
}

#[test]
fn metrics_have_an_address_of_their_own_or_none() {
    let given = |http, metrics| {
        Given::nothing()
            .env(BIND, http)
            .env(PUBLIC_URL, "https://id.example.org")
            .env("DOORWARD_METRICS__BIND", metrics)
    };
    for (http, metrics) in
        [("127.0.0.1:8000", "127.0.0.1:8000"), ("0.0.0.0:8000", "127.0.0.1:8000"), ("127.0.0.1:8000", "[::]:8000")]
    {
        let refusal = given(http, metrics).refusal();
        assert!(refusal.contains("metrics.bind") && refusal.contains("use another port"), "{refusal}");
    }
    for (http, metrics) in
        [("127.0.0.1:8000", "127.0.0.1:9100"), ("127.0.0.1:8000", "192.0.2.1:8000"), ("127.0.0.1:0", "127.0.0.1:0")]
    {
        assert!(given(http, metrics).load().is_ok(), "{http} {metrics}");
    }
    assert_eq!(Given::nothing().load().unwrap().metrics.bind, None);
}

#[test]
fn what_is_for_a_collector_that_is_not_named_is_refused() {
    for key in ["OTLP_HEADERS", "OTLP_CA_FILE"] {
        let given = || Given::nothing().env(&format!("DOORWARD_TELEMETRY__{key}"), "authorization=copper");
        let refusal = given().refusal();
        assert!(refusal.contains("telemetry.otlp_endpoint is not set") && !refusal.contains("copper"), "{refusal}");
        assert!(given().env("DOORWARD_TELEMETRY__OTLP_ENDPOINT", "http://127.0.0.1:4318").load().is_ok());
    }
}

#[test]
fn what_is_for_vault_needs_its_url_and_vault_needs_a_token() {
    let (url, token) = ("DOORWARD_SECRETS__VAULT_URL", "DOORWARD_SECRETS__VAULT_TOKEN_FILE");
    let refusal = Given::nothing().env(token, "/run/vault/token").refusal();
    assert!(
        refusal.contains("secrets.vault_token_file") && refusal.contains("secrets.vault_url is not set"),
        "{refusal}"
    );
    let given = Given::nothing().env(url, "https://vault.example.com:8200");
    assert!(given.refusal().contains("secrets.vault_token_file (not set): it is not set, and Vault answers nobody"));
    let settings = given.env(token, "/run/vault/token").load().unwrap().secrets;
    assert_eq!((settings.vault_mount.as_str(), settings.vault_key.as_str()), ("transit", "doorward"));
}
