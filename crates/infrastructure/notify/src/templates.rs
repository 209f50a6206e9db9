//! Templates: a subject, paragraphs, and placeholders in braces.
use crate::builtin;
use doorward_domain::{Language, MailKind};
use std::collections::HashMap;
use std::fmt::Write;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What a template can name.
const PLACEHOLDERS: [&str; 11] = [
    "service",
    "email",
    "link",
    "lasts",
    "report_link",
    "report_lasts",
    "time",
    "device",
    "address",
    "other_email",
    "factor",
];
const LONGEST_SUBJECT: usize = 200;
const LARGEST_BYTES: u64 = 64 * 1024;

/// Why a template of the operator can't be used.
#[derive(Debug, thiserror::Error)]
#[error("the template {} {problem}", file.display())]
pub struct TemplateError {
    file: PathBuf,
    problem: String,
}

/// The text of a mail before its placeholders are filled in.
#[derive(Debug)]
pub(crate) struct Template {
    subject: String,
    text: String,
    /// The HTML of the operator; otherwise it is made from the text.
    html: Option<String>,
}

/// The templates of all mails, in all languages.
#[derive(Debug)]
pub struct Templates(HashMap<(Language, MailKind), Template>);

/// A mail as it is read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Templates {
    /// The templates that are compiled in.
    ///
    /// # Panics
    /// Never: tests read each of them.
    #[must_use]
    pub fn builtin() -> Self {
        Self::load(None).expect("the templates that are compiled in are well-formed")
    }

    /// The templates of this folder, `LANGUAGE/KIND.txt` and `LANGUAGE/KIND.html`, and those that are compiled in for all
    /// that are not there.
    ///
    /// # Errors
    /// If one of them can't be read, or is not well-formed.
    pub fn load(folder: Option<&Path>) -> Result<Self, TemplateError> {
        let mut all = HashMap::new();
        for language in Language::ALL {
            for &kind in MailKind::ALL {
                all.insert((language, kind), template(folder, language, kind)?);
            }
        }
        Ok(Self(all))
    }

    pub(crate) fn of(&self, language: Language, kind: MailKind) -> &Template {
        self.0.get(&(language, kind)).expect("all of them were loaded")
    }
}

fn template(folder: Option<&Path>, language: Language, kind: MailKind) -> Result<Template, TemplateError> {
    let file = |extension| {
        let name = format!("{}/{}.{extension}", language.as_str(), kind.as_str());
        folder.map_or_else(|| PathBuf::from(&name), |folder| folder.join(&name))
    };
    let own = |file: &Path| if folder.is_some() { read(file) } else { Ok(None) };
    let (text_file, html_file) = (file("txt"), file("html"));
    let text = own(&text_file)?.unwrap_or_else(|| builtin::template(language, kind).to_owned());
    let html = own(&html_file)?;
    let (subject, text) = parsed(&text, kind).map_err(|problem| TemplateError { file: text_file.clone(), problem })?;
    if let Some(html) = &html {
        check(html, kind).map_err(|problem| TemplateError { file: html_file.clone(), problem })?;
    }
    Ok(Template { subject, text, html })
}

fn read(file: &Path) -> Result<Option<String>, TemplateError> {
    let refuse = |problem: String| Err(TemplateError { file: file.to_owned(), problem });
    match std::fs::metadata(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Ok(found) if found.len() > LARGEST_BYTES => return refuse(format!("has more than {LARGEST_BYTES} bytes")),
        _ => {}
    }
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) => refuse(format!("can't be read: {error}")),
    }
}

/// The subject in the first line, and the text after the empty line.
fn parsed(text: &str, kind: MailKind) -> Result<(String, String), String> {
    let text = text.replace("\r\n", "\n");
    let begin = text.strip_prefix("Subject: ").ok_or("does not begin with \"Subject: \"")?;
    let (subject, body) = begin.split_once("\n\n").ok_or("has no empty line after its subject")?;
    if subject.contains(|c: char| c.is_control()) || subject.len() > LONGEST_SUBJECT || subject.trim().is_empty() {
        return Err(format!("needs a subject in one line of at most {LONGEST_SUBJECT} bytes"));
    }
    if let Some(name) = placeholders(subject)?.iter().find(|name| **name != "service") {
        return Err(format!("has {{{name}}} in its subject, where only {{service}} can be"));
    }
    check(body, kind)?;
    Ok((subject.to_owned(), body.trim_end().to_owned()))
}

