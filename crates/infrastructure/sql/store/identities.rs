use super::columns::{At, Id, TableRow};
use super::errors::exactly_one;
use super::kept::Keep;
use super::schema::identities;
use super::work::SqlWork;
use crate::backend::Backend;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::{Identity, IdentityId, IdentityKey, Timestamp, UserId};
use doorward_ports::outbound::{Identities, IdentitiesRead, StoreError};

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
