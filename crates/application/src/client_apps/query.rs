use super::client_app_not_found;
use crate::Services;
use doorward_domain::{ClientApp, ClientId};
use doorward_ports::access::{self, Operation};
use doorward_ports::{Caller, Cursor, Limit, Page, Result};

const ORDER: &str = "client_app";

pub(super) async fn get(services: &Services, caller: &Caller, id: &str) -> Result<ClientApp> {
    access::authorize(caller, Operation::ReadClientApp)?;
    let id = ClientId::parse(id).map_err(|_| client_app_not_found())?;
    let known = services.tools.store.read().await?.client_apps().by_id(&id).await?;
    Ok(known.ok_or_else(client_app_not_found)?.app)
}

pub(super) async fn list(
    services: &Services,
    caller: &Caller,
    cursor: Option<&Cursor>,
    limit: Limit,
) -> Result<Page<ClientApp>> {
    access::authorize(caller, Operation::ListClientApps)?;
    let after = cursor.map(|cursor| cursor.key(ORDER)).transpose()?;
    let rows = services.tools.store.read().await?.client_apps().list(after, limit.get() + 1).await?;
    Ok(Page::cut(rows, limit, ORDER, |app| app.id.to_string()))
}
