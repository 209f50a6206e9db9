use serde::Serialize;
use utoipa::ToSchema;

/// That the process answers at all.
#[derive(Serialize, ToSchema)]
pub(crate) struct Liveness {
    #[schema(pattern = "^(alive|ready)$")]
    pub(crate) status: &'static str,
}