/// All placeholders are known, and the links are there: without its link, a mail would be of no use.
fn check(text: &str, kind: MailKind) -> Result<(), String> {
    let named = placeholders(text)?;
    for needed in needed(kind) {
        if !named.contains(needed) {
            return Err(format!("lacks {{{needed}}}"));
        }
    }
    Ok(())
}

const fn needed(kind: MailKind) -> &'static [&'static str] {
    match kind {
        MailKind::VerifyEmail | MailKind::ResetPassword | MailKind::Invitation | MailKind::ChangeEmail => &["link"],
        MailKind::EmailChangeRequested | MailKind::EmailChanged => &["report_link", "other_email"],
        MailKind::NewSignIn
        | MailKind::PasswordChanged
        | MailKind::FactorAdded
        | MailKind::FactorRemoved
        | MailKind::FactorLocked => &["report_link"],
        MailKind::AccountExists | MailKind::Test => &[],
    }
}

/// The names in braces. A brace that begins no name is text, as in a style sheet.
fn placeholders(text: &str) -> Result<Vec<&str>, String> {
    let mut found = Vec::new();
    for part in text.split('{').skip(1) {
        let Some((name, _)) = part.split_once('}') else { continue };
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            continue;
        }
        if !PLACEHOLDERS.contains(&name) {
            return Err(format!("names {{{name}}}, which is none of {}", PLACEHOLDERS.join(", ")));
        }
        found.push(name);
    }
    Ok(found)
}

impl Template {
    /// Fills in the placeholders. In HTML, their values are escaped.
    pub fn fill(&self, language: Language, value: impl Fn(&str) -> Option<String>) -> Written {
        let subject = filled(&self.subject, &value, plain);
        let html = match &self.html {
            Some(html) => filled(html, &value, escaped),
            None => page(&self.text, language, &subject, &value),
        };
        Written { subject, text: filled(&self.text, &value, plain) + "\n", html }
    }
}

fn plain(value: &str) -> String {
    value.to_owned()
}

/// HTML §13.1.2.3: nothing in it ends a text or an attribute.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\'' => text.push_str("&#39;"),
            other => text.push(other),
        }
    }
    text
}

