//! Sites for tests: one without a record, and one with a record in a folder of its own, people with their jobs, and a clock
//! that the test moves.

use crate::cookie::Cookie;
use crate::{Allowance, DemoAccount, Settings, Site, router};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Builder;
use axum::http::{HeaderMap, StatusCode};
use homeward_casework::rehearsal::{self as record, BEGIN};
use homeward_model::{AgencyId, Digest, Instant, Role};
use serde_json::Value;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tower::ServiceExt;

/// A form token as a browser would hold it.
pub(crate) const TOKEN: &str = "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e";

thread_local! {
    // A test and all that it asks for run on one thread.
    static CLOCK: Cell<i64> = const { Cell::new(BEGIN.0) };
    static DRAWN: Cell<u64> = const { Cell::new(0) };
}

/// The clock of the test's thread.
pub(crate) fn now() -> Instant {
    Instant(CLOCK.get())
}

/// Moves the clock on.
pub(crate) fn pass(seconds: i64) {
    CLOCK.set(CLOCK.get() + seconds * 1_000_000);
}

/// Bytes that look random, never the same twice in a test.
fn entropy(bytes: &mut [u8; 32]) {
    DRAWN.set(DRAWN.get() + 1);
    *bytes = Digest::of(&DRAWN.get().to_be_bytes()).0;
}

pub(crate) fn settings() -> Settings {
    let plenty = Allowance { burst: 100_000, per_minute: 100_000 };
    Settings { behind_proxy: false, demo: false, requests: plenty, writes: plenty }
}

/// A site without a record.
pub(crate) fn site() -> Site {
    Site { settings: settings(), casework: None, demo_accounts: Vec::new(), now, entropy }
}

/// A file of a folder, by its path in there.
type Kept = (PathBuf, Vec<u8>);

fn read_folder(root: &Path, folder: &Path, files: &mut Vec<Kept>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_folder(root, &path, files);
        } else {
            files.push((path.strip_prefix(root).unwrap().to_owned(), std::fs::read(&path).unwrap()));
        }
    }
}

/// Writes files into a folder.
pub(crate) fn write_folder(files: &[Kept], folder: &Path) {
    for (path, bytes) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// Makes a record on a thread of its own, does more with it, and gives the files of its folder.
pub(crate) fn files_of<F: Future<Output = ()>>(
    more: impl FnOnce(Recorded) -> F + Send + 'static,
) -> Vec<Kept> {
    let made = std::thread::spawn(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let record = record::Recorded::make(&record::sqlite(&path), &path).await;
            more(Recorded::over(record, None)).await;
            write_back(&path).await;
        });
        let mut files = Vec::new();
        read_folder(&path, &path, &mut files);
        files.retain(|(path, _)| !path.to_string_lossy().contains(".db-"));
        files
    });
    made.join().unwrap()
}

/// Moves what SQLite still keeps beside its file into it. Connections that close at the same time may each leave that to the
/// other.
async fn write_back(folder: &Path) {
    use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
    let around = Database::connect(record::sqlite(folder)).await.unwrap();
    let pragma = || Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
    while around.query_one_raw(pragma()).await.unwrap().unwrap().try_get_by_index::<i32>(0).unwrap() != 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    around.close().await.unwrap();
}

/// A site with a record: police agencies EAST and WEST, the desk, and what `homeward_casework::rehearsal` says of them.
pub(crate) struct Recorded {
    pub(crate) record: record::Recorded,
    pub(crate) app: Router,
    /// Removed when the site is dropped.
    _folder: Option<tempfile::TempDir>,
}

/// A fresh record. All are copies of one that is made once.
pub(crate) async fn recorded() -> Recorded {
    static MADE: OnceLock<Vec<Kept>> = OnceLock::new();
    recorded_from(MADE.get_or_init(|| files_of(async |_| ()))).await
}

/// A record from the files of another.
pub(crate) async fn recorded_from(files: &[Kept]) -> Recorded {
    let folder = tempfile::tempdir().unwrap();
    write_folder(files, folder.path());
    let record = record::Recorded::open(&record::sqlite(folder.path()), folder.path()).await;
    Recorded::over(record, Some(folder))
}

