use super::routes::{self, Route};
use crate::actors::{ANONYMOUS, Actor};
use crate::service::world::{MINUTE, Person, World};
use doorward_domain::SYSTEM_PERMISSIONS;
use doorward_ports::access::{FRESH_FOR, Operation, Who};
use serde_json::json;
use std::cell::{Cell, RefCell};

/// The role whose accounts must have a second factor.
pub const ENROLLING: &str = "enrolling";

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nobody.
    Anonymous,
    /// One whose token is not, or no longer, good.
    Refused(&'static str),
    /// One without any permission.
    User,
    /// One with this permission alone.
    Permitted(&'static str),
    /// One with all of them.
    Admin,
    /// One with all of them, who has signed in longer ago than a fresh sign-in may be.
    Stale,
    /// One with all of them, who must enrol a second factor first.
    Enrolling,
    /// One with all of them, by a token that was issued to another app.
    AnotherApp,
}

impl Kind {
    pub fn holds(self, permission: &str) -> bool {
        matches!(self, Self::Admin | Self::Stale) || matches!(self, Self::Permitted(held) if held == permission)
    }

    pub fn column(self, operation: Option<Operation>) -> Column {
        match (self, operation.map(|operation| operation.requirement().who)) {
            (Self::Anonymous, _) => Column::Anonymous,
            (Self::Refused(_), _) => Column::Refused,
            (Self::User, _) => Column::User,
            (Self::Permitted(held), Some(Who::Permission(needed) | Who::ClientAppOr(needed))) if held == needed => {
                Column::WithItAlone
            }
            (Self::Permitted(_), _) => Column::WithAnother,
            (Self::Admin, _) => Column::Admin,
            (Self::Stale, _) => Column::Stale,
            (Self::Enrolling, _) => Column::Enrolling,
            (Self::AnotherApp, _) => Column::AnotherApp,
        }
    }

    /// The role that makes one of this kind.
    fn role(self) -> Option<String> {
        match self {
            Self::Anonymous | Self::Refused(_) | Self::User => None,
            Self::Permitted(permission) => Some(permission.replace(':', "-")),
            Self::Admin | Self::Stale | Self::AnotherApp => Some("admin".to_owned()),
            Self::Enrolling => Some(ENROLLING.to_owned()),
        }
    }
}

/// Whom a route must treat alike.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Anonymous,
    Refused,
    User,
    /// With the permission that the route needs, and no other.
    WithItAlone,
    /// With one permission, which the route does not need.
    WithAnother,
    Admin,
    Stale,
    Enrolling,
    AnotherApp,
}

impl Column {
    pub const ALL: [Self; 9] = [
        Self::Anonymous,
        Self::Refused,
        Self::User,
        Self::WithAnother,
        Self::WithItAlone,
        Self::Admin,
        Self::Stale,
        Self::Enrolling,
        Self::AnotherApp,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Refused => "refused token",
            Self::User => "user",
            Self::WithItAlone => "with it alone",
            Self::WithAnother => "with another",
            Self::Admin => "admin",
            Self::Stale => "stale sign-in",
            Self::Enrolling => "must enrol",
            Self::AnotherApp => "another app",
        }
    }
}

/// Somebody who makes one request.
pub struct Caller {
    pub actor: Actor,
    /// The caller's account; for one without a good token, somebody else's.
    pub person: Person,
    /// A name that nothing has yet.
    pub name: String,
}

/// The callers of all kinds.
pub struct Callers {
    refused: Vec<(Kind, Actor)>,
    /// More of those whose sign-in is stale; time does not pass for one request.
    stale: RefCell<Vec<Person>>,
    lasting: Vec<(Kind, Person)>,
    made: Cell<u32>,
}

