/// The versions for which a change is meant: those that the caller has read, of which one must be the current version
/// (RFC 9110 §13.1.1, `If-Match`). Without versions, the change is meant for any version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions(Vec<i64>);

impl Versions {
    /// Whether the change is meant for this version. A missing version never matches.
    #[must_use]
    pub fn include(&self, present: i64) -> bool {
        self.0.contains(&present)
    }
}

impl From<i64> for Versions {
    fn from(version: i64) -> Self {
        Self(vec![version])
    }
}

impl FromIterator<i64> for Versions {
    fn from_iter<I: IntoIterator<Item = i64>>(versions: I) -> Self {
        Self(versions.into_iter().collect())
    }
}
