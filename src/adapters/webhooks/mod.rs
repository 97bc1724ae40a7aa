//! Messages to webhooks over HTTP.

mod guard;

use crate::domain::webhook::Reach;
use crate::ports::webhooks::{Answer, Message, SendError, Webhooks};
use guard::{AddressRefused, Guard};
use std::io::ErrorKind;
use std::time::Duration;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Error};

/// A receiver must be found, and take a connection, within this each.
const CONNECT: Duration = Duration::from_secs(5);
/// The whole of an attempt.
const WHOLE: Duration = Duration::from_secs(15);
/// Most of an answer's head that is read, in bytes. Its body is not read at all.
const HEAD: usize = 16 << 10;

/// Sends by HTTP/1.1, one connection a message.
pub struct HttpWebhooks {
    agent: Agent,
}

impl HttpWebhooks {
    /// A sender that connects within `reach` and trusts these roots (DER), or those that browsers trust.
    pub fn new(reach: Reach, roots: Option<Vec<Vec<u8>>>) -> Self {
        Self::within(reach, roots, CONNECT, WHOLE)
    }

    /// The same with other limits of time.
    pub fn within(reach: Reach, roots: Option<Vec<Vec<u8>>>, connect: Duration, whole: Duration) -> Self {
        let roots = roots.map_or(RootCerts::WebPki, |ders| {
            ders.iter().map(|der| Certificate::from_der(der).to_owned()).collect::<Vec<_>>().into()
        });
        let config = Agent::config_builder()
            // A proxy of the environment would connect in our place, past the guard.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_response_header_size(HEAD)
            // A connection that is kept may die between two messages, and a receiver would get one of them twice.
            .max_idle_connections(0)
            .max_idle_connections_per_host(0)
            .timeout_resolve(Some(connect))
            .timeout_connect(Some(connect))
            .timeout_global(Some(whole))
            .user_agent(concat!("yinzheng/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        Self { agent: Agent::with_parts(config, DefaultConnector::default(), Guard::new(reach)) }
    }
}

impl Webhooks for HttpWebhooks {
    fn send(&self, message: &Message) -> Result<Answer, SendError> {
        let sent = self
            .agent
            .post(&message.url)
            .header("Content-Type", "application/json")
            .header("Accept", "*/*")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", message.timestamp.to_string())
            .header("webhook-signature", &message.signature)
            .send(message.body.as_bytes());
        let response = sent.map_err(|why| what_failed(&why))?;
        let wish = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let retry_after = wish.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        Ok(Answer { status: response.status().as_u16(), retry_after })
    }
}

fn what_failed(why: &Error) -> SendError {
    match why {
        Error::Other(other) if other.is::<AddressRefused>() => SendError::AddressRefused,
        Error::Timeout(_) => SendError::Timeout,
        Error::Rustls(_) | Error::Tls(_) => SendError::Tls,
        Error::Protocol(_) | Error::Http(_) | Error::LargeResponseHeader(..) => SendError::Unreadable,
        Error::Io(io) => match io.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => SendError::Timeout,
            // rustls says so of a handshake that failed.
            ErrorKind::InvalidData => SendError::Tls,
            _ => SendError::Unreachable,
        },
        _ => SendError::Unreachable,
    }
}

#[cfg(test)]
mod tests;