impl Callers {
    pub async fn gather(world: &World) -> Self {
        let refused = refused(world).await.map(|(why, token)| (Kind::Refused(why), Actor::with(&token)));
        world.role(ENROLLING, &SYSTEM_PERMISSIONS).await;
        for permission in SYSTEM_PERMISSIONS {
            world.role(&permission.replace(':', "-"), &[permission]).await;
        }
        let mut callers =
            Self { refused: refused.into(), stale: RefCell::default(), lasting: Vec::new(), made: Cell::new(0) };
        for _ in 0..=routes::all().iter().filter(|route| route.is_about_oneself()).count() {
            let person = world.person(&callers.name(), &["admin"]).await;
            callers.stale.borrow_mut().push(person);
        }
        world.advance(FRESH_FOR);
        for kind in callers.kinds() {
            let person = callers.newcomer(world, kind).await;
            callers.lasting.push((kind, person));
        }
        callers
    }

    pub fn kinds(&self) -> Vec<Kind> {
        let refused = self.refused.iter().map(|(kind, _)| *kind);
        let permitted = SYSTEM_PERMISSIONS.map(Kind::Permitted);
        [Kind::Anonymous]
            .into_iter()
            .chain(refused)
            .chain([Kind::User])
            .chain(permitted)
            .chain([Kind::Admin, Kind::Stale, Kind::Enrolling, Kind::AnotherApp])
            .collect()
    }

    /// One of this kind; with an account made for this one request, when it may end their session or delete the account.
    pub async fn one(&self, world: &World, route: &Route, kind: Kind) -> Caller {
        let lasting = &self.lasting.iter().find(|(known, _)| *known == kind).unwrap().1;
        let person = if route.is_about_oneself() { self.newcomer(world, kind).await } else { lasting.clone() };
        let actor = match kind {
            Kind::Anonymous => ANONYMOUS,
            Kind::User | Kind::Permitted(_) | Kind::Admin | Kind::Stale | Kind::Enrolling => *person,
            Kind::AnotherApp => Actor::with(&world.token_for_another_app(&person)),
            Kind::Refused(_) => self.refused.iter().find(|(known, _)| *known == kind).unwrap().1,
        };
        Caller { actor, person, name: self.name() }
    }

    async fn newcomer(&self, world: &World, kind: Kind) -> Person {
        if kind == Kind::Stale {
            return self.stale.borrow_mut().pop().unwrap();
        }
        world.person(&self.name(), &Vec::from_iter(kind.role().as_deref())).await
    }

    /// A name that nothing has yet.
    fn name(&self) -> String {
        self.made.set(self.made.get() + 1);
        format!("n{}", self.made.get())
    }
}

/// Tokens that were good once, or never, of accounts that may everything: what is refused is the token.
async fn refused(world: &World) -> [(&'static str, String); 8] {
    let expired = world.person("expired", &["admin"]).await;
    world.advance(15 * MINUTE);
    let chief = world.person("chief", &["admin"]).await;
    let disabled = world.person("disabled", &["admin"]).await;
    let deleted = world.person("deleted", &["admin"]).await;
    let signed_out = world.person("signed-out", &["admin"]).await;
    let moved = world.person("moved", &["admin"]).await;
    let good = world.person("good", &["admin"]).await;
    let answers = [
        world.send(chief.patch(&disabled.account.path, &json!({"is_active": false}))).await,
        world.send(chief.delete(&deleted.account.path)).await,
        world.send(signed_out.asks(actix_web::http::Method::POST, "/api/v1/auth/logout")).await,
        world.send(chief.delete(&format!("{}/sessions", moved.account.path))).await,
    ];
    assert_eq!(answers.map(|answer| answer.status.as_u16()), [200, 204, 204, 204]);
    [
        ("expired", expired.access_token),
        ("of a disabled account", disabled.access_token),
        ("of a deleted account", deleted.access_token),
        ("of a session signed out", signed_out.access_token),
        ("of a session ended by an administrator", moved.access_token),
        ("a refresh token", good.refresh_token.clone()),
        ("with another signature", with_another_signature(&good)),
        ("garbage", "garbage".to_owned()),
    ]
}

/// What a good token says, signed like the same account's refresh token.
fn with_another_signature(good: &Person) -> String {
    let (said, _) = good.access_token.rsplit_once('.').unwrap();
    let (_, signature) = good.refresh_token.rsplit_once('.').unwrap();
    format!("{said}.{signature}")
}
