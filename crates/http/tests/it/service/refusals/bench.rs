use crate::actors::{ANONYMOUS, Actor};
use crate::service::matrix::callers::{Caller, ENROLLING};
use crate::service::matrix::examples::Example;
use crate::service::matrix::routes::Route;
use crate::service::world::{ClientApp, PASSWORD, Person, World};
use actix_web::http::header;
use actix_web::test::TestRequest;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use doorward_application::RateLimits;
use doorward_domain::{FactorRequirement, Quota};
use doorward_ports::access::{FRESH_FOR, Who};
use serde_json::{Value, json};
use std::cell::Cell;
use std::num::NonZeroU32;
use std::time::Duration;

pub const TOKEN: &str = "/api/v1/auth/token";

/// What the examples are made with.
pub struct Bench {
    pub world: World,
    /// A service that counts, and allows each class once.
    pub strict: World,
    /// An administrator whose sign-in is fresh.
    pub admin: Person,
    /// Somebody whose sign-in is not.
    pub stale: Person,
    /// Somebody who must enrol a second factor first.
    enrolling: Person,
    /// Somebody who must change the password first.
    changing: Person,
    /// A client app, and a token of its own.
    pub app: ClientApp,
    pub apps_own: Actor,
    made: Cell<u32>,
}

impl Bench {
    pub async fn set_up() -> Self {
        let required = FactorRequirement::ForRoles([ENROLLING.parse().unwrap()].into());
        let world = World::by(|policies| policies.mfa.required = required).await;
        world.role(ENROLLING, &[]).await;
        let stale = world.person("stale", &["admin"]).await;
        world.advance(FRESH_FOR);
        let admin = world.admin().await;
        let enrolling = world.person("enrolling", &[ENROLLING]).await;
        let changing = world.person("changing", &["admin"]).await;
        world.json(admin.patch(&changing.account.path, &json!({"must_change_password": true}))).await;
        let app = world.client_app("app", &["admin"]).await;
        let request = json!({"grant_type": "client_credentials", "client_id": app.id, "client_secret": app.secret});
        let token = world.json(ANONYMOUS.post(TOKEN, &request)).await["access_token"].as_str().unwrap().to_owned();
        Self {
            world,
            strict: strict().await,
            admin,
            stale,
            enrolling,
            changing,
            app,
            apps_own: Actor::with(&token),
            made: Cell::new(0),
        }
    }

    /// A name that nothing has yet.
    pub fn name(&self) -> String {
        self.made.set(self.made.get() + 1);
        format!("made-{}", self.made.get())
    }

    /// A request that nothing is wrong with, of an account that was made for it.
    pub async fn example(&self, route: &Route) -> (Example, Person) {
        example_in(&self.world, route, &self.name()).await
    }

    /// The same of an administrator, changed before it is sent.
    pub async fn changed(&self, route: &Route, change: impl FnOnce(Example) -> Example) -> TestRequest {
        let (example, person) = self.example(route).await;
        change(example).request(route, *person)
    }

    /// Without anything in it that the route would need.
    pub async fn of(&self, route: &Route, actor: Actor) -> TestRequest {
        self.example(route).await.0.request(route, actor)
    }

    pub fn enrolling(&self) -> Actor {
        *self.enrolling
    }

    pub fn changing(&self) -> Actor {
        *self.changing
    }

    /// Somebody who may do what the route does, and nothing else.
    pub async fn who_may(&self, route: &Route) -> Person {
        let Some(Who::Permission(permission)) = route.operation.map(|operation| operation.requirement().who) else {
            panic!("{} needs no permission", route.name())
        };
        let name = self.name();
        self.world.role(&name, &[permission]).await;
        self.world.person(&name, &[&name]).await
    }

    /// An account whose tokens can list no further role: thirty of the longest names, `user`, and one that fills the rest.
    pub async fn who_holds_all_they_can(&self) -> String {
        let roles: Vec<_> = (0..30).map(|n| format!("{n:063}")).chain(["x".repeat(58)]).collect();
        for role in &roles {
            self.world.role(role, &[]).await;
        }
        let held: Vec<_> = roles.iter().map(String::as_str).collect();
        self.world.person(&self.name(), &held).await.account.id
    }
}

pub async fn example_in(world: &World, route: &Route, name: &str) -> (Example, Person) {
    let person = world.person(name, &["admin"]).await;
    let caller = Caller { actor: *person, person: person.clone(), name: format!("{name}-thing") };
    (Example::of(world, route, &caller).await, person)
}

async fn strict() -> World {
    let once = Quota { limit: NonZeroU32::MIN, per: Duration::from_hours(24) };
    let limits = RateLimits { login: once, auth: once, api: once, admin: once, public: once };
    World::by(|policies| policies.limits = Some(limits)).await
}

pub fn login(name: &str, password: &str) -> Value {
    json!({"identifier": name, "password": password})
}

pub fn right(name: &str) -> Value {
    login(name, PASSWORD)
}

pub fn basic(request: TestRequest, id: &str, secret: &str) -> TestRequest {
    let proof = BASE64_STANDARD.encode(format!("{id}:{secret}"));
    request.insert_header((header::AUTHORIZATION, format!("Basic {proof}")))
}
