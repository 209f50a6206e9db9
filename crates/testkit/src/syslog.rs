//! A receiver of syslog: what a service has sent, as others read it.
use std::collections::BTreeMap;
use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A message, read by the grammar of RFC 5424 §6.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The facility.
    pub facility: u8,
    /// The severity.
    pub severity: u8,
    /// `TIMESTAMP`.
    pub timestamp: String,
    /// `HOSTNAME`.
    pub host: String,
    /// `APP-NAME`.
    pub app: String,
    /// `PROCID`.
    pub process: String,
    /// `MSGID`.
    pub id: String,
    /// The structured data: the parameters of each element.
    pub elements: BTreeMap<String, BTreeMap<String, String>>,
    /// `MSG`.
    pub text: String,
}

impl Message {
    /// Reads a message; none if it does not follow the grammar.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (priority, rest) = text.strip_prefix('<')?.split_once(">1 ")?;
        let priority: u8 = priority.parse().ok().filter(|_| priority.len() <= 3 && !priority.starts_with("00"))?;
        let (timestamp, rest) = rest.split_once(' ')?;
        let (host, rest) = field(rest, 255)?;
        let (app, rest) = field(rest, 48)?;
        let (process, rest) = field(rest, 128)?;
        let (id, rest) = field(rest, 32)?;
        let (elements, rest) = elements(rest)?;
        let text = rest.strip_prefix(' ').or_else(|| rest.is_empty().then_some(""))?;
        let is_utf8 = text.starts_with('\u{feff}') || text.is_ascii();
        (priority <= 191 && is_timestamp(timestamp) && is_utf8).then(|| Self {
            facility: priority / 8,
            severity: priority % 8,
            timestamp: timestamp.to_owned(),
            host,
            app,
            process,
            id,
            elements,
            text: text.to_owned(),
        })
    }

    /// Reads messages with their lengths before them (RFC 6587 §3.4.1); what is not whole is left out.
    ///
    /// # Panics
    /// If a whole frame is none, or its message does not follow the grammar.
    #[must_use]
    pub fn framed(mut bytes: &[u8]) -> Vec<Self> {
        let mut messages = Vec::new();
        while let Some(blank) = bytes.iter().position(|&byte| byte == b' ') {
            let length: usize = std::str::from_utf8(&bytes[..blank]).unwrap().parse().unwrap();
            let Some(message) = bytes.get(blank + 1..blank + 1 + length) else { break };
            let text = std::str::from_utf8(message).unwrap();
            messages.push(Self::parse(text).unwrap_or_else(|| panic!("no message of RFC 5424: {text}")));
            bytes = &bytes[blank + 1 + length..];
        }
        messages
    }
}

fn field(text: &str, longest: usize) -> Option<(String, &str)> {
    let (field, rest) = text.split_once(' ')?;
    let printed = (1..=longest).contains(&field.len()) && field.bytes().all(|byte| (33..=126).contains(&byte));
    printed.then(|| (field.to_owned(), rest))
}

/// RFC 3339 with `T` and `Z` in upper case and up to six digits of a second (§6.2.3).
fn is_timestamp(text: &str) -> bool {
    let digits = |text: &str, count: std::ops::RangeInclusive<usize>| {
        count.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let Some((date, time)) = text.split_once('T') else { return false };
    let Some(time) = time.strip_suffix('Z') else { return false };
    let (time, fraction) = time.split_once('.').map_or((time, None), |(time, fraction)| (time, Some(fraction)));
    let parts = |text: &str, by: char| text.split(by).map(str::len).collect::<Vec<_>>();
    let all = date.replace('-', "") + &time.replace(':', "");
    parts(date, '-') == [4, 2, 2]
        && parts(time, ':') == [2, 2, 2]
        && digits(&all, 14..=14)
        && fraction.is_none_or(|it| digits(it, 1..=6))
}

type Elements = BTreeMap<String, BTreeMap<String, String>>;

fn elements(mut text: &str) -> Option<(Elements, &str)> {
    let mut elements = BTreeMap::new();
    if let Some(rest) = text.strip_prefix('-') {
        return Some((elements, rest));
    }
    while let Some(element) = text.strip_prefix('[') {
        let (name, mut rest) = sd_name(element)?;
        let mut parameters = BTreeMap::new();
        while let Some(parameter) = rest.strip_prefix(' ') {
            let (name, value) = sd_name(parameter)?;
            let (value, after) = sd_value(value.strip_prefix("=\"")?)?;
            parameters.insert(name, value);
            rest = after;
        }
        text = rest.strip_prefix(']')?;
        // §6.3.2: an element occurs once.
        elements.insert(name, parameters).is_none().then_some(())?;
    }
    (!elements.is_empty()).then_some((elements, text))
}

fn sd_name(text: &str) -> Option<(String, &str)> {
    let end = text.find(|c: char| matches!(c, '=' | ' ' | ']' | '"') || !c.is_ascii_graphic())?;
    (1..=32).contains(&end).then(|| (text[..end].to_owned(), &text[end..]))
}

/// §6.3.3: `"`, `\` and `]` are escaped.
fn sd_value(text: &str) -> Option<(String, &str)> {
    let (mut value, mut characters) = (String::new(), text.char_indices());
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[at + 1..])),
            ']' => return None,
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

