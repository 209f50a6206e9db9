//! The operator context: the use cases, called by the operator at the machine. A server may run on the same database; changes
//! take effect there within one second.

use std::sync::Arc;
use std::time::Duration;

use doorward_application::Services;
use doorward_domain::User;
use doorward_ports::inbound::{
    Accounts, AuditLog, AuditTrail, ClientApps, Keys, MailDelivery, ProviderRegistry, Roles, Sealing, SecondFactors,
    Sessions,
};
use doorward_ports::{Caller, Cursor, Limit, Page};
use serde::Serialize;

use super::consent::Consent;
use super::print::{self, Output};
use crate::failure::Failure;
use crate::wiring;
use doorward_settings::Sources;

/// How long connections may take to close when the work is done.
const CLOSING: Duration = Duration::from_secs(2);

/// The use cases, by port, and their caller.
pub(super) struct OperatorContext {
    services: Arc<Services>,
    pub(super) caller: Caller,
    pub(super) output: Output,
    consent: Consent,
}

impl OperatorContext {
    pub(super) fn accounts(&self) -> &dyn Accounts {
        &*self.services
    }

    pub(super) fn keys(&self) -> &dyn Keys {
        &*self.services
    }

    pub(super) fn sealing(&self) -> &dyn Sealing {
        &*self.services
    }

    pub(super) fn roles(&self) -> &dyn Roles {
        &*self.services
    }

    pub(super) fn client_apps(&self) -> &dyn ClientApps {
        &*self.services
    }

    pub(super) fn providers(&self) -> &dyn ProviderRegistry {
        &*self.services
    }

    pub(super) fn audit_log(&self) -> &dyn AuditLog {
        &*self.services
    }

    pub(super) fn audit_trail(&self) -> &dyn AuditTrail {
        &*self.services
    }

    pub(super) fn second_factors(&self) -> &dyn SecondFactors {
        &*self.services
    }

    pub(super) fn mails(&self) -> &dyn MailDelivery {
        &*self.services
    }

    pub(super) fn sessions(&self) -> &dyn Sessions {
        &*self.services
    }

    /// Answers with the result: a sentence for people, or the whole object as JSON for programs.
    pub(super) fn answer(&self, whole: &impl Serialize, sentence: &str) -> Result<(), Failure> {
        match self.output {
            Output::Json => print::json(whole),
            Output::Text => print::text(&format!("{sentence}\n")),
        }
    }

    /// As [`Consent::obtain`], before what can't be undone.
    pub(super) fn ask(&self, question: &str) -> Result<(), Failure> {
        self.consent.obtain(question)
    }

    /// The account with this id, e-mail address or username.
    pub(super) async fn account(&self, who: &str) -> Result<User, Failure> {
        Ok(self.accounts().find(&self.caller, who).await?)
    }
}

/// Opens the store and runs `work`. Before what can't be undone, consent is sought; `doomed` tells
/// whether `--yes` was given.
pub(super) fn with_context(
    sources: &Sources,
    output: Output,
    doomed: Option<bool>,
    work: impl AsyncFnOnce(&OperatorContext) -> Result<(), Failure>,
) -> Result<(), Failure> {
    with_any_keys(sources, output, doomed, async |context| {
        context.sealing().prepare(&context.caller).await?;
        work(context).await
    })
}

/// As [`with_context`], also if the current sealing key is not here. Nothing is sealed then.
pub(super) fn with_any_keys(
    sources: &Sources,
    output: Output,
    doomed: Option<bool>,
    work: impl AsyncFnOnce(&OperatorContext) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let consent = doomed.map_or(Ok(Consent::Given), Consent::sought)?;
    let settings = wiring::prepare(sources)?;
    let backend = wiring::backend()?;
    let outcome = backend.block_on(async {
        let services = wiring::open(&settings).await?;
        let caller = wiring::operator(&services);
        work(&OperatorContext { services, caller, output, consent }).await
    });
    backend.shutdown_timeout(CLOSING);
    outcome
}

/// Rows of a list, and whether there are more.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Walked<T> {
    pub(super) rows: Vec<T>,
    pub(super) more: bool,
}

/// Reads a list page by page, up to `wanted` rows or, without a number, to its end.
pub(super) async fn walk<T>(
    wanted: Option<usize>,
    mut page: impl AsyncFnMut(Option<Cursor>, Limit) -> doorward_ports::Result<Page<T>>,
) -> Result<Walked<T>, Failure> {
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let missing = wanted.map_or(i64::MAX, |wanted| i64::try_from(wanted - rows.len()).unwrap_or(i64::MAX));
        let Page { items, next } = page(cursor, Limit::new(missing.clamp(1, 100))?).await?;
        rows.extend(items);
        let enough = wanted.is_some_and(|wanted| rows.len() >= wanted);
        if enough || next.is_none() {
            return Ok(Walked { rows, more: next.is_some() });
        }
        cursor = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list of `0..end`, whose cursor is the next number.
    fn walked(end: usize, wanted: Option<usize>) -> Walked<usize> {
        let page = async |cursor: Option<Cursor>, limit: Limit| {
            let start = cursor.map_or(0, |cursor| cursor.as_text().parse().unwrap());
            let stop = end.min(start + limit.get());
            let next = (stop < end).then(|| Cursor::from_text(stop.to_string()));
            Ok(Page { items: (start..stop).collect(), next })
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(walk(wanted, page)).unwrap()
    }

    #[test]
    fn a_list_is_walked_to_its_end_over_many_pages() {
        assert_eq!(walked(250, None), Walked { rows: (0..250).collect(), more: false });
        assert_eq!(walked(0, None), Walked { rows: vec![], more: false });
    }

    #[test]
    fn a_walk_ends_at_the_number_that_was_asked_for_and_knows_of_more() {
        assert_eq!(walked(250, Some(120)), Walked { rows: (0..120).collect(), more: true });
        assert_eq!(walked(120, Some(120)), Walked { rows: (0..120).collect(), more: false });
        assert_eq!(walked(7, Some(120)), Walked { rows: (0..7).collect(), more: false });
    }
}
