//! Requests that something is wrong with, made of one that nothing is wrong with. Each has marks wherever a caller could
//! put a secret by mistake.
use doorward_testkit::Marks;
use serde_json::{Value, json};

use super::calls::{base64, basic};
use super::request::Call;
use crate::generator::document::Operation;

/// The names of members and parameters, and paths, begin so. A refusal repeats them, because they say what was wrong; the log
/// does not.
pub const NAME: &str = "zqname";

/// With other credentials, headers, paths, queries, and bodies that do not depend on the body of the request.
pub fn around(operation: &Operation, call: &Call, marks: &mut Marks) -> Vec<Call> {
    let mut all = by_credentials(call, marks);
    all.extend(by_headers(call, marks));
    all.extend(by_target(operation, call, marks));
    if operation.body.is_some() {
        all.extend(by_bodies(call, marks));
    }
    all
}

/// Without the headers of these names.
fn without(call: &Call, names: &[&str]) -> Call {
    let mut call = call.clone();
    call.headers.retain(|(name, _)| !names.contains(&name.as_str()));
    call
}

fn by_credentials(call: &Call, marks: &mut Marks) -> Vec<Call> {
    let bare = without(call, &["Authorization", "Cookie", "X-CSRF-Token"]);
    let [header, claims] =
        [format!(r#"{{"alg":"EdDSA","kid":"{}"}}"#, marks.mark()), marks.mark()].map(|it| base64(&it));
    let (one, other) = (marks.mark(), marks.mark());
    let lines = [
        format!("Bearer {one}"),
        format!("bearer {one}.{other}.{one}"),
        format!("Bearer {header}.{claims}.{one}").replace('=', ""),
        format!("Bearer {one} {other}"),
        format!("Bearer \"{one}\""),
        format!("Bearer {}", "zqmark".repeat(1_000)),
        format!("Basic {one}"),
        basic(&one, &other),
        basic(&one, ""),
        format!("Digest username=\"{one}\", response=\"{other}\""),
        one.clone(),
    ];
    let mut all: Vec<_> = lines.iter().map(|line| bare.clone().header("Authorization", line)).collect();
    all.push(bare.clone().bearer(&one).header("Authorization", &basic(&one, &other)));
    let cookies = format!("__Host-doorward-access={one}; __Host-doorward-refresh={other}; {one}={other}");
    all.push(bare.clone().header("Cookie", &cookies));
    all.push(bare.clone().header("Cookie", &cookies).header("X-CSRF-Token", &marks.mark()));
    all.push(bare.header("Cookie", &format!("{cookies}; __Host-doorward-access={other}")));
    all
}

fn by_headers(call: &Call, marks: &mut Marks) -> Vec<Call> {
    let mark = marks.mark();
    let harmless = [
        ("X-Api-Key", mark.clone()),
        ("Proxy-Authorization", basic(&mark, &mark)),
        ("X-Forwarded-For", mark.clone()),
        ("X-Forwarded-Authorization", format!("Bearer {mark}")),
        ("Forwarded", format!("for={mark};by={mark}")),
        ("X-Doorward-User", mark.clone()),
        ("X-CSRF-Token", mark.clone()),
        ("User-Agent", mark.clone()),
        ("Referer", format!("https://example.com/?token={mark}")),
        ("If-None-Match", format!("\"{mark}\"")),
        ("traceparent", mark.clone()),
        ("tracestate", format!("vendor={mark}")),
        ("Accept-Language", mark.clone()),
    ];
    let together = harmless.iter().fold(call.clone(), |call, (name, value)| call.header(name, value));
    let alone = [
        ("If-Match", mark.clone()),
        ("If-Match", format!("\"{mark}\"")),
        ("Origin", format!("https://{mark}.example.com")),
        ("Accept-Encoding", format!("{mark};q=0, identity;q=0")),
        ("Content-Encoding", mark.clone()),
        ("Expect", mark.clone()),
        ("Content-Length", mark.clone()),
        ("Transfer-Encoding", mark.clone()),
        ("Host", mark.clone()),
        ("Connection", mark.clone()),
        ("Upgrade", mark),
        ("X-Long", "zqmark".repeat(20_000)),
    ];
    let alone = alone.iter().map(|(name, value)| call.clone().header(name, value));
    std::iter::once(together).chain(alone).collect()
}

fn by_target(operation: &Operation, call: &Call, marks: &mut Marks) -> Vec<Call> {
    let path = call.target.split('?').next().unwrap_or_default();
    let to = |target: String| Call { target, ..call.clone() };
    let mut all = vec![
        to(format!("{path}?access_token={}", marks.mark())),
        to(format!("{path}?{NAME}={}&{NAME}", marks.mark())),
        to(format!("{path}/{NAME}")),
    ];
    for parameter in &operation.parameters {
        let (name, mark, email) = (&parameter.name, marks.mark(), marks.email());
        match parameter.place.as_str() {
            "path" => {
                let at = |value: &str| to(operation.path.replace(&format!("{{{name}}}"), value));
                all.extend([at(NAME), at(&format!("{NAME}@example.com")), at(&format!("%00{NAME}"))]);
            }
            "query" => {
                // A refusal names the permission that is missing.
                let mark = if name == "permission" { NAME.to_owned() } else { mark };
                let inside = base64(&format!("email:{email}")).replace('=', "");
                let json = format!("%7B%22seq%22:%22{mark}%22%7D");
                let values = [mark, email, inside, json, "%22zqmark%22".to_owned(), "zqmark".repeat(500)];
                all.extend(values.iter().map(|value| to(format!("{path}?{name}={value}"))));
            }
            _ => {}
        }
    }
    all
}

/// Each member of the body with a value of another type, of another meaning, and too long.
pub fn by_members(call: &Call, marks: &mut Marks) -> Vec<Call> {
    let Some(body) = call.members() else { return Vec::new() };
    let names: Vec<String> = body.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
    let mut all = Vec::new();
    for name in &names {
        let mark = marks.mark();
        for value in [
            json!(mark),
            json!(format!("{mark}@")),
            json!(format!("{mark}\u{0}\n\"{mark}")),
            json!("zqmark".repeat(1_000)),
            json!({ &*mark: mark }),
            json!([mark, {"a": mark}]),
        ] {
            all.extend(sent(call, &changed(&body, name, value)));
        }
    }
    let mark = marks.mark();
    all.extend(sent(call, &changed(&body, "unknown", json!(mark))));
    all
}

fn changed(body: &Value, name: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[name] = value;
    body
}

/// As JSON, and as a form too where that is what the operation takes.
fn sent(call: &Call, body: &Value) -> Vec<Call> {
    let texts = body.as_object().is_some_and(|members| members.values().all(|it| it.as_str().is_some_and(is_plain)));
    let form = (call.is_form() && texts).then(|| call.clone().form(body));
    form.into_iter().chain([call.clone().json(body)]).collect()
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@-._".contains(&byte))
}

/// Bodies that are no JSON, of another type, or too large.
fn by_bodies(call: &Call, marks: &mut Marks) -> Vec<Call> {
    let mark = marks.mark();
    let whole = json!({"password": mark, "token": mark, "refresh_token": mark}).to_string();
    let json = |text: String| call.clone().bytes("application/json", text);
    let mut all: Vec<Call> = [
        mark.clone(),
        format!("\"{mark}\""),
        format!("[\"{mark}\"]"),
        format!("{{\"password\":\"{mark}"),
        format!("{{\"password\":\"{mark}\",}}"),
        format!("{{\"password\":\"{mark}\\ud800\"}}"),
        format!("{{\"password\":{mark}}}"),
        format!("{{\"{NAME}\":\"{mark}\"}}"),
        format!("{{\"password\":\"{mark}\",\"password\":\"{mark}\"}}"),
        format!("{whole}{mark}"),
        format!("{{\"password\":\"{}\"}}", "zqmark".repeat(20_000)),
    ]
    .map(json)
    .into();
    all.push(
        call.clone().bytes("application/json", [format!("{{\"password\":\"{mark}").as_bytes(), b"\xff\"}"].concat()),
    );
    let form = format!("password={mark}&token={mark}&token={mark}&client_secret={mark}");
    for content_type in
        ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", &mark, ""]
    {
        all.push(call.clone().bytes(content_type, form.clone()));
        all.push(call.clone().bytes(content_type, whole.clone()));
    }
    all.push(json(whole.clone()).header("Content-Encoding", "gzip"));
    all.push(
        call.clone()
            .bytes("application/x-www-form-urlencoded", format!("grant_type={mark}&client_id={mark}&%ff={mark}")),
    );
    all
}
