//! What lists of accounts promise.
use super::{CROWD, StoreUnderTest};
use crate::{SeededRandom, a_user};
use doorward_domain::{RoleName, SearchKey, User};
use doorward_ports::Direction;
use doorward_ports::outbound::{UserFilter, UserOrder, UserSort};
use std::collections::BTreeSet;

const SORTS: [UserSort; 2] = [UserSort::CreatedAt, UserSort::Email];
const DIRECTIONS: [Direction; 2] = [Direction::Ascending, Direction::Descending];

/// Two dozen accounts whose addresses do not sort as their ids do.
fn crowd() -> Vec<User> {
    let one = |n: usize| User {
        is_active: !n.is_multiple_of(3),
        username: Some(format!("name-{n}").parse().unwrap()),
        roles: if n.is_multiple_of(4) {
            BTreeSet::from([RoleName::admin(), RoleName::user()])
        } else {
            BTreeSet::new()
        },
        ..a_user(&format!("{}{}.{n}", ["b", "a", "az", "a_"][n % 4], n * 7 % 24))
    };
    (0..24).map(one).collect()
}

fn filters(somebody: &User) -> Vec<UserFilter> {
    let (any, admin) = (UserFilter::default(), Some(RoleName::admin()));
    vec![
        any.clone(),
        UserFilter { is_active: Some(true), ..any.clone() },
        UserFilter { is_active: Some(false), ..any.clone() },
        UserFilter { role: admin.clone(), ..any.clone() },
        UserFilter { role: admin.clone(), is_active: Some(true), ..any.clone() },
        UserFilter { email: Some(somebody.email.clone()), ..any.clone() },
        UserFilter { username: somebody.username.clone(), is_active: Some(somebody.is_active), ..any.clone() },
        UserFilter { role: Some("unknown".parse().unwrap()), ..any },
    ]
}

fn model(all: &[User], filter: &UserFilter, sort: &UserSort, direction: Direction) -> Vec<User> {
    let shown = |user: &&User| {
        filter.email.as_ref().is_none_or(|email| *email == user.email)
            && filter.username.as_ref().is_none_or(|name| Some(name) == user.username.as_ref())
            && filter.is_active.is_none_or(|is_active| is_active == user.is_active)
            && filter.role.as_ref().is_none_or(|role| user.roles.contains(role))
    };
    let mut answer: Vec<User> = all.iter().filter(shown).cloned().collect();
    match sort {
        UserSort::CreatedAt => answer.sort_by_key(|user| user.id),
        UserSort::Email => answer.sort_by(|a, b| a.email.as_str().as_bytes().cmp(b.email.as_str().as_bytes())),
        UserSort::Found(search) => {
            answer.retain(|user| found_by(user, search).is_some());
            answer.sort_by_key(|user| (found_by(user, search), user.id));
            return answer;
        }
    }
    if direction == Direction::Descending {
        answer.reverse();
    }
    answer
}

/// The first of its keys that begins so.
fn found_by(user: &User, search: &SearchKey) -> Option<SearchKey> {
    SearchKey::of(user).into_iter().find(|key| key.begins_with(search))
}

fn key(user: &User, sort: &UserSort) -> String {
    match sort {
        UserSort::CreatedAt => user.id.to_string(),
        UserSort::Email => user.email.to_string(),
        UserSort::Found(search) => format!("{} {}", user.id, found_by(user, search).unwrap().as_str()),
    }
}

fn found(search: &str) -> UserSort {
    UserSort::Found(SearchKey::searched(search).unwrap())
}

async fn page(it: &StoreUnderTest, filter: &UserFilter, order: &UserOrder, limit: usize) -> Vec<User> {
    it.store.read().await.unwrap().users().list(filter, order, limit).await.unwrap()
}

async fn all_pages(it: &StoreUnderTest, filter: &UserFilter, sort: &UserSort, direction: Direction) -> Vec<User> {
    let mut order = UserOrder { sort: sort.clone(), direction, after: None };
    let mut seen: Vec<User> = Vec::new();
    loop {
        let page = page(it, filter, &order, 5).await;
        assert!(page.len() <= 5);
        let Some(last) = page.last() else { return seen };
        order.after = Some(key(last, &order.sort).into());
        seen.extend(page);
    }
}

