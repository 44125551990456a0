//! Bytes to be downloaded, compressed once.

use std::io::Write;
use std::sync::OnceLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::domain::hex::hex;

/// A file with its hash, and the same packed.
pub struct Download {
    /// The file.
    pub bytes: Vec<u8>,
    /// SHA-256 of the file, as 64 hexadecimal digits.
    pub sha256: String,
    packed: OnceLock<Vec<u8>>,
}

impl Download {
    /// A file with its hash.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { sha256: hex(&Sha256::digest(&bytes)), bytes, packed: OnceLock::new() }
    }

    /// The file in the form of gzip; none where it cannot be packed.
    pub fn packed(&self) -> Option<&[u8]> {
        let packed = self.packed.get_or_init(|| self.pack().unwrap_or_default());
        (!packed.is_empty()).then_some(packed.as_slice())
    }

    fn pack(&self) -> std::io::Result<Vec<u8>> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&self.bytes)?;
        encoder.finish()
    }
}
