//! The style inside the survey page, and the policy that lets this style in and nothing else.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// The style sheet as it stands in the page: without comments and indentation.
pub static CSS: LazyLock<String> =
    LazyLock::new(|| shorten(include_str!("../../../frontend/assets/css/survey.css")));

/// The content security policy of the survey pages.
pub static POLICY: LazyLock<String> = LazyLock::new(|| policy("'self'", "'none'"));

/// The policy of a preview: it sends nothing, and may stand in a frame of the console.
pub static PREVIEW_POLICY: LazyLock<String> = LazyLock::new(|| policy("'none'", "'self'"));

fn policy(forms: &str, frames: &str) -> String {
    let hash = base64(&Sha256::digest(CSS.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src 'self' data:; form-action {forms}; \
         base-uri 'none'; frame-ancestors {frames}"
    )
}

/// Comments in the file stand on lines of their own, and no declaration goes over two lines.
fn shorten(css: &str) -> String {
    css.lines().map(str::trim).filter(|line| !line.starts_with("/*")).collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: [char; 64] = [
        'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T',
        'U', 'V', 'W', 'X', 'Y', 'Z', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n',
        'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', '0', '1', '2', '3', '4', '5', '6', '7',
        '8', '9', '+', '/',
    ];
    let digit = |bits: u32| usize::try_from(bits & 63).ok().and_then(|place| DIGITS.get(place)).copied();
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |place: usize| u32::from(chunk.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (place, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            text.push(if place > chunk.len() { '=' } else { digit(bits >> shift).unwrap_or('=') });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (plain, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), text);
        }
    }

    #[test]
    fn the_style_has_no_comment_and_cannot_end_its_element() {
        assert!(!CSS.contains("/*") && !CSS.contains('<') && !CSS.contains('\n'));
    }
}
