//! The style inside the survey page, and the policy that lets this style in and nothing else.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

/// The style sheet as it stands in the page: without comments and indentation.
pub static CSS: LazyLock<String> =
    LazyLock::new(|| shorten(include_str!("../../../frontend/assets/css/survey.css")));

/// The content security policy of the survey pages.
pub static POLICY: LazyLock<String> = LazyLock::new(|| policy("'self'", "'none'"));

/// The policy of a preview: it sends nothing, and may stand in a frame of the console.
pub static PREVIEW_POLICY: LazyLock<String> = LazyLock::new(|| policy("'none'", "'self'"));

fn policy(forms: &str, frames: &str) -> String {
    let hash = BASE64_STANDARD.encode(Sha256::digest(CSS.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src 'self' data:; form-action {forms}; \
         base-uri 'none'; frame-ancestors {frames}"
    )
}

/// Comments in the file stand on lines of their own, and no declaration goes over two lines.
fn shorten(css: &str) -> String {
    css.lines().map(str::trim).filter(|line| !line.starts_with("/*")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_has_no_comment_and_cannot_end_its_element() {
        assert!(!CSS.contains("/*") && !CSS.contains('<') && !CSS.contains('\n'));
    }
}
