//! The writer in the background: it commits the entries of all reads that wait in one transaction.

use super::{Auditor, Head, entry::Entry};
use crate::connection::begin;
use crate::{Result, StoreError};
use sea_orm::DatabaseConnection;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};

/// Most entries in one transaction, and most that may wait.
const MOST: usize = 256;

struct Waiting {
    entry: Entry,
    done: oneshot::Sender<std::result::Result<(), String>>,
}

/// The way to the writer. It ends when the last clone is dropped.
#[derive(Clone)]
pub(crate) struct Group(mpsc::Sender<Waiting>);

impl Group {
    /// Starts the writer.
    pub(crate) fn start(
        connection: DatabaseConnection,
        auditor: Arc<Auditor>,
        turn: Arc<Mutex<()>>,
    ) -> Group {
        let (sender, mut receiver) = mpsc::channel::<Waiting>(MOST);
        tokio::spawn(async move {
            let mut group = Vec::with_capacity(MOST);
            while receiver.recv_many(&mut group, MOST).await > 0 {
                let (entries, waiting): (Vec<Entry>, Vec<_>) =
                    group.drain(..).map(|Waiting { entry, done }| (entry, done)).unzip();
                let outcome = {
                    let _turn = turn.lock().await;
                    commit(&connection, &auditor, &entries).await.map_err(|error| error.to_string())
                };
                if let Ok(head) = &outcome {
                    auditor.witness(head);
                }
                let outcome = outcome.map(|_| ());
                for done in waiting {
                    // A reader that went away waits for nothing.
                    let _ = done.send(outcome.clone());
                }
            }
        });
        Group(sender)
    }

    /// Returns once the entry is committed.
    pub(crate) async fn note(&self, entry: Entry) -> Result<()> {
        let gone = || StoreError::Audit("its writer has ended".to_owned());
        let (done, outcome) = oneshot::channel();
        self.0.send(Waiting { entry, done }).await.map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?.map_err(StoreError::Audit)
    }
}

async fn commit(connection: &DatabaseConnection, auditor: &Auditor, entries: &[Entry]) -> Result<Head> {
    auditor.ready()?;
    let transaction = begin(connection).await?;
    let head = auditor.append(&transaction, entries).await?;
    transaction.commit().await?;
    Ok(head)
}
