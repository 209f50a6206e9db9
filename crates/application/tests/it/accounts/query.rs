use crate::world::{PASSWORD, World, account, code, faults, fields, operator, registration, secret};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use doorward_domain::User;
use doorward_ports::inbound::{NewAccount, UserQuery};
use doorward_ports::{Cursor, ErrorCode, Limit, Page};

async fn list(world: &World, query: UserQuery) -> Page<User> {
    world.accounts().list(&operator(), query).await.unwrap()
}

fn names(page: &Page<User>) -> Vec<&str> {
    page.items.iter().map(|user| user.email.local_part()).collect()
}

fn sorted(sort: &str) -> UserQuery {
    UserQuery { sort: Some(sort.to_owned()), ..UserQuery::default() }
}

/// dan, ann, cid, bob, in the order of their making.
async fn four() -> World {
    let world = World::new().await;
    for name in ["dan", "ann", "cid", "bob"] {
        world.add(NewAccount { password: None, ..account(name) }).await;
    }
    world
}

#[tokio::test]
async fn accounts_are_listed_in_each_order_newest_first_by_default() {
    let world = four().await;
    assert_eq!(names(&list(&world, UserQuery::default()).await), ["bob", "cid", "ann", "dan"]);
    assert_eq!(names(&list(&world, sorted("-created_at")).await), ["bob", "cid", "ann", "dan"]);
    assert_eq!(names(&list(&world, sorted("created_at")).await), ["dan", "ann", "cid", "bob"]);
    assert_eq!(names(&list(&world, sorted("email")).await), ["ann", "bob", "cid", "dan"]);
    assert_eq!(names(&list(&world, sorted("-email")).await), ["dan", "cid", "bob", "ann"]);
}

#[tokio::test]
async fn filters_narrow_the_list_and_join_by_and() {
    let world = four().await;
    let ann = world.accounts().find(&operator(), "ann").await.unwrap();
    world.accounts().grant_role(&operator(), ann.id, "admin").await.unwrap();
    let cid = world.accounts().find(&operator(), "cid").await.unwrap();
    world.set_active(cid.id, false).await;
    fn some<'a, T: From<&'a str>>(text: &'a str) -> Option<T> {
        Some(text.into())
    }
    let cases = [
        (UserQuery { email: some("ANN@example.com"), ..UserQuery::default() }, vec!["ann"]),
        (UserQuery { username: some("Bob"), ..UserQuery::default() }, vec!["bob"]),
        (UserQuery { search: some(" C"), ..UserQuery::default() }, vec!["cid"]),
        (UserQuery { search: some(""), ..UserQuery::default() }, vec!["ann", "bob", "cid", "dan"]),
        (UserQuery { is_active: Some(false), ..UserQuery::default() }, vec!["cid"]),
        (UserQuery { is_active: Some(true), role: some("admin"), ..UserQuery::default() }, vec!["ann"]),
        (UserQuery { role: some("user"), ..sorted("-email") }, vec!["dan", "cid", "bob", "ann"]),
        (UserQuery { role: some("nothing"), ..UserQuery::default() }, vec![]),
        (UserQuery { email: some("ann@example.com"), is_active: Some(false), ..UserQuery::default() }, vec![]),
    ];
    for (query, expected) in cases {
        assert_eq!(names(&list(&world, query.clone()).await), expected, "{query:?}");
    }
}

#[tokio::test]
async fn a_filter_that_is_none_is_refused_with_its_field() {
    let world = World::new().await;
    let wrong = UserQuery {
        email: Some("ann".into()),
        username: Some("a b".into()),
        role: Some("No Role".to_owned()),
        sort: Some("password".to_owned()),
        ..UserQuery::default()
    };
    let expected = [
        ("/email", "invalid_email"),
        ("/username", "invalid_username"),
        ("/role", "invalid_role_name"),
        ("/sort", "invalid_sort"),
    ];
    assert_eq!(faults(world.accounts().list(&operator(), wrong).await), fields(&expected));
    for sort in ["created_at", "-created_at", "email", "-email"] {
        let search = UserQuery { search: Some("a".into()), ..sorted(sort) };
        assert_eq!(faults(world.accounts().list(&operator(), search).await), fields(&[("/sort", "invalid_sort")]));
    }
}

