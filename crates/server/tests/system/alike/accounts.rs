use serde_json::json;

use super::Talk;
use crate::place::PASSWORD;

const REGISTER: &str = "/api/v1/auth/register";
const LOGIN: &str = "/api/v1/auth/login";
const ME: &str = "/api/v1/users/me";

pub fn script(talk: &mut Talk) {
    registering(talk);
    signing_in(talk);
    talk.sign_in("ANN");
    one_s_own_account(talk);
    one_s_own_password(talk);
    talk.delete("delete one's own account", ME);
    talk.get("a deleted account's token", ME);
}

fn registering(talk: &mut Talk) {
    let ann = json!({"email": "Ann@Example.com", "password": PASSWORD, "username": "Ann", "full_name": "Ann Öz", "locale": "de-at"});
    talk.post("register", REGISTER, ann.clone());
    talk.post("the same again", REGISTER, ann);
    talk.post("the same address", REGISTER, json!({"email": "ANN@example.com", "password": PASSWORD}));
    talk.post("the same name", REGISTER, json!({"email": "b@example.com", "password": PASSWORD, "username": "aNN"}));
    talk.post(
        "everything is wrong",
        REGISTER,
        json!({"email": "no", "password": "short", "username": "@", "locale": "?"}),
    );
    talk.post(
        "a password made of the name",
        REGISTER,
        json!({"email": "carola.meier@example.com", "password": "carola.meier"}),
    );
    talk.post("a NUL", REGISTER, json!({"email": "a\u{0}b@example.com", "password": PASSWORD}));
    talk.post("a look-alike address", REGISTER, json!({"email": "\u{430}nn@example.com", "password": PASSWORD}));
}

fn signing_in(talk: &mut Talk) {
    talk.post("by e-mail", LOGIN, json!({"email": "ANN@example.com", "password": PASSWORD}));
    talk.post("by username", LOGIN, json!({"username": "ann", "password": PASSWORD}));
    talk.post("a wrong password", LOGIN, json!({"identifier": "ann", "password": "wrong"}));
    talk.post("an unknown account", LOGIN, json!({"identifier": "nobody", "password": "wrong"}));
    talk.post("a NUL in the name", LOGIN, json!({"identifier": "a\u{0}", "password": "wrong"}));
    talk.post("no name", LOGIN, json!({"password": PASSWORD}));
}

fn one_s_own_account(talk: &mut Talk) {
    talk.get("who am I", ME);
    talk.patch("what is absent stays", ME, json!({"full_name": "Ann Smith"}));
    talk.patch("null empties", ME, json!({"locale": null}));
    talk.patch("nothing", ME, json!({}));
    let stale = [("If-Match", "\"1\"")];
    talk.call("a stale change", "PATCH", ME, &stale, Some(json!({"full_name": "Lost"})));
    let weak = [("If-Match", "W/\"1\"")];
    talk.call("a weak tag matches nothing", "PATCH", ME, &weak, Some(json!({"full_name": "Lost"})));
    let any = [("If-Match", "*")];
    talk.call("any version", "PATCH", ME, &any, Some(json!({"full_name": "Ann Jones"})));
    let tag = format!("\"{}\"", versions(talk));
    talk.call("the present version", "PATCH", ME, &[("If-Match", &tag)], Some(json!({"full_name": "Ann Lee"})));
    talk.patch("what only an administrator changes", ME, json!({"is_active": false, "email": "x@example.com"}));
    talk.patch("a name too long", ME, json!({"full_name": "x".repeat(201)}));
    let fresh = talk.to.call("who am I, with its tag", "GET", ME, |request| request.bearer(&talk.token));
    let tag = fresh.header("etag").expect("an account has a version").to_owned();
    talk.call("unchanged since", "GET", ME, &[("If-None-Match", &tag)], None);
}

/// The version that the account has now.
fn versions(talk: &mut Talk) -> String {
    let answer = talk.to.call("read the version", "GET", ME, |request| request.bearer(&talk.token));
    answer.header("etag").expect("an account has a version").trim_matches('"').to_owned()
}

fn one_s_own_password(talk: &mut Talk) {
    let path = "/api/v1/users/me/password";
    let next = "maple-harbour-quiet-77";
    talk.post("a wrong current password", path, json!({"current_password": "wrong", "new_password": next}));
    talk.post("a poor new password", path, json!({"current_password": PASSWORD, "new_password": "password1234"}));
    talk.post("a new password", path, json!({"current_password": PASSWORD, "new_password": next}));
    talk.post("the old one", LOGIN, json!({"identifier": "ann", "password": PASSWORD}));
    talk.post("the new one", LOGIN, json!({"identifier": "ann", "password": next}));
}
