use doorward_domain::{ClaimMap, ClaimName, LinkingPolicy, Preset, Provider, ProviderKind, Scope};
use doorward_ports::outbound::ConfiguredProvider;

use super::Given;
use crate::Source;

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const PUBLIC: &str = "https://id.example.org";

/// A block with what every kind needs.
fn block(name: &str, kind: &str, more: &str) -> String {
    let secret = "client_secret = \"hunter2-marsh\"";
    format!("[providers.{name}]\nkind = \"{kind}\"\nclient_id = \"id-of-{name}\"\n{secret}\n{more}\n")
}

fn providers(given: &Given) -> Vec<ConfiguredProvider> {
    given.load().unwrap_or_else(|faults| panic!("{faults}")).providers
}

fn provider(given: &Given) -> Provider {
    let [configured] = <[_; 1]>::try_from(providers(given)).expect("there is one block");
    configured.provider
}

fn refusal(toml: &str) -> String {
    Given::nothing().file(toml).refusal()
}

#[test]
fn without_a_block_there_is_no_provider() {
    let settings = Given::nothing().load().unwrap();
    assert_eq!(settings.providers, []);
    assert!(!settings.render_toml().contains("providers"));
}

#[test]
fn a_block_with_the_least_has_the_defaults_of_its_kind() {
    for (kind, more, issuer, display_name) in [
        ("oidc", "issuer = \"https://id.example.com/\"", "https://id.example.com/", "work"),
        ("okta", "issuer = \"https://a.okta.com/oauth2/default\"", "https://a.okta.com/oauth2/default", "Okta"),
        ("google", "", "https://accounts.google.com", "Google"),
        ("github", "", "https://github.com", "GitHub"),
        ("entra", "tenant = \"common\"", "https://login.microsoftonline.com/common/v2.0", "Microsoft"),
    ] {
        let found = provider(&Given::nothing().file(&block("work", kind, more)));
        let parts = (found.issuer.clone(), found.client_id.clone());
        let kind = ProviderKind::from_name(kind).unwrap();
        let expected = Provider::new(found.name.clone(), kind, found.display_name.clone(), parts);
        assert_eq!(found, expected);
        assert_eq!((found.issuer.as_str(), found.display_name.as_str()), (issuer, display_name));
        assert_eq!((found.name.as_str(), found.client_id.as_str()), ("work", "id-of-work"));
    }
}

#[test]
fn what_is_shown_of_a_provider_can_be_used_as_a_file_and_has_no_key_that_the_kind_does_not_know() {
    let issuer = "issuer = \"https://id.example.com\"";
    let kinds = [("oidc", issuer), ("okta", issuer), ("google", ""), ("github", ""), ("entra", "tenant = \"common\"")];
    let file = kinds.map(|(kind, more)| block(kind, kind, more)).concat();
    let settings = Given::nothing().file(&file).load().unwrap();
    let shown = settings.render_toml().replace("# client_secret = \"********\"", "client_secret = \"hunter2-marsh\"");
    assert_eq!(providers(&Given::nothing().file(&shown)), settings.providers);
    let has = |key: &str| settings.effective().iter().any(|effective| effective.key == key);
    assert!(
        has("providers.entra.tenants") && has("providers.google.hosted_domain") && has("providers.oidc.claim_email")
    );
    assert!(!has("providers.okta.tenants") && !has("providers.oidc.hosted_domain"));
    assert!(!has("providers.github.claim_email"));
}

