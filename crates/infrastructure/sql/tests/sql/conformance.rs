//! Both databases keep the store's contract, claim by claim.
use doorward_sql_testing::TestDatabase;
use doorward_testkit::store::StoreUnderTest;

fn under_test(database: TestDatabase) -> StoreUnderTest {
    let (opened, other) = (database.open(), database.open());
    StoreUnderTest {
        store: opened.store,
        session_states: opened.session_states,
        client_states: opened.client_states,
        users: opened.users,
        roles: opened.roles,
        providers: opened.providers,
        revocations: opened.revocations,
        leases: [opened.lease, other.lease],
        audit_readers: [opened.audit_readers, other.audit_readers],
        other: other.store,
        kept: Box::new(database),
    }
}

mod sqlite {
    async fn store() -> super::StoreUnderTest {
        super::under_test(super::TestDatabase::sqlite().await)
    }

    doorward_testkit::store_conformance!(store);
}

mod postgres {
    async fn store() -> super::StoreUnderTest {
        super::under_test(super::TestDatabase::postgres().await)
    }

    doorward_testkit::store_conformance!(store);
}