impl Recorded {
    pub(crate) fn over(record: record::Recorded, folder: Option<tempfile::TempDir>) -> Recorded {
        Recorded { app: app_over(&record, false), record, _folder: folder }
    }

    /// The same record behind another door.
    pub(crate) fn app_with(&self, demo: bool) -> Router {
        app_over(&self.record, demo)
    }

    /// Breaks the record: the database takes no entry of the audit trail any more.
    pub(crate) async fn shut(&self) {
        use sea_orm::{ConnectionTrait, Database};
        let around = Database::connect(record::sqlite(&self.record.data)).await.unwrap();
        around.execute_unprepared("ALTER TABLE audit_entry RENAME TO gone").await.unwrap();
    }

    /// Signs somebody in and gives the secret of the session.
    pub(crate) async fn sign_in(&self, agency: AgencyId, role: Role) -> String {
        self.record.session(now(), agency, role).await
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request) -> Answered {
        send_to(self.app.clone(), request).await
    }

    /// Opens a page, or below `/api` what a program gets.
    pub(crate) async fn get(&self, path: &str, session: &str) -> Answered {
        self.send(signed(Request::get(path), path, session).body(Body::empty()).unwrap()).await
    }

    /// Sends JSON to the API.
    pub(crate) async fn post(&self, path: &str, session: &str, body: &Value) -> Answered {
        let request = signed(Request::post(path), path, session).header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Fills in a form of a page and sends it.
    pub(crate) async fn fill(&self, path: &str, session: &str, fields: &[(&str, &str)]) -> Answered {
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", TOKEN)]).collect();
        let body = serde_urlencoded::to_string(fields).unwrap();
        self.send(signed(form(path), path, session).body(Body::from(body)).unwrap()).await
    }
}

fn app_over(record: &record::Recorded, demo: bool) -> Router {
    let analyst = DemoAccount {
        account: record::email(record::EAST, Role::Analyst),
        password: record::PASSWORD.to_owned(),
        job: Role::Analyst.word().to_owned(),
    };
    let settings = Settings { demo, ..settings() };
    let casework = Some(record.casework.clone());
    router(Site { settings, casework, demo_accounts: vec![analyst], ..site() })
}

/// Whose request it is; an empty session is nobody's.
fn signed(request: Builder, path: &str, session: &str) -> Builder {
    if session.is_empty() && path.starts_with("/api/") {
        return request;
    }
    if path.starts_with("/api/") {
        return request.header("authorization", format!("Bearer {session}"));
    }
    let cookie = |cookie: Cookie, value: &str| {
        let written = cookie.write(value, false, None).unwrap();
        written.to_str().unwrap().split(';').next().unwrap().to_owned()
    };
    let mut cookies = vec![cookie(Cookie::Csrf, TOKEN)];
    if !session.is_empty() {
        cookies.push(cookie(Cookie::Session, session));
    }
    request.header("cookie", cookies.join("; "))
}

/// An answer, read to its end.
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answered {
    /// A header's value, empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

pub(crate) async fn send_to(app: Router, request: Request) -> Answered {
    let (parts, body) = app.oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answered { status: parts.status, headers: parts.headers, body }
}

pub(crate) async fn send(request: Request) -> Answered {
    send_to(router(site()), request).await
}

pub(crate) async fn ask(app: Router, path: &str) -> Answered {
    send_to(app, Request::get(path).body(Body::empty()).unwrap()).await
}

pub(crate) async fn get(path: &str) -> Answered {
    ask(router(site()), path).await
}

/// A form on its way, without its cookie and body.
pub(crate) fn form(path: &str) -> Builder {
    Request::post(path)
        .header("host", "site.example.org")
        .header("content-type", "application/x-www-form-urlencoded")
}

/// A JSON body on its way.
pub(crate) fn api(path: &str, body: &str) -> Request {
    let request = Request::post(path).header("content-type", "application/json");
    request.body(Body::from(body.to_owned())).unwrap()
}
