//! The provider directory: which services there are, for whom, where and when, in the words of HSDS (the Human Services Data
//! Specification of Open Referral).
//!
//! A [`Listing`] holds an object of HSDS as it came, so that nothing is lost; [`Service`] is what a search and a page need of
//! it. Addresses that are confidential are taken out before anything is kept ([`close`]), and again before anything is shown.

mod confidential;
mod listing;
mod ohana;
mod search;
mod service;
mod tables;

pub use confidential::{close, is_closed};
pub use listing::{Listing, ListingKind, Refusal, read_json, read_tables};
pub use search::{Found, Hour, Search, search};
pub use service::{Capacity, Opening, Service, Site, Status};
pub use tables::{Table, Tables};
