use serde_json::json;

use super::{Talk, text};
use crate::place::{ADMIN, PASSWORD};

const USERS: &str = "/api/v1/users";
const ROLES: &str = "/api/v1/roles";
const PERMISSIONS: &str = "/api/v1/permissions";
const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

pub fn script(talk: &mut Talk) {
    talk.sign_in(ADMIN);
    let bob = making_accounts(talk);
    listing(talk);
    changing(talk, &bob);
    permissions(talk);
    roles(talk, &bob);
    the_last_admin(talk);
    limits_of_a_deputy(talk, &bob);
    disabling(talk, &bob);
}

fn making_accounts(talk: &mut Talk) -> String {
    let bob = json!({"email": "bob@example.com", "password": PASSWORD, "username": "bob", "email_verified": true, "external_id": "hr-7"});
    let bob = talk.post("make an account", USERS, bob);
    talk.post("make one without a password", USERS, json!({"email": "carl@example.com", "is_active": false}));
    talk.post("make one with a role", USERS, json!({"email": "dora@example.com", "roles": ["admin"]}));
    talk.post("with a role that is not there", USERS, json!({"email": "e@example.com", "roles": ["pilot"]}));
    talk.post("with an address that is taken", USERS, json!({"email": "BOB@example.com"}));
    talk.get("read it", &format!("{USERS}/{}", text(&bob["id"])));
    text(&bob["id"])
}

fn listing(talk: &mut Talk) {
    for query in [
        "",
        "?sort=email",
        "?sort=-email",
        "?sort=created_at",
        "?q=b",
        "?q=%25",
        "?is_active=false",
        "?role=admin",
        "?role=pilot",
        "?email=BOB@example.com",
        "?username=bob",
        "?role=admin&is_active=true&sort=email",
        "?sort=name",
        "?limit=0",
        "?limit=101",
        "?limit=two",
        "?cursor=nonsense",
        "?colour=red",
        "?limit=1&limit=2",
    ] {
        talk.get("list accounts", &format!("{USERS}{query}"));
    }
    for sort in ["email", "-email", "created_at", "-created_at"] {
        let mut page = talk.get("page by page", &format!("{USERS}?sort={sort}&limit=3"));
        while let Some(cursor) = page["next_cursor"].as_str() {
            page = talk.get("the next page", &format!("{USERS}?sort={sort}&limit=3&cursor={cursor}"));
        }
    }
}

fn changing(talk: &mut Talk, bob: &str) {
    let path = format!("{USERS}/{bob}");
    talk.patch("a new address is unverified", &path, json!({"email": "robert@example.com"}));
    talk.patch("an address that is taken", &path, json!({"email": ADMIN}));
    talk.patch("null where none may be", &path, json!({"email": null, "is_active": null}));
    talk.patch("empty the username", &path, json!({"username": null, "external_id": null}));
    talk.call("a stale change", "PATCH", &path, &[("If-Match", "\"1\"")], Some(json!({"full_name": "Bob"})));
    talk.call("a tag that is none", "PATCH", &path, &[("If-Match", "1")], Some(json!({"full_name": "Bob"})));
    talk.call("unlock it", "POST", &format!("{path}/unlock"), &[], None);
    talk.patch("nobody's account", &format!("{USERS}/{NOBODY}"), json!({"full_name": "Bob"}));
    talk.get("nobody", &format!("{USERS}/{NOBODY}"));
    talk.get("what is no id", &format!("{USERS}/nonsense"));
    talk.delete("delete nobody", &format!("{USERS}/{NOBODY}"));
}

fn permissions(talk: &mut Talk) {
    talk.get("all permissions", PERMISSIONS);
    talk.post("make one", PERMISSIONS, json!({"name": "reports:read", "description": "Read reports"}));
    talk.post("make it again", PERMISSIONS, json!({"name": "reports:read"}));
    talk.post("a name that is none", PERMISSIONS, json!({"name": "Reports Read"}));
    talk.delete("a system permission stays", &format!("{PERMISSIONS}/users:read"));
    talk.delete("one that is not there", &format!("{PERMISSIONS}/nothing:read"));
}

