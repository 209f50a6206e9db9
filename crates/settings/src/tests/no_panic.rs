use proptest::prelude::*;
use proptest::sample::select;

use super::Given;
use crate::{Descriptor, describe};

fn variable() -> impl Strategy<Value = String> {
    let known: Vec<_> = describe().map(Descriptor::variable).collect();
    let block = "A|B___C|NAME|[A-Za-z_-]{0,4}";
    prop_oneof![
        select(known.clone()),
        select(known.clone()).prop_map(|name| name + "_FILE"),
        (select(known), block).prop_map(|(name, block)| name.replacen("NAME", &block, 1)),
        "DOORWARD_[A-Z_]{0,20}",
        "DATABASE_URL"
    ]
}

fn value() -> impl Strategy<Value = String> {
    let likely = [
        "0",
        "1",
        "0.0.0.0:1",
        "99999999999999999999d",
        "5/15m",
        "10.0.0.0/8,,",
        "sqlite://x",
        "postgres://a:b@c",
        "true",
        "entra",
        "google",
        "common",
        "openid,email",
    ];
    prop_oneof![
        any::<String>(),
        select(likely.to_vec()).prop_map(str::to_owned),
        "[0-9]{0,40}(ms|s|m|h|d)?",
        "(https?|postgres)://\\PC{0,20}"
    ]
}

fn toml_value() -> impl Strategy<Value = String> {
    prop_oneof![
        value().prop_map(|text| serde_json::Value::from(text).to_string()),
        select(vec![
            "1",
            "-1",
            "1.5",
            "nan",
            "true",
            "[]",
            "[[1], {}]",
            "{}",
            "{ file = \"x\" }",
            "1979-05-27",
            "9223372036854775807"
        ])
        .prop_map(str::to_owned),
    ]
}

fn toml_file() -> impl Strategy<Value = String> {
    let known: Vec<_> = describe().map(|key| key.key.to_owned()).collect();
    let in_block = (select(known.clone()), "a|b-c|[a-z_-]{1,4}").prop_map(|(key, block)| key.replace("NAME", &block));
    let line = (prop_oneof![select(known), in_block, "[a-z_.]{1,20}"], toml_value())
        .prop_map(|(key, value)| format!("{key} = {value}\n"));
    prop_oneof![any::<String>(), proptest::collection::vec(line, 0..6).prop_map(|lines| lines.concat())]
}

proptest! {
    #[test]
    fn no_input_makes_loading_panic_and_each_refusal_has_a_reason(
        file in toml_file(),
        env in proptest::collection::vec((variable(), value()), 0..6),
    ) {
        let given = env.iter().fold(Given::nothing().file(&file), |given, (name, value)| given.env(name, value));
        match given.load() {
            Ok(settings) => {
                let blocks = settings.providers.len();
                let described: usize = describe().map(|key| if key.in_block() { blocks } else { 1 }).sum();
                let shown = settings.render_json().as_array().map(Vec::len);
                prop_assert_eq!(shown, Some(settings.effective().len()));
                prop_assert!(settings.effective().len() <= described && (blocks > 0 || shown == Some(described)));
            }
            Err(faults) => {
                prop_assert!(faults.iter().count() > 0);
                for fault in faults.iter() {
                    prop_assert!(!fault.problem.is_empty() && !fault.cure.is_empty());
                }
            }
        }
    }
}
