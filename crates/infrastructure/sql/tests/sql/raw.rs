//! The databases as another program sees them.
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use doorward_sql_testing::TestDatabase;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

pub enum Raw {
    Sqlite(Box<SqliteConnection>),
    Postgres(Client),
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Raw {
    pub async fn open(database: &TestDatabase) -> Self {
        if let Some(path) = database.url().strip_prefix("sqlite://") {
            let mut conn = SqliteConnection::establish(path).unwrap();
            conn.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
            return Self::Sqlite(Box::new(conn));
        }
        let (client, connection) = tokio_postgres::connect(database.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        Self::Postgres(client)
    }

    pub async fn run(&mut self, sql: &str) -> Result<(), String> {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(sql).map_err(|e| e.to_string()),
            Self::Postgres(client) => match client.batch_execute(sql).await {
                Ok(()) => Ok(()),
                Err(error) => Err(error.as_db_error().map_or(error.to_string(), |e| e.message().to_owned())),
            },
        }
    }

    /// The column `line` of each row.
    pub async fn lines(&mut self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(conn) => {
                let rows: Vec<Row> = diesel::sql_query(sql).load(&mut **conn).unwrap_or_else(|e| panic!("{sql}: {e}"));
                rows.into_iter().map(|row| row.line).collect()
            }
            Self::Postgres(client) => {
                let messages = client.simple_query(sql).await.unwrap_or_else(|e| panic!("{sql}: {e:?}"));
                messages
                    .iter()
                    .filter_map(|message| match message {
                        SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap().to_owned()),
                        _ => None,
                    })
                    .collect()
            }
        }
    }
}
