/// That the list in a macro, which stands behind these words, names the claims that a file makes, in their order.
pub fn are_tested(macro_text: &str, behind: &str, source: &str) {
    let (_, list) = macro_text.split_once(behind).unwrap();
    let (list, _) = list.split_once('}').unwrap();
    let tested: Vec<&str> = list.split(',').map(str::trim).filter(|claim| !claim.is_empty()).collect();
    let claims: Vec<&str> = source
        .lines()
        .filter_map(|line| line.strip_prefix("pub async fn ")?.split_once('(').map(|(name, _)| name))
        .collect();
    assert!(!claims.is_empty(), "{behind}");
    assert_eq!(tested, claims, "behind {behind:?} stand the file's claims in their order");
}
