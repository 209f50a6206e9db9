use doorward_testkit::SeededRandom;

/// Seeded choices.
pub struct Chance(SeededRandom);

impl Chance {
    pub fn new(seed: usize) -> Self {
        Self(SeededRandom::new(seed as u64))
    }

    /// A number below this one.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.0.next() % end as u64).expect("it is below a usize")
    }

    /// True in so many cases of a hundred.
    pub fn percent(&mut self, cases: usize) -> bool {
        self.below(100) < cases
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
