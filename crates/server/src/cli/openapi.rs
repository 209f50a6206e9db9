//! `doorward openapi`: the description of the REST API, as a running server answers it at `/openapi.json`.

use super::print;
use crate::failure::Failure;

pub fn run() -> Result<(), Failure> {
    print::text(&doorward_http::openapi_json())
}
