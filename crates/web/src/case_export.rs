//! What leaves an agency of a case: a release in the log first, then the case as CASE/UCO JSON-LD and a manifest with the hash
//! of each exported file. Victims go by number. The ids of the graph follow from the case's, so that the same version is the
//! same bytes.

use crate::case::{CASE, ReleaseView};
use crate::desk::{Desk, Sent, grounds, id, purpose_for};
use crate::layout::Did;
use crate::{Site, act, errors, view};
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use homeward_access::Kind;
use homeward_casework::{Held, Logged, Released, Trouble};
use homeward_model::{Case, CaseId, Digest, Exhibit, Instant, Mark, following};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of releases.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/cases/{id}/release", release);
    let routes = view(routes, "/cases/{id}/case.jsonld", jsonld);
    view(routes, "/cases/{id}/manifest", manifest)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(release, jsonld, manifest))]
pub(crate) struct Document;

/// To whom a case is given, why, and on what basis.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ReleaseBody {
    /// The version that was seen: that one is released.
    seen: i64,
    /// A uuid made by the client: the id of the release; sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the agency that receives it.
    receiver: String,
    /// Why.
    reason: String,
    /// On what basis the receiver needs to know.
    need_to_know: String,
    /// On what basis the receiver has a right to know.
    right_to_know: String,
}

/// Releases the version of a case that you saw to another agency. It is in the log before the files can be fetched.
#[utoipa::path(post, path = "/api/v1/cases/{id}/release", tag = "cases", params(("id" = String, Path)),
    request_body = ReleaseBody, responses(
    (status = 200, description = "the release", body = ReleaseView),
    errors::Refusals,
))]
pub(crate) async fn release(desk: Desk, Path(case): Path<String>, sent: Sent<ReleaseBody>) -> Response {
    let ReleaseBody { seen, request, receiver, reason, need_to_know, right_to_know } = sent.fields;
    let purpose = purpose_for(Kind::Case);
    let done = async {
        let case: CaseId = id(&case, CASE)?;
        let released = Released {
            id: desk.request(&request)?,
            receiver: receiver
                .trim()
                .parse()
                .map_err(|_| Trouble::invalid("choose the agency that receives it"))?,
            reason: grounds(&reason)?,
            need_to_know: grounds(&need_to_know)?,
            right_to_know: grounds(&right_to_know)?,
        };
        let (context, release) = (desk.context(&purpose), released.id);
        desk.casework.release_case(&context, case, seen, released).await?;
        Ok::<_, Trouble>(desk.casework.released_case(&context, case, Some(release)).await?.1)
    };
    match done.await {
        Ok(logged) => {
            desk.done(&ReleaseView::of(&desk, logged), &format!("/cases/{case}#released"), Did::CaseReleased)
        }
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}

/// Which release.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Id of the release; the newest when not said.
    #[serde(default)]
    release: String,
}

async fn released(desk: &Desk, case: &str, wanted: &Wanted) -> Result<(Held<Case>, Logged), Trouble> {
    let purpose = purpose_for(Kind::Case);
    let release: Option<CaseId> = match wanted.release.as_str() {
        "" => None,
        release => Some(id(release, "release")?),
    };
    let release = release.map(CaseId::bits);
    desk.casework.released_case(&desk.context(&purpose), id(case, CASE)?, release).await
}

