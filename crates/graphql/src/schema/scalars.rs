use doorward_domain::Timestamp;
use juniper::GraphQLScalar;

/// A time: RFC 3339 in UTC, with microseconds.
#[derive(Clone, GraphQLScalar)]
#[graphql(transparent, specified_by_url = "https://scalars.graphql.org/andimarek/date-time")]
pub(crate) struct DateTime(pub(crate) String);

impl From<Timestamp> for DateTime {
    fn from(time: Timestamp) -> Self {
        Self(time.to_string())
    }
}
