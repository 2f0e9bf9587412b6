//! Names of files from a browser, made harmless.

/// The longest name, in bytes: that of most file systems.
const LONGEST: usize = 255;

/// Returns the last part of a name, without what could lead anywhere or confuse: separators, control characters and
/// characters that change the direction of the text, leading dots, and dots and spaces at the end.
pub(crate) fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).find(|part| !clean(part).is_empty()).unwrap_or_default();
    match clean(last) {
        name if name.is_empty() => "file".into(),
        name => shortened(name),
    }
}

/// Returns a path of a file inside a directory that was chosen, each part as [`file_name`] would return it.
pub(crate) fn file_path(path: &str) -> String {
    let parts: Vec<_> = path.split(['/', '\\']).map(clean).filter(|part| !part.is_empty()).map(shortened).collect();
    parts.join("/")
}

fn clean(part: &str) -> String {
    let is_kept = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | ':')
    };
    let kept: String = part.chars().filter(is_kept).collect();
    kept.trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']).into()
}

/// Shortens a name, and keeps its extension.
fn shortened(name: String) -> String {
    if name.len() <= LONGEST {
        return name;
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() < 32 => (stem, format!(".{extension}")),
        _ => (name.as_str(), String::new()),
    };
    format!("{}{extension}", &stem[..stem.floor_char_boundary(LONGEST - extension.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere() {
        for (name, safe) in [
            ("photo.png", "photo.png"),
            ("../../etc/passwd", "passwd"),
            (r"C:\fakepath\a.png", "a.png"),
            ("a/..", "a"),
            ("..", "file"),
            ("", "file"),
            (".htaccess", "htaccess"),
            ("a\0\r\n.png", "a.png"),
            ("a\u{202e}gpj.exe", "agpj.exe"),
            ("con.txt. .", "con.txt"),
            ("日本 語.txt", "日本 語.txt"),
            ("file.txt::$DATA", "file.txt$DATA"),
        ] {
            assert_eq!(file_name(name), safe, "{name:?}");
        }
        assert_eq!(file_path("a/../b//./c.txt"), "a/b/c.txt");
        assert_eq!(file_path("/etc/passwd"), "etc/passwd");
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let short = file_name(&format!("{}.png", "ä".repeat(300)));
        assert!(short.len() <= LONGEST && short.ends_with("ä.png"), "{short}");
        assert!(file_name(&"x.".repeat(300)).len() <= LONGEST);
    }
}
