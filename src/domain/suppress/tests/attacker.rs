#[derive(Default)]
pub struct Attacker;