#[test]
fn every_key_reaches_its_provider() {
    let more = "display_name = \"Work\"\nscopes = [\"openid\", \"groups\"]\nclaim_email = \"mail\"\n\
        claim_email_verified = \"mail_ok\"\nclaim_name = \"cn\"\nclaim_username = \"uid\"\nclaim_locale = \"lang\"\n\
        icon = \"google\"\nregistration = false\nlinking = \"never\"\n\
        email_domains = [\"Example.com\"]\nhosted_domain = \"example.com\"\nenabled = false\nposition = 7\n\
        sync_profile = true\nissuer = \"https://accounts.example.com\"";
    let found = provider(&Given::nothing().file(&block("work", "google", more)));
    let claim = |text| ClaimName::parse(text).unwrap();
    let claim_map = ClaimMap {
        email: claim("mail"),
        email_verified: claim("mail_ok"),
        full_name: claim("cn"),
        username: claim("uid"),
        locale: claim("lang"),
        ..ClaimMap::default()
    };
    assert_eq!(found.claim_map, claim_map);
    assert_eq!(found.scopes.iter().map(Scope::as_str).collect::<Vec<_>>(), ["openid", "groups"]);
    assert_eq!((found.display_name.as_str(), found.issuer.as_str()), ("Work", "https://accounts.example.com"));
    assert_eq!((found.linking, found.position, found.sync_profile), (LinkingPolicy::Never, 7, true));
    assert_eq!((found.registration, found.enabled), (false, false));
    assert_eq!(found.icon.map(|icon| icon.to_string()).as_deref(), Some("google"));
    assert_eq!(found.email_domains[0].as_str(), "example.com");
    assert_eq!(found.hosted_domain.map(|domain| domain.to_string()).as_deref(), Some("example.com"));
}

#[test]
fn the_issuer_of_entra_follows_from_the_tenant_unless_it_is_a_national_cloud() {
    for tenant in [TENANT, "organizations", "consumers", "common"] {
        let found = provider(&Given::nothing().file(&block("work", "entra", &format!("tenant = \"{tenant}\""))));
        assert_eq!(found.issuer.as_str(), format!("https://login.microsoftonline.com/{tenant}/v2.0"));
    }
    let national = "https://login.microsoftonline.us/organizations/v2.0";
    let more = format!("issuer = \"{national}\"\ntenants = \"{TENANT}\"");
    let found = provider(&Given::nothing().file(&block("work", "entra", &more)));
    assert_eq!((found.issuer.as_str(), found.tenants[0].as_str()), (national, TENANT));
}

#[test]
fn providers_are_in_the_order_of_their_positions_and_then_of_their_names() {
    let file = ["b", "c", "a"].map(|name| block(name, "github", "")).concat() + &block("d", "github", "position = 1");
    let given = Given::nothing().file(&file).env("DOORWARD_PROVIDERS__A__POSITION", "2");
    let names: Vec<_> = providers(&given).iter().map(|found| found.provider.name.to_string()).collect();
    assert_eq!(names, ["b", "c", "d", "a"]);
}

#[test]
fn a_block_can_be_in_the_file_in_variables_or_in_both() {
    let given = Given::nothing()
        .file(&block("work", "okta", "issuer = \"https://file.okta.com\"\nposition = 3"))
        .env("DOORWARD_PROVIDERS__WORK__ISSUER", "https://env.okta.com")
        .env("DOORWARD_PROVIDERS__GIT_2__KIND", "github")
        .env("DOORWARD_PROVIDERS__GIT_2__CLIENT_ID", "Iv1.8a61f9b3a7aba766")
        .env("DOORWARD_PROVIDERS__GIT_2__CLIENT_SECRET", "hunter2");
    let [git, work] = <[_; 2]>::try_from(providers(&given)).unwrap();
    assert_eq!((git.provider.name.as_str(), work.provider.name.as_str()), ("git_2", "work"));
    assert_eq!(work.provider.issuer.as_str(), "https://env.okta.com");
    assert_eq!((work.provider.client_id.as_str(), work.provider.position), ("id-of-work", 3));

    let settings = given.load().unwrap();
    let source = |key| settings.effective().iter().find(|effective| effective.key == key).unwrap().source.clone();
    assert_eq!(source("providers.work.issuer"), Source::Environment("DOORWARD_PROVIDERS__WORK__ISSUER".to_owned()));
    assert_eq!(source("providers.work.client_id"), Source::File(given.path("doorward.toml")));
    assert_eq!(source("providers.git_2.issuer"), Source::Follows("providers.git_2.kind".to_owned()));
    assert_eq!(source("providers.git_2.linking"), Source::Default);
}

