/// Longest header that is looked at; what matters stands at its front.
const LONGEST_READ_BYTES: usize = 512;
const LONGEST: usize = 64;

/// A text that cannot be a device's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeviceNameError {
    /// Empty, more than 64 characters, or with a character that can't be seen.
    #[error("This is not a device's name; write 1 to 64 visible characters, such as Firefox on Windows.")]
    Malformed,
}

/// What a person would call the thing he signed in on: `Firefox on Windows`, `curl`, `Safari on iPhone`.
///
/// A guess from a header that anybody may forge: for showing to people, never for deciding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceName(String);

value!(DeviceName, DeviceNameError);

/// Browsers by what only they send. The order matters: most of them also claim to be Chrome, and Chrome to be Safari.
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

/// Systems by what only they send. The order matters: Android also says Linux, and an iPhone says Mac OS X.
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

/// Programs that name themselves first.
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
    /// What is shown when the header tells nothing.
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

    /// Reads a name that was kept.
    ///
    /// # Errors
    /// [`DeviceNameError::Malformed`] unless it is 1 to 64 visible characters.
    pub fn parse(text: &str) -> Result<Self, DeviceNameError> {
        let hidden = |c: char| c.is_control() || crate::value::is_invisible(c);
        let text = text.trim();
        if text.is_empty() || text.chars().count() > LONGEST || text.contains(hidden) {
            return Err(DeviceNameError::Malformed);
        }
        Ok(Self(text.to_owned()))
    }
}
