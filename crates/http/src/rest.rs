use crate::document::Document;
use crate::middleware::{cors, envelope, guard};
use crate::mounted;
use crate::openapi;
use crate::route_table::RouteTable;
use crate::routes;
use crate::shared::{Contents, Shared};
use crate::{App, HttpOptions, Readiness, RequestObserver};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::{Error, web};
use doorward_graphql::Graphql;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};
use url::Url;

static CONTENTS: Contents = Contents {
    routes: LazyLock::new(|| RouteTable::new(openapi::known_routes())),
    document: LazyLock::new(|| Document::compressed(openapi::openapi_json())),
};

/// Looked for once: the routes are always the same.
static FAULTS: LazyLock<Vec<String>> = LazyLock::new(|| mounted::faults(CONTENTS.routes.all(), routes::configure));

/// The whole REST front end, for a server or for a test. Clones share one state: create one, and call [`Rest::service`]
/// in each worker.
#[derive(Clone)]
pub struct Rest(Arc<Shared>);

impl Rest {
    /// REST over these ports.
    ///
    /// # Panics
    /// When a route lacks the guard of its operation: what could be done by it must not be served at all.
    #[must_use]
    pub fn new(app: App, options: HttpOptions, readiness: Readiness) -> Self {
        Self::observed(app, options, readiness, Arc::new(()))
    }

    /// As [`Self::new`], with an observer of all requests.
    ///
    /// # Panics
    /// As [`Self::new`].
    #[must_use]
    pub fn observed(app: App, options: HttpOptions, readiness: Readiness, observer: Arc<dyn RequestObserver>) -> Self {
        assert!(FAULTS.is_empty(), "{}", FAULTS.join("; "));
        let url = Url::parse(&options.public_url).ok();
        let origin = url.as_ref().map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned();
        let warned_of_proxy = AtomicBool::new(false);
        let graphql = Graphql::new(app.graphql(), options.graphql);
        Self(Arc::new(Shared {
            app,
            options,
            graphql,
            readiness,
            warned_of_proxy,
            observer,
            origin,
            host,
            contents: &CONTENTS,
        }))
    }

    /// The application for actix, with its middleware.
    pub fn service(
        &self,
    ) -> actix_web::App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = Error,
            InitError = (),
        > + use<>,
    > {
        let shared = web::Data::from(Arc::clone(&self.0));
        let origins = &shared.options.allowed_origins;
        // The last wrapped layer is the outermost.
        actix_web::App::new()
            .app_data(shared.clone())
            .configure(routes::configure)
            .default_service(web::to(routes::unrouted))
            .wrap(from_fn(routes::described_alone))
            .wrap(from_fn(guard))
            .wrap(Condition::new(!origins.is_empty(), cors(origins, shared.options.session_cookie)))
            .wrap(Compress::default())
            .wrap(from_fn(envelope))
    }

    /// A separate application with only `/metrics` and `/health/live`, for everybody who can reach it.
    pub fn metrics_service(
        &self,
    ) -> actix_web::App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = Error,
            InitError = (),
        > + use<>,
    > {
        actix_web::App::new()
            .app_data(web::Data::from(Arc::clone(&self.0)))
            .configure(routes::configure_metrics)
            .default_service(web::to(routes::nothing_here))
            .wrap(from_fn(guard))
            .wrap(Compress::default())
            .wrap(from_fn(envelope))
    }
}
