//! How the values of the model are kept: the values that several nouns share.

use crate::body::{Body, Broken, Read, enums, expected, ids, object, part, structs, texts, words};
use homeward_access::{Basis, Purpose, PurposeKind};
use homeward_model::{
    AgeAt, AgencyId, Area, Asked, AskedSystems, Associate, Authority, BirthDate, CaseId, Category, CheckId,
    CompartmentId, DateWindow, Digest, DraftId, EmailAddress, EventId, Grounds, InitiativeId, Instant,
    Judged, JudgedKind, JudgementId, LeadId, Matter, MemberId, MissingReportId, Need, NoteId, NoticeKind,
    OfficeId, OperationId, Ori, Pdq, PeriodId, PersonId, PhoneNumber, Photo, PlaceMention, Point, Priority,
    Provenance, RadiusKm, RecoveryFactId, RecoveryKind, RecoveryStep, ReferralId, ReportStatus, Role, Roles,
    Route, RowOffset, Selector, SelectorKind, Stamp, TaskForceId, TipId, Verdict, VictimId,
};
use serde_json::Value;

ids! {
    AgencyId CaseId CheckId CompartmentId DraftId EventId InitiativeId JudgementId LeadId MemberId MissingReportId OfficeId
    NoteId OperationId PeriodId PersonId RecoveryFactId ReferralId TaskForceId TipId VictimId
}
texts! { EmailAddress Grounds Ori PhoneNumber }
words! {
    Authority Category JudgedKind Matter Need NoticeKind Priority RecoveryKind RecoveryStep ReportStatus Role SelectorKind Verdict
}
structs! {
    Stamp { by, at }
    Route { office, agency, task_force, by_distance }
    Judged { kind, id }
    Purpose { kind, basis, reason }
    Asked { system, at }
    Point { lat, lon }
    PlaceMention { text, city, state, point }
    Photo { url, sha256, pdq, pdq_quality, path }
    Associate { name, phones, handles }
    Provenance { authority, file, offset, raw_sha256 }
}
enums! {
    AgeAt { Known(years), Between(least, most), UnknownPossiblyChild, UnknownAdult }
    Basis { Lead(lead), Case(case), Report(report) }
    PurposeKind { Investigation, Deconfliction, VictimService, Prosecution, Results, Administration, Audit }
    RowOffset { Line(number), Byte(number), Row(number) }
}

impl Body for Instant {
    fn write(&self) -> Value {
        Value::from(self.0)
    }

    fn read(value: &Value) -> Read<Self> {
        i64::read(value).map(Instant)
    }
}

impl Body for BirthDate {
    fn write(&self) -> Value {
        Value::String(self.to_string())
    }

    fn read(value: &Value) -> Read<Self> {
        let text = value.as_str().unwrap_or_default();
        let parts: Vec<i16> = text.split('-').filter_map(|part| part.parse().ok()).collect();
        let [year, month, day] = parts[..] else { return Err(expected("a birth date")) };
        BirthDate::new(year, month as i8, day as i8).map_err(|bad| Broken(bad.to_string()))
    }
}

impl Body for Digest {
    fn write(&self) -> Value {
        Value::String(self.hex())
    }

    fn read(value: &Value) -> Read<Self> {
        value.as_str().and_then(Digest::parse).ok_or_else(|| expected("a hash"))
    }
}

impl Body for Pdq {
    fn write(&self) -> Value {
        Value::String(self.to_string())
    }

    fn read(value: &Value) -> Read<Self> {
        value.as_str().and_then(Pdq::parse).ok_or_else(|| expected("a picture hash"))
    }
}

impl Body for DateWindow {
    fn write(&self) -> Value {
        object([("start", self.start().write()), ("end", self.end().write())])
    }

    fn read(value: &Value) -> Read<Self> {
        DateWindow::new(part(value, "start")?, part(value, "end")?).map_err(|bad| Broken(bad.to_string()))
    }
}

impl Body for Area {
    fn write(&self) -> Value {
        object([("centre", self.centre.write()), ("radius_km", self.radius.km().write())])
    }

    fn read(value: &Value) -> Read<Self> {
        let radius = RadiusKm::new(part(value, "radius_km")?).map_err(|bad| Broken(bad.to_string()))?;
        Ok(Area { centre: part(value, "centre")?, radius })
    }
}

impl Body for Roles {
    fn write(&self) -> Value {
        self.list().to_vec().write()
    }

    fn read(value: &Value) -> Read<Self> {
        Roles::new(Vec::read(value)?).map_err(|bad| Broken(bad.to_string()))
    }
}

impl Body for AskedSystems {
    fn write(&self) -> Value {
        self.list().to_vec().write()
    }

    fn read(value: &Value) -> Read<Self> {
        AskedSystems::new(Vec::read(value)?).map_err(|bad| Broken(bad.to_string()))
    }
}

/// A selector is kept by what it is; where it stood in a text is not.
impl Body for Selector {
    fn write(&self) -> Value {
        object([("kind", self.kind.write()), ("value", self.value.write()), ("raw", self.raw.write())])
    }

    fn read(value: &Value) -> Read<Self> {
        let (kind, raw) = (part(value, "kind")?, part(value, "raw")?);
        let value = part(value, "value")?;
        Ok(Selector { kind, value, raw, start: 0, end: 0, confidence: 1.0, common: None })
    }
}
