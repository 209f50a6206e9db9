//! Client apps: the programs that get tokens.
mod change;
mod create;
mod details;
mod query;

use crate::Services;
use crate::services::{Subject, Work};
use crate::subjects;
use async_trait::async_trait;
use doorward_domain::{ClientApp, ClientId};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{ClientAppChange, ClientApps, NewClientApp, WithSecret};
use doorward_ports::{Caller, Cursor, Error, ErrorCode, Limit, Page, Result, Versions};
use serde_json::{Value, json};

#[async_trait]
impl ClientApps for Services {
    async fn list(&self, caller: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<ClientApp>> {
        query::list(self.authorize(caller, Operation::ListClientApps)?, cursor.as_ref(), limit).await
    }

    async fn get(&self, caller: &Caller, id: &str) -> Result<ClientApp> {
        query::get(self.authorize(caller, Operation::ReadClientApp)?, id).await
    }

    async fn create(&self, caller: &Caller, app: NewClientApp) -> Result<WithSecret> {
        let created = create::create(self.authorize(caller, Operation::CreateClientApp)?, app).await;
        self.unless_denied(caller, (Operation::CreateClientApp, Subject::Unknown), created).await
    }

    async fn change(
        &self,
        caller: &Caller,
        id: &str,
        change: ClientAppChange,
        versions: Option<Versions>,
    ) -> Result<ClientApp> {
        let done = change::change(self.authorize(caller, Operation::ChangeClientApp)?, id, change, versions).await;
        self.unless_app_denied(caller, (Operation::ChangeClientApp, id), done).await
    }

    async fn delete(&self, caller: &Caller, id: &str) -> Result<()> {
        let done = change::delete(self.authorize(caller, Operation::DeleteClientApp)?, id).await;
        self.unless_app_denied(caller, (Operation::DeleteClientApp, id), done).await
    }

    async fn rotate_secret(&self, caller: &Caller, id: &str) -> Result<WithSecret> {
        let done = change::rotate_secret(self.authorize(caller, Operation::RotateClientSecret)?, id).await;
        self.unless_app_denied(caller, (Operation::RotateClientSecret, id), done).await
    }
}

impl Services {
    /// [`Self::unless_denied`] for a client app. A denied change of an app had a possible id.
    async fn unless_app_denied<T>(
        &self,
        caller: &Caller,
        (operation, id): (Operation, &str),
        done: Result<T>,
    ) -> Result<T> {
        let app = ClientId::parse(id).ok();
        let subject = app.as_ref().map_or(Subject::Unknown, Subject::ClientApp);
        self.unless_denied(caller, (operation, subject), done).await
    }
}

/// What the audit log shows of a client app.
fn shown(app: &ClientApp) -> Value {
    json!({
        "is_active": app.is_active,
        "kind": app.kind.as_str(),
        "name": app.name,
        "origins": app.origins,
        "redirect_uris": app.redirect_uris,
        "roles": app.roles,
    })
}

fn client_app_not_found() -> Error {
    Error::new(ErrorCode::ClientAppNotFound, "There is no client app with this id.")
}

/// The app with this id, locked until the work ends, if the caller may change it: a caller who changes an app, or gives
/// it a secret, could act with all its permissions. A text that is not a possible id gives none.
async fn changeable(work: &mut Work<'_>, id: &str) -> Result<ClientApp> {
    let id = ClientId::parse(id).map_err(|_| client_app_not_found())?;
    let app = work.client_apps().lock(&id).await?.ok_or_else(client_app_not_found)?;
    let held = work.client_apps().permissions_of(&app.id).await?;
    subjects::within_own(work.caller, &held)?;
    Ok(app)
}
