/// Splits `?a=1&b=2` from a URL.
pub fn split(url: &str) -> (&str, Vec<(&str, &str)>) {
    let Some((base, query)) = url.split_once('?') else { return (url, Vec::new()) };
    let pair = |parameter| str::split_once(parameter, '=').unwrap_or((parameter, ""));
    (base, query.split('&').filter(|p| !p.is_empty()).map(pair).collect())
}
