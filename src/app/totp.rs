//! Sign-in codes after RFC 6238 (SHA-1, six digits, 30 seconds): set up, used once, recovered from.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use chrono::Utc;
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;
use totp_rs::{Builder, Totp};

use super::passwords::readable;
use super::people::subject;
use crate::config::Secret;
use crate::db;
use crate::db::conn::Conn;
use crate::db::people::Person;
use crate::domain::hex::{from_hex, hex};
use crate::domain::ids::PersonId;
use crate::domain::person::Actor;
use crate::error::{Error, Result};
use crate::locale::Message;

/// Recovery codes that a person is given at a time.
pub const RECOVERY_CODES: usize = 10;

/// Bytes of the nonce in front of an encrypted secret.
const NONCE: usize = 12;

/// The secret that a telephone and the service share.
#[derive(Clone, PartialEq, Eq)]
pub struct Shared([u8; 20]);

impl Shared {
    /// 160 random bits, as RFC 4226 recommends.
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// Reads what [`Self::to_text`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let secret = totp_rs::Secret::try_from_base32(text).ok()?;
        secret.as_bytes().try_into().ok().map(Self)
    }

    /// 32 letters and digits in base 32, as authenticator apps take them.
    pub fn to_text(&self) -> String {
        totp_rs::Secret::from(self.0).to_base32()
    }

    fn codes(&self) -> Result<Totp> {
        Builder::new().with_secret(self.0).build().map_err(Error::internal)
    }

    /// The step of a code that fits now, or one step before or after.
    fn step(&self, code: &str) -> Result<Option<i64>> {
        let now = u64::try_from(Utc::now().timestamp()).map_err(Error::internal)?;
        self.codes()?.check(code, now).map(|step| i64::try_from(step).map_err(Error::internal)).transpose()
    }

    /// Nonce and ciphertext; bound to the person, so that it opens in no other row.
    fn seal(&self, secret: &Secret, person: PersonId) -> Result<String> {
        let nonce: [u8; NONCE] = rand::random();
        let payload = Payload { msg: &self.0, aad: &person.raw().to_be_bytes() };
        let sealed = cipher(secret).encrypt(&Nonce::from(nonce), payload).map_err(Error::internal)?;
        Ok(hex(&nonce) + &hex(&sealed))
    }

    fn open(sealed: &str, secret: &Secret, person: PersonId) -> Result<Self> {
        let broken = || Error::internal(format!("the sign-in secret of person {person} cannot be opened"));
        let bytes = from_hex(sealed).ok_or_else(broken)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or_else(broken)?;
        let payload = Payload { msg: sealed, aad: &person.raw().to_be_bytes() };
        let opened = cipher(secret).decrypt(&Nonce::from(*nonce), payload).map_err(|_| broken())?;
        opened.try_into().map(Self).map_err(|_| broken())
    }
}

fn cipher(secret: &Secret) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&Key::from(secret.derive("totp")))
}

/// What a person typed and what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// A code of the telephone.
    Code,
    /// A recovery code.
    Recovery,
}

/// Uses up the code or recovery code that a person typed, in a transaction that is kept.
///
/// # Errors
/// Invalid for a code that is wrong or was used before; internal when the secret cannot be opened; those
/// of the database.
pub fn take(conn: &mut Conn, secret: &Secret, person: &Person, typed: &str) -> Result<Taken> {
    // The row of the audit follows, and says what was taken.
    db::audit::reserve(conn)?;
    let wrong = || Error::invalid("code", Message::new("people.code-wrong"));
    let sealed = person.totp_secret.as_ref().ok_or_else(wrong)?;
    let code = plain(typed);
    if let Some(step) = Shared::open(sealed, secret, person.id)?.step(&code)? {
        return if db::totp::use_step(conn, person.id, step)? { Ok(Taken::Code) } else { Err(wrong()) };
    }
    if db::totp::use_recovery(conn, person.id, &recovery_hash(secret, person.id, &code)?)? {
        return Ok(Taken::Recovery);
    }
    Err(wrong())
}

/// A code without the spaces and hyphens by which people part it.
fn plain(typed: &str) -> String {
    typed.chars().filter(|one| one.is_ascii_alphanumeric()).map(|one| one.to_ascii_lowercase()).collect()
}

