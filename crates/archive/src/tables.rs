//! The tables of a run beside its findings, as a reader asks them: the template of a posting, and why the selectors of a
//! network were held to be one owner's. Read once for a run; a run never changes.

use crate::Archive;
use crate::error::ArchiveError;
use homeward_model::key64;
use serde_json::Value;
use std::collections::HashMap;

/// A family of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateRow {
    /// Its name, `t-` and 16 hexadecimal digits.
    pub template: String,
    /// Postings written on it.
    pub postings: usize,
    /// Owners who use it.
    pub owners: usize,
}

/// Why two selectors were held to be one owner's.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkRow {
    /// One selector.
    pub left: String,
    /// The other.
    pub right: String,
    /// Weight in bits.
    pub bits: f64,
    /// Probability that they are one owner's, 0 to 1.
    pub probability: f64,
    /// What spoke for it, in words.
    pub evidence: Vec<String>,
}

/// The tables of one run.
#[derive(Debug, Default)]
pub struct RunTables {
    /// The run.
    pub run: String,
    templates: Vec<TemplateRow>,
    /// By the hash of a posting's id: an id takes more room than the rest of the table.
    of_posting: HashMap<u64, u32>,
    links: HashMap<String, Vec<LinkRow>>,
}

impl Archive {
    /// The tables of a run.
    pub fn open_tables(&self, run: &str) -> Result<RunTables, ArchiveError> {
        let templates = self.run_file(run, "templates.csv")?;
        let postings = self.run_file(run, "postings.csv")?;
        Ok(RunTables::read(run, &templates, &postings, &self.run_file(run, "links.jsonl")?))
    }
}

impl RunTables {
    fn read(run: &str, templates: &str, postings: &str, links: &str) -> RunTables {
        let mut tables = RunTables { run: run.to_owned(), ..RunTables::default() };
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        for line in templates.lines().skip(1) {
            let mut cells = line.split(',');
            let (Some(template), Some(postings), Some(owners)) = (cells.next(), cells.next(), cells.next())
            else {
                continue;
            };
            let (Ok(postings), Ok(owners)) = (postings.parse(), owners.parse()) else { continue };
            numbers.insert(template, tables.templates.len() as u32);
            tables.templates.push(TemplateRow { template: template.to_owned(), postings, owners });
        }
        for (id, template, _) in posting_rows(postings) {
            if let Some(number) = numbers.get(template) {
                tables.of_posting.insert(key64(unquoted(id).as_bytes()), *number);
            }
        }
        for line in links.lines() {
            if let Some((network, link)) = serde_json::from_str(line).ok().as_ref().and_then(link) {
                tables.links.entry(network).or_default().push(link);
            }
        }
        for links in tables.links.values_mut() {
            links.sort_by(|a, b| b.bits.total_cmp(&a.bits).then_with(|| a.left.cmp(&b.left)));
        }
        tables
    }

    /// The template of a posting; none when it is written on none.
    pub fn template(&self, posting: &str) -> Option<&TemplateRow> {
        let number = self.of_posting.get(&key64(posting.as_bytes()))?;
        self.templates.get(*number as usize)
    }

    /// The links of a network, the strongest first.
    pub fn links(&self, network: &str) -> &[LinkRow] {
        self.links.get(network).map_or(&[], Vec::as_slice)
    }
}

fn link(value: &Value) -> Option<(String, LinkRow)> {
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let evidence = value["evidence"].as_array().into_iter().flatten();
    let link = LinkRow {
        left: text("left")?,
        right: text("right")?,
        bits: value["bits"].as_f64()?,
        probability: value["probability"].as_f64()?,
        evidence: evidence.filter_map(|word| word.as_str().map(str::to_owned)).collect(),
    };
    Some((text("network")?, link))
}

/// Cell of the id, template and network of each posting of a run.
pub(crate) fn posting_rows(postings: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    postings.lines().skip(1).filter_map(|line| {
        // Template and network hold no comma; an id may.
        let mut cells = line.rsplitn(3, ',');
        let (network, template, id) = (cells.next()?, cells.next()?, cells.next()?);
        Some((id, template, network))
    })
}

/// A cell as it was before it was made safe for spreadsheets.
pub(crate) fn unquoted(cell: &str) -> String {
    let bare = cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"'));
    let text = bare.map_or_else(|| cell.to_owned(), |bare| bare.replace("\"\"", "\""));
    let formula = text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@', '\t', '\r']));
    formula.map_or_else(|| text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_answer_by_posting_and_by_network() {
        let templates = "template,postings,owners,copied\nt-01,3,2,true\nt-02,2,1,false\n";
        let postings = "id,template,network\na,t-01,n-1\n\"b,\"\"2\"\"\",t-02,n-1\n'=c,t-02,n-2\nd,,n-2\n";
        let links = concat!(
            "{\"left\":\"x\",\"right\":\"y\",\"network\":\"n-1\",\"bits\":2.5,\"probability\":0.9,\"evidence\":[\"same names\"]}\n",
            "{\"left\":\"x\",\"right\":\"z\",\"network\":\"n-1\",\"bits\":9.0,\"probability\":1.0,\"evidence\":[]}\n"
        );
        let tables = RunTables::read("r-1", templates, postings, links);
        let template =
            |id: &str| tables.template(id).map(|row| (row.template.as_str(), row.postings, row.owners));
        assert_eq!(template("a"), Some(("t-01", 3, 2)));
        assert_eq!(template("b,\"2\""), Some(("t-02", 2, 1)));
        assert_eq!(template("=c"), Some(("t-02", 2, 1)));
        assert_eq!(template("d"), None);
        let links: Vec<(&str, f64)> =
            tables.links("n-1").iter().map(|link| (link.right.as_str(), link.bits)).collect();
        assert_eq!(links, [("z", 9.0), ("y", 2.5)]);
        assert!(tables.links("n-2").is_empty());
    }
}
