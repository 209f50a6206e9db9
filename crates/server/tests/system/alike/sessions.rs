use serde_json::{Value, json};

use super::{Talk, text};
use crate::place::PASSWORD;

const REFRESH: &str = "/api/v1/auth/refresh";
const SESSIONS: &str = "/api/v1/users/me/sessions";

pub fn script(talk: &mut Talk) {
    let body = json!({"email": "ann@example.com", "password": PASSWORD});
    talk.post("register", "/api/v1/auth/register", body);
    let phone = talk.sign_in("ann@example.com");
    let laptop = talk.sign_in("ann@example.com");
    refreshing(talk, &phone);
    where_am_i(talk, &laptop);
    signing_out(talk, &laptop);
}

fn refresh(talk: &mut Talk, what: &str, tokens: &Value) -> Value {
    talk.post(what, REFRESH, json!({"refresh_token": tokens["refresh_token"]}))
}

fn refreshing(talk: &mut Talk, first: &Value) {
    talk.as_nobody();
    let second = refresh(talk, "refresh", first);
    refresh(talk, "the same token in its grace", first);
    let third = refresh(talk, "the next generation", &second);
    talk.post("an access token is no refresh token", REFRESH, json!({"refresh_token": third["access_token"]}));
    talk.post("nonsense", REFRESH, json!({"refresh_token": "nonsense"}));
    talk.token = text(&third["refresh_token"]);
    talk.get("a refresh token is no access token", "/api/v1/users/me");
    talk.as_nobody();
    refresh(talk, "a generation before the last: reuse", first);
    refresh(talk, "the session has ended", &third);
    talk.token = text(&third["access_token"]);
    talk.get("with its access tokens", "/api/v1/users/me");
}

fn where_am_i(talk: &mut Talk, laptop: &Value) {
    let tablet = talk.sign_in("ann@example.com");
    talk.sign_in("ann@example.com");
    talk.token = text(&laptop["access_token"]);
    talk.get("where am I signed in", SESSIONS);
    let page = talk.get("the first page", &format!("{SESSIONS}?limit=2"));
    let cursor = text(&page["next_cursor"]);
    talk.get("the second page", &format!("{SESSIONS}?limit=2&cursor={cursor}"));
    let path = format!("{SESSIONS}/{}", text(&tablet["session_id"]));
    talk.delete("end one", &path);
    talk.delete("end it again", &path);
    talk.delete("end what is no id", &format!("{SESSIONS}/nonsense"));
    talk.delete("end the others", SESSIONS);
    talk.get("only this one is left", SESSIONS);
}

fn signing_out(talk: &mut Talk, laptop: &Value) {
    talk.call("sign out", "POST", "/api/v1/auth/logout", &[], None);
    talk.get("signed out", "/api/v1/users/me");
    talk.as_nobody();
    refresh(talk, "refresh after signing out", laptop);
    let other = talk.sign_in("ann@example.com");
    talk.as_nobody();
    talk.post("sign out by refresh token", "/api/v1/auth/logout", json!({"refresh_token": other["refresh_token"]}));
    talk.post("again", "/api/v1/auth/logout", json!({"refresh_token": other["refresh_token"]}));
    talk.call("sign out with nothing", "POST", "/api/v1/auth/logout", &[], None);
}
