//! The HTML of the pages.
use super::MailPage;
use super::texts;
use doorward_domain::Language;
use std::fmt::Write;

/// The only style; the policy of the pages contains its digest.
pub(super) const STYLE: &str = "body{font-family:sans-serif;line-height:1.5;max-width:32em;margin:3em auto;padding:0 1em}\
    button,input{font:inherit;padding:.5em;margin:.5em 0}label{display:block}.fault{color:#a00}";

/// A page with a form that spends the token.
pub(super) struct Form<'a> {
    pub page: MailPage,
    pub language: Language,
    pub token: &'a str,
    pub faults: &'a [&'a str],
}

pub(super) fn form(form: &Form<'_>) -> String {
    let (texts, labels) = (form.page.texts(form.language), texts::of(form.language));
    let mut body = format!("<p>{}</p>\n", texts.ask);
    for fault in form.faults {
        writeln!(body, "<p class=\"fault\">{}</p>", escaped(fault)).expect("a string takes everything");
    }
    let password = match form.page {
        MailPage::Reset | MailPage::Invite => format!(
            "<label>{}<br><input type=\"password\" name=\"password\" autocomplete=\"new-password\" required></label>\n",
            labels.password
        ),
        MailPage::Verify | MailPage::Change | MailPage::Report => String::new(),
    };
    // Relative, so that it works behind a proxy that adds a prefix.
    write!(
        body,
        "<form method=\"post\" action=\"{}\">\n<input type=\"hidden\" name=\"token\" value=\"{}\">\n{password}\
         <button type=\"submit\">{}</button>\n</form>\n",
        form.page.path(),
        escaped(form.token),
        texts.button
    )
    .expect("a string takes everything");
    page(form.language, texts.title, &body)
}

/// A page that only says something.
pub(super) fn notice(of: MailPage, language: Language, text: &str) -> String {
    page(language, of.texts(language).title, &format!("<p>{text}</p>\n"))
}

fn page(language: Language, title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n"
    )
}

impl MailPage {
    const fn path(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::Invite => "invite",
            Self::Change => "change-email",
            Self::Report => "not-me",
        }
    }
}

/// HTML §13.1.2.3: nothing in it ends a text or an attribute.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_query_contains_is_never_read_as_html() {
        let token = "\"><script>alert('1')</script>&";
        for language in Language::ALL {
            let page = form(&Form { page: MailPage::Reset, language, token, faults: &[token] });
            assert!(!page.contains("<script") && page.contains("&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)"), "{page}");
        }
    }
}