#[test]
fn a_header_alone_names_a_block_whose_keys_are_in_variables() {
    let given = Given::nothing()
        .file("[providers.git]")
        .env("DOORWARD_PROVIDERS__GIT__KIND", "github")
        .env("DOORWARD_PROVIDERS__GIT__CLIENT_ID", "x")
        .env("DOORWARD_PROVIDERS__GIT__CLIENT_SECRET", "hunter2");
    assert_eq!(provider(&given).name.as_str(), "git");
    let refusal = refusal("[providers.git]");
    assert!(refusal.starts_with("2 settings can't be used:\n  providers.git.kind (not set): it must be set\n"));
    assert!(refusal.contains("    write `oidc`, `entra`, `okta`, `google` or `github`\n"), "{refusal}");
    assert!(refusal.contains("providers.git.client_id (not set): it must be set\n"), "{refusal}");
}

#[test]
fn three_underscores_of_a_variable_are_a_dash_of_the_name() {
    for (written, name) in [("MY___IDP", "my-idp"), ("A_B", "a_b"), ("A__B", "a__b"), ("A___", "a-"), ("A_", "a_")] {
        let given = Given::nothing()
            .file(&block(name, "github", ""))
            .env(&format!("DOORWARD_PROVIDERS__{written}__POSITION"), "9");
        assert_eq!(provider(&given).position, 9, "{written}");
    }
}

#[test]
fn a_variable_for_the_wrong_block_is_refused_with_the_right_one() {
    let given = Given::nothing()
        .file(&block("my-idp", "github", ""))
        .env("DOORWARD_PROVIDERS__MY_IDP__CLIENT_SECRET", "hunter2");
    let refusal = given.refusal();
    let expected = "providers.my_idp (environment variable DOORWARD_PROVIDERS__MY_IDP__CLIENT_SECRET): there is also a \
        block my-idp, and in a variable each dash of a name is three underscores\n    if my-idp is meant, set \
        DOORWARD_PROVIDERS__MY___IDP__…";
    assert!(refusal.contains(expected) && !refusal.contains("hunter2"), "{refusal}");
}

#[test]
fn a_name_that_no_block_can_have_is_refused() {
    for (toml, expected) in [
        ("[providers.Work]\nkind = 1", "providers.Work (file doorward.toml): \"Work\" is not the name of a block"),
        (
            "[providers.local]",
            "providers.local (file doorward.toml): \"local\" is not the name of a block of providers",
        ),
        ("[providers.\"a.b\"]", "providers.a.b (file doorward.toml): \"a.b\" is not the name of a block of providers"),
        ("[providers]\nkind = 1", "providers.kind (file doorward.toml): it belongs to no block\n    write [providers."),
        ("providers = 1", "providers (file doorward.toml): it is a section, not a value\n    write [providers.NAME]"),
    ] {
        let refusal = refusal(toml);
        assert!(refusal.starts_with(&format!("one setting can't be used:\n  {expected}")), "{refusal}");
    }
    for (block, cure) in [
        ("work", "set DOORWARD_PROVIDERS__WORK__KIND"),
        ("MY-IDP", "set DOORWARD_PROVIDERS__MY___IDP__KIND"),
        ("LOCAL", "The name local means the passwords of Doorward itself; choose another name."),
    ] {
        let variable = format!("DOORWARD_PROVIDERS__{block}__KIND");
        let refusal = Given::nothing().env(&variable, "github").refusal();
        let expected = format!(
            "one setting can't be used:\n  {variable} (environment variable {variable}): {block:?} is not the name of a \
             block of providers\n    {cure}"
        );
        assert_eq!(refusal, expected);
    }
}