fn searched(text: &str) -> UserQuery {
    UserQuery { search: Some(text.into()), ..UserQuery::default() }
}

#[tokio::test]
async fn a_search_finds_names_usernames_and_addresses_by_the_beginning_of_a_word() {
    let world = four().await;
    let named = NewAccount { full_name: Some("José Bo Annan".into()), password: None, ..account("eve") };
    world.add(named).await;
    let cases = [
        ("ann", vec!["ann", "eve"]),
        ("JOSE", vec!["eve"]),
        ("josé bo", vec!["eve"]),
        ("bo", vec!["eve", "bob"]),
        ("bo annan", vec!["eve"]),
        ("eve@ex", vec!["eve"]),
        ("example.com", vec!["dan", "ann", "cid", "bob", "eve"]),
        ("nn", vec![]),
        ("%", vec![]),
    ];
    for (text, expected) in cases {
        assert_eq!(names(&list(&world, searched(text)).await), expected, "{text}");
        assert_eq!(pages(&world, &searched(text), async |_| {}).await, expected, "{text}");
    }
    let active = UserQuery { is_active: Some(true), role: Some("user".to_owned()), ..searched("ann") };
    assert_eq!(names(&list(&world, active).await), ["ann", "eve"]);
}

#[tokio::test]
async fn a_cursor_of_another_search_is_refused() {
    let world = four().await;
    let first = UserQuery { limit: Limit::new(1).unwrap(), ..searched("example") };
    let cursor = list(&world, first).await.next.unwrap();
    for other in [searched("ann"), sorted("email"), UserQuery::default()] {
        let other = UserQuery { cursor: Some(cursor.clone()), ..other };
        assert_eq!(code(world.accounts().list(&operator(), other).await), ErrorCode::InvalidCursor);
    }
}

/// Every page of a list, from the first on; `between` runs after each.
async fn pages(world: &World, query: &UserQuery, between: impl AsyncFn(usize)) -> Vec<String> {
    let (mut query, mut seen) = (UserQuery { limit: Limit::new(2).unwrap(), ..query.clone() }, Vec::new());
    for number in 0.. {
        let page = list(world, query.clone()).await;
        assert!(page.items.len() <= 2);
        seen.extend(names(&page).into_iter().map(str::to_owned));
        between(number).await;
        match page.next {
            Some(next) => query.cursor = Some(Cursor::from_text(next.as_text().to_owned())),
            None => break,
        }
    }
    seen
}

#[tokio::test]
async fn pages_together_hold_everything_once_in_each_order() {
    let world = four().await;
    for sort in ["created_at", "-created_at", "email", "-email"] {
        let whole = list(&world, sorted(sort)).await;
        assert_eq!(whole.next, None);
        assert_eq!(pages(&world, &sorted(sort), async |_| {}).await, names(&whole), "{sort}");
    }
}

#[tokio::test]
async fn what_stays_is_listed_once_while_others_come_and_go() {
    for sort in ["created_at", "-created_at", "email", "-email"] {
        let world = four().await;
        let come_and_go = async |number: usize| {
            if number > 0 {
                return;
            }
            for gone in ["dan", "bob"] {
                let gone = world.accounts().find(&operator(), gone).await.unwrap();
                world.accounts().delete(&operator(), gone.id).await.unwrap();
            }
            for come in ["aaa", "bbb", "zzz"] {
                world.add(NewAccount { password: None, ..account(come) }).await;
            }
        };
        let seen = pages(&world, &sorted(sort), come_and_go).await;
        for stays in ["ann", "cid"] {
            assert_eq!(seen.iter().filter(|name| *name == stays).count(), 1, "{sort}: {seen:?}");
        }
        let mut once = seen.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "{sort}: {seen:?}");
    }
}

