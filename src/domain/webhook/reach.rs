//! Which addresses a webhook may lead to: an endpoint is somebody's text, and must not make the service knock at doors
//! that only it can reach (server-side request forgery).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where the service may connect to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Also to private addresses and loopback: for a service whose receivers live on an inner network.
    pub private: bool,
    /// Also to loopback, and there without TLS: for development.
    pub loopback: bool,
}

impl Reach {
    /// Whether a connection to `address` is allowed; `plain` is one without TLS.
    pub fn admits(self, plain: bool, address: IpAddr) -> bool {
        let address = address.to_canonical();
        if self.loopback && address.is_loopback() {
            return true;
        }
        !plain && (is_public(address) || (self.private && is_inner(address)))
    }
}

/// Whether an address is one of the public internet (IANA special-purpose registries, RFC 6890). Whatever is not known to
/// be is not.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    // This network, private, shared, loopback, link-local; protocols, documentation, 6to4 relays, benchmarks; multicast and
    // reserved.
    !matches!(
        (a, b, c),
        (0 | 10 | 127, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224.., ..)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // NAT64 leads to the IPv4 address that it ends with.
        [0x64, 0xFF9B, 0, 0, 0, 0, high, low] => {
            is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
        }
        // Protocol assignments with Teredo; documentation; 6to4, which would lead to an IPv4 address.
        [0x2001, 0..=0x01FF, ..] | [0x2001, 0x0DB8, ..] | [0x2002, ..] | [0x3FFF, ..] => false,
        // Only 2000::/3 is given out.
        [first, ..] => first & 0xE000 == 0x2000,
    }
}

/// Loopback and the addresses of inner networks. Link-local ones are not among them: there live the metadata services of
/// clouds, and no receiver.
fn is_inner(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            address.is_loopback() || address.is_private() || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(address) => address.is_loopback() || address.segments()[0] & 0xFE00 == 0xFC00,
    }
}
