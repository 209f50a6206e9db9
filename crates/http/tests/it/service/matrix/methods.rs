//! The methods that the document does not list: `HEAD`, which is as `GET`, and those that a path does not have. The one
//! path that takes any method is tested in `auth/check.rs`.
use super::callers::{Callers, Kind};
use super::examples::Example;
use super::routes;
use crate::actors::ANONYMOUS;
use crate::service::world::World;
use actix_web::http::Method;
use doorward_ports::access::Operation;

#[actix_web::test]
async fn head_lets_in_whom_get_lets_in_and_tells_nobody_more() {
    let world = World::new().await;
    let callers = Callers::gather(&world).await;
    let mut asked = 0;
    for route in routes::all().into_iter().filter(|route| route.method == Method::GET) {
        for kind in [Kind::Anonymous, Kind::Refused("expired"), Kind::User, Kind::Admin] {
            let caller = callers.one(&world, &route, kind).await;
            let example = Example::of(&world, &route, &caller).await;
            let get = world.send(example.clone().request(&route, caller.actor)).await;
            // What is answered there is spent.
            let once = route.operation == Some(Operation::FinishAuthorization);
            let example = if once { Example::of(&world, &route, &caller).await } else { example };
            let head = world.send(example.request(&route, caller.actor).method(Method::HEAD)).await;
            assert_eq!((head.status, head.body.len()), (get.status, 0), "{} as {kind:?}", route.path);
            asked += 1;
        }
    }
    assert!(asked > 4 * 10, "{asked}");
}

#[actix_web::test]
async fn a_method_that_a_path_does_not_have_is_405_for_everybody_and_those_it_has_are_named() {
    let world = World::new().await;
    let admin = world.admin().await;
    let all = routes::all();
    for path in all.iter().map(|route| &route.path).filter(|path| *path != "/api/v1/auth/check") {
        let here: Vec<&Method> = all.iter().filter(|route| route.path == *path).map(|route| &route.method).collect();
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            if here.contains(&&method) {
                continue;
            }
            for actor in [ANONYMOUS, *admin] {
                let answer = world.send(actor.asks(method.clone(), &path.replace(['{', '}'], ""))).await;
                assert_eq!(answer.outcome(), "405 method_not_allowed", "{method} {path}");
                assert_eq!(named(answer.header("allow")), expected(&here), "{method} {path}");
            }
        }
    }
}

fn named(allow: &str) -> Vec<String> {
    let mut names: Vec<String> = allow.split(',').map(|name| name.trim().to_owned()).collect();
    names.sort();
    names
}

fn expected(here: &[&Method]) -> Vec<String> {
    let mut names: Vec<String> = here.iter().map(|method| method.as_str().to_owned()).collect();
    if here.contains(&&Method::GET) {
        names.push("HEAD".to_owned());
    }
    names.sort();
    names
}
