use crate::{Caller, Cursor, Limit, Page, Result, Secret, Versions};
use async_trait::async_trait;
use doorward_domain::ClientApp;

/// A client app to be made.
#[derive(Debug, Clone)]
pub struct NewClientApp {
    /// Its id; one is made up when none is given.
    pub id: Option<String>,
    /// What people call it.
    pub name: String,
    /// `public` or `confidential`.
    pub kind: String,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// Whose pages may call the API for it.
    pub origins: Vec<String>,
    /// What it may do on its own account.
    pub roles: Vec<String>,
}

/// What may be changed of a client app; each list is replaced as a whole.
#[derive(Debug, Clone, Default)]
pub struct ClientAppChange {
    /// What people call it.
    pub name: Option<String>,
    /// Where codes may be sent.
    pub redirect_uris: Option<Vec<String>>,
    /// Whose pages may call the API for it.
    pub origins: Option<Vec<String>>,
    /// What it may do on its own account.
    pub roles: Option<Vec<String>>,
    /// Whether it may do anything; disabling ends its tokens, and the sessions that were made for it.
    pub is_active: Option<bool>,
}

/// A client app and the secret it was just given.
#[derive(Debug, Clone)]
pub struct WithSecret {
    /// The app.
    pub app: ClientApp,
    /// The secret: shown now, and never again. None for a public app.
    pub secret: Option<Secret>,
}

/// Client apps. Doorward's own sign-in is not among them: it belongs to the program.
#[async_trait]
pub trait ClientApps: Send + Sync {
    /// Lists apps by id.
    async fn list(&self, caller: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<ClientApp>>;
    /// One app.
    async fn get(&self, caller: &Caller, id: &str) -> Result<ClientApp>;
    /// Makes an app; a confidential one gets a secret.
    async fn create(&self, caller: &Caller, app: NewClientApp) -> Result<WithSecret>;
    /// Changes an app.
    async fn change(
        &self,
        caller: &Caller,
        id: &str,
        change: ClientAppChange,
        versions: Option<Versions>,
    ) -> Result<ClientApp>;
    /// Deletes an app; its tokens, and the sessions made for it, end.
    async fn delete(&self, caller: &Caller, id: &str) -> Result<()>;
    /// Gives a confidential app a new secret. The old one is void at once; tokens that it got live on.
    async fn rotate_secret(&self, caller: &Caller, id: &str) -> Result<WithSecret>;
}
