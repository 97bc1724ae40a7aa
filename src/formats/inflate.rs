//! Unpacking what a stranger may have packed: never more than a stated size, nothing behind the end, no dictionary.

use flate2::{Decompress, FlushDecompress, Status};
use std::cell::RefCell;

/// Why a stream was not unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotInflated {
    /// No zlib header.
    #[error("not a zlib stream")]
    NotZlib,
    /// It asks for a dictionary that was agreed on elsewhere.
    #[error("asks for a dictionary")]
    Dictionary,
    /// It ends too early.
    #[error("cut short")]
    Truncated,
    /// Something stands behind its end.
    #[error("bytes behind the end")]
    Trailing,
    /// It unpacks to more than was stated.
    #[error("unpacks to more than stated")]
    TooLarge,
    /// Not a stream at all, or its checksum is wrong.
    #[error("damaged")]
    Damaged,
}

/// Unpacks a zlib stream (RFC 1950) of any level to at most `most` bytes.
pub fn zlib(packed: &[u8], most: usize) -> Result<Vec<u8>, NotInflated> {
    let [cmf, flg, ..] = packed else { return Err(NotInflated::Truncated) };
    // Method 8 with a window of at most 32 KiB, and the check of these two bytes (RFC 1950 §2.2). The level that the
    // second one claims means nothing.
    let sound = cmf & 0x0f == 8 && cmf >> 4 <= 7 && (u16::from(*cmf) << 8 | u16::from(*flg)) % 31 == 0;
    if !sound {
        return Err(NotInflated::NotZlib);
    }
    if flg & 0x20 != 0 {
        return Err(NotInflated::Dictionary);
    }
    run(&mut Decompress::new(true), packed, most)
}

/// Unpacks a bare deflate stream (RFC 1951), which has neither checksum nor dictionary, to at most `most` bytes.
pub fn raw(packed: &[u8], most: usize) -> Result<Vec<u8>, NotInflated> {
    thread_local! {
        // Its tables and its window are 40 kB; an offline code unpacks to half of one.
        static STREAM: RefCell<Decompress> = RefCell::new(Decompress::new(false));
    }
    STREAM.with_borrow_mut(|stream| {
        // Whatever became of the one before.
        stream.reset(false);
        run(stream, packed, most)
    })
}

fn run(stream: &mut Decompress, packed: &[u8], most: usize) -> Result<Vec<u8>, NotInflated> {
    // One byte more than may be, to see that there is more; grown by what comes, not by what is allowed.
    let mut out = Vec::with_capacity(most.min(packed.len().saturating_mul(4)) + 1);
    loop {
        let read = usize::try_from(stream.total_in()).map_err(|_| NotInflated::Damaged)?;
        let before = out.len();
        let status = stream
            .decompress_vec(&packed[read..], &mut out, FlushDecompress::None)
            .map_err(|_| NotInflated::Damaged)?;
        if out.len() > most {
            return Err(NotInflated::TooLarge);
        }
        let now = usize::try_from(stream.total_in()).map_err(|_| NotInflated::Damaged)?;
        match status {
            Status::StreamEnd if now == packed.len() => return Ok(out),
            Status::StreamEnd => return Err(NotInflated::Trailing),
            // Nothing taken and nothing given though there is room: it waits for bytes that are not there.
            _ if out.len() == before && now == read && out.len() < out.capacity() => {
                return Err(NotInflated::Truncated);
            }
            _ if out.len() == out.capacity() => {
                out.reserve_exact((most + 1 - out.len()).min(out.len().max(1024)));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use flate2::Compression;
    use std::io::Write;

    fn packed(bytes: &[u8], level: u32) -> Vec<u8> {
        let mut out = flate2::write::ZlibEncoder::new(Vec::new(), Compression::new(level));
        out.write_all(bytes).expect("in memory");
        out.finish().expect("in memory")
    }

    #[test]
    fn every_level_is_unpacked() {
        let bytes: Vec<u8> = (0..100_000_u32).map(|i| (i / 7 % 251) as u8).collect();
        for level in 0..=9 {
            assert_eq!(zlib(&packed(&bytes, level), bytes.len()).as_deref(), Ok(bytes.as_slice()), "{level}");
        }
        assert_eq!(zlib(&packed(b"", 6), 0), Ok(Vec::new()));
    }

    #[test]
    fn each_fault_has_its_name() {
        let bytes = vec![7; 100_000];
        let whole = packed(&bytes, 9);
        assert_eq!(zlib(&whole, bytes.len() - 1), Err(NotInflated::TooLarge));
        assert_eq!(zlib(&whole[..whole.len() - 1], bytes.len()), Err(NotInflated::Truncated));
        assert_eq!(zlib(&whole[..1], bytes.len()), Err(NotInflated::Truncated));
        assert_eq!(zlib(&whole[..2], bytes.len()), Err(NotInflated::Truncated));
        assert_eq!(zlib(&[&whole[..], &[0]].concat(), bytes.len()), Err(NotInflated::Trailing));
        assert_eq!(zlib(&[&whole[..], &whole[..]].concat(), bytes.len()), Err(NotInflated::Trailing));
        let mut twin = whole.clone();
        *twin.last_mut().expect("some bytes") ^= 1;
        assert_eq!(zlib(&twin, bytes.len()), Err(NotInflated::Damaged), "the checksum");
        assert_eq!(zlib(b"\x1f\x8b\x08\x00", 9), Err(NotInflated::NotZlib), "gzip");
        let dictionary = URL_SAFE_NO_PAD.decode("eLsADQAHYwQjAAAsAA0").expect("base64url");
        assert_eq!(zlib(&dictionary, 1 << 20), Err(NotInflated::Dictionary));
    }

    #[test]
    fn what_was_refused_before_changes_nothing() {
        let bare =
            |bytes: &[u8]| packed(bytes, 9)[2..].split_last_chunk::<4>().expect("a checksum").0.to_vec();
        let (good, large) = (bare(b"license license license"), bare(&[7; 100_000]));
        for broken in [&good[..good.len() - 1], &large[..], &[0xff; 9][..], &[][..], &large[..30]] {
            assert!(raw(broken, 1_000).is_err());
            assert_eq!(raw(&good, 1_000).as_deref(), Ok(&b"license license license"[..]));
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let bomb = packed(&vec![0; 10 << 20], 9);
        assert!(bomb.len() < 20_000);
        assert_eq!(zlib(&bomb, 1 << 10), Err(NotInflated::TooLarge));
        assert_eq!(raw(&bomb[2..bomb.len() - 4], 1 << 10), Err(NotInflated::TooLarge));
        assert_eq!(raw(&bomb[2..bomb.len() - 4], 10 << 20).map(|out| out.len()), Ok(10 << 20));
        assert_eq!(raw(&bomb[2..], 10 << 20), Err(NotInflated::Trailing));
        assert_eq!(raw(&[], 10), Err(NotInflated::Truncated));
    }
}
