//! What the code that `html!` writes calls.
