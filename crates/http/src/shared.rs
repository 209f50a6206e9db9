use crate::document::Document;
use crate::route_table::RouteTable;
use crate::{App, HttpOptions, Readiness, RequestObserver};
use actix_web::{HttpRequest, web};
use doorward_graphql::Graphql;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

/// What all workers share.
pub(crate) struct Shared {
    pub(crate) app: App,
    pub(crate) options: HttpOptions,
    pub(crate) graphql: Graphql,
    pub(crate) readiness: Readiness,
    pub(crate) warned_of_proxy: AtomicBool,
    pub(crate) observer: Arc<dyn RequestObserver>,
    /// The web origin of this service's own pages, as browsers write it.
    pub(crate) origin: String,
    /// The host at which people reach this service.
    pub(crate) host: String,
    pub(crate) contents: &'static Contents,
}

/// What is read off the routes once they are described. It is made when it is first asked for.
pub(crate) struct Contents {
    pub(crate) routes: LazyLock<RouteTable>,
    /// The OpenAPI document.
    pub(crate) document: LazyLock<Document>,
}

impl Shared {
    /// What the worker that serves this request has.
    pub(crate) fn of(request: &HttpRequest) -> &Self {
        request.app_data::<web::Data<Self>>().expect("Rest::service puts it there")
    }
}
