//! Telling others what happened: one signed message (Standard Webhooks) to one address.

use std::time::Duration;

/// A message as it goes out.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Where to.
    pub url: String,
    /// `webhook-id`: the event's identifier.
    pub id: String,
    /// `webhook-timestamp`: seconds since 1970-01-01.
    pub timestamp: i64,
    /// `webhook-signature`: one signature or several, separated by spaces.
    pub signature: String,
    /// The body, JSON.
    pub body: String,
}

/// What the receiver said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After`, where it is a number of seconds.
    pub retry_after: Option<Duration>,
}

/// Why there was no answer. Says nothing of what the other side sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The address, or one that its name leads to, is one where the service may not connect to; nothing was sent.
    #[error("the address is not allowed")]
    AddressRefused,
    /// Nobody is there.
    #[error("the receiver is out of reach")]
    Unreachable,
    /// It took too long.
    #[error("the receiver took too long")]
    Timeout,
    /// No TLS could be agreed on, or its X.509 certificate is not trusted.
    #[error("no TLS with the receiver")]
    Tls,
    /// What came back is no HTTP.
    #[error("the receiver's answer cannot be read")]
    Unreadable,
}

impl SendError {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AddressRefused => "address-refused",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Tls => "tls",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Sends messages.
pub trait Webhooks: Send + Sync {
    /// Sends one by `POST` and waits for the status; redirects are not followed, and the answer's body is not read. Every
    /// address is checked when it is connected to, whatever its name led to before. Blocks, for some seconds at most.
    fn send(&self, message: &Message) -> Result<Answer, SendError>;
}
