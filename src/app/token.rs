//! Random secrets of sessions, invitations and API keys; only their hashes are stored.

use sha2::{Digest, Sha256};

use crate::domain::hex::{from_hex, hex};

/// 256 random bits, kept by whoever holds them alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl From<[u8; 32]> for Token {
    fn from(bits: [u8; 32]) -> Self {
        Self(bits)
    }
}

impl Token {
    /// A new token.
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        from_hex(text).and_then(|bytes| bytes.try_into().ok()).map(Self)
    }

    /// The text that is handed out.
    pub fn to_text(&self) -> String {
        hex(&self.0)
    }

    /// SHA-256 of the token: all that the database knows of it.
    pub fn hash(&self) -> String {
        hex(&Sha256::digest(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_its_hash_does_not_show_it() {
        let token = Token::random();
        assert!(Token::parse(&token.to_text()).is_some_and(|again| again == token));
        assert_ne!(token.hash(), token.to_text());
        assert!(Token::parse("12").is_none() && Token::parse("zz").is_none());
    }
}