/// A value is never read as a template.
fn filled(template: &str, value: &impl Fn(&str) -> Option<String>, write: fn(&str) -> String) -> String {
    let mut text = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        match after.split_once('}').filter(|(name, _)| PLACEHOLDERS.contains(name)) {
            Some((name, behind)) => {
                // What is not known has a dash in its place.
                text.push_str(&write(&value(name).unwrap_or_else(|| "-".to_owned())));
                rest = behind;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text + rest
}

/// A page with the paragraphs of the text. A paragraph that is a link alone becomes one.
fn page(text: &str, language: Language, subject: &str, value: &impl Fn(&str) -> Option<String>) -> String {
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head><meta charset=\"utf-8\"><title>{}</title></head>\n\
         <body style=\"font-family: sans-serif; max-width: 36em; line-height: 1.5\">\n",
        escaped(subject)
    );
    for paragraph in text.split("\n\n") {
        let filled = filled(&escaped(paragraph), value, escaped).replace('\n', "<br>\n");
        let is_link = matches!(paragraph.trim(), "{link}" | "{report_link}");
        let filled = if is_link { format!("<a href=\"{filled}\">{filled}</a>") } else { filled };
        writeln!(html, "<p>{filled}</p>").expect("a string takes everything");
    }
    html + "</body>\n</html>\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fs;

    fn folder(file: &str, text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        folder
    }

    fn refusal(file: &str, text: &str) -> String {
        let folder = folder(file, text);
        let refusal = Templates::load(Some(folder.path())).unwrap_err().to_string();
        assert!(refusal.contains(file), "{refusal}");
        refusal
    }

    #[test]
    fn there_is_a_template_of_each_kind_in_each_language_and_no_two_are_the_same() {
        let Templates(all) = Templates::builtin();
        assert_eq!(all.len(), Language::ALL.len() * MailKind::ALL.len());
        for &kind in MailKind::ALL {
            let texts: std::collections::HashSet<_> = Language::ALL.map(|language| &all[&(language, kind)].text).into();
            assert_eq!(texts.len(), Language::ALL.len(), "{kind:?} is not translated");
        }
    }

    #[test]
    fn the_same_placeholders_are_in_each_language() {
        let Templates(all) = Templates::builtin();
        for &kind in MailKind::ALL {
            let named = |language| {
                let mut named = placeholders(&all[&(language, kind)].text).unwrap();
                named.sort_unstable();
                named
            };
            for language in Language::ALL {
                assert_eq!(named(language), named(Language::En), "{kind:?} in {language}");
            }
        }
    }

    /// So that a link in a file is on one line, whoever reads it.
    #[test]
    fn english_is_ascii() {
        let Templates(all) = Templates::builtin();
        assert!(MailKind::ALL.iter().all(|kind| all[&(Language::En, *kind)].text.is_ascii()));
    }

    #[test]
    fn a_template_of_the_operator_replaces_one_and_leaves_the_others() {
        let folder = folder("de/test.txt", "Subject: Hallo von {service}\r\n\r\nDanke.\r\n");
        let templates = Templates::load(Some(folder.path())).unwrap();
        let written = templates.of(Language::De, MailKind::Test).fill(Language::De, |name| Some(name.to_uppercase()));
        assert_eq!((written.subject.as_str(), written.text.as_str()), ("Hallo von SERVICE", "Danke.\n"));
        let other = templates.of(Language::En, MailKind::Test).fill(Language::En, |_| None);
        assert!(other.text.contains("this is a test"));
    }

    #[test]
    fn html_of_the_operator_is_taken_with_its_style_and_the_values_are_escaped() {
        let html = "<style>p { color: red }</style><p>{email}</p>";
        let folder = folder("en/test.html", html);
        let templates = Templates::load(Some(folder.path())).unwrap();
        let written = templates.of(Language::En, MailKind::Test).fill(Language::En, |_| Some("<b>'\"&".to_owned()));
        assert_eq!(written.html, "<style>p { color: red }</style><p>&lt;b&gt;&#39;&quot;&amp;</p>");
    }

    #[test]
    fn a_template_that_is_not_well_formed_is_refused_with_its_name() {
        assert!(refusal("en/test.txt", "Hello").contains("Subject: "));
        assert!(refusal("en/test.txt", "Subject: Hello\nWorld\n\nx").contains("one line"));
        assert!(refusal("en/test.txt", "Subject: Hello {email}\n\nx").contains("{email}"));
        assert!(refusal("en/test.txt", "Subject: Hello\n\n{password}").contains("{password}"));
        assert!(refusal("fr/reset_password.txt", "Subject: Hello\n\nx").contains("lacks {link}"));
        assert!(refusal("fr/reset_password.html", "<p>Hello</p>").contains("lacks {link}"));
        assert!(refusal("es/email_changed.txt", "Subject: Hello\n\n{report_link}").contains("{other_email}"));
        assert!(refusal("en/test.txt", &format!("Subject: Hello\n\n{}", "x".repeat(65 * 1024))).contains("bytes"));
    }

    proptest! {
        /// No value becomes a tag, an attribute, or a placeholder that is filled in once more.
        #[test]
        fn no_value_is_read_as_html_or_as_a_template(value in "\\PC{0,20}|[<>\"'&{}a-z]{0,20}|\\{link\\}") {
            let template = Templates::builtin();
            let written = template.of(Language::En, MailKind::Test).fill(Language::En, |_| Some(value.clone()));
            prop_assert!(written.text.contains(&value));
            let without_value = template.of(Language::En, MailKind::Test).fill(Language::En, |_| Some("x".to_owned()));
            for tag in ['<', '>', '"'] {
                let count = |html: &str| html.matches(tag).count();
                prop_assert_eq!(count(&written.html), count(&without_value.html));
            }
        }
    }
}