/// A released case as CASE/UCO JSON-LD. Refused when the case was changed since it was released.
#[utoipa::path(get, path = "/api/v1/cases/{id}/case.jsonld", tag = "cases", params(("id" = String, Path), Wanted),
    responses(
    (status = 200, description = "the graph", content_type = "application/ld+json"),
    errors::Refusals,
))]
pub(crate) async fn jsonld(desk: Desk, Path(case): Path<String>, Query(wanted): Query<Wanted>) -> Response {
    match released(&desk, &case, &wanted).await {
        Ok((held, _)) => {
            let text = graph(&held.noun, &desk.who.agency(held.resource.owner));
            file("application/ld+json", "case.jsonld", text)
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// The hashes of what was exported.
#[derive(Serialize, ToSchema)]
struct ManifestView {
    /// The case.
    case: String,
    /// Its version.
    version: i64,
    /// The release.
    release: ReleaseView,
    /// The files.
    files: Vec<FileView>,
}

/// An exported file.
#[derive(Serialize, ToSchema)]
struct FileView {
    /// Its name.
    name: &'static str,
    /// What it is.
    media_type: &'static str,
    /// SHA-256 of its bytes.
    sha256: String,
    /// How many.
    bytes: usize,
}

/// The manifest of a released case: SHA-256 and size of each exported file.
#[utoipa::path(get, path = "/api/v1/cases/{id}/manifest", tag = "cases", params(("id" = String, Path), Wanted),
    responses(
    (status = 200, description = "the manifest", body = ManifestView),
    errors::Refusals,
))]
pub(crate) async fn manifest(desk: Desk, Path(case): Path<String>, Query(wanted): Query<Wanted>) -> Response {
    match released(&desk, &case, &wanted).await {
        Ok((held, logged)) => {
            let text = graph(&held.noun, &desk.who.agency(held.resource.owner));
            let manifest = ManifestView {
                case,
                version: held.version,
                release: ReleaseView::of(&desk, logged),
                files: vec![FileView {
                    name: "case.jsonld",
                    media_type: "application/ld+json",
                    sha256: Digest::of(text.as_bytes()).hex(),
                    bytes: text.len(),
                }],
            };
            let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
            file("application/json", "manifest.json", text)
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

fn file(kind: &'static str, name: &str, text: String) -> Response {
    let name = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)], text).into_response()
}

/// The prefixes of the graph. Ids of its nodes are our own.
const PREFIXES: [(&str, &str); 9] = [
    ("kb", "http://example.org/kb/"),
    ("case-investigation", "https://ontology.caseontology.org/case/investigation/"),
    ("uco-core", "https://ontology.unifiedcyberontology.org/uco/core/"),
    ("uco-action", "https://ontology.unifiedcyberontology.org/uco/action/"),
    ("uco-identity", "https://ontology.unifiedcyberontology.org/uco/identity/"),
    ("uco-observable", "https://ontology.unifiedcyberontology.org/uco/observable/"),
    ("uco-role", "https://ontology.unifiedcyberontology.org/uco/role/"),
    ("uco-types", "https://ontology.unifiedcyberontology.org/uco/types/"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// A graph under way.
struct Graph {
    case: u128,
    nodes: Vec<Value>,
}

impl Graph {
    /// The id of a node; the same words give the same id. CASE asks for a uuid at its end.
    fn id(&self, kind: &str, of: &str) -> String {
        let bits = following(self.case, Digest::of(of.as_bytes()).bits(), kind);
        // In the shape of version 5, which is made from names, too: the ontology knows none of the later versions.
        let shaped = (bits & !(0xf << 76) & !(0b11 << 62)) | (5 << 76) | (0b10 << 62);
        format!("kb:{kind}-{}", CaseId::from_bits(shaped))
    }

    fn reference(&self, kind: &str, of: &str) -> Value {
        json!({"@id": self.id(kind, of)})
    }

    /// A node with its properties. One that stands there already is not repeated.
    fn node(&mut self, kind: &str, of: &str, class: &str, properties: Value) -> Value {
        let id = self.id(kind, of);
        let reference = json!({"@id": id});
        if self.nodes.iter().all(|node| node["@id"] != id.as_str()) {
            self.nodes.push(self.part(kind, of, class, properties));
        }
        reference
    }

    /// The same as a part of another node.
    fn part(&self, kind: &str, of: &str, class: &str, properties: Value) -> Value {
        let mut node = Map::from_iter([
            ("@id".to_owned(), Value::String(self.id(kind, of))),
            ("@type".to_owned(), Value::String(class.to_owned())),
        ]);
        if let Value::Object(properties) = properties {
            node.extend(properties);
        }
        Value::Object(node)
    }

    /// Somebody, or a place, that held an exhibit.
    fn holder(&mut self, name: &str) -> Value {
        self.node("identity", name, "uco-identity:Identity", json!({"uco-core:name": name}))
    }

    /// A person in a role.
    fn person(&mut self, of: &str, name: &str, class: &str, role: &str) -> Value {
        let person = self.node("person", of, "uco-identity:Person", json!({"uco-core:name": name}));
        let role = self.node("role", role, class, json!({"uco-core:name": role}));
        let tie = json!({
            "uco-core:source": [person],
            "uco-core:target": role,
            "uco-core:kindOfRelationship": "has-role",
            "uco-core:isDirectional": true,
        });
        self.node("relationship", of, "uco-core:Relationship", tie);
        person
    }
}

fn moment(at: Instant) -> Value {
    json!({"@type": "xsd:dateTime", "@value": at.to_string()})
}

fn size(bytes: u64) -> Value {
    json!({"@type": "xsd:integer", "@value": bytes.to_string()})
}

/// A case as CASE/UCO JSON-LD.
fn graph(case: &Case, owner: &str) -> String {
    let mut graph = Graph { case: case.id.bits(), nodes: Vec::new() };
    let mut objects = Vec::new();
    objects.push(graph.node(
        "organization",
        "owner",
        "uco-identity:Organization",
        json!({"uco-core:name": owner}),
    ));
    for (subject, name) in &case.parts().subjects {
        let of = subject.person().to_string();
        objects.push(graph.person(&of, name, "case-investigation:Subject", "subject"));
    }
    for victim in &case.file().victims {
        let name = format!("Victim {}", victim.number);
        objects.push(graph.person(&name, &name, "uco-role:NeutralRole", "victim"));
    }
    for exhibit in &case.file().exhibits {
        objects.extend(exhibit_nodes(&mut graph, exhibit));
    }
    let charges = case.parts().charges.iter().map(|charge| charge.what.section.clone());
    let mut focus: Vec<String> = std::iter::once(case.predicate.crime.clone()).chain(charges).collect();
    focus.dedup();
    let investigation = json!({
        "uco-core:name": format!("case {}", case.id),
        "case-investigation:focus": focus,
        "uco-core:objectCreatedTime": moment(case.predicate.written.at),
        "uco-core:object": objects,
    });
    let of = case.id.to_string();
    let first = graph.part("investigation", &of, "case-investigation:Investigation", investigation);
    graph.nodes.insert(0, first);
    let context: Map<String, Value> =
        PREFIXES.into_iter().map(|(prefix, iri)| (prefix.to_owned(), Value::from(iri))).collect();
    let whole = json!({"@context": context, "@graph": graph.nodes});
    serde_json::to_string_pretty(&whole).unwrap_or_default()
}

/// An exhibit: what it is, its provenance record, its collection, and each hop of its chain as an action.
fn exhibit_nodes(graph: &mut Graph, exhibit: &Exhibit) -> Vec<Value> {
    let of = format!("exhibit {}", exhibit.number);
    let what = match &exhibit.what.mark {
        Mark::File { digest, bytes } => {
            let hash = graph.part(
                "hash",
                &of,
                "uco-types:Hash",
                json!({
                    "uco-types:hashMethod": "SHA256",
                    "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": digest.hex()},
                }),
            );
            let content = json!({"uco-observable:sizeInBytes": size(*bytes), "uco-observable:hash": [hash]});
            let facets = [
                graph.part(
                    "file-facet",
                    &of,
                    "uco-observable:FileFacet",
                    json!({"uco-observable:sizeInBytes": size(*bytes)}),
                ),
                graph.part("content-data-facet", &of, "uco-observable:ContentDataFacet", content),
            ];
            graph.node("file", &of, "uco-observable:File", json!({"uco-core:hasFacet": facets}))
        }
        Mark::Seal(number) => {
            graph.node("thing", &of, "uco-core:UcoObject", json!({"uco-core:name": format!("seal {number}")}))
        }
    };
    let collected = &exhibit.what.collected;
    let record = graph.node(
        "provenance-record",
        &of,
        "case-investigation:ProvenanceRecord",
        json!({
            "uco-core:description": [exhibit.what.description],
            "case-investigation:exhibitNumber": exhibit.number.to_string(),
            "uco-core:object": [what],
        }),
    );
    let authorization = graph.node(
        "authorization",
        &of,
        "case-investigation:Authorization",
        json!({
            "case-investigation:authorizationType": collected.authority.word(),
            "case-investigation:authorizationIdentifier": [collected.basis],
        }),
    );
    let performer = graph.holder(&collected.performer);
    let mut before = format!("{of} collected");
    let mut actions = vec![graph.node(
        "investigative-action",
        &before,
        "case-investigation:InvestigativeAction",
        json!({
            "uco-core:name": "collected",
            "uco-action:startTime": moment(collected.start),
            "uco-action:endTime": moment(collected.end),
            "uco-action:performer": performer,
            "case-investigation:relevantAuthorization": [authorization],
            "uco-action:result": [what, record],
        }),
    )];
    for (number, (hop, _)) in (1..).zip(exhibit.chain()) {
        let (from, to) = (graph.holder(&hop.from), graph.holder(&hop.to));
        let informed = graph.reference("investigative-action", &before);
        before = format!("{of} hop {number}");
        let mut about = vec![hop.purpose.clone()];
        about.extend(hop.resealed.as_ref().map(|seal| format!("opened, and sealed anew with {seal}")));
        let transfer = json!({
            "uco-core:name": "custody transferred",
            "uco-core:description": about,
            "uco-action:startTime": moment(hop.given),
            "uco-action:endTime": moment(hop.taken),
            "uco-action:performer": from,
            "uco-action:participant": [to],
            "case-investigation:wasInformedBy": [informed],
            "uco-action:object": [what, record],
        });
        actions.push(graph.node(
            "investigative-action",
            &before,
            "case-investigation:InvestigativeAction",
            transfer,
        ));
    }
    let mut nodes = vec![what, record, authorization];
    nodes.extend(actions);
    nodes
}