/// `list`: every filter, sort and direction.
pub async fn every_filter_and_order_answers_page_by_page_what_a_model_does(it: StoreUnderTest) {
    let crowd = crowd();
    it.having(&crowd.iter().collect::<Vec<_>>()).await;
    for filter in filters(&crowd[5]) {
        let searches = ["a", "b", "name-1", "1", "7@", "example.com", "nobody", "a_"].map(found);
        for sort in SORTS.into_iter().chain(searches) {
            for direction in DIRECTIONS {
                let answer = all_pages(&it, &filter, &sort, direction).await;
                assert_eq!(answer, model(&crowd, &filter, &sort, direction), "{filter:?} {sort:?} {direction:?}");
            }
        }
    }
}

/// A cursor is a key: that its row is gone moves nothing.
pub async fn a_page_stays_right_when_the_last_account_seen_is_gone(it: StoreUnderTest) {
    let crowd = crowd();
    it.having(&crowd.iter().collect::<Vec<_>>()).await;
    let mut left = crowd.clone();
    for sort in SORTS.into_iter().chain([found("name")]) {
        for direction in DIRECTIONS {
            let any = UserFilter::default();
            let order = UserOrder { sort: sort.clone(), direction, after: None };
            let seen = page(&it, &any, &order, 3).await;
            let last = seen.last().unwrap();
            let mut work = it.write().await;
            assert!(work.users().delete(last.id).await.unwrap());
            work.commit().await.unwrap();
            let rest = page(&it, &any, &UserOrder { after: Some(key(last, &sort).into()), ..order }, 100).await;
            assert_eq!(rest, model(&left, &any, &sort, direction)[3..]);
            left.retain(|user| user.id != last.id);
        }
    }
}

/// Neither repeats nor hides one that stays.
pub async fn accounts_that_come_are_shown_after_the_place_and_not_before_it(it: StoreUnderTest) {
    let (bob, dan) = (a_user("bob"), a_user("dan"));
    it.having(&[&bob, &dan]).await;
    let mut order = UserOrder { sort: UserSort::Email, direction: Direction::Ascending, after: None };
    assert_eq!(page(&it, &UserFilter::default(), &order, 1).await, std::slice::from_ref(&bob));
    let (ann, cid) = (a_user("ann"), a_user("cid"));
    it.having(&[&ann, &cid]).await;
    order.after = Some(bob.email.as_str().into());
    assert_eq!(page(&it, &UserFilter::default(), &order, 9).await, [cid, dan]);
}

/// `Found`: `%` and `_` are characters as any other.
pub async fn a_prefix_is_no_pattern(it: StoreUnderTest) {
    let (under, plain) = (a_user("a_b"), a_user("axb"));
    it.having(&[&under, &plain]).await;
    let begins = async |prefix: &str| {
        let order = UserOrder { sort: found(prefix), direction: Direction::Ascending, after: None };
        page(&it, &UserFilter::default(), &order, 9).await
    };
    assert_eq!(begins("a_").await, [under]);
    assert_eq!(begins("%").await, []);
    assert_eq!(begins("axb@example.com").await, [plain]);
    assert_eq!(begins("axb@example.comm").await, []);
}

/// `Found`: what a change writes is found from then on, and what it takes away no longer.
pub async fn an_account_is_found_by_what_it_is_now(it: StoreUnderTest) {
    let ann = User { full_name: Some("José Lee".parse().unwrap()), username: None, ..a_user("ann") };
    it.having(&[&ann]).await;
    let finds = async |search: &str, filter: &UserFilter| {
        let order = UserOrder { sort: found(search), direction: Direction::Ascending, after: None };
        !page(&it, filter, &order, 9).await.is_empty()
    };
    let (any, disabled) = (UserFilter::default(), UserFilter { is_active: Some(false), ..UserFilter::default() });
    assert!(finds("jose", &any).await && finds("lee", &any).await && finds("ann", &any).await);
    assert!(!finds("ann", &disabled).await);
    let changed = User {
        full_name: Some("Maria Lee".parse().unwrap()),
        username: Some("mlee".parse().unwrap()),
        is_active: false,
        ..ann.clone()
    };
    let mut work = it.write().await;
    work.users().lock(ann.id).await.unwrap();
    work.users().update(&changed).await.unwrap();
    work.commit().await.unwrap();
    assert!(!finds("jose", &any).await);
    assert!(finds("maria", &any).await && finds("mlee", &disabled).await && finds("lee", &disabled).await);
    let mut work = it.write().await;
    work.users().delete(ann.id).await.unwrap();
    work.commit().await.unwrap();
    assert!(!finds("maria", &any).await);
}

