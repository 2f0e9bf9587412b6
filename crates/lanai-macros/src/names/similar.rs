//! Finds similar names.

/// Returns the known name that is most similar to `name`, if one is similar enough.
pub(crate) fn similar<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    // Up to a third of the letters may be wrong.
    let limit = (name.chars().count() / 3).clamp(1, 3);
    let lower = name.to_ascii_lowercase();
    known
        .map(|known| (distance(&lower, &known.to_ascii_lowercase()), known))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, known)| (*distance, known.len().abs_diff(name.len())))
        .map(|(_, known)| known)
}

/// Returns how many letters must be inserted, removed, replaced or swapped with their neighbor to get from `a` to `b`:
/// the [optimal string alignment](https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance) distance.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::similar;
    use crate::names::{ATTRIBUTES, HTML};

    #[test]
    fn the_likely_name_is_found() {
        for (wrong, right) in [("dvi", "div"), ("buton", "button"), ("spam", "span"), ("textaera", "textarea")] {
            assert_eq!(similar(wrong, HTML.iter().copied()), Some(right), "{wrong}");
        }
        for (wrong, right) in
            [("hrf", "href"), ("clas", "class"), ("placehoder", "placeholder"), ("viewbox", "viewBox")]
        {
            assert_eq!(similar(wrong, ATTRIBUTES.iter().copied()), Some(right), "{wrong}");
        }
        assert_eq!(similar("xyzzyplugh", HTML.iter().copied()), None);
    }
}