#[test]
fn an_unknown_key_of_a_block_is_refused_with_the_nearest_known_one() {
    let toml = block("git", "github", "scope = \"x\"");
    assert_eq!(
        refusal(&toml),
        "one setting can't be used:\n  providers.git.scope (file doorward.toml): there is no such setting\n    did you \
         mean providers.git.scopes?"
    );
    let given = Given::nothing().file(&block("git", "github", "")).env("DOORWARD_PROVIDERS__GIT__CLIENTID", "x");
    let cure = "there is no such setting\n    did you mean DOORWARD_PROVIDERS__GIT__CLIENT_ID?";
    assert!(given.refusal().ends_with(cure), "{}", given.refusal());
    for variable in ["DOORWARD_PROVIDERS__KIND", "DOORWARD_PROVIDERS____KIND", "DOORWARD_PROVIDERS__"] {
        let refusal = Given::nothing().env(variable, "github").refusal();
        assert!(refusal.contains(&format!("{variable} (environment variable {variable}): there is no")), "{refusal}");
    }
}

#[test]
fn a_key_that_the_kind_does_not_know_is_refused_with_the_kinds_that_do() {
    let okta = |more: &str| block("work", "okta", &format!("issuer = \"https://a.okta.com\"\n{more}"));
    for (toml, expected) in [
        (
            okta("hosted_domain = \"example.com\""),
            "hosted_domain (file doorward.toml): the kind okta has no such key\n    remove it; only these kinds have it: google",
        ),
        (
            okta("tenant = \"common\""),
            "tenant (file doorward.toml): the kind okta has no such key\n    remove it; only these kinds have it: entra",
        ),
        (
            block("work", "google", &format!("tenants = \"{TENANT}\"")),
            "tenants (file doorward.toml): the kind google has no such key",
        ),
        (
            block("work", "github", "claim_email = \"mail\""),
            "claim_email (file doorward.toml): the kind github has no such key\n    remove it; only these kinds have it: oidc, entra, okta, google",
        ),
    ] {
        let refusal = refusal(&toml);
        assert!(refusal.starts_with(&format!("one setting can't be used:\n  providers.work.{expected}")), "{refusal}");
    }
}

#[test]
fn what_a_kind_needs_must_be_set() {
    let without_secret = |kind: &str| format!("[providers.work]\nkind = \"{kind}\"\nclient_id = \"x\"\n");
    for (toml, expected) in [
        (block("work", "oidc", ""), "providers.work.issuer (not set): it must be set for the kind oidc\n"),
        (block("work", "okta", ""), "providers.work.issuer (not set): it must be set for the kind okta\n"),
        (block("work", "entra", ""), "providers.work.tenant (not set): it must be set for the kind entra\n"),
        (without_secret("google"), "providers.work.client_secret (not set): this kind requires a client secret\n"),
        (without_secret("github"), "providers.work.client_secret (not set): this kind requires a client secret\n"),
    ] {
        let refusal = refusal(&toml);
        assert!(refusal.starts_with(&format!("one setting can't be used:\n  {expected}")), "{refusal}");
    }
    let public = without_secret("oidc") + "issuer = \"https://id.example.com\"";
    assert_eq!(providers(&Given::nothing().file(&public))[0].client_secret, None);
}

#[test]
fn useless_combinations_are_refused() {
    let entra = |more: &str| refusal(&block("work", "entra", more));
    let both = entra("tenant = \"common\"\nissuer = \"https://login.microsoftonline.us/common/v2.0\"");
    assert!(
        both.contains("providers.work.tenant (file doorward.toml): it is common, but the issuer is set too, to"),
        "{both}"
    );
    let narrowed = entra(&format!("tenant = \"consumers\"\ntenants = [\"{TENANT}\"]"));
    assert!(
        narrowed.contains(
            "providers.work.tenants (file doorward.toml): the issuer is the one of a single tenant already\n"
        ),
        "{narrowed}"
    );
    let silent = refusal(&block("work", "google", "scopes = \"email\""));
    assert!(
        silent.contains("scopes (file doorward.toml): this kind requires the scope openid\n    add it"),
        "{silent}"
    );
    let github = provider(&Given::nothing().file(&block("work", "github", "scopes = \"user:email\"")));
    assert_eq!(github.scopes.len(), 1);
}