/// The account with other names, drawn from words of which some begin others.
fn renamed(user: &User, n: usize, random: &SeededRandom) -> User {
    let word = || ["an", "ann", "anna", "annalee", "lee", "l"][usize::try_from(random.next() % 6).unwrap()];
    let username = format!("{}-{n}", word());
    User {
        email: format!("{}.{}.{n}@{}.example", word(), word(), word()).parse().unwrap(),
        full_name: Some(format!("{} {} {}", word(), word(), word()).parse().unwrap()),
        username: (!random.next().is_multiple_of(3)).then(|| username.parse().unwrap()),
        is_active: !random.next().is_multiple_of(3),
        ..user.clone()
    }
}

/// `Found`: each account once, and by the first of its keys, whatever they were before.
pub async fn a_search_finds_after_any_edits_what_a_model_does(it: StoreUnderTest) {
    let random = SeededRandom::new(10);
    let mut all: Vec<User> = crowd().iter().enumerate().map(|(n, user)| renamed(user, n, &random)).collect();
    it.having(&all.iter().collect::<Vec<_>>()).await;
    for _ in 0..4 {
        for filter in filters(&all[5]) {
            for sort in ["a", "an", "ann", "anna", "ann l", "l", "lee", "lee.", "annalee.example"].map(found) {
                let answer = all_pages(&it, &filter, &sort, Direction::Ascending).await;
                assert_eq!(answer, model(&all, &filter, &sort, Direction::Ascending), "{filter:?} {sort:?}");
            }
        }
        let mut work = it.write().await;
        for (n, user) in all.iter_mut().enumerate().filter(|_| random.next().is_multiple_of(2)) {
            *user = renamed(user, n, &random);
            work.users().lock(user.id).await.unwrap();
            work.users().update(user).await.unwrap();
            user.version += 1;
        }
        assert!(work.users().delete(all.pop().unwrap().id).await.unwrap());
        work.commit().await.unwrap();
    }
}

/// `Found`: of edits at once, the last is found, and nothing of the others.
pub async fn an_account_that_a_crowd_edits_is_found_as_it_is_in_the_end(it: StoreUnderTest) {
    let ann = a_user("ann");
    it.having(&[&ann]).await;
    let random = SeededRandom::new(11);
    let edit = |n: usize| {
        let store = if n.is_multiple_of(2) { it.store.clone() } else { it.other.clone() };
        let edited = renamed(&ann, n, &random);
        tokio::spawn(async move {
            let mut work = store.write().await.unwrap();
            work.users().lock(edited.id).await.unwrap();
            work.users().update(&edited).await.unwrap();
            work.commit().await.unwrap();
        })
    };
    let crowd: Vec<_> = (0..CROWD).map(edit).collect();
    for one in crowd {
        one.await.unwrap();
    }
    let now = [it.user(&ann).await.unwrap()];
    for sort in ["a", "an", "ann", "anna", "annalee", "l", "lee"].map(found) {
        let answer = all_pages(&it, &UserFilter::default(), &sort, Direction::Ascending).await;
        assert_eq!(answer, model(&now, &UserFilter::default(), &sort, Direction::Ascending), "{sort:?}");
    }
}

/// Keys and prefixes come from callers, and a NUL in one is no fault of the database.
pub async fn a_key_with_a_nul_is_no_fault(it: StoreUnderTest) {
    let (ann, bob) = (a_user("ann"), a_user("bob"));
    it.having(&[&ann, &bob]).await;
    let after = Some("ann@example.com\0x".into());
    let order = UserOrder { sort: UserSort::Email, direction: Direction::Ascending, after };
    assert_eq!(page(&it, &UserFilter::default(), &order, 9).await, [bob]);
    let after = Some(format!("{} ann\0", ann.id).into());
    let order = UserOrder { sort: found("ann\0"), after, ..order };
    assert!(page(&it, &UserFilter::default(), &order, 9).await.len() <= 1);
    let mut read = it.store.read().await.unwrap();
    assert_eq!(read.roles().list(Some("admin\0"), 9).await.unwrap()[0].name, RoleName::user());
    assert!(read.roles().permissions(Some("users:write\0"), 9).await.unwrap().is_empty());
}
