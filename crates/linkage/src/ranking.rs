//! Ordering findings by the chance of reaching a child.
