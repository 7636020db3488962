//! Which postings one owner placed.
