//! Passwords: made readable, hashed, compared, and what is asked of one that a person chooses.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};

use crate::error::{Error, FieldError, Result};
use crate::locale::Message;

/// Fewest characters of a password that a person chooses.
pub const PASSWORD_LENGTH: usize = 12;

/// Letters and digits that nobody mistakes for one another.
const READABLE: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// Random readable characters in `groups` of `length`, five bits less a trifle each.
pub fn readable(groups: usize, length: usize) -> String {
    let group = || (0..length).filter_map(|_| READABLE.get(rand::random_range(0..READABLE.len())));
    let groups = (0..groups).map(|_| group().copied().map(char::from).collect::<String>());
    groups.collect::<Vec<_>>().join("-")
}

/// A password shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimePassword(String);

impl OneTimePassword {
    /// 16 random readable characters in four groups: 79 bits.
    pub fn random() -> Self {
        Self(readable(4, 4))
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A password shown once, with the hash that is stored. Hashing takes a good part of a second: it is made before
/// a transaction begins, which nobody else may write beside.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The password.
    pub password: OneTimePassword,
    /// Its hash.
    pub(super) hash: String,
}

impl Issued {
    /// A random one.
    ///
    /// # Errors
    /// Internal, when the hash fails.
    pub fn random() -> Result<Self> {
        let password = OneTimePassword::random();
        Ok(Self { hash: hash(password.as_str())?, password })
    }
}

impl std::fmt::Debug for OneTimePassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OneTimePassword(…)")
    }
}

/// What is wrong with a password that a person of this login chooses; `current` is the one in force.
pub fn fault(new: &str, current: Option<&str>, login: &str) -> Option<FieldError> {
    let fits = (PASSWORD_LENGTH..=200).contains(&new.chars().count())
        && Some(new) != current
        && !new.to_lowercase().contains(login);
    let message = || Message::new("console.password.rule").with("length", PASSWORD_LENGTH);
    (!fits).then(|| FieldError::new("new", message()))
}

/// Argon2id with the crate's defaults (19 MiB, two passes) and a random salt.
///
/// # Errors
/// Internal, when the hash fails.
pub fn hash(password: &str) -> Result<String> {
    let hash: PasswordHash = Argon2::default().hash_password(password.as_bytes()).map_err(Error::internal)?;
    Ok(hash.to_string())
}

/// Whether a password fits a hash.
pub fn verify(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|stored| {
        Argon2::default().verify_password(password.as_bytes(), &stored).is_ok() && !password.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_time_password_is_readable_and_its_hash_fits_it_alone() {
        let (one, other) = (OneTimePassword::random(), OneTimePassword::random());
        let stored = hash(one.as_str()).unwrap();
        assert_eq!(one.as_str().replace('-', "").len(), 16);
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify(one.as_str(), &stored) && !verify(other.as_str(), &stored));
    }
}
