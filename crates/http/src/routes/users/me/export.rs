//! `/users/me/export`
use super::{Ports, TAG};
use crate::context::Context;
use crate::input::Require;
use crate::problem::Problem;
use crate::routes::streamed::Streamed;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get};
use doorward_ports::Error;
use doorward_ports::access::policy;
use doorward_ports::inbound::{Activity, ActivityExport};
use doorward_views::{self as views, OwnData};
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(export_own_data);
}

/// The answer is sent while it is read: a body without its last chunk (RFC 9112 §7.1) is not whole.
#[utoipa::path(
    tag = TAG,
    responses((status = 200, description = "All data about you, without what proves who you are: no password, seed or token.", body = OwnData)),
)]
#[get("/users/me/export")]
async fn export_own_data(
    ports: Ports,
    request: HttpRequest,
    Require(caller, ..): Require<policy::ExportOwnData>,
) -> Result<HttpResponse, Problem> {
    let (begun, activity) = OwnData::begin(ports.app.accounts.export_own(&caller).await?);
    let what = ("an export of the data of an account", Context::of(&request).correlation_id.clone());
    let source = Source { activity, first: true, ended: false };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"doorward.json\""))
        .body(Streamed::of(what, head(&begun)?, source, |source| Box::pin(next(source)))))
}

/// The end of a document whose last member is the list of the activity.
const END: &str = "]}";

/// The document up to the first item of its last list, which is empty so far.
fn head(begun: &OwnData) -> Result<String, Error> {
    let mut text = serde_json::to_string(begun).map_err(Error::internal)?;
    if !text.ends_with("[]}") {
        return Err(Error::internal("the activity is not the end of the document"));
    }
    text.truncate(text.len() - END.len());
    Ok(text)
}

struct Source {
    activity: Box<dyn ActivityExport>,
    first: bool,
    ended: bool,
}

async fn next(mut source: Source) -> (Source, Result<Option<Bytes>, Error>) {
    if source.ended {
        return (source, Ok(None));
    }
    let part = source.activity.next().await.and_then(|lines| {
        source.ended = lines.is_empty();
        let text = if source.ended { END.to_owned() } else { items(lines, source.first)? };
        source.first = false;
        Ok(Some(text.into()))
    });
    (source, part)
}

fn items(lines: Vec<Activity>, first: bool) -> Result<String, Error> {
    let mut text = String::new();
    for (index, line) in lines.into_iter().enumerate() {
        if index > 0 || !first {
            text.push(',');
        }
        text += &serde_json::to_string(&views::Activity::from(line)).map_err(Error::internal)?;
    }
    Ok(text)
}
