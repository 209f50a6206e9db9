//! What the binary does as a process: exit codes, the two outputs, and readers who go away.

use std::io::Read;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The binary in an empty folder with an empty environment.
struct Program {
    folder: TempDir,
}

impl Program {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder can be made") }
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
        command.args(line.split_whitespace()).env_clear().current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, line: &str) -> Output {
        self.command(line).output().expect("the binary can be started")
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("what is printed is UTF-8")
}

#[test]
fn good_settings_end_with_0_and_bad_ones_with_1() {
    let program = Program::new();
    assert_eq!(program.run("config check").status.code(), Some(0));
    let refused = program.command("config check").env("DOORWARD_HTTP__BIND", "x").output().unwrap();
    assert_eq!((refused.status.code(), text(&refused.stdout)), (Some(1), String::new()));
    let said = text(&refused.stderr);
    assert!(
        said.starts_with("error: one setting can't be used:\n  http.bind (environment variable DOORWARD_HTTP__BIND)"),
        "{said}"
    );
}

#[test]
fn faults_as_json_stand_on_standard_output_and_end_with_1() {
    let refused =
        Program::new().command("config check --output json").env("DOORWARD_HTTP__BIND", "x").output().unwrap();
    assert_eq!((refused.status.code(), text(&refused.stderr)), (Some(1), String::new()));
    let answer: serde_json::Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!((&answer["ok"], &answer["faults"][0]["key"]), (&false.into(), &"http.bind".into()));
}

#[test]
fn what_is_typed_wrongly_ends_with_2() {
    for line in [
        "nonsense",
        "config",
        "config check --nonsense",
        "completions",
        "completions tcsh",
        "--output xml config check",
    ] {
        let refused = Program::new().run(line);
        assert_eq!((refused.status.code(), text(&refused.stdout)), (Some(2), String::new()), "{line}");
        assert!(!refused.stderr.is_empty(), "{line}");
    }
}

#[test]
fn the_usual_file_is_read_from_the_working_directory() {
    let program = Program::new();
    std::fs::write(program.folder.path().join("doorward.toml"), "passwords.min_length = 20").unwrap();
    let shown = text(&program.run("config show").stdout);
    assert!(shown.contains("min_length = 20  # file doorward.toml\n"), "{shown}");
}

#[test]
fn every_shell_gets_a_script() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = Program::new().run(&format!("completions {shell}"));
        assert!(script.status.success() && text(&script.stdout).contains("doorward"), "{shell}");
    }
}

#[test]
fn a_reader_who_goes_away_causes_no_panic_and_no_failure() {
    for line in ["config docs", "config show", "completions bash", "config docs --output json"] {
        let program = Program::new();
        let mut running = program.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(running.stdout.take());
        let mut said = String::new();
        running.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((running.wait().unwrap().code(), said.as_str()), (Some(0), ""), "{line}");
    }
}

#[test]
fn nothing_is_coloured_when_it_is_not_read_by_a_terminal() {
    for line in ["--help", "nonsense", "config check --config missing.toml"] {
        let answer = Program::new().run(line);
        assert!(!text(&[answer.stdout, answer.stderr].concat()).contains('\u{1b}'), "{line}");
    }
}
