//! A certified OpenID Provider, `oidc-provider` from the npm registry, and the whole program. `tests/run` installs it.
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::client::{Client, access};
use crate::identity_provider::parameter;
use crate::place::{Kind, PASSWORD, Place};
use crate::providers::{APP, CHALLENGE, VERIFIER};
use crate::server::wait_until;

/// Where `tests/run` has installed `oidc-provider`.
const FOLDER: &str = "DOORWARD_TEST_OIDC_PROVIDER";

struct Certified {
    process: Child,
    issuer: String,
    /// The browser of the person.
    browser: Client,
}

impl Drop for Certified {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// For Doorward at this address; none where it is not installed.
fn certified(doorward: SocketAddr) -> Option<Certified> {
    let Ok(folder) = std::env::var(FOLDER) else {
        println!("skipped: {FOLDER} is not set, and so oidc-provider is not installed");
        return None;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../infrastructure/oidc/tests/certified/provider.mjs");
    let asked = json!({
        "algorithm": "ES256", "like": "oidc", "return_to": APP,
        "redirect_uri": format!("http://{doorward}/api/v1/auth/callback/here"),
        "backchannel_logout_uri": format!("http://{doorward}/api/v1/auth/backchannel-logout/here"),
    });
    let mut node = Command::new("node");
    let node = node.args([script, &folder, &asked.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = node.spawn().expect("node can be started");
    let lines = BufReader::new(process.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
    let mut urls = lines.filter(|line| line.starts_with("http://"));
    let issuer = urls.next().expect("it has started");
    let browser = urls.next().expect("it has started");
    let address = browser.strip_prefix("http://").expect("it is such a URL").parse().expect("it is an address");
    Some(Certified { process, issuer, browser: Client { address } })
}

impl Certified {
    /// Where the browser of the person ends.
    fn ask(&self, task: &str, url: &str) -> String {
        let usual = |b: u8| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") };
        let encoded: String = url.bytes().map(usual).collect();
        let answer = self.browser.get(&format!("/{task}?url={encoded}")).send().expect_status(200);
        answer.body
    }

    /// Walks through what begins with this URL; answers what the app redeems.
    fn walked(&self, client: Client, url: &str) -> Value {
        let back = self.ask("browse", url);
        let (_, path) = back.split_once("/api/").expect("it leads to Doorward");
        let home = client.get(&format!("/api/{path}")).send().expect_status(302);
        let location = home.header("location").expect("it leads to the app").to_owned();
        let code = parameter(&location, "code").unwrap_or_else(|| panic!("no code: {location}"));
        json!({"code": code, "code_verifier": VERIFIER, "redirect_uri": APP})
    }

    fn signed_in(&self, client: Client) -> Value {
        let mut grant = self.walked(client, &begun(client.post("/api/v1/auth/authorize", &asking("here"))));
        grant["grant_type"] = json!("authorization_code");
        client.post("/api/v1/auth/token", &grant).send().expect_status(200).json()
    }
}

fn asking(provider: &str) -> Value {
    json!({"provider": provider, "redirect_uri": APP, "code_challenge": CHALLENGE, "code_challenge_method": "S256"})
}

fn begun(request: crate::client::Request) -> String {
    let begun = request.send().expect_status(200).json();
    begun["authorization_url"].as_str().expect("it is a URL").to_owned()
}

fn place(place: Place, certified: &Certified) -> Place {
    place
        .set("DOORWARD_OAUTH__ALLOWED_REDIRECT_URIS", APP)
        .set("DOORWARD_PROVIDERS__HERE__KIND", "oidc")
        .set("DOORWARD_PROVIDERS__HERE__ISSUER", &certified.issuer)
        .set("DOORWARD_PROVIDERS__HERE__CLIENT_ID", "doorward-at-mock")
        .set("DOORWARD_PROVIDERS__HERE__CLIENT_SECRET", "marked-secret: 100%")
}

on_both_databases! {
    a_person_signs_in_refreshes_links_unlinks_and_signs_out_everywhere;
}

fn a_person_signs_in_refreshes_links_unlinks_and_signs_out_everywhere(kind: Kind) {
    let bare = Place::on(kind);
    let Some(certified) = certified(bare.address()) else { return };
    let here = place(bare, &certified);
    let server = here.start();
    let client = server.client;
    let own = |tokens: &Value| client.get("/api/v1/users/me").bearer(access(tokens)).send().status;

    let first = certified.signed_in(client);
    let me = client.get("/api/v1/users/me").bearer(access(&first)).send().expect_status(200).json();
    assert_eq!((&me["email"], &me["email_verified"]), (&json!("ann@example.com"), &json!(true)));
    let body = json!({"refresh_token": first["refresh_token"]});
    let first = client.post("/api/v1/auth/refresh", &body).send().expect_status(200).json();
    assert_eq!(own(&first), 200);

    // Whoever signs out here and there has signed out of the other session too: the provider reports it.
    let second = certified.signed_in(client);
    let asked = json!({"provider_sign_out": true, "post_logout_redirect_uri": APP});
    let ended = client.post("/api/v1/auth/logout", &asked).bearer(access(&second)).send().expect_status(200).json();
    assert_eq!((own(&first), own(&second)), (200, 401));
    certified.ask("sign-out", ended["provider_sign_out_url"].as_str().expect("it is a URL"));
    wait_until("the provider has reported it", || own(&first) == 401);

    // The same person, linked to an account that has a password.
    let removed = certified.signed_in(client);
    client.request("DELETE", "/api/v1/users/me").bearer(access(&removed)).send().expect_status(204);
    client.register("bob@example.com", PASSWORD);
    let bob = client.sign_in("bob@example.com", PASSWORD);
    let mut asked = asking("here");
    asked.as_object_mut().expect("it is one").remove("provider");
    let url = begun(client.post("/api/v1/users/me/identities/here", &asked).bearer(access(&bob)));
    let proof = certified.walked(client, &url);
    let linked =
        client.post("/api/v1/users/me/identities", &proof).bearer(access(&bob)).send().expect_status(201).json();
    assert_eq!((&linked["issuer"], &linked["subject"]), (&json!(certified.issuer), &json!("person-4711")));
    let again = certified.signed_in(client);
    assert_eq!(again["user_id"], bob["user_id"]);
    let path = format!("/api/v1/users/me/identities/{}", linked["id"].as_str().expect("it has an id"));
    client.request("DELETE", &path).bearer(access(&bob)).send().expect_status(204);
    wait_until("its session has ended", || own(&again) == 401);
    assert_eq!(own(&bob), 200);
}
