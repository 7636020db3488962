//! A PostgreSQL of one's own: found on this machine, started in a temporary folder as an ordinary user, stopped at the end.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A running server; it stops when this is dropped.
pub struct Server {
    bin: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
    databases: std::cell::Cell<u32>,
}

/// Where `initdb` and `pg_ctl` are: on the path, or where Debian puts them.
fn found() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    debian.sort();
    debian
        .into_iter()
        .rev()
        .chain(on_path)
        .find(|bin| bin.join("initdb").exists() && bin.join("pg_ctl").exists())
}

/// A server, or `None` with a word on how to get one. With `REQUIRE_ALL` set its absence is a failure.
pub fn start() -> Option<Server> {
    let Some(bin) = found() else {
        assert!(
            std::env::var_os("REQUIRE_ALL").is_none(),
            "PostgreSQL is not found: `apt-get install postgresql`"
        );
        println!("skipped: PostgreSQL is not found; to run this too: `apt-get install postgresql`");
        return None;
    };
    let folder = tempfile::Builder::new().prefix("homeward-pg").tempdir().expect("a temporary folder");
    // A free port: bound for a moment, then given to the server.
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).unwrap().port();
    let server = Server { bin, folder, port, databases: std::cell::Cell::new(0) };
    if is_root() {
        let owner = Command::new("chown").arg("nobody").arg(server.folder.path()).status().unwrap();
        assert!(owner.success(), "the folder cannot be given to `nobody`");
    }
    server.run(
        "initdb",
        &["--auth=trust", "--username=homeward", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"],
        &[],
    );
    let options =
        format!("-p {port} -k {} -c listen_addresses=127.0.0.1 -c fsync=off", server.folder.path().display());
    server.run("pg_ctl", &["-w", "-l", &server.file("log"), "-o", &options, "-D"], &["start"]);
    Some(server)
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().map(|output| output.stdout).unwrap_or_default();
    id == b"0\n"
}

impl Server {
    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Runs one of its programs, as `nobody` when this is root, for they refuse root.
    fn run(&self, program: &str, before: &[&str], after: &[&str]) {
        let data = self.file("data");
        let arguments = before.iter().copied().chain([data.as_str()]).chain(after.iter().copied());
        let mut command = ordinary(&self.bin.join(program));
        let status = command.args(arguments).current_dir("/").stdout(Stdio::null()).status().unwrap();
        assert!(status.success(), "`{program}` failed");
    }

    /// The URL of a new, empty database.
    pub async fn database(&self) -> String {
        use sea_orm::{ConnectionTrait, Database};
        let number = self.databases.get() + 1;
        self.databases.set(number);
        let url = |name: &str| format!("postgres://homeward@127.0.0.1:{}/{name}", self.port);
        let connection = Database::connect(url("postgres")).await.unwrap();
        connection.execute_unprepared(&format!("CREATE DATABASE case{number}")).await.unwrap();
        url(&format!("case{number}"))
    }
}

fn ordinary(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(program);
    command
}

impl Drop for Server {
    fn drop(&mut self) {
        self.run("pg_ctl", &["-m", "immediate", "-D"], &["stop"]);
    }
}
