//! The labels of the rows.

const ADJECTIVES: [&str; 25] = [
    "pretty",
    "large",
    "big",
    "small",
    "tall",
    "short",
    "long",
    "handsome",
    "plain",
    "quaint",
    "clean",
    "elegant",
    "easy",
    "angry",
    "crazy",
    "helpful",
    "mushy",
    "odd",
    "unsightly",
    "adorable",
    "important",
    "inexpensive",
    "cheap",
    "expensive",
    "fancy",
];
const COLORS: [&str; 11] =
    ["red", "yellow", "blue", "green", "pink", "brown", "purple", "brown", "white", "black", "orange"];
const NOUNS: [&str; 13] = [
    "table", "chair", "house", "bbq", "desk", "car", "pony", "cookie", "sandwich", "burger", "pizza", "mouse",
    "keyboard",
];

/// Generates labels with [xorshift](https://www.jstatsoft.org/article/view/v008i14): the same labels in each run.
pub(crate) struct Labels(u32);

impl Default for Labels {
    fn default() -> Self {
        Self(0x9e37_79b9)
    }
}

impl Labels {
    pub(crate) fn draw(&mut self) -> String {
        format!("{} {} {}", self.pick(&ADJECTIVES), self.pick(&COLORS), self.pick(&NOUNS))
    }

    fn pick(&mut self, words: &[&'static str]) -> &'static str {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        words[self.0 as usize % words.len()]
    }
}
