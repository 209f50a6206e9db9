//! What holds of every table, read from the catalogues of both databases. Each fact is one line of text, in the same
//! words for both.
use crate::raw::Raw;
use doorward_sql_testing::TestDatabase;

const OURS_ON_SQLITE: &str = "pragma_table_list AS t JOIN sqlite_master AS m ON m.name = t.name AND m.type = 'table' \
     AND t.schema = 'main' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND m.name NOT LIKE '!_!_diesel%' ESCAPE '!'";
const OURS_ON_POSTGRES: &str = "pg_class AS t JOIN pg_namespace AS n ON n.oid = t.relnamespace AND n.nspname = 'public' AND t.relkind = 'r' \
     AND t.relname NOT LIKE '!_!_diesel%' ESCAPE '!'";

async fn facts(database: TestDatabase, sql: String) -> Vec<String> {
    let mut lines = Raw::open(&database).await.lines(&sql).await;
    lines.sort();
    assert!(lines.len() > 5, "the catalogue is read: {lines:?}");
    lines
}

async fn on_sqlite(sql: String) -> Vec<String> {
    facts(TestDatabase::sqlite().await, sql).await
}

async fn on_postgres(sql: String) -> Vec<String> {
    facts(TestDatabase::postgres().await, sql).await
}

/// A time is `timestamptz` there, and here a text whose width is checked; so with the other types that SQLite has not.
#[tokio::test(flavor = "multi_thread")]
async fn both_have_the_same_tables_columns_and_types() {
    let sqlite = format!(
        "SELECT m.name || '.' || c.name || ' ' || CASE \
             WHEN c.type = 'TEXT' AND instr(m.sql, 'CHECK (length(' || c.name || ') = 27)') THEN 'time' \
             WHEN c.type = 'TEXT' AND instr(m.sql, 'CHECK (json_valid(' || c.name || '))') THEN 'json' \
             WHEN c.type = 'INTEGER' AND instr(m.sql, 'CHECK (' || c.name || ' IN (0, 1))') THEN 'flag' \
             WHEN c.type = 'BLOB' AND (c.name LIKE 'sealed!_%' ESCAPE '!' \
                 OR c.name IN ('link', 'personal_digest', 'public_key', 'salt', 'signature')) THEN 'bytes' \
             WHEN c.type = 'BLOB' THEN 'id' WHEN c.type = 'TEXT' THEN 'text' WHEN c.type = 'INTEGER' THEN 'number' \
             ELSE c.type END || iif(c.\"notnull\" OR c.pk, '', ' or null') AS line \
         FROM {OURS_ON_SQLITE} JOIN pragma_table_info(m.name) AS c"
    );
    let postgres = format!(
        "SELECT t.relname || '.' || a.attname || ' ' || CASE format_type(a.atttypid, NULL) \
             WHEN 'timestamp with time zone' THEN 'time' WHEN 'jsonb' THEN 'json' WHEN 'boolean' THEN 'flag' \
             WHEN 'uuid' THEN 'id' WHEN 'bytea' THEN 'bytes' WHEN 'text' THEN 'text' WHEN 'bigint' THEN 'number' \
             ELSE format_type(a.atttypid, NULL) END || CASE WHEN a.attnotnull THEN '' ELSE ' or null' END AS line \
         FROM {OURS_ON_POSTGRES} JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped"
    );
    assert_eq!(on_sqlite(sqlite).await, on_postgres(postgres).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_named_as_a_time_is_one_with_a_zone() {
    let columns = on_postgres(format!(
        "SELECT t.relname || '.' || a.attname || ' ' || format_type(a.atttypid, NULL) AS line \
         FROM {OURS_ON_POSTGRES} JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 \
         WHERE a.attname ~ '_(at|until|from)$' OR format_type(a.atttypid, NULL) ~ 'time|date'"
    ));
    for column in columns.await {
        assert!(column.ends_with(" timestamp with time zone"), "{column}");
        assert!(
            ["_at ", "_until ", "_from "].iter().any(|end| column.contains(end)),
            "{column} is not named as a time"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_of_sqlite_is_strict() {
    for table in on_sqlite(format!("SELECT m.name || iif(t.strict, ' strict', '') AS line FROM {OURS_ON_SQLITE}")).await
    {
        assert!(table.ends_with(" strict"), "{table}");
    }
}

fn foreign_keys_of_sqlite(rest: &str) -> String {
    format!(
        "SELECT m.name || '.' || f.\"from\" || ' to ' || f.\"table\" || '.' || f.\"to\" || ' on delete ' || \
             lower(f.on_delete) AS line FROM {OURS_ON_SQLITE} JOIN pragma_foreign_key_list(m.name) AS f {rest}"
    )
}

fn foreign_keys_of_postgres(rest: &str) -> String {
    format!(
        "SELECT t.relname || '.' || a.attname || ' to ' || f.confrelid::regclass || '.' || b.attname || ' on delete ' || \
             CASE f.confdeltype WHEN 'c' THEN 'cascade' WHEN 'r' THEN 'restrict' WHEN 'n' THEN 'set null' \
             ELSE 'no action' END AS line \
         FROM {OURS_ON_POSTGRES} JOIN pg_constraint AS f ON f.conrelid = t.oid AND f.contype = 'f' \
         JOIN pg_attribute AS a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1] \
         JOIN pg_attribute AS b ON b.attrelid = f.confrelid AND b.attnum = f.confkey[1] {rest}"
    )
}

/// What a database does when nothing is said (`NO ACTION`) is nobody's decision.
#[tokio::test(flavor = "multi_thread")]
async fn every_foreign_key_says_what_a_deletion_does_and_the_same_on_both() {
    let keys = on_sqlite(foreign_keys_of_sqlite("")).await;
    assert!(keys.iter().all(|key| !key.ends_with("no action")), "{keys:#?}");
    assert_eq!(keys, on_postgres(foreign_keys_of_postgres("")).await);
}

/// Else each deletion of the parent reads the whole child.
#[tokio::test(flavor = "multi_thread")]
async fn every_foreign_key_leads_an_index() {
    let indexed = "WHERE EXISTS (SELECT 1 FROM pragma_index_list(m.name) AS l JOIN pragma_index_info(l.name) AS i \
         ON i.seqno = 0 AND i.name = f.\"from\" AND NOT l.partial)";
    assert_eq!(on_sqlite(foreign_keys_of_sqlite(indexed)).await, on_sqlite(foreign_keys_of_sqlite("")).await);
    let indexed = "WHERE EXISTS (SELECT 1 FROM pg_index AS i WHERE i.indrelid = f.conrelid AND i.indkey[0] = f.conkey[1] \
         AND i.indpred IS NULL)";
    assert_eq!(on_postgres(foreign_keys_of_postgres(indexed)).await, on_postgres(foreign_keys_of_postgres("")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_have_the_same_indexes() {
    let sqlite = format!(
        "SELECT m.name || ' ' || (SELECT group_concat(i.name) FROM pragma_index_info(l.name) AS i) || \
             iif(l.\"unique\", ' unique', '') || iif(l.partial, ' partial', '') AS line \
         FROM {OURS_ON_SQLITE} JOIN pragma_index_list(m.name) AS l ON l.origin <> 'pk'"
    );
    let postgres = format!(
        "SELECT t.relname || ' ' || (SELECT string_agg(a.attname, ',' ORDER BY k.n) \
             FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, n) \
             JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.attnum) || \
             CASE WHEN i.indisunique THEN ' unique' ELSE '' END || \
             CASE WHEN i.indpred IS NOT NULL THEN ' partial' ELSE '' END AS line \
         FROM {OURS_ON_POSTGRES} JOIN pg_index AS i ON i.indrelid = t.oid AND NOT i.indisprimary"
    );
    assert_eq!(on_sqlite(sqlite).await, on_postgres(postgres).await);
}

/// Else lists are in another order there than on SQLite, and a cursor means something else.
#[tokio::test(flavor = "multi_thread")]
async fn every_indexed_text_of_postgres_is_compared_byte_by_byte() {
    let columns = on_postgres(format!(
        "SELECT DISTINCT t.relname || '.' || a.attname || ' ' || c.collname AS line \
         FROM {OURS_ON_POSTGRES} JOIN pg_index AS i ON i.indrelid = t.oid \
         JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = ANY (i.indkey) \
         JOIN pg_collation AS c ON c.oid = a.attcollation"
    ));
    for column in columns.await {
        assert!(column.ends_with(" C"), "{column}");
    }
}

/// What is not listed is not sealed again when the sealing key changes, and can't be opened when the old key retires.
#[tokio::test(flavor = "multi_thread")]
async fn every_column_with_sealed_values_is_listed_and_no_other_is() {
    let of_sqlite = format!(
        "SELECT m.name || '.' || c.name AS line FROM {OURS_ON_SQLITE} JOIN pragma_table_info(m.name) AS c \
         WHERE c.name LIKE 'sealed!_%' ESCAPE '!' AND c.type = 'BLOB'"
    );
    let database = TestDatabase::sqlite().await;
    let mut sealed = Raw::open(&database).await.lines(&of_sqlite).await;
    sealed.sort();
    let mut read = database.open().store.read().await.unwrap();
    let listed = read.sealed_values().columns().iter().map(|it| format!("{}.{}", it.table, it.column));
    assert_eq!(sealed, listed.collect::<Vec<_>>(), "see store/sealed_values.rs");
}

/// Bytes are a time, an id, something that anybody may read, or sealed; what is none of these is named here, with its reason.
#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_not_sealed_are_no_secrets() {
    let bytes = on_postgres(format!(
        "SELECT t.relname || '.' || a.attname AS line FROM {OURS_ON_POSTGRES} \
         JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND format_type(a.atttypid, NULL) = 'bytea' \
         WHERE a.attname !~ '^sealed_'"
    ));
    let public = [
        "audit_anchors.link",
        "audit_anchors.signature",
        "audit_events.link",
        "audit_events.personal_digest",
        "audit_keys.public_key",
        // It makes digests of personal data differ, and is deleted with the data.
        "audit_personal_details.salt",
        "audit_seals.link",
        "audit_seals.signature",
    ];
    assert_eq!(bytes.await, public);
}
