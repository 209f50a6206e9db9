use super::columns::{At, TableRow};
use super::errors::exactly_one;
use super::schema::signing_keys;
use super::work::SqlWork;
use crate::backend::Backend;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::KeyRecord;
use doorward_ports::outbound::{PublicJwk, Revocation, SigningKeys, SigningKeysRead, StoreError, StoredKey};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys, check_for_backend(Backend))]
struct KeyRow {
    id: String,
    algorithm: String,
    created_at: At,
    signs_from: At,
    retired_at: Option<At>,
    revoked_at: Option<At>,
    public_jwk: serde_json::Value,
    sealed_private: Option<Vec<u8>>,
}

impl KeyRow {
    fn new(key: &StoredKey) -> Self {
        let StoredKey { record, public, sealed } = key.clone();
        Self {
            id: record.id.to_string(),
            algorithm: record.algorithm.to_string(),
            created_at: At(record.created_at),
            signs_from: At(record.signs_from),
            retired_at: record.retired_at.map(At),
            revoked_at: record.revoked_at.map(At),
            public_jwk: public.0,
            sealed_private: sealed,
        }
    }

    fn read(self) -> Result<StoredKey, StoreError> {
        let row = TableRow { table: "signing_keys", row: &self.id };
        let record = KeyRecord {
            id: row.read(&self.id)?,
            algorithm: row.read(&self.algorithm)?,
            created_at: self.created_at.0,
            signs_from: self.signs_from.0,
            retired_at: self.retired_at.map(|at| at.0),
            revoked_at: self.revoked_at.map(|at| at.0),
        };
        Ok(StoredKey { record, public: PublicJwk(self.public_jwk), sealed: self.sealed_private })
    }
}

#[async_trait]
impl SigningKeysRead for SqlWork {
    async fn all(&mut self) -> Result<Vec<StoredKey>, StoreError> {
        let keys = signing_keys::table
            .order((signing_keys::signs_from, signing_keys::created_at, signing_keys::id))
            .select(KeyRow::as_select());
        let rows = keys.load(self.conn()).await;
        self.settle(rows)?.into_iter().map(KeyRow::read).collect()
    }
}

#[async_trait]
impl SigningKeys for SqlWork {
    async fn insert(&mut self, key: &StoredKey) -> Result<(), StoreError> {
        let inserted = diesel::insert_into(signing_keys::table).values(KeyRow::new(key)).execute(self.conn()).await;
        exactly_one(self.settle(inserted)?, "signing_keys", &key.record.id)?;
        self.invalidate(Revocation::Keys).await
    }

    async fn save(&mut self, key: &StoredKey) -> Result<(), StoreError> {
        let KeyRow { id, signs_from, retired_at, revoked_at, sealed_private, .. } = KeyRow::new(key);
        let changes = (
            signing_keys::signs_from.eq(signs_from),
            signing_keys::retired_at.eq(retired_at),
            signing_keys::revoked_at.eq(revoked_at),
            signing_keys::sealed_private.eq(sealed_private),
        );
        let saved = diesel::update(signing_keys::table.find(id)).set(changes).execute(self.conn()).await;
        exactly_one(self.settle(saved)?, "signing_keys", &key.record.id)?;
        self.invalidate(Revocation::Keys).await
    }
}
