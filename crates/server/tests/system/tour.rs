//! The tour in README.md works as written: its commands are run in order, by bash, and their outputs compared.
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::place::{Kind, Place};
use crate::server::Server;

/// Stands in an expected output for whatever there may be.
const ANYTHING: char = '…';
const END_OF_STEP: &str = "--- end of a step ---";

/// Commands, and what they are said to print.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    commands: String,
    expected: String,
}

#[test]
fn the_tour_works_as_written() {
    let place = Place::on(Kind::Sqlite).with_default_limits();
    is_taken(&place, &place.start());
}

/// Takes it at a server that has started for the first time, with the limits that hold unless an operator sets others.
#[track_caller]
pub fn is_taken(place: &Place, server: &Server) {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md"));
    let readme = readme.expect("there is a README.md");
    let (_, tour) = readme.split_once("## Two minutes").expect("the tour has its heading");
    let steps = steps(tour);
    assert!(steps.len() >= 10, "the tour has lost its commands: {steps:?}");
    let out = server.out();
    let password = out.lines().find_map(|line| line.strip_prefix("password: ")).expect("the first start tells it");
    let outputs = walk(place, &steps, password);
    for (step, output) in steps.iter().zip(&outputs) {
        assert!(
            matches(&step.expected, output),
            "{}\nis to print\n{}\nand prints\n{output}",
            step.commands,
            step.expected
        );
    }
    assert_eq!(outputs.len(), steps.len());
}

/// Runs all steps in one shell, for they share its variables, and answers what each printed.
fn walk(place: &Place, steps: &[Step], password: &str) -> Vec<String> {
    let script: String = steps.iter().map(|step| format!("{}\necho; echo '{END_OF_STEP}'\n", step.commands)).collect();
    let script = script.replace("127.0.0.1:8000", &place.address().to_string());
    let script = script.replace("the password that the first start showed", password);
    let mut shell = place.prepared(Command::new("bash"), &["-eu", "-c", &script]);
    let path = std::env::var("PATH").expect("there is a PATH");
    shell.env("PATH", format!("{}:{path}", stand_in_for_cargo(place)));
    let done = shell.output().expect("bash can be started");
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success() && err.is_empty(), "{out}{err}");
    let end = format!("{END_OF_STEP}\n");
    out.split_terminator(&end).map(|output| output.trim_end().to_owned()).collect()
}

/// A folder with a `cargo` that runs what was built already.
fn stand_in_for_cargo(place: &Place) -> String {
    let folder = place.folder().join("bin");
    std::fs::create_dir(&folder).expect("a folder can be made");
    let script = format!(
        "#!/bin/sh\n[ \"$1 $2 $3\" = 'run --quiet --' ] && shift 3 && exec '{}' \"$@\"\n",
        env!("CARGO_BIN_EXE_doorward")
    );
    std::fs::write(folder.join("cargo"), script).expect("a file can be written");
    std::fs::set_permissions(folder.join("cargo"), PermissionsExt::from_mode(0o755)).expect("one's own file");
    folder.display().to_string()
}

/// A block of commands, with the block of its output where one follows at once.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("```") {
        let (language, after) = after.split_once('\n').expect("a fence ends its line");
        let (block, after) = after.split_once("```").expect("a block is closed");
        match (language, steps.last_mut()) {
            ("sh", _) => steps.push(Step { commands: block.to_owned(), expected: String::new() }),
            (_, Some(step)) if before.trim().is_empty() => block.trim_end().clone_into(&mut step.expected),
            _ => panic!("an output without its commands: {block}"),
        }
        rest = after;
    }
    steps
}

fn matches(expected: &str, output: &str) -> bool {
    let mut pieces = expected.split(ANYTHING);
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = output.strip_prefix(first) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    false
}

#[test]
fn an_ellipsis_stands_for_anything_and_nothing_else_does() {
    for (expected, output) in [("a", "a"), ("a…c", "abc"), ("…", ""), ("a…", "a\nb"), ("…b…", "abc"), ("", "")]
    {
        assert!(matches(expected, output), "{expected} {output}");
    }
    for (expected, output) in
        [("a", "ab"), ("a…c", "axy"), ("", "a"), ("…b…c", "acb"), ("a…b", "xab"), ("xy…yx", "xyx")]
    {
        assert!(!matches(expected, output), "{expected} {output}");
    }
}

#[test]
fn commands_and_their_outputs_are_found() {
    let text = "x\n```sh\na\n```\n```json\n{}\n```\ny\n```sh\nb\n```\nz";
    let step = |commands: &str, expected: &str| Step { commands: commands.into(), expected: expected.into() };
    assert_eq!(steps(text), [step("a\n", "{}"), step("b\n", "")]);
}
