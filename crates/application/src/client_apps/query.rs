use super::client_app_not_found;
use crate::services::Act;
use doorward_domain::{ClientApp, ClientId};
use doorward_ports::{Cursor, Limit, Page, Result};

const ORDER: &str = "client_app";

pub(super) async fn get(act: Act<'_>, id: &str) -> Result<ClientApp> {
    let id = ClientId::parse(id).map_err(|_| client_app_not_found())?;
    let known = act.read().await?.client_apps().by_id(&id).await?;
    Ok(known.ok_or_else(client_app_not_found)?.app)
}

pub(super) async fn list(act: Act<'_>, cursor: Option<&Cursor>, limit: Limit) -> Result<Page<ClientApp>> {
    let after = cursor.map(|cursor| cursor.key(ORDER)).transpose()?;
    let rows = act.read().await?.client_apps().list(after, limit.get() + 1).await?;
    Ok(Page::cut(rows, limit, ORDER, |app| app.id.to_string()))
}
