//! Which files of a crate name which others, and the circles among them. Read from the tokens of `mod`, `use` and paths
//! alone: enough for code that `rustfmt` has seen, without a compiler. That a module is made of its children, and names
//! them as such, is no arrow; what is named by `crate::` or `super::` is one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A module by its path from the crate's root, which is the empty one.
type Name = Vec<String>;

/// What one file says.
#[derive(Default)]
struct Module {
    children: Vec<(String, Option<String>)>,
    /// What names stand for here, by `use`.
    aliases: BTreeMap<String, Name>,
    globs: Vec<Name>,
    /// Every path from `crate` or `super` that is written here, but for what is only handed on (`pub use`).
    paths: Vec<Name>,
    defined: BTreeSet<String>,
}

/// The files of a crate that name each other in circles, each circle sorted by name, the largest first. What only tests
/// compile is not looked at.
pub fn circles(root: &Path) -> Vec<Vec<String>> {
    let mut modules = BTreeMap::new();
    read(root, Vec::new(), &mut modules);
    let arrows: BTreeMap<&Name, BTreeSet<&Name>> =
        modules.iter().map(|(name, module)| (name, named_by(name, module, &modules))).collect();
    let reached: BTreeMap<&Name, BTreeSet<&Name>> = arrows.keys().map(|name| (*name, reached(name, &arrows))).collect();
    let circle = |name: &Name| -> BTreeSet<&Name> {
        reached[name].iter().copied().filter(|other| reached[*other].contains(name)).collect()
    };
    let circles: BTreeSet<_> = arrows.keys().map(|name| circle(name)).filter(|circle| circle.len() > 1).collect();
    let mut circles: Vec<Vec<String>> =
        circles.into_iter().map(|circle| circle.into_iter().map(shown).collect()).collect();
    circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    circles
}

fn shown(name: &Name) -> String {
    if name.is_empty() { "crate".to_owned() } else { name.join("::") }
}

/// Every module that is reached by at least one arrow.
fn reached<'a>(from: &Name, arrows: &BTreeMap<&'a Name, BTreeSet<&'a Name>>) -> BTreeSet<&'a Name> {
    let (mut reached, mut ahead) = (BTreeSet::new(), vec![from]);
    while let Some(name) = ahead.pop() {
        for next in arrows.get(name).into_iter().flatten() {
            if reached.insert(*next) {
                ahead.push(next);
            }
        }
    }
    reached
}

/// Reads a file and those of its child modules.
fn read(file: &Path, name: Name, modules: &mut BTreeMap<Name, Module>) {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let module = parsed(&tokens(&text));
    let folder = file.parent().expect("a file stands in a folder");
    let own = ["lib.rs", "main.rs", "mod.rs"].iter().any(|own| file.ends_with(own));
    let below = if own { folder.to_owned() } else { file.with_extension("") };
    for (child, path) in &module.children {
        let candidates: Vec<PathBuf> = match path {
            Some(path) => vec![folder.join(path)],
            None => vec![below.join(format!("{child}.rs")), below.join(child).join("mod.rs")],
        };
        let found = candidates.iter().find(|path| path.exists());
        let found = found.unwrap_or_else(|| panic!("{}: no file for mod {child}", file.display()));
        read(found, [&name[..], std::slice::from_ref(child)].concat(), modules);
    }
    modules.insert(name, module);
}

/// The modules that a module names.
fn named_by<'a>(name: &Name, module: &Module, modules: &'a BTreeMap<Name, Module>) -> BTreeSet<&'a Name> {
    let found = module.paths.iter().filter_map(|path| resolved(name, path, modules, 0));
    found.filter(|found| *found != name).collect()
}

/// The module whose file holds what a path leads to, through whatever hands it on; none outside the crate.
fn resolved<'a>(from: &Name, path: &[String], modules: &'a BTreeMap<Name, Module>, depth: u8) -> Option<&'a Name> {
    let (mut at, mut rest) = (from.clone(), path);
    match path.first()?.as_str() {
        "crate" => (at, rest) = (Vec::new(), &path[1..]),
        "self" => rest = &path[1..],
        "super" => {
            while rest.first().is_some_and(|part| part == "super") {
                at.pop()?;
                rest = &rest[1..];
            }
        }
        first if !modules[from].has(first) => return None,
        _ => {}
    }
    inside(&at, rest, modules, depth)
}

