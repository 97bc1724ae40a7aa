//! Compressing streams. One compressor serves a whole file: setting one up costs as much as a small stream.

use flate2::{Compress, Compression, FlushCompress, Status};

/// For what is compressed once and copied into every file.
pub(super) const SMALL: u32 = 9;
/// For what is compressed for each file.
pub(super) const FAST: u32 = 1;

/// A compressor to use again and again.
pub(super) struct Deflate(Compress);

impl Deflate {
    /// With this level, 1 to 9.
    pub fn new(level: u32) -> Self {
        Self(Compress::new(Compression::new(level), true))
    }

    /// The data as a zlib stream (PDF's FlateDecode).
    pub fn run(&mut self, data: &[u8]) -> Vec<u8> {
        self.0.reset();
        let mut out = Vec::with_capacity(data.len() / 2 + 128);
        loop {
            let read = self.0.total_in() as usize;
            match self.0.compress_vec(&data[read..], &mut out, FlushCompress::Finish) {
                Ok(Status::StreamEnd) => return out,
                // Room ran out; deflate never makes data more than slightly longer.
                _ => out.reserve(data.len() / 2 + 128),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn what_is_compressed_comes_back() {
        let mut deflate = Deflate::new(FAST);
        let noise: Vec<u8> = (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for data in [&b""[..], b"a", &noise, &[7; 300_000]] {
            let packed = deflate.run(data);
            let mut back = Vec::new();
            flate2::read::ZlibDecoder::new(&packed[..]).read_to_end(&mut back).expect("a zlib stream");
            assert_eq!(back, data);
        }
    }
}
