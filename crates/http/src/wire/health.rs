use serde::Serialize;
use utoipa::ToSchema;

/// The answer of a node that is alive or ready.
#[derive(Serialize, ToSchema)]
pub(crate) struct Liveness {
    #[schema(pattern = "^(alive|ready)$")]
    pub(crate) status: &'static str,
}