/// A keyed hash, so that whoever has only the database cannot try all 50 bits of a recovery code.
fn recovery_hash(secret: &Secret, person: PersonId, code: &str) -> Result<String> {
    let mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(&secret.derive("recovery")).map_err(Error::internal)?;
    let mac = mac.chain_update(person.raw().to_be_bytes()).chain_update(code);
    Ok(hex(&mac.finalize().into_bytes()))
}

fn own(conn: &mut Conn, actor: &Actor) -> Result<Person> {
    let Actor::Person { id, .. } = actor else {
        return Err(Error::Forbidden);
    };
    db::people::find(conn, *id)?.ok_or(Error::Unauthenticated)
}

/// Sets sign-in codes up once a code proves that the telephone has the secret; gives recovery codes.
///
/// # Errors
/// Invalid for a code that does not fit; conflict when they are set up; those of the database.
pub fn confirm(
    conn: &mut Conn,
    secret: &Secret,
    actor: &Actor,
    shared: &Shared,
    typed: &str,
) -> Result<Vec<String>> {
    let person = own(conn, actor)?;
    if person.totp_secret.is_some() {
        return Err(Error::Conflict(Message::new("people.totp-before")));
    }
    let wrong = || Error::invalid("code", Message::new("people.code-wrong"));
    let step = shared.step(&plain(typed))?.ok_or_else(wrong)?;
    let sealed = shared.seal(secret, person.id)?;
    db::audit::insert(conn, actor, "totp.confirm", &subject(&person.login), &json!({}))?;
    db::totp::save(conn, person.id, &sealed, step, Utc::now().naive_utc())?;
    give_recovery(conn, secret, person.id)
}

/// Gives new recovery codes in place of the earlier ones, for a code.
///
/// # Errors
/// Those of [`take`].
pub fn renew_recovery(conn: &mut Conn, secret: &Secret, actor: &Actor, typed: &str) -> Result<Vec<String>> {
    let person = own(conn, actor)?;
    take(conn, secret, &person, typed)?;
    db::audit::insert(conn, actor, "totp.recovery", &subject(&person.login), &json!({}))?;
    give_recovery(conn, secret, person.id)
}

/// Takes one's own sign-in codes away, for a code: to set up another telephone.
///
/// # Errors
/// Those of [`take`].
pub fn remove(conn: &mut Conn, secret: &Secret, actor: &Actor, typed: &str) -> Result<()> {
    let person = own(conn, actor)?;
    take(conn, secret, &person, typed)?;
    db::totp::delete(conn, person.id)?;
    db::audit::insert(conn, actor, "totp.reset", &subject(&person.login), &json!({}))
}

fn give_recovery(conn: &mut Conn, secret: &Secret, person: PersonId) -> Result<Vec<String>> {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| readable(2, 5)).collect();
    let hashes: Vec<String> =
        codes.iter().map(|code| recovery_hash(secret, person, &plain(code))).collect::<Result<_>>()?;
    db::totp::replace_recovery(conn, person, &hashes)?;
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_secret_gives_the_codes_of_rfc_6238() {
        let shared = Shared(*b"12345678901234567890");
        assert_eq!(shared.codes().unwrap().generate(59).to_string(), "287082");
        assert_eq!(shared.codes().unwrap().generate(1_111_111_109).to_string(), "081804");
        assert!(Shared::parse(&shared.to_text()).is_some_and(|again| again == shared));
        assert!(Shared::parse("ABC").is_none() && Shared::parse("").is_none());
    }

    #[test]
    fn a_sealed_secret_opens_for_its_person_alone() {
        let folder = tempfile::tempdir().unwrap();
        let secret = Secret::load_or_create(&folder.path().join("secret")).unwrap();
        let shared = Shared::random();
        let sealed = shared.seal(&secret, PersonId::from(1)).unwrap();
        assert!(!sealed.contains(&hex(&shared.0)));
        assert!(Shared::open(&sealed, &secret, PersonId::from(1)).is_ok_and(|opened| opened == shared));
        assert!(Shared::open(&sealed, &secret, PersonId::from(2)).is_err());
        let other = Secret::load_or_create(&folder.path().join("other")).unwrap();
        assert!(Shared::open(&sealed, &other, PersonId::from(1)).is_err());
    }
}
