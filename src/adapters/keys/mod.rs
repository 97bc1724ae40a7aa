//! Signing keys in files, and the directory that `yinzheng keys init` makes.

mod key_file;
mod key_set;
mod software;
mod tls;

pub use key_file::{NotPrivate, Passphrase, PassphraseError, check_private};
pub use key_set::{AUTHORITIES, KeySet, KeySetError, NewKeySet, NewTlsServer, crl_address};
pub use software::{OpenError, SoftwareKeys};
pub use tls::{ServerKey, tls_server};

#[cfg(test)]
pub(crate) mod testing;
