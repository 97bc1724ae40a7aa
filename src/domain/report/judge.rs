//! From facts to a report.
