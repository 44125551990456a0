//! A page that is rendered and compressed once and served many times with a fresh id each.

use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress, Status};
use uuid::Uuid;

use crate::error::{Error, Result};

/// The id that the rendered page carries where each served one has its own.
pub const PLACE: Uuid = Uuid::from_u128(0x7d1c_e0a4_52b8_4c3f_9a60_1f8e_3b5d_2746);

const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff];

/// Head of a stored block of 36 bytes that is not the last: length, and its complement.
const STORED_ID: [u8; 5] = [0, 36, 0, 0xdb, 0xff];

/// A page around the place of its id, plain and ready for gzip.
#[derive(Debug)]
pub struct Page {
    prefix: Vec<u8>,
    suffix: Vec<u8>,
    packed_prefix: Vec<u8>,
    packed_suffix: Vec<u8>,
    crc_prefix: Hasher,
    crc_suffix: Hasher,
}

impl Page {
    /// Cuts a rendered page at [`PLACE`].
    ///
    /// # Errors
    /// Internal when the page does not hold the place exactly once, or cannot be compressed.
    pub fn new(html: &str) -> Result<Self> {
        let place = PLACE.to_string();
        let (prefix, suffix) = html
            .split_once(&place)
            .filter(|(_, suffix)| !suffix.contains(&place))
            .ok_or_else(|| Error::internal("the survey page does not hold its id once"))?;
        Ok(Self {
            packed_prefix: deflate(prefix.as_bytes(), FlushCompress::Sync)?,
            packed_suffix: deflate(suffix.as_bytes(), FlushCompress::Finish)?,
            crc_prefix: crc(prefix.as_bytes()),
            crc_suffix: crc(suffix.as_bytes()),
            prefix: prefix.into(),
            suffix: suffix.into(),
        })
    }

    /// The page with an id.
    pub fn plain(&self, id: Uuid) -> Vec<u8> {
        let mut text = Uuid::encode_buffer();
        [self.prefix.as_slice(), id.hyphenated().encode_lower(&mut text).as_bytes(), &self.suffix].concat()
    }

    /// The same as a gzip stream; only the checksum of the id is computed.
    pub fn gzip(&self, id: Uuid) -> Vec<u8> {
        let mut text = Uuid::encode_buffer();
        let id = id.hyphenated().encode_lower(&mut text).as_bytes();
        let mut crc = self.crc_prefix.clone();
        crc.update(id);
        crc.combine(&self.crc_suffix);
        let length = self.prefix.len().wrapping_add(id.len()).wrapping_add(self.suffix.len());
        // The size field holds the length modulo 2³².
        let length = u32::try_from(length & 0xffff_ffff).unwrap_or(u32::MAX);
        let trailer = [crc.finalize().to_le_bytes(), length.to_le_bytes()].concat();
        [GZIP_HEADER.as_slice(), &self.packed_prefix, &STORED_ID, id, &self.packed_suffix, &trailer].concat()
    }
}

fn crc(bytes: &[u8]) -> Hasher {
    let mut hasher = Hasher::new();
    hasher.update(bytes);
    hasher
}

/// Raw deflate; `Sync` ends on a byte boundary without ending the stream.
fn deflate(bytes: &[u8], flush: FlushCompress) -> Result<Vec<u8>> {
    let mut compress = Compress::new(Compression::best(), false);
    let mut packed = Vec::with_capacity(bytes.len().saturating_add(1024));
    let mut rest = bytes;
    loop {
        let before = compress.total_in();
        let status = compress.compress_vec(rest, &mut packed, flush).map_err(Error::internal)?;
        let taken = usize::try_from(compress.total_in() - before).map_err(Error::internal)?;
        rest = rest.get(taken..).unwrap_or_default();
        let has_room = packed.len() < packed.capacity();
        if status == Status::StreamEnd || (flush == FlushCompress::Sync && rest.is_empty() && has_room) {
            return Ok(packed);
        }
        packed.reserve(4096);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn the_gzip_stream_is_the_plain_page_whatever_the_id() {
        let page =
            Page::new(&format!("<p>{}</p><input value={PLACE}>Cảm ơn", "Hài lòng ".repeat(5000))).unwrap();
        for id in [Uuid::nil(), Uuid::max(), Uuid::new_v4()] {
            let mut text = Vec::new();
            flate2::read::GzDecoder::new(&*page.gzip(id)).read_to_end(&mut text).unwrap();
            assert_eq!(text, page.plain(id));
            assert!(String::from_utf8(text).unwrap().contains(&id.to_string()));
        }
    }

    #[test]
    fn a_page_without_one_place_is_refused() {
        assert!(Page::new("nothing").is_err());
        assert!(Page::new(&format!("{PLACE} {PLACE}")).is_err());
    }
}
