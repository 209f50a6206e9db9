//! The `settings!` macro: one place where a key gets its type, default, range and documentation.

use doorward_ports::SecretLines;

/// What stands in a key for the name of a block.
pub(crate) const PLACEHOLDER: &str = "NAME";

/// The definition of a key: the base of checks, of `config show` and of the reference page.
#[derive(Debug)]
pub struct Descriptor {
    /// The section: `http`.
    pub section: &'static str,
    /// The key inside its section: `bind`.
    pub name: &'static str,
    /// Section and key: `http.bind`; in a section of blocks, `providers.NAME.kind`.
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
    /// None: the key must be set.
    Required,
    /// None: the feature is off, or the program determines the value itself.
    Unset,
}

impl Descriptor {
    /// The environment variable of this key: `DOORWARD_HTTP__BIND`.
    pub fn variable(&self) -> String {
        let (before, after) = self.variable_around();
        if self.in_block() { format!("{before}{PLACEHOLDER}{after}") } else { before }
    }

    /// The key in the block of this name.
    pub(crate) fn key_in(&self, block: Option<&str>) -> String {
        let (before, after) = self.key_around();
        format!("{before}{}{after}", block.unwrap_or_default())
    }

    /// Whether it belongs to a block, so that the name of the block is part of it.
    pub(crate) fn in_block(&self) -> bool {
        self.key.len() > self.section.len() + 1 + self.name.len()
    }

    /// The key before and after the name of its block; outside of blocks, nothing is after it.
    pub(crate) fn key_around(&self) -> (String, String) {
        let Self { section, name, .. } = self;
        if self.in_block() {
            (format!("{section}."), format!(".{name}"))
        } else {
            (format!("{section}.{name}"), String::new())
        }
    }

    /// The environment variable, in the same two parts.
    pub(crate) fn variable_around(&self) -> (String, String) {
        let (before, after) = self.key_around();
        let spelled = |part: String| part.replace('.', "__").to_uppercase();
        (format!("{}{}", crate::PREFIX, spelled(before)), spelled(after))
    }

    /// How a value is written, with its range.
    pub fn format(&self) -> String {
        match self.range {
            Some((least, greatest)) => format!("{}, from {least} to {greatest}", self.format),
            None => self.format.to_owned(),
        }
    }
}

/// A section, with its keys.
#[derive(Debug)]
pub struct Section {
    /// The name: `http`.
    pub name: &'static str,
    /// Its description for operators.
    pub doc: &'static str,
    /// Its keys.
    pub keys: &'static [Descriptor],
    /// If it consists of blocks, each with a name and these keys: what is wrong with a name.
    pub(crate) blocks: Option<fn(&str) -> Option<String>>,
}

/// The key of this name in its section.
pub(crate) fn named(keys: &'static [Descriptor], name: &str) -> &'static Descriptor {
    keys.iter().find(|key| key.name == name).expect("every key that is read is described")
}

/// Creates the typed structs, the table of descriptors, and the code that reads them.
///
/// A key is `name: Type [least, greatest] = default;` where range and default may be missing, `=> "words"` describes a
/// default that follows from other keys, and `=> required` means that there is none. A key with a dot in its name is written
/// `name as "part.name"`.
///
/// A section after `blocks` has any number of blocks, `[section.NAME]`, each with these keys. The field of the settings is
/// what `build` makes of their names and keys.
macro_rules! settings {
    ($(
        $(#[doc = $about:literal])+
        $section:ident: $Section:ident $keys:tt
    )+
    blocks $(
        $(#[doc = $each:literal])+
        $blocks:ident[$Name:ty]: $Block:ident => $built:ty, $build:ident $block_keys:tt
    )+) => {
        /// Every setting of the service, checked.
        #[derive(Debug)]
        pub struct Settings {
            $($(#[doc = $about])+ pub $section: $Section,)+
            $($(#[doc = $each])+ pub $blocks: $built,)+
            effective: Vec<Effective>,
        }

        $(settings! { @keys [$(#[doc = $about])+] $Section, $section, "", $keys })+
        $(settings! { @keys [$(#[doc = $each])+] $Block, $blocks, "NAME.", $block_keys })+

        impl Settings {
            fn read(values: &mut Values) -> Option<Self> {
                $(let $section = $Section::read(values, None);)+
                $(let $blocks = values.read_blocks(stringify!($blocks), <$Name>::parse, $Block::read).map($build);)+
                let effective = std::mem::take(&mut values.effective);
                Some(Self { $($section: $section?,)+ $($blocks: $blocks?,)+ effective })
            }
        }

        static SECTIONS: &[Section] = &[
            $(Section {
                name: stringify!($section),
                doc: concat!($($about, "\n"),+),
                keys: $Section::KEYS,
                blocks: None,
            },)+
            $(Section {
                name: stringify!($blocks),
                doc: concat!($($each, "\n"),+),
                keys: $Block::KEYS,
                blocks: Some(|name| <$Name>::parse(name).err().map(|reason| reason.to_string())),
            },)+
        ];
    };
    (@keys [$($about:tt)+] $Section:ident, $section:ident, $block:literal, {
        $(
            $(#[doc = $doc:literal])+
            $name:ident $(as $dotted:literal)?: $type:ty
                $([$least:literal, $greatest:literal])? $(= $default:literal)? $(=> $words:tt)?;
        )+
    }) => {
        $($about)+
        #[derive(Debug)]
        pub struct $Section {
            $($(#[doc = $doc])+ pub $name: $type,)+
        }

        impl $Section {
            const KEYS: &[Descriptor] = &[$(
                Descriptor {
                    section: stringify!($section),
                    name: settings!(@name $name $($dotted)?),
                    key: concat!(stringify!($section), ".", $block, settings!(@name $name $($dotted)?)),
                    doc: concat!($($doc, "\n"),+),
                    default: settings!(@default $(= $default)? $(=> $words)?),
                    format: <$type as SettingValue>::FORMAT,
                    range: settings!(@range $($least, $greatest)?),
                    secret: <$type as SettingValue>::SECRET,
                    lines: <$type as SettingValue>::LINES,
                },
            )+];

            fn read(values: &mut Values, block: Option<&str>) -> Option<Self> {
                // All keys are read before the first missing one ends it, so that every fault is found.
                $(let $name = values.read::<$type>(named(Self::KEYS, settings!(@name $name $($dotted)?)), block);)+
                Some(Self { $($name: $name?,)+ })
            }
        }
    };
    (@name $name:ident) => { stringify!($name) };
    (@name $name:ident $dotted:literal) => { $dotted };
    (@default) => { DefaultValue::Unset };
    (@default = $text:literal) => { DefaultValue::Text($text) };
    (@default => required) => { DefaultValue::Required };
    (@default => $words:literal) => { DefaultValue::From($words) };
    (@range) => { None };
    (@range $least:literal, $greatest:literal) => { Some(($least, $greatest)) };
}
pub(super) use settings;