#[test]
fn an_issuer_without_tls_or_on_this_machine_is_for_development_only() {
    let oidc = |issuer: &str| Given::nothing().file(&block("dev", "oidc", &format!("issuer = \"{issuer}\"")));
    for (issuer, why) in [
        ("http://id.example.com", "http://id.example.com is not encrypted"),
        ("http://127.0.0.1:4711", "http://127.0.0.1:4711 is not encrypted"),
        ("https://localhost:8443", "https://localhost:8443 is on this machine"),
    ] {
        assert_eq!(provider(&oidc(issuer)).issuer.as_str(), issuer);
        let refusal = oidc(issuer).env("DOORWARD_HTTP__PUBLIC_URL", PUBLIC).refusal();
        let expected = format!(
            "one setting can't be used:\n  providers.dev.issuer (file doorward.toml): {why}, which is allowed only while \
             http.public_url is loopback, and it is {PUBLIC}\n"
        );
        assert!(refusal.starts_with(&expected), "{refusal}");
    }
    assert!(oidc("https://id.example.com").env("DOORWARD_HTTP__PUBLIC_URL", PUBLIC).load().is_ok());
}

#[test]
fn every_fault_of_every_block_is_told_at_once() {
    let file = "[providers.a]\nkind = \"ldap\"\nposition = 70000\nfoo = 1\n\
        [providers.b]\nkind = \"okta\"\nhosted_domain = \"x\"\nlinking = \"always\"\nscopes = \"email\"\n";
    let given = Given::nothing().file(file).env("DOORWARD_HTTP__PUBLIC_URL", PUBLIC);
    let faults = given.load().unwrap_err();
    let keys: Vec<_> = faults.iter().map(|fault| fault.key.as_str()).collect();
    let expected = [
        "providers.a.foo",
        "providers.b.issuer",
        "providers.a.kind",
        "providers.a.client_id",
        "providers.a.position",
        "providers.b.hosted_domain",
        "providers.b.client_id",
        "providers.b.linking",
        "providers.b.hosted_domain",
        "providers.b.scopes",
    ];
    assert_eq!(keys, expected);
    let text = faults.to_string();
    assert!(text.contains("\"ldap\" is not valid\n    write `oidc`, `entra`, `okta`, `google` or `github`"), "{text}");
    assert!(text.contains("70000 is not valid\n    write a whole number, from 0 to 65535"), "{text}");
}

#[test]
fn bad_values_are_refused_with_what_to_do() {
    for (key, value, expected) in [
        (
            "issuer",
            "https://id.example.com/.well-known/openid-configuration",
            "remove /.well-known/openid-configuration",
        ),
        ("client_id", "a b", "copy it from the provider's console"),
        ("scopes", "openid email", "write each scope by itself"),
        ("email_domains", "*.example.com", "write it as in example.com, without @ and *"),
        ("claim_email", "e mail", "copy it as the provider shows it"),
        ("icon", "http://a.example/a.svg", "write the name of one"),
        ("linking", "sometimes", "write `ask`, `verified_email` or `never`"),
    ] {
        let needed = [("kind", "oidc"), ("client_id", "x"), ("issuer", "https://id.example.com")];
        let others = needed.into_iter().filter(|(needed, _)| *needed != key);
        let lines = others.chain([(key, value)]).map(|(key, value)| format!("{key} = \"{value}\"\n"));
        let refusal = refusal(&format!("[providers.work]\n{}", lines.collect::<String>()));
        assert!(refusal.contains(&format!("providers.work.{key} (file doorward.toml): ")), "{refusal}");
        assert!(refusal.contains(expected), "{refusal}");
    }
}

