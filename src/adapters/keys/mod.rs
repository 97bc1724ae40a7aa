//! Signing keys in files, and the directory that `yinzheng keys init` makes.

mod key_file;
mod key_set;
mod new_key_set;
mod new_root_crl;
mod new_tls_client;
mod new_tls_server;
mod one_key;
mod software;
mod tls;
mod tls_ca;
mod vault;

pub use key_file::{NotPrivate, Passphrase, PassphraseError, check_private};
pub use key_set::{AUTHORITIES, KeySet, KeySetError, KeySets, authority_name, crl_address, set_key};
pub use new_key_set::NewKeySet;
pub use new_root_crl::{NewRootCrl, Revoke, RootCrl, RootCrlError};
pub use new_tls_client::{ClientKey, NewTlsClient, TlsClient, TlsClientError};
pub use new_tls_server::NewTlsServer;
pub use one_key::OneKey;
pub use software::{OpenError, SoftwareKeys};
pub use tls::{ServerKey, tls_server};
pub use vault::KeyVault;

#[cfg(test)]
pub(crate) mod testing;
