//! Numbers modulo the prime 2⁶¹ − 1, in which systems of sums are solved.
//!
//! Rows over the whole numbers never overflow here, and what follows over the fractions follows here too
//! unless the prime divides a denominator, which is a quotient of determinants of zeros and ones. The
//! other way round the prime can only make more follow, which hides too much and never too little.

/// The prime.
pub const PRIME: u64 = (1 << 61) - 1;

/// The sum of two residues.
pub const fn add(a: u64, b: u64) -> u64 {
    let sum = a + b;
    if sum >= PRIME { sum - PRIME } else { sum }
}

/// What brings a residue to zero.
pub const fn negative(a: u64) -> u64 {
    if a == 0 { 0 } else { PRIME - a }
}

/// The product of two residues.
pub fn product(a: u64, b: u64) -> u64 {
    if a == 1 {
        return b;
    }
    if a == PRIME - 1 {
        return negative(b);
    }
    let wide = u128::from(a) * u128::from(b);
    u64::try_from(wide % u128::from(PRIME)).unwrap_or_default()
}

/// One divided by a residue other than zero, by Fermat's little theorem.
pub fn inverse(a: u64) -> u64 {
    if a == 1 || a == PRIME - 1 {
        return a;
    }
    let (mut result, mut base, mut exponent) = (1, a, PRIME - 2);
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = product(result, base);
        }
        base = product(base, base);
        exponent /= 2;
    }
    result
}

/// The residue of a whole number.
pub fn residue(number: i64) -> u64 {
    let size = number.unsigned_abs() % PRIME;
    if number < 0 { negative(size) } else { size }
}

/// Residues that look like chance but are the same on every run, so that the same grid is always
/// protected alike (the generator SplitMix64).
pub fn scattered(seed: u64) -> impl Iterator<Item = u64> {
    (1..).map(move |step: u64| {
        let mut word = seed.wrapping_add(step.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % PRIME
    })
}
