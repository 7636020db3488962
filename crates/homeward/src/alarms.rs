//! Alarms of a run told to those who must look: a rejected match that rests on more since.

use crate::record::outside;
use anyhow::Result;
use homeward_archive::Archive;
use homeward_model::{Finding, FindingKind, MissingReportId};
use homeward_store::Store;
use homeward_store::contradiction::Contradicted;

/// Tells of the alarms of the newest run.
pub async fn tell_of_run(store: &Store, archive: &Archive) -> Result<()> {
    let Some(run) = archive.latest_run() else { return Ok(()) };
    let findings = archive.open_findings(run)?;
    let mut alarms = Vec::new();
    for head in findings.heads.iter().filter(|head| head.kind == FindingKind::Contradiction) {
        alarms.extend(findings.read(&head.id)?.map(|(finding, _)| finding));
    }
    tell(store, &alarms).await
}

/// Tells of those findings that are alarms. Who was told of one is not told again.
pub async fn tell(store: &Store, findings: &[Finding]) -> Result<()> {
    for finding in findings.iter().filter(|finding| finding.kind == FindingKind::Contradiction) {
        let Some(report) = &finding.missing_report else { continue };
        let decision = finding.reasons.iter().find(|reason| reason.factor == "rejected");
        let alarm = Contradicted {
            finding: finding.id.clone(),
            report: report.parse().unwrap_or_else(|_| MissingReportId::of_text(report)),
            decision: decision.map(|reason| reason.left.clone()).unwrap_or_default(),
        };
        store.tell_of_contradiction(outside(), &alarm).await?;
    }
    Ok(())
}
