//! The provider directory: which services there are near a place, for whom, and when they are open.

use crate::{Casework, Outside, Result, Trouble};
use homeward_directory::{Listing, ListingKind, Search, Service, close, search};
use homeward_model::{Digest, Instant, Span};
use homeward_store::services::{Listing as Kept, Taken};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// How old what is remembered of the directory may be.
const FRESH: Span = Span::minutes(1);

/// The directory as it was read last.
#[derive(Default)]
pub(crate) struct Remembered(Mutex<Option<(Instant, Arc<Vec<Service>>)>>);

/// A service that was found, and how far it is, kilometres.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceFound {
    /// The service.
    pub service: Service,
    /// How far its nearest site is.
    pub km: Option<f64>,
}

impl Casework {
    /// Services that fit, the nearest first, from one place of the list on; and how many there are. Nobody has to sign in for
    /// that, and nothing is kept of who looked for what.
    pub async fn services(
        &self,
        wanted: &Search,
        now: Instant,
        (from, most): (usize, usize),
    ) -> Result<(usize, Vec<ServiceFound>)> {
        let all = self.directory(now).await?;
        let found = search(&all, wanted).map_err(Trouble::Invalid)?;
        let page = found.iter().skip(from).take(most);
        let page = page.map(|found| ServiceFound { service: found.service.clone(), km: found.km });
        Ok((found.len(), page.collect()))
    }

    async fn directory(&self, now: Instant) -> Result<Arc<Vec<Service>>> {
        let remembered = &self.0.services.0;
        if let Some((read, services)) = &*remembered.lock().unwrap_or_else(PoisonError::into_inner)
            && *read <= now
            && now < read.plus(FRESH)
        {
            return Ok(Arc::clone(services));
        }
        let listings = self.listings().await?;
        let services: Vec<Service> =
            listings.iter().filter_map(|listing| Service::of(listing, now)).collect();
        let services = Arc::new(services);
        *remembered.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&services)));
        Ok(services)
    }

    /// Every listing, without the addresses that are confidential now.
    pub async fn listings(&self) -> Result<Vec<Listing>> {
        let permitted = self.permitted().await?;
        let kept = self.store().listings().await?;
        let mut listings = Vec::with_capacity(kept.len());
        for one in kept {
            let Some(kind) = ListingKind::parse(&one.kind) else { continue };
            let mut listing = Listing::parse(kind, one.id, &one.body)
                .map_err(|broken| Trouble::Unavailable(format!("a listing cannot be read: {broken}")))?;
            close(&mut listing.body, &permitted);
            listings.push(listing);
        }
        Ok(listings)
    }

    /// Takes listings in; confidential addresses are not kept. Returns what became of them, and from how many an address was
    /// taken out.
    pub async fn take_listings(
        &self,
        outside: Outside<'_>,
        source: &str,
        listings: Vec<Listing>,
    ) -> Result<(Taken, usize)> {
        let permitted = self.permitted().await?;
        let mut closed = 0;
        let kept = listings.into_iter().map(|mut listing| {
            closed += usize::from(close(&mut listing.body, &permitted));
            let (kind, source) = (listing.kind.word().to_owned(), source.to_owned());
            Kept { id: listing.id, kind, source, body: listing.body.to_string() }
        });
        let kept = kept.collect();
        let taken = self.store().take_listings(outside, kept).await?;
        *self.0.services.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok((taken, closed))
    }

    /// Records the operator's written permission to show the address of a location.
    pub async fn permit_address(
        &self,
        outside: Outside<'_>,
        location: &str,
        given_by: &str,
        paper: Digest,
    ) -> Result<()> {
        Ok(self.store().permit_address(outside, location, given_by, paper).await?)
    }

    /// Withdraws that permission. `false` when there was none.
    pub async fn withdraw_address(&self, outside: Outside<'_>, location: &str) -> Result<bool> {
        Ok(self.store().withdraw_address(outside, location).await?)
    }

    async fn permitted(&self) -> Result<BTreeSet<String>> {
        let permissions = self.store().permitted_addresses().await?;
        Ok(permissions.into_iter().map(|permission| permission.location).collect())
    }
}
