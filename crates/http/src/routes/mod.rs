//! The routes, in files that mirror their paths. A handler has the name of its operation in `access`.
mod answer;
mod audit;
mod auth;
mod client_apps;
mod docs;
mod graphql;
mod health;
mod mails;
mod metrics;
mod oauth;
mod pages;
mod permissions;
mod provider_registry;
mod providers;
mod roles;
mod streamed;
mod unrouted;
mod users;
mod well_known;

pub(crate) use docs::PATTERNS as DOCS_PATTERNS;
pub(crate) use graphql::PATH as GRAPHQL;
pub(crate) use pages::PATHS as MAIL_PAGES;
pub(crate) use unrouted::{described_alone, nothing_here, unrouted};

use crate::shared::Shared;
use actix_web::web;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// The state from which handlers get the ports.
type Ports = web::Data<Shared>;

/// All routes, for an application that serves them.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    describe(&mut ServiceConfig::new(config));
    docs::configure(config);
    graphql::configure(config);
    pages::configure(config);
}

/// The routes of the listener for metrics.
pub(crate) fn configure_metrics(config: &mut web::ServiceConfig) {
    config.configure(metrics::configure_openly).configure(health::configure_liveness);
}

/// All routes of the OpenAPI document.
pub(crate) fn describe(config: &mut ServiceConfig<'_>) {
    config.configure(health::configure).configure(metrics::configure).configure(well_known::configure).service(
        scope("/api/v1")
            .configure(auth::configure)
            .configure(mails::configure)
            .configure(oauth::configure)
            .configure(providers::configure)
            .configure(provider_registry::configure)
            .configure(client_apps::configure)
            .configure(users::configure)
            .configure(roles::configure)
            .configure(permissions::configure)
            .configure(audit::configure),
    );
}