#[tokio::test]
async fn a_cursor_of_another_order_or_of_nobody_is_refused() {
    let world = four().await;
    let first = UserQuery { limit: Limit::new(1).unwrap(), ..sorted("email") };
    let cursor = list(&world, first).await.next.unwrap();
    for sort in ["-email", "created_at", "-created_at"] {
        let query = UserQuery { cursor: Some(cursor.clone()), ..sorted(sort) };
        assert_eq!(code(world.accounts().list(&operator(), query).await), ErrorCode::InvalidCursor, "{sort}");
    }
    for text in [
        "",
        "email",
        "email:",
        "email:no address",
        "email:ann@example.com",
        "created_at:7",
        ":",
        "session:x",
        "email:\0",
        "é:é",
    ] {
        for sort in ["email", "created_at"] {
            let query = UserQuery { cursor: Some(Cursor::from_text(text.to_owned())), ..sorted(sort) };
            assert_eq!(code(world.accounts().list(&operator(), query).await), ErrorCode::InvalidCursor, "{text:?}");
        }
    }
}

/// A cursor is part of an address, which proxies write into their logs.
#[tokio::test]
async fn a_cursor_tells_nobody_an_address_and_is_refused_once_changed() {
    let world = four().await;
    for query in [sorted("email"), sorted("-email"), searched("example")] {
        let query = UserQuery { limit: Limit::new(1).unwrap(), ..query };
        let first = list(&world, query.clone()).await;
        let text = first.next.unwrap().as_text().to_owned();
        let (order, key) = text.split_once(':').unwrap();
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(key).unwrap();
        assert!(!text.contains("example") && !String::from_utf8_lossy(&bytes).contains("example"), "{text}");
        let after = async |text: String| {
            world
                .accounts()
                .list(&operator(), UserQuery { cursor: Some(Cursor::from_text(text)), ..query.clone() })
                .await
        };
        assert_ne!(after(text.clone()).await.unwrap().items, first.items);
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let changed = format!("{order}:{}", BASE64_URL_SAFE_NO_PAD.encode(changed));
            assert_eq!(code(after(changed).await), ErrorCode::InvalidCursor, "{place}");
        }
    }
}

/// rauthy #1165: a page of no items.
#[test]
fn rauthy_1165_a_page_holds_1_to_100_items() {
    for limit in [0, -1, 101, i64::MIN] {
        assert_eq!(faults(Limit::new(limit)), fields(&[("/limit", "out_of_range")]));
    }
    assert_eq!((Limit::new(1).unwrap().get(), Limit::new(100).unwrap().get(), Limit::default().get()), (1, 100, 20));
}

#[tokio::test]
async fn one_account_is_found_by_id_address_or_username() {
    let world = World::new().await;
    let ann = world.account("ann").await;
    for name in [ann.id.to_string().as_str(), "ann", "ANN", "ann@example.com", "Ann@Example.com"] {
        assert_eq!(world.accounts().find(&operator(), name).await.unwrap(), ann, "{name}");
    }
    for name in ["", "bob", "bob@example.com", "a b", "\0", "01890000-0000-7000-8000-000000000000"] {
        assert_eq!(code(world.accounts().find(&operator(), name).await), ErrorCode::UserNotFound, "{name:?}");
    }
}

#[tokio::test]
async fn a_registered_account_is_listed_like_a_made_one() {
    let world = World::new().await;
    let registration = doorward_ports::inbound::Registration { password: secret(PASSWORD), ..registration("ann") };
    world.accounts().register(&crate::world::from(crate::world::HOME), registration).await.unwrap();
    let page = list(&world, UserQuery::default()).await;
    assert_eq!(page.items, [world.accounts().find(&operator(), "ann@example.com").await.unwrap()]);
}