/// A receiver over TCP. It reads each connection to its end, and then closes it.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    received: Mutex<Vec<Message>>,
    stopped: AtomicBool,
    /// After so many bytes it dies: it reads no more, and its connections are reset.
    dies_after: AtomicUsize,
}

impl Receiver {
    /// On a free port.
    #[must_use]
    pub fn start() -> Self {
        Self::listening("127.0.0.1:0".parse().unwrap(), usize::MAX)
    }

    /// On this port, until it has read so many bytes; then it dies as if it was killed.
    ///
    /// # Panics
    /// If nobody may listen there.
    #[must_use]
    pub fn listening(address: SocketAddr, dies_after: usize) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { dies_after: dies_after.into(), ..Shared::default() });
        let of_thread = shared.clone();
        let thread = Some(thread::spawn(move || accept(&listener, &of_thread)));
        Self { address, shared, thread }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// All messages so far, whole ones only.
    #[must_use]
    pub fn received(&self) -> Vec<Message> {
        self.shared.received.lock().unwrap().clone()
    }

    /// Whether it has died.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.shared.stopped.load(Ordering::SeqCst)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // It waits for a connection, unless it has died.
        let _ = TcpStream::connect(self.address);
        // A thread that has panicked has reported it.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn accept(listener: &TcpListener, shared: &Shared) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        read(stream.unwrap(), shared);
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
    }
}

/// One connection after the other, as each sender has one. What was read is there before the sender learns of it.
fn read(mut stream: TcpStream, shared: &Shared) {
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let bytes = bytes_of(&mut stream, shared);
    shared.received.lock().unwrap().extend(Message::framed(&bytes));
}

fn bytes_of(stream: &mut TcpStream, shared: &Shared) -> Vec<u8> {
    let (mut bytes, mut part) = (Vec::new(), [0; 512]);
    loop {
        let left = shared.dies_after.load(Ordering::SeqCst);
        let room = part.len().min(left);
        if room == 0 {
            // It is dropped with unread bytes, so that the system resets the connection.
            shared.stopped.store(true, Ordering::SeqCst);
            return bytes;
        }
        match stream.read(&mut part[..room]) {
            Ok(0) | Err(_) => return bytes,
            Ok(read) => {
                bytes.extend_from_slice(&part[..read]);
                if left != usize::MAX {
                    shared.dies_after.store(left - read, Ordering::SeqCst);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5424 §6.5, the examples.
    #[test]
    fn rfc_5424_the_examples_are_read() {
        let first = "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \u{feff}'su root' failed";
        let message = Message::parse(first).unwrap();
        assert_eq!((message.facility, message.severity, message.id.as_str()), (4, 2, "ID47"));
        let third = "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 \
                     [exampleSDID@32473 iut=\"3\" eventSource=\"Application\" eventID=\"10\\]11\"][x@1] An application event";
        let message = Message::parse(third).unwrap();
        assert_eq!(message.elements["exampleSDID@32473"]["eventID"], "10]11");
        assert_eq!((message.elements.len(), message.text.as_str()), (2, "An application event"));
    }

    #[test]
    fn what_does_not_follow_the_grammar_is_none() {
        let good = "<110>1 2003-10-11T22:14:15.003Z host app 1 id - text";
        assert!(Message::parse(good).is_some());
        for (part, bad) in [
            ("<110>", "<192>"),
            ("<110>1", "<110>"),
            (".003Z", ".0030001Z"),
            ("Z ", " "),
            ("host", ""),
            ("id -", "id"),
            ("-", "[x"),
            (" - text", " [x a=\"]\"] text"),
            ("text", "t\u{e9}xt"),
        ] {
            let text = good.replacen(part, bad, 1);
            assert_eq!(Message::parse(&text), None, "{text}");
        }
    }

    #[test]
    fn frames_are_read_and_a_part_of_one_is_left_out() {
        let message = "<110>1 2003-10-11T22:14:15Z - - - - - x";
        let framed = format!("{0} {message}{0} {message}{0} <110", message.len());
        assert_eq!(Message::framed(framed.as_bytes()).len(), 2);
    }
}
