//! The settings as text: what holds now, and the reference page.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::define::{DefaultValue, Descriptor};
use crate::keys::{Settings, describe, sections};
use crate::types::is_masked;
use crate::values::Effective;

impl Settings {
    /// What holds, as TOML, each line with where its value comes from. What is masked stands in a comment, so
    /// that nobody pastes a mask into a file.
    pub fn render_toml(&self) -> String {
        let mut page = String::new();
        let mut section = "";
        for (key, effective) in describe().iter().zip(self.effective()) {
            if key.section != section {
                let gap = if section.is_empty() { "" } else { "\n" };
                section = key.section;
                push(&mut page, format_args!("{gap}[{section}]\n"));
            }
            let (name, value, source) = (key.name, &effective.value, &effective.source);
            match value {
                Json::Null => push(&mut page, format_args!("# {name} is not set\n")),
                _ if is_masked(value) => push(&mut page, format_args!("# {name} = {}  # {source}\n", toml(value))),
                _ => push(&mut page, format_args!("{name} = {}  # {source}\n", toml(value))),
            }
        }
        page
    }

    /// What holds, as a JSON list of `{key, value, source}`, secrets masked.
    pub fn render_json(&self) -> Json {
        let entry = |effective: &Effective| json!({"key": effective.key, "value": effective.value, "source": effective.source.to_string()});
        self.effective().iter().map(entry).collect()
    }
}

fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    page.write_fmt(text).expect("text can always be appended to a string");
}

/// JSON's numbers, booleans, lists and strings are TOML's, but for DEL, which TOML wants escaped.
fn toml(value: &Json) -> String {
    value.to_string().replace('\u{7f}', "\\u007f")
}

/// The reference page, `docs/configuration.md`.
pub fn render_docs() -> String {
    let mut page = INTRODUCTION.to_owned();
    for section in sections() {
        push(&mut page, format_args!("\n## {}\n\n{}\n", section.name, paragraph(section.doc)));
        for key in describe().iter().filter(|key| key.section == section.name) {
            push(&mut page, format_args!("\n{}", entry(key)));
        }
    }
    page
}

fn entry(key: &Descriptor) -> String {
    let default = match key.default {
        DefaultValue::Text("") => "empty".to_owned(),
        DefaultValue::Text(text) => format!("`{text}`"),
        DefaultValue::From(words) => words.to_owned(),
        DefaultValue::Unset => "not set".to_owned(),
    };
    let (variable, format, doc) = (key.variable(), key.format(), paragraph(key.doc));
    let file = if key.secret {
        format!(", or the path of a file: `{variable}_FILE`, `{}_file`", key.key)
    } else {
        String::new()
    };
    format!(
        "### `{}`\n\n{doc}\n\n- Environment: `{variable}`{file}\n- Format: {format}\n- Default: {default}\n",
        key.key
    )
}

/// The lines of a doc comment as one paragraph.
fn paragraph(doc: &str) -> String {
    doc.lines().map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The reference as data: every key with what is known of it.
pub fn render_docs_json() -> Json {
    let entry = |key: &Descriptor| {
        let default = match key.default {
            DefaultValue::Text(text) | DefaultValue::From(text) => Some(text),
            DefaultValue::Unset => None,
        };
        json!({
            "key": key.key, "variable": key.variable(), "format": key.format(), "default": default,
            "secret": key.secret, "description": paragraph(key.doc),
        })
    };
    describe().iter().map(entry).collect()
}

const INTRODUCTION: &str = "\
<!-- Made by `doorward config docs`; a test compares it. Change the doc comments in crates/settings/src/keys.rs. -->

# Settings

Doorward runs without any: every setting has a default that is safe on your own machine. What you do set comes from,
weakest first:

1. the defaults below;
2. `doorward.toml` in the working directory, or the file named by `--config FILE`, which must then exist;
3. the environment variables `DATABASE_URL`, for `database.url`, and `REDIS_URL`, for `redis.url`;
4. environment variables: `DOORWARD_`, the section, two underscores, the key, all in capitals: `DOORWARD_HTTP__BIND`.

```toml
# doorward.toml
[http]
bind = \"0.0.0.0:8000\"
public_url = \"https://id.example.org\"
trusted_proxies = [\"10.0.0.0/8\"]

[database]
url_file = \"/run/secrets/database-url\"
```

Any secret can be given by a file instead, whose path is the value of `KEY_file` in TOML, or of the variable with `_FILE` at its end;
a byte order mark before it and the ends of lines behind it are left out, and only a key as PEM may have more than one line.
Giving a secret both ways in one place is refused; between places, the stronger one wins, whichever way it gives the secret.

A key or a `DOORWARD_` variable that doesn't exist, a bad value and an unsafe combination are refused at the start, all of them
at once, each with its source and what to do. `doorward config check` does the same without starting anything;
`doorward config show` prints what holds and where each value comes from, every secret masked.

Durations have a unit: `250ms`, `10s`, `15m`, `12h`, `7d`. Rates are a number in a time: `10/m`, `5/15m`, `20/h`. Relative
paths start at the working directory. A list is a TOML list, or in the environment separated by commas.
";
