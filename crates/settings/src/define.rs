//! The `settings!` macro: one place where a key gets its type, default, range and documentation.

use doorward_ports::SecretLines;

/// The definition of a key: the base of checks, of `config show` and of the reference page.
#[derive(Debug)]
pub struct Descriptor {
    /// The section: `http`.
    pub section: &'static str,
    /// The key inside its section: `bind`.
    pub name: &'static str,
    /// Section and key: `http.bind`.
    pub key: &'static str,
    /// Its description for operators.
    pub doc: &'static str,
    /// The default.
    pub default: DefaultValue,
    /// The format of a value: "an IP address and port, such as `127.0.0.1:8000`".
    pub format: &'static str,
    /// The least and the greatest value allowed.
    pub range: Option<(&'static str, &'static str)>,
    /// Whether it is masked when shown, and can be given in a file.
    pub secret: bool,
    /// How many lines such a file may have.
    pub lines: SecretLines,
}

/// The default of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultValue {
    /// This value.
    Text(&'static str),
    /// A value that follows from other keys; the text describes how.
    From(&'static str),
    /// None: the feature is off, or the program determines the value itself.
    Unset,
}

impl Descriptor {
    /// The environment variable of this key: `DOORWARD_HTTP__BIND`.
    pub fn variable(&self) -> String {
        format!("{}{}__{}", crate::PREFIX, self.section, self.name).to_uppercase()
    }

    /// How a value is written, with its range.
    pub fn format(&self) -> String {
        match self.range {
            Some((least, greatest)) => format!("{}, from {least} to {greatest}", self.format),
            None => self.format.to_owned(),
        }
    }
}

/// The name and the description of a section.
#[derive(Debug)]
pub struct Section {
    /// The name: `http`.
    pub name: &'static str,
    /// Its description for operators.
    pub doc: &'static str,
}

/// Creates the typed structs, the table of descriptors, and the code that reads them.
///
/// A key is `name: Type [least, greatest] = default;` where range and default may be missing, and
/// `=> "words"` describes a default that follows from other keys.
macro_rules! settings {
    ($(
        $(#[doc = $about:literal])+
        $section:ident: $Section:ident {
            $(
                $(#[doc = $doc:literal])+
                $name:ident: $type:ty $([$least:literal, $greatest:literal])? $(= $default:literal)? $(=> $words:literal)?;
            )+
        }
    )+) => {
        /// Every setting of the service, checked.
        #[derive(Debug)]
        pub struct Settings {
            $($(#[doc = $about])+ pub $section: $Section,)+
            effective: Vec<Effective>,
        }

        $(
            $(#[doc = $about])+
            #[derive(Debug)]
            pub struct $Section {
                $($(#[doc = $doc])+ pub $name: $type,)+
            }

            impl $Section {
                fn read(values: &mut Values) -> Option<Self> {
                    // All keys are read before the first missing one ends it, so that every fault is found.
                    $(let $name = values.read::<$type>(concat!(stringify!($section), ".", stringify!($name)));)+
                    Some(Self { $($name: $name?,)+ })
                }
            }
        )+

        impl Settings {
            fn read(values: &mut Values) -> Option<Self> {
                $(let $section = $Section::read(values);)+
                Some(Self { $($section: $section?,)+ effective: std::mem::take(&mut values.effective) })
            }
        }

        static SECTIONS: &[Section] = &[
            $(Section { name: stringify!($section), doc: concat!($($about, "\n"),+) },)+
        ];

        static DESCRIPTORS: &[Descriptor] = &[$($(
            Descriptor {
                section: stringify!($section),
                name: stringify!($name),
                key: concat!(stringify!($section), ".", stringify!($name)),
                doc: concat!($($doc, "\n"),+),
                default: settings!(@default $(= $default)? $(=> $words)?),
                format: <$type as SettingValue>::FORMAT,
                range: settings!(@range $($least, $greatest)?),
                secret: <$type as SettingValue>::SECRET,
                lines: <$type as SettingValue>::LINES,
            },
        )+)+];
    };
    (@default) => { DefaultValue::Unset };
    (@default = $text:literal) => { DefaultValue::Text($text) };
    (@default => $words:literal) => { DefaultValue::From($words) };
    (@range) => { None };
    (@range $least:literal, $greatest:literal) => { Some(($least, $greatest)) };
}
pub(super) use settings;
