//! Matching missing reports to networks and the persons advertised in them.
