//! What a finding rests on, beyond its reasons: the postings behind it, the text they share, and the links of their network.

use crate::finding::FindingView;
use crate::runs::blocking;
use crate::{Casework, Context, Result, Trouble};
use homeward_access::Act;
use homeward_archive::{Archive, Found, LinkRow, RunTables, TemplateRow};
use homeward_model::Posting;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

/// Postings that are read for one finding: more would not be read by a person either.
const READ: usize = 60;

/// Links of a network that are handed out.
const LINKS: usize = 12;

/// The text that most of a finding's postings are written on.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedText {
    /// The template.
    pub row: TemplateRow,
    /// Which of the postings are written on it, by their place in [`Evidence::postings`].
    pub postings: Vec<usize>,
}

/// What a finding rests on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Postings behind it, oldest first, those without a date last; at most 60.
    pub postings: Vec<Posting>,
    /// How many there are.
    pub total: usize,
    /// The text that most of them share, when two do.
    pub shared: Option<SharedText>,
    /// Links of its network, the strongest first; at most 12.
    pub links: Vec<LinkRow>,
    /// Links of its network in all.
    pub all_links: usize,
}

impl Casework {
    /// What a finding rests on. Leave is that of opening the finding, asked again for the postings.
    pub async fn evidence(&self, context: &Context<'_>, view: &FindingView) -> Result<Evidence> {
        let finding = &view.finding;
        let resource = self.resource_of_finding(view);
        let ids: Vec<String> = finding.postings.iter().take(READ).cloned().collect();
        if self.may(context, &resource, &[Act::View]).is_empty() {
            return Err(Trouble::Missing { noun: "finding" });
        }
        let mut postings = self.postings_named(ids).await?;
        postings.sort_by_key(|posting| (posting.seen_at().is_none(), posting.seen_at(), posting.id.clone()));
        let more = [("finding", finding.id.clone()), ("postings", postings.len().to_string())];
        self.store().permit(context, Act::View, &resource, None, &more).await?;
        let tables = self.tables(view.run.clone()).await?;
        let links = finding.network.as_deref().map_or(&[][..], |network| tables.links(network));
        Ok(Evidence {
            total: finding.postings.len(),
            shared: shared(&tables, &postings),
            links: links.iter().take(LINKS).cloned().collect(),
            all_links: links.len(),
            postings,
        })
    }

    /// Postings by the source's id; those that are no longer in the archive are absent.
    async fn postings_named(&self, ids: Vec<String>) -> Result<Vec<Posting>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let Some(reader) = self.runs().reader() else { return Ok(Vec::new()) };
        blocking(move || {
            let mut postings: Vec<Posting> = Vec::new();
            // A quotation mark cannot stand inside a query.
            for id in ids.iter().filter(|id| !id.contains('"')) {
                let Found { postings: found, .. } =
                    reader.search(&format!("id:\"{id}\""), 2).map_err(Trouble::Unavailable)?;
                postings.extend(found.into_iter().next());
            }
            Ok(postings)
        })
        .await?
    }

    /// The tables of a run, read once.
    async fn tables(&self, run: String) -> Result<Arc<RunTables>> {
        let this = self.clone();
        blocking(move || {
            let held = this.runs().tables.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(held) = held.filter(|held| held.run == run) {
                return Ok(held);
            }
            let tables = Arc::new(Archive::open_read(this.data())?.open_tables(&run)?);
            *this.runs().tables.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&tables));
            Ok(tables)
        })
        .await?
    }
}

/// The template on which most of these postings are written, when two are.
fn shared(tables: &RunTables, postings: &[Posting]) -> Option<SharedText> {
    let mut uses: HashMap<&str, (&TemplateRow, Vec<usize>)> = HashMap::new();
    for (at, posting) in postings.iter().enumerate() {
        if let Some(row) = tables.template(&posting.id) {
            uses.entry(&row.template).or_insert((row, Vec::new())).1.push(at);
        }
    }
    let most =
        uses.into_values().max_by(|a, b| a.1.len().cmp(&b.1.len()).then(b.0.template.cmp(&a.0.template)));
    let (row, postings) = most.filter(|(_, postings)| postings.len() > 1)?;
    Some(SharedText { row: row.clone(), postings })
}
