//! Image files that postings name are hashed as the postings are taken in. Their bytes are read and dropped.

use crate::pdq::picture;
use anyhow::{Result, bail};
use homeward_images::Hashed;
use homeward_model::{Photo, Posting};
use rayon::prelude::*;
use std::path::Path;

/// Postings whose images are hashed together.
pub const TOGETHER: usize = 256;

/// What became of the image files.
#[derive(Clone, Copy, Debug, Default)]
pub struct Photos {
    /// Files that were hashed.
    pub hashed: u64,
    /// Files that could not be read as images; their postings are taken in without a hash.
    pub unread: u64,
}

impl Photos {
    /// Gives every image that has a path and no hash the hash and quality of its file; what cannot be read goes to `told`.
    ///
    /// A relative path counts from the folder of the file that names it, and does not lead out of it.
    pub fn hash(&mut self, postings: &mut [Posting], named_by: &Path, told: &mut dyn FnMut(anyhow::Error)) {
        let folder = named_by.parent().unwrap_or(Path::new(""));
        let mut wanted: Vec<&mut Photo> = postings
            .iter_mut()
            .flat_map(|posting| &mut posting.images)
            .filter(|photo| photo.pdq.is_none() && photo.path.is_some())
            .collect();
        let found: Vec<Result<Hashed>> = wanted
            .par_iter()
            .map(|photo| of_file(folder, photo.path.as_deref().unwrap_or_default()))
            .collect();
        for (photo, found) in wanted.iter_mut().zip(found) {
            match found {
                Ok(Hashed { pdq, quality }) => {
                    (photo.pdq, photo.pdq_quality) = (Some(pdq), Some(quality));
                    self.hashed += 1;
                }
                Err(error) => {
                    told(error);
                    self.unread += 1;
                }
            }
        }
    }
}

fn of_file(folder: &Path, path: &str) -> Result<Hashed> {
    let leads_out = Path::new(path).components().any(|part| matches!(part, std::path::Component::ParentDir));
    let file = folder.join(path);
    if leads_out {
        bail!("`{path}` leads out of its folder");
    }
    if !file.is_file() {
        bail!("`{}` is no file", file.display());
    }
    Ok(homeward_images::hash(&picture(&file)?))
}