#[test]
fn a_client_secret_may_come_from_a_file_and_is_never_shown() {
    let given = Given::nothing();
    let path = given.beside("secret", "hunter2-from-file\n");
    let toml = format!("[providers.git]\nkind = \"github\"\nclient_id = \"x\"\nclient_secret_file = {path:?}\n");
    let given = given.file(&(toml + &block("my-idp", "google", "")));
    let settings = given.load().unwrap();
    let secret = settings.providers[0].client_secret.as_ref().unwrap();
    assert_eq!(secret.expose(), "hunter2-from-file");
    let shown = format!("{}{}{settings:?}", settings.render_toml(), settings.render_json());
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("[providers.my-idp]\nkind = \"google\"  # file "), "{shown}");
    assert!(shown.contains("# client_secret = \"********\"  # file "), "{shown}");

    let variable = "DOORWARD_PROVIDERS__MY___IDP__CLIENT_SECRET_FILE";
    let given = given.env(variable, &path);
    let secret = providers(&given)[1].client_secret.clone().unwrap();
    assert_eq!(secret.expose(), "hunter2-from-file");
    let twice = given.env("DOORWARD_PROVIDERS__MY___IDP__CLIENT_SECRET", "hunter2").refusal();
    assert!(twice.contains("it is set twice, as a value and as a file\n    unset one of DOORWARD_PROVIDERS__MY___IDP__CLIENT_SECRET and DOORWARD_PROVIDERS__MY___IDP__CLIENT_SECRET_FILE"), "{twice}");
    assert!(!twice.contains("hunter2"), "{twice}");
}

#[test]
fn a_client_secret_file_that_can_not_be_read_is_one_fault() {
    let toml = "[providers.git]\nkind = \"github\"\nclient_id = \"x\"\nclient_secret_file = \"/nowhere/secret\"\n";
    let refusal = refusal(toml);
    let expected = "one setting can't be used:\n  providers.git.client_secret (file doorward.toml): its file /nowhere/secret can't be read";
    assert!(refusal.starts_with(expected), "{refusal}");
    let named = Given::nothing().file(&block("git", "github", "client_id_file = \"x\"")).refusal();
    assert!(
        named.contains("only a secret can be given in a file\n    write providers.git.client_id itself"),
        "{named}"
    );
}

