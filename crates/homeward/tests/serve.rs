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
