use super::columns::{At, Id, TableRow};
use super::errors::exactly_one;
use super::kept::Keep;
use super::schema::{factors, recovery_codes};
use super::work::SqlWork;
use crate::backend::Backend;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::{Attempts, Factor, FactorId, Timestamp, TotpProgress, UserId};
use doorward_ports::SecretDigest;
use doorward_ports::outbound::{Factors, FactorsRead, StoreError, TotpFactor};

const TABLE: &str = "factors";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = factors, check_for_backend(Backend))]
struct FactorRow {
    id: Id,
    user_id: Id,
    kind: String,
    name: String,
    created_at: At,
    confirmed_at: Option<At>,
    last_used_at: Option<At>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = factors, check_for_backend(Backend))]
struct TotpRow {
    #[diesel(embed)]
    factor: FactorRow,
    sealed_seed: Vec<u8>,
    last_step: Option<i64>,
    drift: i64,
    #[diesel(embed)]
    attempts: AttemptsRow,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = factors, check_for_backend(Backend), treat_none_as_null = true)]
struct AttemptsRow {
    failures: i64,
    window_started_at: At,
    locked_until: Option<At>,
    level: i64,
}

impl From<&Factor> for FactorRow {
    fn from(factor: &Factor) -> Self {
        Self {
            id: factor.id.into(),
            user_id: factor.user.into(),
            kind: factor.kind.as_str().to_owned(),
            name: factor.name.to_string(),
            created_at: At(factor.created_at),
            confirmed_at: factor.confirmed_at.map(At),
            last_used_at: factor.last_used_at.map(At),
        }
    }
}

impl FactorRow {
    fn read(self) -> Result<Factor, StoreError> {
        let row = TableRow { table: TABLE, row: &self.id.0 };
        Ok(Factor {
            id: self.id.into(),
            user: self.user_id.into(),
            kind: row.read(&self.kind)?,
            name: row.read(&self.name)?,
            created_at: self.created_at.0,
            confirmed_at: self.confirmed_at.map(|at| at.0),
            last_used_at: self.last_used_at.map(|at| at.0),
        })
    }
}

impl TotpRow {
    fn read(self) -> Result<TotpFactor, StoreError> {
        let factor = self.factor.read()?;
        let row = TableRow { table: TABLE, row: &factor.id };
        let attempts = self.attempts.read(&row)?;
        let progress = TotpProgress { last_step: self.last_step, drift: self.drift };
        Ok(TotpFactor { factor, sealed_seed: self.sealed_seed, progress, attempts })
    }
}

impl From<&Attempts> for AttemptsRow {
    fn from(attempts: &Attempts) -> Self {
        Self {
            failures: attempts.failures.into(),
            window_started_at: At(attempts.window_started_at),
            locked_until: attempts.locked_until.map(At),
            level: attempts.level.into(),
        }
    }
}

impl AttemptsRow {
    fn read(self, row: &TableRow<'_>) -> Result<Attempts, StoreError> {
        Ok(Attempts {
            failures: self.failures.try_into().map_err(|e| row.corrupt(e))?,
            window_started_at: self.window_started_at.0,
            locked_until: self.locked_until.map(|at| at.0),
            level: self.level.try_into().map_err(|e| row.corrupt(e))?,
        })
    }
}

/// The factor, if it is the account's.
#[diesel::dsl::auto_type(no_type_alias)]
fn its_own(user: Id, id: Id) -> _ {
    factors::id.eq(id).and(factors::user_id.eq(user))
}

#[async_trait]
impl FactorsRead for SqlWork {
    async fn of_user(&mut self, user: UserId) -> Result<Vec<Factor>, StoreError> {
        let rows = factors::table
            .filter(factors::user_id.eq(Id::from(user)))
            .order((factors::created_at, factors::id))
            .select(FactorRow::as_select());
        let rows = rows.load(self.conn()).await;
        self.settle(rows)?.into_iter().map(FactorRow::read).collect()
    }

    async fn recovery_codes_left(&mut self, user: UserId) -> Result<usize, StoreError> {
        let unused = recovery_codes::table
            .filter(recovery_codes::user_id.eq(Id::from(user)))
            .filter(recovery_codes::used_at.is_null());
        let count = unused.count().get_result::<i64>(self.conn()).await;
        Ok(usize::try_from(self.settle(count)?).unwrap_or_default())
    }
}