fn inside<'a>(at: &Name, rest: &[String], modules: &'a BTreeMap<Name, Module>, depth: u8) -> Option<&'a Name> {
    let (here, module) = modules.get_key_value(at)?;
    let Some(first) = rest.first().filter(|_| depth < 32) else { return Some(here) };
    let child = [&at[..], std::slice::from_ref(first)].concat();
    if modules.contains_key(&child) {
        return inside(&child, &rest[1..], modules, depth + 1);
    }
    if let Some(target) = module.aliases.get(first).filter(|_| !module.defined.contains(first)) {
        let target = [target, &rest[1..]].concat();
        return resolved(at, &target, modules, depth + 1);
    }
    let by_glob = module.globs.iter().filter_map(|glob| resolved(at, glob, modules, depth + 1));
    Some(by_glob.into_iter().find(|glob| modules[*glob].defined.contains(first)).unwrap_or(here))
}

impl Module {
    fn names(&mut self, path: Name) {
        if path.first().is_some_and(|first| first == "crate" || first == "super") {
            self.paths.push(path);
        }
    }

    fn has(&self, name: &str) -> bool {
        self.children.iter().any(|(child, _)| child == name) || self.aliases.contains_key(name)
    }
}

/// Names, `::`, strings and single other characters; without comments, and without what `#[cfg(test)]` stands before.
fn tokens(text: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' => string(rest),
            'r' if rest.starts_with("r#\"") => rest[3..].find("\"#").map_or(rest.len(), |end| end + 5),
            '\'' => character(rest),
            ':' if rest.starts_with("::") => 2,
            _ if is_part(first) => rest.find(|c| !is_part(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        if !first.is_whitespace() && !token.starts_with("//") {
            found.push(token.to_owned());
        }
        rest = after;
    }
    without_tests(&found)
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

/// A character in quotes, or the quote of a lifetime.
fn character(text: &str) -> usize {
    let inner: Vec<char> = text.chars().skip(1).take(2).collect();
    match inner[..] {
        ['\\', _] => text[3..].find('\'').map_or(1, |end| end + 4),
        [c, '\''] => c.len_utf8() + 2,
        _ => 1,
    }
}

fn without_tests(tokens: &[String]) -> Vec<String> {
    const TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut kept, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        if tokens[at..].iter().take(TEST.len()).eq(TEST.iter()) {
            at = after_item(tokens, at + TEST.len());
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// Behind the `;` or the closing brace of what begins there.
fn after_item(tokens: &[String], from: usize) -> usize {
    let mut depth = 0_i32;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 && (token == ";" || token == "}") {
            return at + 1;
        }
    }
    tokens.len()
}

fn parsed(tokens: &[String]) -> Module {
    const DEFINING: [&str; 9] = ["struct", "enum", "fn", "trait", "type", "const", "static", "union", "mod"];
    let mut module = Module::default();
    let is_text = |at: usize, text: &str| tokens.get(at).is_some_and(|token| token == text);
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next = tokens.get(at + 1);
        if token == "mod" && is_text(at + 2, ";") {
            module.children.push((tokens[at + 1].clone(), path_attribute(&tokens[..at])));
        } else if token == "use" && next.is_some_and(|next| next != "<") {
            let end = at + tokens[at..].iter().position(|token| token == ";").expect("an import ends");
            let handed_on = at > 0 && (is_text(at - 1, "pub") || is_text(at - 1, ")"));
            import(&mut module, &tokens[at + 1..end], handed_on);
            at = end;
        } else if DEFINING.contains(&token.as_str()) {
            module.defined.extend(next.cloned());
        } else if next.is_some_and(|next| next == "::") && (at == 0 || !is_text(at - 1, "::")) {
            module.names(path_in(&tokens[at..]));
        }
        at += 1;
    }
    module
}

/// The value of `#[path = "…"]`, if these tokens end with one.
fn path_attribute(before: &[String]) -> Option<String> {
    let before = before.strip_suffix(&["pub".to_owned()]).unwrap_or(before);
    let [.., name, equals, value, bracket] = before else { return None };
    let is_path = name == "path" && equals == "=" && bracket == "]";
    is_path.then(|| value.trim_matches('"').to_owned())
}

/// The path that these tokens begin with.
fn path_in(tokens: &[String]) -> Name {
    let mut path: Name = Vec::new();
    for pair in tokens.chunks(2) {
        path.push(pair[0].clone());
        if pair.get(1).is_none_or(|token| token != "::") {
            break;
        }
    }
    path
}

/// Takes up all that one `use` imports.
fn import(module: &mut Module, tokens: &[String], handed_on: bool) {
    let mut tokens = tokens.iter().map(String::as_str).peekable();
    let mut prefixes: Vec<Name> = vec![Vec::new()];
    let mut path: Name = Vec::new();
    while let Some(token) = tokens.next() {
        match token {
            "::" => {}
            "{" => prefixes.push(path.clone()),
            "}" | "," => path = prefixes.last().cloned().unwrap_or_default(),
            "as" => drop(tokens.next()),
            part => path.push(part.to_owned()),
        }
        let alias = match tokens.peek() {
            Some(&"as") => tokens.clone().nth(1).map(str::to_owned),
            _ => None,
        };
        let ends = matches!(tokens.peek(), None | Some(&("," | "}" | "as")));
        if ends && is_part(token.chars().next().unwrap_or(' ')) || token == "*" {
            leaf(module, path.clone(), alias, handed_on);
        }
        if token == "}" {
            prefixes.pop();
            path = prefixes.last().cloned().unwrap_or_default();
        }
    }
}

fn leaf(module: &mut Module, mut path: Name, alias: Option<String>, handed_on: bool) {
    let Some(last) = path.last().cloned() else { return };
    if last == "*" || (last == "self" && path.len() > 1) {
        path.pop();
    }
    if !handed_on {
        module.names(path.clone());
    }
    if last == "*" {
        module.globs.push(path);
    } else if let Some(name) = alias.or_else(|| path.last().cloned()) {
        module.aliases.insert(name, path);
    }
}

/// A crate made up for a test: its files, and the circles in them.
#[cfg(test)]
mod tests {
    use super::*;

    fn circles_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for (file, text) in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().expect("it is below the folder")).expect("a folder can be made");
            fs::write(path, text).expect("a file can be written");
        }
        circles(&folder.path().join("lib.rs"))
    }

    #[test]
    fn files_that_name_each_other_round_about_are_a_circle() {
        let found = circles_of(&[
            ("lib.rs", "mod a;\nmod b;\nmod c;\nmod d;"),
            ("a.rs", "use crate::b::B;"),
            ("b.rs", "fn f() { super::c::g(); }"),
            ("c.rs", "use super::a::{self, A as Z};"),
            ("d.rs", "use crate::a;"),
        ]);
        assert_eq!(found, [["a", "b", "c"]]);
    }

    #[test]
    fn what_is_handed_on_is_named_where_it_stands() {
        let found = circles_of(&[
            ("lib.rs", "mod a;\nmod b;\npub use a::A;\npub use b::*;"),
            ("a.rs", "use crate::B;\npub struct A;"),
            ("b/mod.rs", "mod deep;\npub use deep::Deep;\npub struct B;"),
            ("b/deep.rs", "use crate::{A as Other, a::A};\npub struct Deep;"),
        ]);
        assert_eq!(found, Vec::<Vec<String>>::new());
        let found = circles_of(&[
            ("lib.rs", "mod a;\nmod b;\npub use a::A;\npub use b::Deep;"),
            ("a.rs", "use crate::Deep;\npub struct A;"),
            ("b/mod.rs", "mod deep;\npub use deep::Deep;"),
            ("b/deep.rs", "use crate::A;\npub struct Deep;"),
        ]);
        assert_eq!(found, [["a", "b::deep"]]);
    }

    #[test]
    fn a_module_is_made_of_its_children_without_a_circle_and_no_other_way() {
        let [own, a, b] =
            ["mod a;\nmod b;\npub struct Top;\nfn f() { a::f(); self::b::f(); }", "use crate::Top;", "use super::*;"];
        assert_eq!(circles_of(&[("lib.rs", own), ("a.rs", a), ("b.rs", b)]), Vec::<Vec<String>>::new());
        let own = "mod a;\nmod b;\nuse crate::{a::f, b};\npub struct Top;";
        assert_eq!(circles_of(&[("lib.rs", own), ("a.rs", a), ("b.rs", b)]), [["crate", "a", "b"]]);
    }

    #[test]
    fn tests_comments_and_strings_make_no_circle() {
        let found = circles_of(&[
            ("lib.rs", "mod a;\nmod b;"),
            ("a.rs", "use crate::b::B;\n#[cfg(test)]\nmod tests;\n#[cfg(test)]\nmod more { use crate::b::C; }"),
            ("b.rs", "// use crate::a;\n/// [`crate::a::A`]\nconst X: &str = \"\\\"crate::a\"; const C: char = '\"';"),
        ]);
        assert_eq!(found, Vec::<Vec<String>>::new());
    }

    #[test]
    fn a_module_elsewhere_is_followed() {
        let found = circles_of(&[
            ("lib.rs", "#[path = \"shared/deep.rs\"]\nmod a;\nmod b;"),
            ("shared/deep.rs", "use crate::b;"),
            ("b.rs", "use crate::a;"),
        ]);
        assert_eq!(found, [["a", "b"]]);
    }
}
