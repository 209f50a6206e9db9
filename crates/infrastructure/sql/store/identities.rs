use super::columns::{At, Id, TableRow};
use super::errors::exactly_one;
use super::kept::Keep;
use super::schema::identities;
use super::work::SqlWork;
use crate::backend::Backend;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use doorward_domain::{Identity, IdentityId, IdentityKey, ProviderName, Timestamp, UserId};
use doorward_ports::outbound::{Identities, IdentitiesRead, ProviderLinks, StoreError};

#[derive(Queryable, Selectable)]
#[diesel(table_name = identities, check_for_backend(Backend))]
struct IdentityRow {
    id: Id,
    user_id: Id,
    provider: String,
    issuer: String,
    subject: String,
    linked_at: At,
    last_used_at: Option<At>,
}

impl IdentityRow {
    fn read(self) -> Result<Identity, StoreError> {
        let row = TableRow { table: "identities", row: &self.id.0 };
        Ok(Identity {
            id: self.id.into(),
            user: self.user_id.into(),
            provider: row.read(&self.provider)?,
            key: IdentityKey::new(&self.issuer, &self.subject).map_err(|error| row.corrupt(error))?,
            linked_at: self.linked_at.0,
            last_used_at: self.last_used_at.map(|at| at.0),
        })
    }
}

#[derive(QueryableByName)]
struct LinksRow {
    #[diesel(sql_type = BigInt)]
    identities: i64,
    #[diesel(sql_type = BigInt)]
    only_way: i64,
}

/// What depends on a provider; subqueries in place of a join, so that only its own identities are read.
const LINKS_OF: &str = "SELECT count(*) AS identities, count(DISTINCT CASE \
    WHEN (SELECT password_hash FROM users WHERE users.id = identities.user_id) IS NULL AND NOT EXISTS \
    (SELECT 1 FROM identities AS others WHERE others.user_id = identities.user_id AND others.provider <> identities.provider) \
    THEN identities.user_id END) AS only_way FROM identities WHERE identities.provider = $1";

#[async_trait]
impl IdentitiesRead for SqlWork {
    async fn by_key(&mut self, key: &IdentityKey) -> Result<Option<Identity>, StoreError> {
        let row = identities::table
            .filter(identities::issuer.eq(key.issuer()))
            .filter(identities::subject.eq(key.subject()))
            .select(IdentityRow::as_select());
        let row = row.get_result(self.conn()).await.optional();
        self.settle(row)?.map(IdentityRow::read).transpose()
    }

    async fn of_user(&mut self, user: UserId) -> Result<Vec<Identity>, StoreError> {
        let rows = identities::table
            .filter(identities::user_id.eq(Id::from(user)))
            .order((identities::linked_at, identities::id))
            .select(IdentityRow::as_select());
        let rows = rows.load(self.conn()).await;
        self.settle(rows)?.into_iter().map(IdentityRow::read).collect()
    }

    async fn links_of(&mut self, provider: &ProviderName) -> Result<ProviderLinks, StoreError> {
        let counted = diesel::sql_query(LINKS_OF).bind::<Text, _>(provider.as_str());
        let counted = counted.get_result::<LinksRow>(self.conn()).await;
        let LinksRow { identities, only_way } = self.settle(counted)?;
        let count = |count| usize::try_from(count).unwrap_or_default();
        Ok(ProviderLinks { identities: count(identities), only_way: count(only_way) })
    }
}

#[async_trait]
impl Identities for SqlWork {
    async fn insert(&mut self, identity: &Identity) -> Result<(), StoreError> {
        let row = (
            identities::id.eq(Id::from(identity.id)),
            identities::user_id.eq(Id::from(identity.user)),
            identities::provider.eq(identity.provider.as_str()),
            identities::issuer.eq(identity.key.issuer()),
            identities::subject.eq(identity.key.subject()),
            identities::linked_at.eq(At(identity.linked_at)),
            identities::last_used_at.eq(identity.last_used_at.map(At)),
        );
        let inserted = diesel::insert_into(identities::table).values(row).execute(self.conn()).await;
        exactly_one(self.settle(inserted)?, "identities", &identity.id)
    }

    async fn note_use(&mut self, id: IdentityId, at: Timestamp) -> Result<(), StoreError> {
        let row = diesel::update(identities::table.find(Id::from(id)));
        let noted = row.set(identities::last_used_at.eq(Some(At(at)))).kept().execute(self.conn()).await;
        exactly_one(self.settle(noted)?, "identities", &id)
    }

    async fn delete(&mut self, user: UserId, id: IdentityId) -> Result<bool, StoreError> {
        let its_own = identities::table.find(Id::from(id)).filter(identities::user_id.eq(Id::from(user)));
        let deleted = diesel::delete(its_own).execute(self.conn()).await;
        Ok(self.settle(deleted)? == 1)
    }
}