#[async_trait]
impl Factors for SqlWork {
    async fn insert(&mut self, factor: &Factor, sealed_seed: &[u8]) -> Result<(), StoreError> {
        let none_yet = AttemptsRow::from(&Attempts::none());
        let row = (FactorRow::from(factor), factors::sealed_seed.eq(sealed_seed), factors::drift.eq(0_i64), none_yet);
        let inserted = diesel::insert_into(factors::table).values(row).kept().execute(self.conn()).await;
        exactly_one(self.settle(inserted)?, TABLE, &factor.id)
    }

    async fn totp_of(&mut self, user: UserId) -> Result<Vec<TotpFactor>, StoreError> {
        let rows = factors::table
            .filter(factors::user_id.eq(Id::from(user)))
            .filter(factors::kind.eq(doorward_domain::FactorKind::Totp.as_str()))
            .order((factors::created_at, factors::id))
            .select(TotpRow::as_select());
        let rows = rows.load(self.conn()).await;
        self.settle(rows)?.into_iter().map(TotpRow::read).collect()
    }

    async fn confirm(&mut self, user: UserId, id: FactorId, at: Timestamp) -> Result<bool, StoreError> {
        let unconfirmed =
            factors::table.filter(its_own(user.into(), id.into())).filter(factors::confirmed_at.is_null());
        let confirm = diesel::update(unconfirmed).set(factors::confirmed_at.eq(Some(At(at)))).kept();
        let confirmed = confirm.execute(self.conn()).await;
        Ok(self.settle(confirmed)? == 1)
    }

    async fn use_step(
        &mut self,
        user: UserId,
        id: FactorId,
        progress: &TotpProgress,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let before = factors::last_step.is_null().or(factors::last_step.lt(progress.last_step));
        let unused = factors::table.filter(its_own(user.into(), id.into())).filter(before);
        let used = (
            factors::last_step.eq(progress.last_step),
            factors::drift.eq(progress.drift),
            factors::last_used_at.eq(Some(At(at))),
            AttemptsRow::from(&Attempts::none()),
        );
        let used = diesel::update(unused).set(used).kept().execute(self.conn()).await;
        Ok(self.settle(used)? == 1)
    }

    async fn save_attempts(&mut self, user: UserId, id: FactorId, attempts: &Attempts) -> Result<(), StoreError> {
        let row = diesel::update(factors::table.filter(its_own(user.into(), id.into())));
        let saved = row.set(AttemptsRow::from(attempts)).kept().execute(self.conn()).await;
        exactly_one(self.settle(saved)?, TABLE, &id)
    }

    async fn delete(&mut self, user: UserId, id: FactorId) -> Result<bool, StoreError> {
        let row = factors::table.filter(its_own(user.into(), id.into()));
        let deleted = diesel::delete(row).execute(self.conn()).await;
        Ok(self.settle(deleted)? == 1)
    }

    async fn replace_recovery_codes(
        &mut self,
        user: UserId,
        digests: &[SecretDigest],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let all = recovery_codes::table.filter(recovery_codes::user_id.eq(Id::from(user)));
        let deleted = diesel::delete(all).execute(self.conn()).await;
        self.settle(deleted)?;
        for digest in digests {
            let row = (
                recovery_codes::user_id.eq(Id::from(user)),
                recovery_codes::digest.eq(digest.to_text()),
                recovery_codes::created_at.eq(At(at)),
            );
            let inserted = diesel::insert_into(recovery_codes::table).values(row).execute(self.conn()).await;
            exactly_one(self.settle(inserted)?, "recovery_codes", &user)?;
        }
        Ok(())
    }

    async fn use_recovery_code(
        &mut self,
        user: UserId,
        digest: &SecretDigest,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let row = recovery_codes::table.find((Id::from(user), digest.to_text()));
        let unused = row.filter(recovery_codes::used_at.is_null());
        let used = diesel::update(unused).set(recovery_codes::used_at.eq(Some(At(at)))).kept();
        let used = used.execute(self.conn()).await;
        Ok(self.settle(used)? == 1)
    }

    async fn purge_unconfirmed(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(NEVER_CONFIRMED, before, limit).await
    }
}

const NEVER_CONFIRMED: &str = "DELETE FROM factors WHERE id IN \
    (SELECT id FROM factors WHERE confirmed_at IS NULL AND created_at < $1 ORDER BY created_at LIMIT $2)";
