//! The text format of Prometheus (version 0.0.4), read more strictly than Prometheus does.
use std::collections::BTreeMap;

/// What a service shows of its metrics.
#[derive(Debug, Default)]
pub struct Samples {
    /// The families, with their types.
    pub families: BTreeMap<String, String>,
    /// The samples, by their series as it was written: labels in the order of their names.
    pub values: BTreeMap<String, f64>,
}

impl Samples {
    /// Reads the whole text, and panics at the first line that is malformed or out of place.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let (mut samples, mut family) = (Self::default(), String::new());
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').unwrap_or_default();
                assert!(is_name(name) && !help.is_empty(), "{line}");
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap_or_default();
                assert!(is_name(name) && ["counter", "gauge", "histogram"].contains(&kind), "{line}");
                let second = samples.families.insert(name.to_owned(), kind.to_owned());
                assert_eq!(second, None, "a second family {name}");
                name.clone_into(&mut family);
            } else {
                samples.add(&family, line);
            }
        }
        samples.check_histograms();
        samples
    }

    fn add(&mut self, family: &str, line: &str) {
        let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no value: {line}"));
        let (name, labels) = parts(series);
        let suffixes: &[&str] = if self.families.get(family).is_some_and(|kind| kind == "histogram") {
            &["_bucket", "_sum", "_count"]
        } else {
            &[""]
        };
        let belongs = suffixes.iter().any(|suffix| name.strip_suffix(suffix) == Some(family));
        assert!(is_name(name) && belongs, "{line} among {family}");
        let sorted = labels.is_sorted_by(|(one, _), (next, _)| one < next);
        // `le` of buckets comes last.
        assert!(sorted || labels.last().is_some_and(|(name, _)| *name == "le"), "{line}");
        assert!(labels.iter().all(|(name, value)| is_name(name) && !value.contains(['"', '\\'])), "{line}");
        let value: f64 = value.parse().unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(value.is_finite(), "{line}");
        assert_eq!(self.values.insert(series.to_owned(), value), None, "twice: {series}");
    }

    /// Buckets hold what those before them hold, and the last one everything.
    fn check_histograms(&self) {
        for (series, count) in self.values.iter().filter(|(series, _)| parts(series).0.ends_with("_count")) {
            let (name, labels) = parts(series);
            let Some(family) = name.strip_suffix("_count").filter(|name| self.families.contains_key(*name)) else {
                continue;
            };
            let bucket = |series: &str| {
                let (name, mut found) = parts(series);
                let le = found.pop().filter(|(name, _)| *name == "le")?.1;
                (name.strip_suffix("_bucket") == Some(family) && found == labels).then(|| bound(le))
            };
            let found = self.values.iter().filter_map(|(series, value)| Some((bucket(series)?, *value)));
            let mut buckets: Vec<(f64, f64)> = found.collect();
            buckets.sort_by(|(one, _), (next, _)| one.total_cmp(next));
            assert!(buckets.is_sorted_by(|(_, one), (_, next)| one <= next), "{series}: {buckets:?}");
            assert_eq!(buckets.last(), Some(&(f64::INFINITY, *count)), "{series}");
        }
    }

    /// The value of a series, which must be there.
    #[must_use]
    pub fn value(&self, series: &str) -> f64 {
        *self.values.get(series).unwrap_or_else(|| panic!("there is no {series}"))
    }

    /// The sum over all series of this name.
    #[must_use]
    pub fn sum(&self, name: &str) -> f64 {
        self.values.iter().filter(|(series, _)| parts(series).0 == name).map(|(_, value)| value).sum()
    }
}

fn bound(le: &str) -> f64 {
    if le == "+Inf" { f64::INFINITY } else { le.parse().unwrap_or_else(|error| panic!("{error}: {le}")) }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn parts(series: &str) -> (&str, Vec<(&str, &str)>) {
    let Some((name, rest)) = series.split_once('{') else { return (series, Vec::new()) };
    let labels = rest.strip_suffix('}').unwrap_or_else(|| panic!("no end of the labels: {series}"));
    let label = |text| -> Option<(&str, &str)> {
        let (name, value): (&str, &str) = str::split_once(text, '=')?;
        Some((name, value.strip_prefix('"')?.strip_suffix('"')?))
    };
    // No value of ours has a comma.
    let read = labels.split(',').map(|text| label(text).unwrap_or_else(|| panic!("a malformed label: {series}")));
    (name, read.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# HELP a Some.\n# TYPE a counter\na{x=\"1\",y=\"2\"} 3\n\
        # HELP h Some.\n# TYPE h histogram\nh_bucket{le=\"0.5\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 1.5\nh_count 2\n";

    #[test]
    fn samples_are_found_by_their_series() {
        let samples = Samples::read(GOOD);
        assert_eq!((samples.value("a{x=\"1\",y=\"2\"}"), samples.sum("a"), samples.value("h_count")), (3.0, 3.0, 2.0));
    }

    #[test]
    fn whatever_is_malformed_or_out_of_place_is_told() {
        for (good, bad) in [
            ("# TYPE a counter\n", ""),
            ("a{x=\"1\",y=\"2\"} 3", "a{y=\"2\",x=\"1\"} 3"),
            ("y=\"2\"} 3", "y=\"2} 3"),
            ("} 3", "} three"),
            ("h_bucket{le=\"0.5\"} 1", "h_bucket{le=\"0.5\"} 3"),
            ("h_count 2", "h_count 3"),
            ("h_sum 1.5", "h_total 1.5"),
        ] {
            let text = GOOD.replace(good, bad);
            assert_ne!(text, GOOD);
            assert!(std::panic::catch_unwind(|| Samples::read(&text)).is_err(), "{bad}");
        }
    }
}