fn roles(talk: &mut Talk, bob: &str) {
    talk.post(
        "make a role",
        ROLES,
        json!({"name": "deputy", "permissions": ["users:read", "users:write", "roles:write"]}),
    );
    talk.post("make it again", ROLES, json!({"name": "deputy"}));
    talk.post("with what is not there", ROLES, json!({"name": "other", "permissions": ["nothing:read"]}));
    let deputy = format!("{ROLES}/deputy");
    talk.patch("describe it", &deputy, json!({"description": "Looks after accounts"}));
    talk.patch("describe it no more", &deputy, json!({"description": null}));
    talk.put("let it read reports", &format!("{deputy}/permissions/reports:read"));
    talk.put("again", &format!("{deputy}/permissions/reports:read"));
    talk.put("let it do what is not there", &format!("{deputy}/permissions/nothing:read"));
    talk.delete("let it no more", &format!("{deputy}/permissions/reports:read"));
    talk.put("change a system role", &format!("{ROLES}/admin/permissions/reports:read"));
    talk.delete("delete a system role", &format!("{ROLES}/user"));
    talk.get("read it", &deputy);
    talk.get("one that is not there", &format!("{ROLES}/pilot"));
    talk.put("grant it", &format!("{USERS}/{bob}/roles/deputy"));
    talk.put("grant it again", &format!("{USERS}/{bob}/roles/deputy"));
    talk.put("grant what is not there", &format!("{USERS}/{bob}/roles/pilot"));
    talk.delete("take what is not held", &format!("{USERS}/{bob}/roles/admin"));
    talk.get("all roles", ROLES);
}

fn the_last_admin(talk: &mut Talk) {
    let me = text(&talk.get("who am I", "/api/v1/users/me")["id"]);
    let dora = talk.get("the other administrator", &format!("{USERS}?email=dora@example.com"));
    let dora = text(&dora["items"][0]["id"]);
    talk.delete("take the other one's role", &format!("{USERS}/{dora}/roles/admin"));
    talk.delete("take the last one's role", &format!("{USERS}/{me}/roles/admin"));
    talk.patch("disable the last one", &format!("{USERS}/{me}"), json!({"is_active": false}));
    talk.delete("delete the last one", &format!("{USERS}/{me}"));
    talk.delete("delete oneself, the last one", "/api/v1/users/me");
}

fn limits_of_a_deputy(talk: &mut Talk, bob: &str) {
    let admin = talk.token.clone();
    let me = text(&talk.get("who am I", "/api/v1/users/me")["id"]);
    talk.sign_in("robert@example.com");
    talk.patch("change who holds more", &format!("{USERS}/{me}"), json!({"full_name": "Mine now"}));
    talk.put("make oneself administrator", &format!("{USERS}/{bob}/roles/admin"));
    talk.put("widen one's own role", &format!("{ROLES}/deputy/permissions/audit:read"));
    talk.get("without the permission", &format!("{USERS}/{bob}/sessions"));
    talk.token = admin;
}

fn disabling(talk: &mut Talk, bob: &str) {
    let admin = talk.token.clone();
    let path = format!("{USERS}/{bob}");
    talk.sign_in("robert@example.com");
    let bobs = std::mem::replace(&mut talk.token, admin.clone());
    talk.get("where they are signed in", &format!("{path}/sessions"));
    talk.patch("disable them", &path, json!({"is_active": false}));
    talk.token = bobs;
    talk.get("their token", "/api/v1/users/me");
    talk.as_nobody();
    talk.sign_in_refused("robert@example.com");
    talk.token = admin;
    talk.patch("enable them", &path, json!({"is_active": true}));
    talk.delete("end their sessions", &format!("{path}/sessions"));
    talk.delete("delete their role", &format!("{ROLES}/deputy"));
    talk.get("they hold it no more", &path);
    talk.delete("delete them", &path);
    talk.delete("delete them again", &path);
    talk.delete("delete the permission", &format!("{PERMISSIONS}/reports:read"));
}
