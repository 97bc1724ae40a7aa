//! The doors through which strangers' bytes come, one function each, with what must hold whatever the bytes are. The
//! fuzz targets call them; `tests/fuzz_corpus.rs` of the service calls them too, with every file kept here.
//!
//! What must hold everywhere: nothing panics, and every finding has its texts. What must hold most: what is good is what
//! somebody signed. No fuzzer can sign, so whatever passes must be what one of the seeds has signed; a difference in a
//! signed part that passes is a forgery.

mod bench;
mod containers;
mod ofd;
mod offline;
mod pdf;
mod replaced;
mod seals;
mod statements;
mod trust_list;
mod x509;

pub use containers::{cms, tsp_token};
pub use ofd::{ofd_package, ofd_xml};
pub use offline::{cose, offline_code, status_list};
pub use pdf::pdf;
pub use seals::{esl, ses_signature};
pub use statements::{statement, verifier_bundle};
pub use trust_list::trust_list;
pub use x509::x509_crl;

/// One door.
pub type Target = fn(&[u8]);

/// All of them by their names.
pub const TARGETS: [(&str, Target); 14] = [
    ("esl", esl),
    ("ses_signature", ses_signature),
    ("ofd_package", ofd_package),
    ("ofd_xml", ofd_xml),
    ("pdf", pdf),
    ("cms", cms),
    ("tsp_token", tsp_token),
    ("x509_crl", x509_crl),
    ("trust_list", trust_list),
    ("offline_code", offline_code),
    ("cose", cose),
    ("status_list", status_list),
    ("statement", statement),
    ("verifier_bundle", verifier_bundle),
];
