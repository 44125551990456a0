//! Chance from a seed alone: the same seed gives the same year on every machine.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt, SeedableRng};
use uuid::Uuid;

/// A source of chance.
#[derive(Debug, Clone)]
pub struct Dice(Xoshiro256PlusPlus);

impl Dice {
    /// The source for one purpose under a seed; purposes do not disturb each other.
    pub fn new(seed: u64, purpose: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ purpose))
    }

    /// A real number in [0, 1).
    pub fn unit(&mut self) -> f64 {
        self.0.random()
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A real number between two.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number from 0 to `end`, without `end`.
    pub fn below(&mut self, end: u32) -> u32 {
        if end == 0 { 0 } else { self.0.random_range(0..end) }
    }

    /// About normal with mean 0 and deviation 1: twelve uniform numbers.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// One of several, each as likely.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let end = u32::try_from(of.len()).ok()?;
        let index = usize::try_from(self.below(end)).ok()?;
        of.get(index)
    }

    /// A random id of version 4.
    pub fn uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// Things that are drawn by weight.
#[derive(Debug, Clone)]
pub struct Lot<T> {
    things: Vec<(f64, T)>,
    total: f64,
}

impl<T> Lot<T> {
    /// Things with their weights.
    pub fn new(weighted: impl IntoIterator<Item = (f64, T)>) -> Self {
        let mut total = 0.0;
        let things = weighted
            .into_iter()
            .map(|(weight, thing)| {
                total += weight;
                (total, thing)
            })
            .collect();
        Self { things, total }
    }

    /// Draws one; none from an empty lot.
    pub fn draw(&self, dice: &mut Dice) -> Option<&T> {
        let mark = dice.unit() * self.total;
        let index = self.things.partition_point(|(upto, _)| *upto <= mark);
        self.things.get(index).or_else(|| self.things.last()).map(|(_, thing)| thing)
    }

    /// Sum of the weights.
    pub const fn total(&self) -> f64 {
        self.total
    }
}