#[test]
fn redirect_uris_are_compared_byte_for_byte_so_they_are_kept_so() {
    let uris = ["https://app.example.com/callback", "http://127.0.0.1/cb", "com.example.app:/callback"];
    let variable = "DOORWARD_OAUTH__ALLOWED_REDIRECT_URIS";
    let given = Given::nothing().env(variable, &uris.join(", "));
    let texts = |given: &Given| {
        let settings = given.load().unwrap();
        settings.oauth.allowed_redirect_uris.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(texts(&given), uris);
    assert_eq!(texts(&Given::nothing().file(&format!("[oauth]\nallowed_redirect_uris = {uris:?}"))), uris);
    assert_eq!(texts(&Given::nothing()), Vec::<String>::new());
    for (bad, reason) in [
        ("https://app.example.com/*", "contains a *"),
        ("http://app.example.com/cb", "must be https://"),
        ("app", "must begin"),
    ] {
        let refusal = Given::nothing().env(variable, bad).refusal();
        assert!(
            refusal.contains(&format!("oauth.allowed_redirect_uris (environment variable {variable})")),
            "{refusal}"
        );
        assert!(refusal.contains(reason), "{refusal}");
    }
}

/// What each preset needs besides a client id and a secret.
fn of_preset(preset: &Preset) -> String {
    let issuer = match preset.issuer {
        Some(_) => "",
        None => "issuer = \"https://id.example.com\"\n",
    };
    let secret = if preset.quirks.signed_secret {
        "team_id = \"DEF123GHIJ\"\nkey_id = \"ABC123DEFG\"\nclient_key = \"-----BEGIN PRIVATE KEY-----\\nhunter2\""
    } else {
        "client_secret = \"hunter2-marsh\""
    };
    format!("[providers.work]\npreset = \"{}\"\nclient_id = \"x\"\n{issuer}{secret}\n", preset.name)
}

#[test]
fn a_preset_sets_what_is_known_of_it_and_is_shown_so_that_it_can_be_used_as_a_file() {
    for preset in Preset::ALL {
        let given = Given::nothing().file(&of_preset(preset));
        let found = provider(&given);
        assert_eq!((found.preset, found.kind), (Some(*preset), ProviderKind::Oidc));
        assert_eq!((found.display_name.as_str(), found.icon.unwrap().as_str()), (preset.display_name, preset.name));
        assert_eq!(found.issuer.as_str(), preset.issuer.unwrap_or("https://id.example.com"), "{}", preset.name);
        assert_eq!(found.scopes.iter().map(Scope::as_str).collect::<Vec<_>>(), preset.scopes, "{}", preset.name);
        let map = &found.claim_map;
        for (key, claim) in preset.claims {
            let there = match *key {
                "email_verified" => &map.email_verified,
                "full_name" => &map.full_name,
                "username" => &map.username,
                other => panic!("{other} of {} reaches nothing", preset.name),
            };
            assert_eq!(there.as_str(), *claim, "{}", preset.name);
        }
        let settings = given.load().unwrap();
        let shown = settings.render_toml();
        let has = |key: &str| settings.effective().iter().any(|it| it.key == format!("providers.work.{key}"));
        assert_eq!((has("team_id"), shown.contains("hunter2")), (preset.quirks.signed_secret, false), "{shown}");
        let again = shown
            .replace("# client_secret = \"********\"", "client_secret = \"hunter2-marsh\"")
            .replace("# client_key = \"********\"", "client_key = \"-----BEGIN PRIVATE KEY-----\\nhunter2\"");
        assert_eq!(providers(&Given::nothing().file(&again)), settings.providers, "{again}");
    }
}

#[test]
fn what_is_written_overrides_a_preset() {
    let more =
        "issuer = \"https://git.example.com\"\ndisplay_name = \"Work\"\nscopes = \"openid\"\nclaim_name = \"cn\"";
    let found = provider(&Given::nothing().file(&(of_preset(Preset::named("gitlab").unwrap()) + more)));
    assert_eq!((found.issuer.as_str(), found.display_name.as_str()), ("https://git.example.com", "Work"));
    assert_eq!((found.scopes.len(), found.claim_map.full_name.as_str()), (1, "cn"));
    let discord = of_preset(Preset::named("discord").unwrap()) + "claim_username = \"id\"";
    let map = provider(&Given::nothing().file(&discord)).claim_map;
    assert_eq!((map.username.as_str(), map.full_name.as_str()), ("id", "global_name"));
}

#[test]
fn the_client_secret_of_apple_is_signed_with_the_key_of_a_file() {
    let given = Given::nothing();
    let pem = "-----BEGIN PRIVATE KEY-----\nMIGTAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----\n";
    let path = given.beside("AuthKey_ABC123DEFG.p8", pem);
    let block = "[providers.apple]\npreset = \"apple\"\nclient_id = \"com.example.web\"\n";
    let keys = "team_id = \"DEF123GHIJ\"\nkey_id = \"ABC123DEFG\"\n";
    let given = given.file(&format!("{block}{keys}client_key_file = {path:?}\n"));
    let [configured] = <[_; 1]>::try_from(providers(&given)).unwrap();
    let ids = [configured.provider.team_id, configured.provider.key_id].map(|id| id.unwrap().to_string());
    assert_eq!(ids, ["DEF123GHIJ", "ABC123DEFG"]);
    assert_eq!(configured.client_secret.unwrap().expose().trim(), pem.trim());

    let missing = refusal(block);
    assert!(missing.starts_with("3 settings can't be used:\n"), "{missing}");
    for key in ["team_id", "key_id", "client_key"] {
        let expected = format!("providers.apple.{key} (not set): for this preset, it must be set\n");
        assert!(missing.contains(&expected), "{missing}");
    }
    let wrong = refusal(&format!("{block}{keys}client_key = \"hunter2\""));
    assert!(wrong.contains("it is not a private key as PKCS#8 PEM") && !wrong.contains("hunter2"), "{wrong}");
    let both = refusal(&format!("{block}{keys}client_key_file = {path:?}\nclient_secret = \"hunter2\""));
    assert!(
        both.contains("client_secret (file doorward.toml): for this preset, it is signed with client_key"),
        "{both}"
    );
    let other = refusal(&(of_preset(Preset::named("slack").unwrap()) + "team_id = \"T0R7GR\""));
    assert!(other.contains("providers.work.team_id (file doorward.toml): no client secret is signed here"), "{other}");
}

#[test]
fn a_preset_that_does_not_exist_or_is_of_another_kind_is_refused() {
    let unknown = refusal(
        "[providers.work]\npreset = \"myspace\"\nkind = \"oidc\"\nissuer = \"https://a.example\"\nclient_id = \"x\"",
    );
    assert!(unknown.contains("write `apple`, `auth0`, `discord`"), "{unknown}");
    for name in Preset::NAMES {
        assert!(unknown.contains(&format!("`{name}`")), "{name} is not in {unknown}");
    }
    let kind = refusal(&(of_preset(Preset::named("slack").unwrap()) + "kind = \"okta\""));
    assert!(kind.contains("providers.work.kind (file doorward.toml): a preset is of the kind oidc"), "{kind}");
    let issuer = refusal("[providers.work]\npreset = \"keycloak\"\nclient_id = \"x\"");
    assert!(issuer.contains("providers.work.issuer (not set): it must be set for the kind oidc"), "{issuer}");
    let silent = refusal(&(of_preset(Preset::named("slack").unwrap()) + "scopes = \"email\""));
    assert!(silent.contains("this kind requires the scope openid"), "{silent}");
}

#[test]
fn groups_give_roles_and_admin_only_if_that_is_said() {
    let okta = |more: &str| block("work", "okta", &format!("issuer = \"https://a.okta.com\"\n{more}"));
    let found = provider(
        &Given::nothing().file(&okta("roles = [\"Help Desk=support\", \"cn=a,ou=b=sales\"]\nclaim_groups = \"teams\"")),
    );
    let entries: Vec<_> = found.roles.entries().iter().map(ToString::to_string).collect();
    assert_eq!(entries, ["Help Desk=support", "cn=a,ou=b=sales"]);
    assert_eq!(found.claim_map.groups.as_str(), "teams");
    let admin = "roles = \"Bosses=admin\"";
    let refused = refusal(&okta(admin));
    let expected = "one setting can't be used:\n  providers.work.roles (file doorward.toml): an entry gives the role admin\n    remove it, or set roles_may_give_admin";
    assert!(refused.starts_with(expected), "{refused}");
    let may = provider(&Given::nothing().file(&okta(&format!("{admin}\nroles_may_give_admin = true"))));
    assert!(!may.roles.is_empty());
    for (bad, cure) in [("staff", "such as staff=support"), ("=support", "1 to 255 characters"), ("a=B", "not allowed")]
    {
        let refused = refusal(&okta(&format!("roles = [\"{bad}\"]")));
        assert!(refused.contains("providers.work.roles") && refused.contains(cure), "{refused}");
    }
    let github = refusal(&block("work", "github", "roles = \"staff=support\""));
    assert!(github.contains("the kind github has no such key"), "{github}");
}
