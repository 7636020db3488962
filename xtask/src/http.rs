//! A small HTTP/1.1 client for benchmarks and long tests: one connection, kept open, of one member.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// A member's way to a server.
pub struct Client {
    to: SocketAddr,
    session: String,
    connection: Option<BufReader<TcpStream>>,
}

impl Client {
    /// Without a session yet.
    pub fn new(to: SocketAddr) -> Client {
        Client { to, session: String::new(), connection: None }
    }

    /// Of a session that was opened before.
    pub fn with_session(to: SocketAddr, session: &str) -> Client {
        Client { session: session.to_owned(), ..Client::new(to) }
    }

    /// The same session over a new connection.
    pub fn again(&self) -> Client {
        Client::with_session(self.to, &self.session)
    }

    /// Opens a session.
    pub fn sign_in(&mut self, account: &str, password: &str, code: &str) -> Result<String> {
        let body = serde_json::json!({ "account": account, "password": password, "code": code });
        let answer = self.post("/api/v1/session", &body)?;
        ensure!(answer.status == 201, "`{account}` is not let in: {}", answer.status);
        let session = answer.json()["session"].as_str().context("the answer names no session")?.to_owned();
        self.session.clone_from(&session);
        Ok(session)
    }

    /// Reads.
    pub fn get(&mut self, path: &str) -> Result<Answer> {
        self.send("GET", path, "")
    }

    /// Writes.
    pub fn post(&mut self, path: &str, body: &Value) -> Result<Answer> {
        self.send("POST", path, &body.to_string())
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> Result<Answer> {
        let connection = if let Some(connection) = self.connection.take() {
            connection
        } else {
            let stream = TcpStream::connect(self.to)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(Duration::from_mins(1)))?;
            BufReader::new(stream)
        };
        let mut connection = connection;
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nhost: {}\r\naccept: application/json\r\n", self.to);
        if !self.session.is_empty() {
            let _ = write!(request, "authorization: Bearer {}\r\n", self.session);
        }
        if !body.is_empty() {
            let _ = write!(request, "content-type: application/json\r\ncontent-length: {}\r\n", body.len());
        }
        request += "\r\n";
        request += body;
        connection.get_mut().write_all(request.as_bytes())?;
        let (answer, open) = read(&mut connection)?;
        if open {
            self.connection = Some(connection);
        }
        Ok(answer)
    }
}

/// Reads an answer, and says whether the connection stays open.
fn read(connection: &mut BufReader<TcpStream>) -> Result<(Answer, bool)> {
    let mut line = String::new();
    connection.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.with_context(|| format!("`{}` is no answer", line.trim()))?;
    let (mut length, mut chunked, mut open) = (0, false, true);
    loop {
        line.clear();
        if connection.read_line(&mut line)? == 0 {
            bail!("the connection ended in the headers");
        }
        let header = line.trim().to_ascii_lowercase();
        let Some((name, value)) = header.split_once(':') else { break };
        match (name, value.trim()) {
            ("content-length", value) => length = value.parse()?,
            ("transfer-encoding", "chunked") => chunked = true,
            ("connection", "close") => open = false,
            _ => {}
        }
    }
    let mut body = Vec::new();
    if !chunked {
        body.resize(length, 0);
        connection.read_exact(&mut body)?;
        return Ok((Answer { status, body }, open));
    }
    loop {
        line.clear();
        connection.read_line(&mut line)?;
        let length = usize::from_str_radix(line.trim(), 16)?;
        let from = body.len();
        body.resize(from + length + 2, 0);
        connection.read_exact(&mut body[from..])?;
        body.truncate(from + length);
        if length == 0 {
            return Ok((Answer { status, body }, open));
        }
    }
}
