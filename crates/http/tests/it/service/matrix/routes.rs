use actix_web::http::Method;
use doorward_ports::access::{Operation, Who};

/// A route, as the OpenAPI document has it.
pub struct Route {
    pub method: Method,
    pub path: String,
    /// What it asks of the use cases; none for what HTTP answers by itself.
    pub operation: Option<Operation>,
}

impl Route {
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether it may end the session or the account of whoever asks.
    pub fn is_about_oneself(&self) -> bool {
        let who = self.operation.map(|operation| operation.requirement().who);
        matches!(who, Some(Who::Account | Who::Anybody | Who::Client))
    }

    /// What the table of access says of it.
    pub fn needs(&self) -> String {
        let Some(requirement) = self.operation.map(Operation::requirement) else { return "no operation".to_owned() };
        match requirement.who {
            Who::Anybody | Who::Client => "public".to_owned(),
            Who::Account if requirement.fresh.is_some() => "fresh sign-in".to_owned(),
            Who::Account => "signed in".to_owned(),
            Who::AccountOrClientApp => "known".to_owned(),
            Who::Permission(permission) | Who::ClientAppOr(permission) => permission.to_owned(),
            Who::Operator => "operator".to_owned(),
        }
    }
}

/// Every route of the document.
pub fn all() -> Vec<Route> {
    let document: serde_json::Value = serde_json::from_str(&doorward_http::openapi_json()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            let operation = Operation::ALL.iter().copied().find(|known| known.as_str() == id);
            let method = method.to_uppercase().parse().unwrap();
            routes.push(Route { method, path: path.clone(), operation });
        }
    }
    routes
}
