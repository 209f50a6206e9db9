use actix_web::http::Method;
use doorward_ports::access::{Operation, Requirement};

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
        let requirement = self.operation.map(Operation::requirement);
        matches!(requirement, Some(Requirement::SignedIn | Requirement::Fresh | Requirement::Public))
    }

    /// What the table of access says of it.
    pub fn needs(&self) -> String {
        match self.operation.map(Operation::requirement) {
            None => "no operation".to_owned(),
            Some(Requirement::Public) => "public".to_owned(),
            Some(Requirement::SignedIn) => "signed in".to_owned(),
            Some(Requirement::Known) => "known".to_owned(),
            Some(Requirement::Fresh) => "fresh sign-in".to_owned(),
            Some(Requirement::Permission(permission) | Requirement::ClientOr(permission)) => permission.to_owned(),
            Some(Requirement::Operator) => "operator".to_owned(),
        }
    }
}

/// Every route of the document.
pub fn all() -> Vec<Route> {
    let document: serde_json::Value = serde_json::from_str(doorward_http::openapi_json()).unwrap();
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
