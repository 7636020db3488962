//! The server through its front door: it says when it is ready, answers, and stops when told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// A server running over a fresh folder, and where it listens.
fn start(
    folder: &tempfile::TempDir,
    arguments: &[&str],
) -> (Child, BufReader<std::process::ChildStdout>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_homeward"))
        .arg("--data")
        .arg(folder.path())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
    (child, out, address)
}

fn ask(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_server_answers_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, mut out, address) = start(&folder, &[]);
    assert!(ask(&address, "/healthz").ends_with(r#"{"status":"ok","record":"written"}"#));
    assert!(ask(&address, "/help").contains("1-888-373-7888"));
    assert!(ask(&address, "/api/v1/leads").starts_with("HTTP/1.1 401"));
    let told = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(told.success() && child.wait().unwrap().success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "stopped\n");
}

#[test]
fn a_busy_address_is_an_error_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, _, address) = start(&folder, &["--behind-proxy"]);
    assert!(ask(&address, "/tip").contains("strict-transport-security"));
    let second = Command::new(env!("CARGO_BIN_EXE_homeward"))
        .arg("--data")
        .arg(folder.path())
        .args(["serve", "--listen", &address])
        .output()
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.starts_with(&format!("error: failed to listen on `{address}`")), "{said}");
}

/// Runs a command over a folder and gives its exit code with what it said.
fn run(folder: &tempfile::TempDir, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_homeward"));
    let output = command.arg("--data").arg(folder.path()).args(arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[test]
fn a_demo_does_not_replace_what_another_process_serves() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("demo"), "a synthetic nation").unwrap();
    let (mut child, _, address) = start(&folder, &[]);
    let demo = ["demo", "--postings", "200", "--no-serve"];
    let (code, said) = run(&folder, &demo);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("is open in another process") && said.contains("hint: stop that process"),
        "{said}"
    );
    assert!(ask(&address, "/healthz").ends_with(r#"{"status":"ok","record":"written"}"#));
    child.kill().unwrap();
    child.wait().unwrap();
    let (code, said) = run(&folder, &demo);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn an_operator_releases_an_account_that_was_locked() {
    let folder = tempfile::tempdir().unwrap();
    let terms = folder.path().join("terms");
    std::fs::write(&terms, "signed").unwrap();
    let done = |arguments: &[&str]| {
        let (code, said) = run(&folder, arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
        said
    };
    let fails = |arguments: &[&str], because: &str| {
        let (code, said) = run(&folder, arguments);
        assert!(code == Some(1) && said.contains(because), "{arguments:?}: {said}");
    };
    done(&["migrate"]);
    let agency = ["agency", "add", "--ori", "NC0600100", "--name", "Example Police", "--kind", "police"];
    done(&[&agency[..], &["--terms", terms.to_str().unwrap()]].concat());
    let invite = ["account", "invite", "--email", "a.lee@example.org", "--agency", "NC0600100"];
    let named = |role, name| [&invite[..], &["--role", role, "--name", name]].concat();
    fails(&named("service partner", "A. Lee"), "`service partner` is no job of a police agency");
    fails(&named("administrator", "\u{200b}"), "the name must have 1 to 200 characters");
    done(&named("administrator", "A. Lee"));
    let (mut child, _, address) = start(&folder, &[]);
    let body = r#"{"account":"a.lee@example.org","password":"nope nope"}"#;
    for _ in 0..5 {
        let mut stream = TcpStream::connect(&address).unwrap();
        let head = format!("POST /api/v1/session HTTP/1.1\r\nhost: {address}\r\nconnection: close");
        let kind = format!("content-type: application/json\r\ncontent-length: {}", body.len());
        write!(stream, "{head}\r\n{kind}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    }
    let unlock = |email| ["account", "unlock", "--email", email, "--why", "called back at the desk"];
    fails(&unlock("nobody@example.org"), "there is no account with the address `nobody@example.org`");
    assert!(done(&unlock("a.lee@example.org")).contains("is released"));
    fails(&unlock("a.lee@example.org"), "cannot be unlocked");
    child.kill().unwrap();
    child.wait().unwrap();
}
