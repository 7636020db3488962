//! Who may do what to what, for which purpose.
