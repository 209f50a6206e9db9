/// The longest header that is read; the important part is at its beginning.
const LONGEST_READ_BYTES: usize = 512;
const LONGEST: usize = 64;

/// A text that is not a name of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeviceNameError {
    /// It is empty, has more than 64 characters, or has an invisible character.
    #[error("This is not a device's name; write 1 to 64 visible characters, such as Firefox on Windows.")]
    Malformed,
}

/// A name of a device for people: `Firefox on Windows`, `curl`, `Safari on iPhone`.
///
/// It is a guess from a header that anybody can forge: show it to people, and never base a decision on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceName(String);

value!(DeviceName, DeviceNameError);

/// Browsers, by what only they send. The order matters: most of them also claim to be Chrome, and Chrome claims to be
/// Safari.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edge/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Trident/", "Internet Explorer"),
    ("Safari/", "Safari"),
];

/// Systems, by what only they send. The order matters: Android also says Linux, and an iPhone says Mac OS X.
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
    ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
];

/// Programs that begin the header with their name.
const PROGRAMS: &[(&str, &str)] = &[
    ("curl/", "curl"),
    ("Wget/", "Wget"),
    ("HTTPie/", "HTTPie"),
    ("xh/", "xh"),
    ("PostmanRuntime/", "Postman"),
    ("insomnia/", "Insomnia"),
    ("python-requests/", "Python"),
    ("python-httpx/", "Python"),
    ("Python-urllib/", "Python"),
    ("Python/", "Python"),
    ("okhttp/", "an Android or Java app"),
    ("Dart/", "a Flutter app"),
    ("Go-http-client/", "a Go program"),
    ("Java/", "a Java program"),
    ("node", "a Node.js program"),
    ("axios/", "a Node.js program"),
];

impl DeviceName {
    /// The name if the header gives none.
    pub const UNKNOWN: &'static str = "Unknown device";

    /// Guesses the device from a `User-Agent` header (RFC 9110 §10.1.5).
    #[must_use]
    pub fn from_user_agent(header: &str) -> Self {
        let header = &header[..header.floor_char_boundary(LONGEST_READ_BYTES)];
        let program = PROGRAMS.iter().find(|(mark, _)| header.starts_with(mark));
        let browser = BROWSERS.iter().find(|(mark, _)| header.contains(mark));
        let system = SYSTEMS.iter().find(|(mark, _)| header.contains(mark));
        Self(match (program, browser, system) {
            (Some((_, program)), ..) => (*program).to_owned(),
            (None, Some((_, browser)), Some((_, system))) => format!("{browser} on {system}"),
            (None, Some((_, name)), None) | (None, None, Some((_, name))) => (*name).to_owned(),
            (None, None, None) => Self::UNKNOWN.to_owned(),
        })
    }

    /// Reads a stored name.
    ///
    /// # Errors
    /// [`DeviceNameError::Malformed`] unless it has 1 to 64 visible characters.
    pub fn parse(text: &str) -> Result<Self, DeviceNameError> {
        let hidden = |c: char| c.is_control() || crate::value::is_invisible(c);
        let text = text.trim();
        if text.is_empty() || text.chars().count() > LONGEST || text.contains(hidden) {
            return Err(DeviceNameError::Malformed);
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;

    const WEBKIT: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";

    fn named(header: &str) -> String {
        DeviceName::from_user_agent(header).to_string()
    }

    #[test]
    fn browsers_on_desktops_are_told_apart() {
        let windows = format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/126.0.0.0 Safari/537.36");
        assert_eq!(named(&windows), "Chrome on Windows");
        assert_eq!(named(&format!("{windows} Edg/126.0.0.0")), "Edge on Windows");
        assert_eq!(named(&format!("{windows} OPR/111.0.0.0")), "Opera on Windows");
        assert_eq!(named("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"), "Firefox on Linux");
        assert_eq!(
            named("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15"),
            "Safari on macOS"
        );
        assert_eq!(named(&format!("Mozilla/5.0 (X11; CrOS x86_64) {WEBKIT} Chrome/126.0")), "Chrome on ChromeOS");
    }

    #[test]
    fn browsers_on_phones_are_told_apart() {
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15";
        assert_eq!(named(&format!("{iphone} Version/17.5 Mobile/15E148 Safari/604.1")), "Safari on iPhone");
        assert_eq!(named(&format!("{iphone} CriOS/126.0 Mobile/15E148 Safari/604.1")), "Chrome on iPhone");
        let android = format!("Mozilla/5.0 (Linux; Android 14; SM-S921B) {WEBKIT}");
        assert_eq!(
            named(&format!("{android} SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36")),
            "Samsung Internet on Android"
        );
        assert_eq!(named("Mozilla/5.0 (Android 14; Mobile; rv:127.0) Firefox/127.0"), "Firefox on Android");
    }

    #[test]
    fn programs_go_by_their_own_name() {
        assert_eq!(named("curl/8.5.0"), "curl");
        assert_eq!(named("python-requests/2.32.3"), "Python");
        assert_eq!(named("okhttp/4.12.0"), "an Android or Java app");
    }

    #[test]
    fn what_tells_nothing_is_unknown() {
        assert_eq!(named(""), "Unknown device");
        assert_eq!(named("<script>alert(1)</script>"), "Unknown device");
        assert_eq!(named(&("é".repeat(300) + "Firefox/1")), "Unknown device");
        assert_eq!(named("Something (Windows NT 10.0)"), "Windows");
    }

    #[test]
    fn a_kept_name_is_1_to_64_visible_characters() {
        for text in ["", " ", "a\nb", "a\u{202e}b", &"a".repeat(65)] {
            assert_eq!(DeviceName::parse(text), Err(DeviceNameError::Malformed), "{text:?}");
        }
        assert_eq!(DeviceName::parse("Ann’s laptop").unwrap().as_str(), "Ann’s laptop");
    }

    proptest! {
        #[test]
        fn any_header_gives_a_name_that_can_be_kept(
            header in laws::texts("(Mozilla/5\\.0 )?\\((iPhone|Windows|Linux; Android|é{0,300})\\) (Edg|Chrome|FxiOS)/1"),
        ) {
            let name = DeviceName::from_user_agent(&header);
            prop_assert_eq!(DeviceName::parse(name.as_str()), Ok(name));
            laws::parsing_settles::<DeviceName>(&header)?;
        }
    }
}
