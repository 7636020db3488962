//! A PostgreSQL of one's own: found on this machine, started in a temporary folder as an ordinary user, stopped at the end.
//! It writes through to the disk, as a real one does.

use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A running server; it stops when this is dropped.
pub struct Server {
    bin: PathBuf,
    folder: PathBuf,
    port: u16,
}

/// Where `initdb` and `pg_ctl` are: where Debian puts them, or on the path.
fn found() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    debian.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<PathBuf> = std::env::split_paths(&path).collect();
    debian
        .into_iter()
        .rev()
        .chain(on_path)
        .find(|bin| bin.join("initdb").exists() && bin.join("pg_ctl").exists())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

impl Server {
    /// Starts one in a new folder, with an empty database.
    pub fn start(folder: PathBuf) -> Result<Server> {
        let bin = found().context("PostgreSQL is not found: `apt-get install postgresql`")?;
        std::fs::create_dir_all(&folder)?;
        // A free port: bound for a moment, then given to the server.
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = Server { bin, folder, port };
        if is_root() {
            let given = Command::new("chown").arg("nobody").arg(&server.folder).status()?;
            ensure!(given.success(), "the folder cannot be given to `nobody`");
        }
        server.run(
            "initdb",
            &["--auth=trust", "--username=homeward", "--encoding=UTF8", "--locale=C", "-D"],
            &[],
        )?;
        let options = format!("-p {port} -k {} -c listen_addresses=127.0.0.1", server.folder.display());
        let log = server.folder.join("log").display().to_string();
        server.run("pg_ctl", &["-w", "-l", &log, "-o", &options, "-D"], &["start"])?;
        Ok(server)
    }

    /// The URL of its database.
    pub fn url(&self) -> String {
        format!("postgres://homeward@127.0.0.1:{}/postgres", self.port)
    }

    /// Runs one of its programs, as `nobody` when this is root, for they refuse root.
    fn run(&self, program: &str, before: &[&str], after: &[&str]) -> Result<()> {
        let mut command = ordinary(&self.bin.join(program));
        command.args(before).arg(self.folder.join("data")).args(after).current_dir("/").stdout(Stdio::null());
        ensure!(command.status()?.success(), "`{program}` failed");
        Ok(())
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
        if let Err(error) = self.run("pg_ctl", &["-m", "fast", "-D"], &["stop"]) {
            eprintln!("{error:#}");
        }
    }
}
