use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use doorward_ports::access::Operation;

/// A known route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRoute {
    /// Its method.
    pub method: &'static str,
    /// Its pattern, as in [`crate::Answered::route`].
    pub pattern: String,
    /// The status of its success.
    pub status: u16,
    /// Its operation; none for what HTTP answers itself.
    pub(crate) operation: Option<Operation>,
}

/// Every route that there is, for what is asked about routes while requests are served.
pub(crate) struct RouteTable {
    routes: Vec<KnownRoute>,
    /// Each path, and the methods of its routes as `Allow` lists them.
    methods: Vec<(ResourceDef, String)>,
}

impl RouteTable {
    /// Of these, in which those of one path follow each other, and fixed paths come before those with parameters, as they do
    /// in the routing.
    pub(crate) fn new(routes: Vec<KnownRoute>) -> Self {
        let of_one_path = routes.chunk_by(|one, other| one.pattern == other.pattern);
        let methods = of_one_path.map(|routes| (ResourceDef::new(&*routes[0].pattern), allowed(routes))).collect();
        Self { routes, methods }
    }

    /// What the route of this pattern and method asks of the use cases; none for what HTTP answers by itself, and where there
    /// is no such route.
    pub(crate) fn operation_at(&self, pattern: &str, method: &Method) -> Option<Operation> {
        self.at(pattern, method)?.operation
    }

    /// Whether there is a route of this pattern and method.
    pub(crate) fn is_known(&self, pattern: &str, method: &Method) -> bool {
        self.at(pattern, method).is_some()
    }

    pub(crate) fn all(&self) -> &[KnownRoute] {
        &self.routes
    }

    fn at(&self, pattern: &str, method: &Method) -> Option<&KnownRoute> {
        self.routes.iter().find(|route| route.pattern == pattern && route.method == method.as_str())
    }

    /// The methods of a path, for `Allow`.
    pub(crate) fn methods_of(&self, path: &str) -> Option<&str> {
        self.methods.iter().find(|(pattern, _)| pattern.is_match(path)).map(|(_, methods)| methods.as_str())
    }
}

/// What can be read can be asked for its head.
fn allowed(routes: &[KnownRoute]) -> String {
    let methods = routes.iter().map(|route| if route.method == "GET" { "GET, HEAD" } else { route.method });
    methods.collect::<Vec<_>>().join(", ")
}
