//! Template families: near-duplicate texts, found by shared rare phrases and scored by how much of each covers the other.
