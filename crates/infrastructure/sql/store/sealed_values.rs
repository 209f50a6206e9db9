//! Sealed values of any table. The counts, the new sealing and the tests follow from one list.
use super::columns::Id;
use super::work::SqlWork;
use crate::backend::IdSql;
use async_trait::async_trait;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Binary, Text};
use diesel_async::RunQueryDsl;
use doorward_domain::SealedHead;
use doorward_ports::outbound::{SealedColumn, SealedCount, SealedValue, SealedValues, SealedValuesRead, StoreError};
use uuid::Uuid;

/// How rows of a table are named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Text,
    Id,
}

/// Every column with sealed values. **To add one**: call it `sealed_…`, and write its line here.
const COLUMNS: &[(SealedColumn, Key)] = &[
    (SealedColumn { table: "audit_keys", key: "id", column: "sealed_private" }, Key::Text),
    (SealedColumn { table: "authorization_attempts", key: "id", column: "sealed_identity" }, Key::Id),
    (SealedColumn { table: "authorization_attempts", key: "id", column: "sealed_verifier" }, Key::Id),
    (SealedColumn { table: "factors", key: "id", column: "sealed_seed" }, Key::Id),
    (SealedColumn { table: "outbox", key: "id", column: "sealed_content" }, Key::Id),
    (SealedColumn { table: "providers", key: "name", column: "sealed_secret" }, Key::Text),
    (SealedColumn { table: "signing_keys", key: "id", column: "sealed_private" }, Key::Text),
];

const NAMES: [SealedColumn; COLUMNS.len()] = {
    let mut names = [COLUMNS[0].0; COLUMNS.len()];
    let mut n = 0;
    while n < COLUMNS.len() {
        names[n] = COLUMNS[n].0;
        n += 1;
    }
    names
};

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = Binary)]
    head: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct TextRow {
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = IdSql)]
    place: Id,
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
}

fn key(column: SealedColumn) -> Result<Key, StoreError> {
    let listed = COLUMNS.iter().find(|(listed, _)| *listed == column);
    listed.map(|(_, key)| *key).ok_or_else(|| StoreError::Failed(format!("{column:?} has no sealed values").into()))
}

fn id(column: SealedColumn, row: &str) -> Result<Id, StoreError> {
    let corrupt =
        |error: uuid::Error| StoreError::Corrupt { table: column.table, row: row.to_owned(), source: error.into() };
    Uuid::parse_str(row).map(Id).map_err(corrupt)
}

#[async_trait]
impl SealedValuesRead for SqlWork {
    fn columns(&self) -> &'static [SealedColumn] {
        const { &NAMES }
    }

    async fn count(&mut self, column: SealedColumn) -> Result<Vec<SealedCount>, StoreError> {
        key(column)?;
        let SealedColumn { table, column: name, .. } = column;
        let sql = format!(
            "SELECT substr({name}, 1, {}) AS head, count(*) AS n FROM {table} WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY 1",
            SealedHead::LENGTH
        );
        let counted = diesel::sql_query(sql).load::<CountRow>(self.conn()).await;
        let rows = self.settle(counted)?.into_iter();
        Ok(rows.map(|row| SealedCount { column, head: SealedHead::of(&row.head), rows: row.n }).collect())
    }

    async fn not_headed(
        &mut self,
        column: SealedColumn,
        head: SealedHead,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<SealedValue>, StoreError> {
        let SealedColumn { table, key: place, column: name } = column;
        let sql = format!(
            "SELECT {place} AS place, {name} AS sealed FROM {table} WHERE {place} > $1 AND {name} IS NOT NULL \
             AND substr({name}, 1, {}) <> $2 ORDER BY {place} LIMIT {limit}",
            SealedHead::LENGTH
        );
        let head = head.to_bytes().to_vec();
        if key(column)? == Key::Text {
            let query = diesel::sql_query(sql).bind::<Text, _>(after.unwrap_or_default()).bind::<Binary, _>(head);
            let rows = query.load::<TextRow>(self.conn()).await;
            let value = |TextRow { place, sealed }| SealedValue { row: place, sealed };
            return Ok(self.settle(rows)?.into_iter().map(value).collect());
        }
        let after = after.map_or(Ok(Id(Uuid::nil())), |row| id(column, row))?;
        let query = diesel::sql_query(sql).bind::<IdSql, _>(after).bind::<Binary, _>(head);
        let rows = query.load::<IdRow>(self.conn()).await;
        let value = |IdRow { place, sealed }| SealedValue { row: place.0.to_string(), sealed };
        Ok(self.settle(rows)?.into_iter().map(value).collect())
    }
}

#[async_trait]
impl SealedValues for SqlWork {
    async fn replace(&mut self, column: SealedColumn, was: &SealedValue, sealed: &[u8]) -> Result<bool, StoreError> {
        let SealedColumn { table, key: place, column: name } = column;
        let sql = format!("UPDATE {table} SET {name} = $1 WHERE {place} = $2 AND {name} = $3");
        let replace = diesel::sql_query(sql).bind::<Binary, _>(sealed.to_vec());
        let replaced = if key(column)? == Key::Text {
            let replace = replace.bind::<Text, _>(was.row.clone()).bind::<Binary, _>(was.sealed.clone());
            replace.execute(self.conn()).await
        } else {
            let replace = replace.bind::<IdSql, _>(id(column, &was.row)?).bind::<Binary, _>(was.sealed.clone());
            replace.execute(self.conn()).await
        };
        Ok(self.settle(replaced)? == 1)
    }
}
