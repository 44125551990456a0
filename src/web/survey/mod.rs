//! The citizen's survey: from a printed code to an answer, without script, cookie or sign-in.

pub(super) mod cache;
pub mod preview;
mod reply;
mod show;
mod splice;
mod style;
mod submit;
mod view;
mod visit;
mod words;

#[cfg(test)]
mod tests;

pub use show::{show, thanks};
pub use submit::create;
