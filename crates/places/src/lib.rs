//! Where things are: cities, ZIPs, counties, agencies and field offices, distance and travel time.

/// A city of the embedded table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CityId(pub u32);

/// The embedded tables.
#[derive(Debug)]
pub struct Places {}

impl Places {
    /// The tables that this build carries.
    pub fn embedded() -> &'static Places {
        static PLACES: Places = Places {};
        &PLACES
    }
}
