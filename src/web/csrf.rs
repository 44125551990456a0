//! Proof that a form was sent from a page of ours: a keyed hash of the session, masked anew each time.

use actix_web::http::header::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::config::Secret;
use crate::domain::hex::{from_hex, hex};
use crate::error::{Error, Result};

/// The expected proof of one session.
#[derive(Clone)]
pub struct Csrf([u8; 32]);

impl Csrf {
    /// The proof of the session with this token hash.
    ///
    /// # Errors
    /// Internal, should the hash refuse the key.
    pub fn of(secret: &Secret, token_hash: &str) -> Result<Self> {
        let mac = Hmac::<Sha256>::new_from_slice(&secret.derive("csrf")).map_err(Error::internal)?;
        Ok(Self(mac.chain_update(token_hash).finalize().into_bytes().into()))
    }

    /// The proof under a random mask, so that a compressed page does not give it away bit by bit.
    pub fn masked(&self) -> String {
        let pad: [u8; 32] = rand::random();
        hex(&pad) + &hex(&mix(&pad, &self.0))
    }

    /// Accepts what a form sent back, in constant time.
    ///
    /// # Errors
    /// Forbidden.
    pub fn check(&self, headers: &HeaderMap, sent: &str) -> Result<()> {
        same_site(headers)?;
        let bytes = from_hex(sent).filter(|bytes| bytes.len() == 64).ok_or(Error::Forbidden)?;
        let (pad, masked) = bytes.split_at(32);
        if bool::from(mix(pad, masked).as_slice().ct_eq(self.0.as_slice())) {
            Ok(())
        } else {
            Err(Error::Forbidden)
        }
    }
}

/// Refuses what a browser says it sends for another site.
///
/// # Errors
/// Forbidden.
pub fn same_site(headers: &HeaderMap) -> Result<()> {
    let crossing = headers.get("sec-fetch-site").is_some_and(|site| site.as_bytes() == b"cross-site");
    if crossing { Err(Error::Forbidden) } else { Ok(()) }
}

fn mix(one: &[u8], other: &[u8]) -> Vec<u8> {
    one.iter().zip(other).map(|(one, other)| one ^ other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_accepted_under_any_mask_and_not_from_another_session() {
        let folder = tempfile::tempdir().unwrap();
        let secret = Secret::load_or_create(&folder.path().join("secret")).unwrap();
        let (mine, other) = (Csrf::of(&secret, "a").unwrap(), Csrf::of(&secret, "b").unwrap());
        let mut headers = HeaderMap::new();
        assert_ne!(mine.masked(), mine.masked());
        assert!(mine.check(&headers, &mine.masked()).is_ok());
        assert!(mine.check(&headers, &other.masked()).is_err());
        assert!(mine.check(&headers, "").is_err());
        headers.insert("sec-fetch-site".parse().unwrap(), "cross-site".parse().unwrap());
        assert!(mine.check(&headers, &mine.masked()).is_err());
    }
}
