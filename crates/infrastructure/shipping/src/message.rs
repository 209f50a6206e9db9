//! Messages of syslog (RFC 5424).
use crate::Render;
use doorward_domain::AuditOutcome;
use doorward_ports::outbound::SealedEvent;
use std::fmt::Write;

/// Log audit (RFC 5424 §6.2.1).
const FACILITY: u8 = 13;
/// §6.2.1: what was done is information, and what was refused a warning.
const INFORMATIONAL: u8 = 6;
const WARNING: u8 = 4;
/// RFC 5612 §2: the number for documentation. Doorward has no number of its own, and its name says whose elements these are.
const ELEMENT: &str = "doorward@32473";
/// §6: the longest name of a host.
const LONGEST_HOST: usize = 255;

/// Turns lines into messages of this process.
pub struct Messages {
    render: Render,
    host: String,
    process: u32,
}

impl Messages {
    pub fn new(render: Render) -> Self {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Self { render, host: printed(&host), process: std::process::id() }
    }

    /// The message of a line. It has ASCII characters only: as UTF-8 it would need a byte order mark (§6.4), on which parsers of
    /// JSON stumble.
    pub fn of(&self, line: &SealedEvent) -> String {
        let event = &line.event;
        let severity = match event.outcome {
            AuditOutcome::Success => INFORMATIONAL,
            AuditOutcome::Failure => WARNING,
        };
        let mut message = format!(
            "<{}>1 {} {} doorward {} {} [{ELEMENT} seq=\"{}\" link=\"{}\"] ",
            FACILITY * 8 + severity,
            event.occurred_at,
            self.host,
            self.process,
            event.action,
            line.seq,
            line.link
        );
        push_ascii(&mut message, &(self.render)(line));
        message
    }
}

/// Only `PRINTUSASCII`; `-` if nothing is left (§6.2.4).
fn printed(host: &str) -> String {
    let printed: String = host.chars().filter(char::is_ascii_graphic).take(LONGEST_HOST).collect();
    if printed.is_empty() { "-".to_owned() } else { printed }
}

/// JSON with the same value (RFC 8259 §7). Outside of its texts, JSON has ASCII characters only.
fn push_ascii(to: &mut String, json: &str) {
    for character in json.chars() {
        if character.is_ascii() {
            to.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a text can't fail.
                let _ = write!(to, "\\u{unit:04x}");
            }
        }
    }
}

/// §6.1: a message that is too long for its transport loses its end.
pub fn cut(mut message: String, longest: usize) -> String {
    message.truncate(longest);
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_domain::AuditAction;
    use proptest::prelude::*;

    /// RFC 5424 §6: MSGID has up to 32 characters.
    #[test]
    fn rfc_5424_every_action_is_a_message_id() {
        for action in AuditAction::ALL {
            let name = action.as_str();
            assert!(name.len() <= 32 && name.chars().all(|c| c.is_ascii_graphic()), "{name}");
        }
    }

    #[test]
    fn a_host_has_a_name_of_printable_characters_or_none() {
        assert_eq!(printed("node-1.example.com"), "node-1.example.com");
        assert_eq!(printed("my host\u{e9}\n"), "myhost");
        assert_eq!((printed(""), printed(&"a".repeat(300)).len()), ("-".to_owned(), LONGEST_HOST));
    }

    proptest! {
        #[test]
        fn escaping_changes_no_value(text in ".*") {
            let json = serde_json::to_string(&text).unwrap();
            let mut ascii = String::new();
            push_ascii(&mut ascii, &json);
            prop_assert!(ascii.is_ascii());
            prop_assert_eq!(serde_json::from_str::<String>(&ascii).unwrap(), text);
        }
    }
}
