//! Names of elements and attributes, and what is special about some.
//!
//! From the [HTML](https://html.spec.whatwg.org/multipage/indices.html), [SVG 2](https://www.w3.org/TR/SVG2/) and
//! [MathML Core](https://www.w3.org/TR/mathml-core/) standards, obsolete ones included.

/// Elements of HTML.
pub(crate) const HTML: &[&str] = &[
    "a", "abbr", "acronym", "address", "applet", "area", "article", "aside", "audio", "b", "base", "basefont", "bdi", "bdo",
    "big", "blink", "blockquote", "body", "br", "button", "canvas", "caption", "center", "cite", "code", "col", "colgroup",
    "data", "datalist", "dd", "del", "details", "dfn", "dialog", "dir", "div", "dl", "dt", "em", "embed", "fieldset",
    "figcaption", "figure", "font", "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head",
    "header", "hgroup", "hr", "html", "i", "iframe", "img", "input", "ins", "kbd", "label", "legend", "li", "link", "listing",
    "main", "map", "mark", "marquee", "menu", "meta", "meter", "nav", "nobr", "noembed", "noframes", "noscript", "object",
    "ol", "optgroup", "option", "output", "p", "param", "picture", "plaintext", "pre", "progress", "q", "rb", "rp", "rt",
    "rtc", "ruby", "s", "samp", "script", "search", "section", "select", "selectedcontent", "slot", "small", "source", "span",
    "strike", "strong", "style", "sub", "summary", "sup", "table", "tbody", "td", "template", "textarea", "tfoot", "th",
    "thead", "time", "title", "tr", "track", "tt", "u", "ul", "var", "video", "wbr", "xmp",
];

/// Elements of SVG that HTML does not have.
pub(crate) const SVG: &[&str] = &[
    "animate", "animateMotion", "animateTransform", "circle", "clipPath", "defs", "desc", "ellipse", "feBlend",
    "feColorMatrix", "feComponentTransfer", "feComposite", "feConvolveMatrix", "feDiffuseLighting", "feDisplacementMap",
    "feDistantLight", "feDropShadow", "feFlood", "feFuncA", "feFuncB", "feFuncG", "feFuncR", "feGaussianBlur", "feImage",
    "feMerge", "feMergeNode", "feMorphology", "feOffset", "fePointLight", "feSpecularLighting", "feSpotLight", "feTile",
    "feTurbulence", "filter", "foreignObject", "g", "image", "line", "linearGradient", "marker", "mask", "metadata", "mpath",
    "path", "pattern", "polygon", "polyline", "radialGradient", "rect", "set", "stop", "switch", "symbol", "text", "textPath",
    "tspan", "use", "view",
];

/// Elements of MathML that HTML does not have.
pub(crate) const MATHML: &[&str] = &[
    "annotation", "annotation-xml", "maction", "menclose", "merror", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover",
    "mpadded", "mphantom", "mprescripts", "mroot", "mrow", "ms", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup",
    "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "semantics",
];

/// Elements that never have content.
const VOID: &[&str] = &[
    "area", "base", "basefont", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// Attributes of HTML, SVG and MathML, without handlers and those with a `-` or `:`.
pub(crate) const ATTRIBUTES: &[&str] = &[
    "abbr", "accept", "accesskey", "action", "align", "alink", "allow", "allowfullscreen", "alpha", "alt", "archive", "as",
    "async", "autocapitalize", "autocomplete", "autocorrect", "autofocus", "autoplay", "axis", "background", "behavior",
    "bgcolor", "blocking", "border", "bordercolor", "capture", "cellpadding", "cellspacing", "char", "charoff", "charset",
    "checked", "cite", "class", "classid", "clear", "closedby", "code", "codebase", "codetype", "color", "colorspace", "cols",
    "colspan", "command", "commandfor", "compact", "content", "contenteditable", "controls", "controlslist", "coords",
    "crossorigin", "csp", "data", "datetime", "declare", "decoding", "default", "defer", "dir", "direction", "dirname",
    "disabled", "disablepictureinpicture", "disableremoteplayback", "download", "draggable", "enctype", "enterkeyhint",
    "exportparts", "face", "fetchpriority", "for", "form", "formaction", "formenctype", "formmethod", "formnovalidate",
    "formtarget", "frame", "frameborder", "headers", "height", "hidden", "high", "href", "hreflang", "hspace", "id",
    "imagesizes", "imagesrcset", "inert", "inputmode", "integrity", "is", "ismap", "itemid", "itemprop", "itemref",
    "itemscope", "itemtype", "kind", "label", "lang", "language", "link", "list", "loading", "longdesc", "loop", "low",
    "manifest", "marginheight", "marginwidth", "max", "maxlength", "media", "method", "min", "minlength", "multiple", "muted",
    "name", "nohref", "nomodule", "nonce", "noresize", "noshade", "novalidate", "nowrap", "object", "open", "optimum", "part",
    "pattern", "ping", "placeholder", "playsinline", "popover", "popovertarget", "popovertargetaction", "poster", "prefix",
    "preload", "profile", "prompt", "property", "readonly", "referrerpolicy", "rel", "required", "resource", "rev",
    "reversed", "role", "rows", "rowspan", "rules", "sandbox", "scheme", "scope", "scrolling", "selected", "shadowrootclonable",
    "shadowrootdelegatesfocus", "shadowrootmode", "shadowrootserializable", "shape", "size", "sizes", "slot", "span",
    "spellcheck", "src", "srcdoc", "srclang", "srcset", "standby", "start", "step", "style", "summary", "switch", "tabindex",
    "target", "text", "title", "translate", "type", "typemustmatch", "typeof", "usemap", "valign", "value", "valuetype",
    "version", "virtualkeyboardpolicy", "vlink", "vocab", "vspace", "width", "wrap", "writingsuggestions",
    // SVG
    "accumulate", "additive", "amplitude", "attributeName", "azimuth", "baseFrequency", "baseProfile", "begin", "bias", "by",
    "calcMode", "clip", "clipPathUnits", "crossorigin", "cursor", "cx", "cy", "d", "diffuseConstant", "display", "divisor",
    "dur", "dx", "dy", "edgeMode", "elevation", "end", "exponent", "fill", "filter", "filterUnits", "fr", "from", "fx", "fy",
    "gradientTransform", "gradientUnits", "in", "in2", "intercept", "k1", "k2", "k3", "k4", "kernelMatrix",
    "kernelUnitLength", "keyPoints", "keySplines", "keyTimes", "lengthAdjust", "limitingConeAngle", "markerHeight",
    "markerUnits", "markerWidth", "mask", "maskContentUnits", "maskUnits", "mode", "numOctaves", "offset", "opacity",
    "operator", "order", "orient", "origin", "overflow", "path", "pathLength", "patternContentUnits", "patternTransform",
    "patternUnits", "points", "pointsAtX", "pointsAtY", "pointsAtZ", "preserveAlpha", "preserveAspectRatio", "primitiveUnits",
    "r", "radius", "refX", "refY", "repeatCount", "repeatDur", "restart", "result", "rotate", "rx", "ry", "scale", "seed",
    "side", "spacing", "specularConstant", "specularExponent", "spreadMethod", "startOffset", "stdDeviation", "stitchTiles",
    "stroke", "surfaceScale", "tableValues", "targetX", "targetY", "textLength", "to", "transform", "values",
    "viewBox", "visibility", "x", "x1", "x2", "xChannelSelector", "xmlns", "y", "y1", "y2", "yChannelSelector", "z",
    "zoomAndPan",
    // MathML
    "accent", "accentunder", "actiontype", "columnspan", "depth", "displaystyle", "encoding", "fence", "largeop", "linethickness",
    "lspace", "mathbackground", "mathcolor", "mathsize", "mathvariant", "maxsize", "minsize", "movablelimits", "notation",
    "rspace", "scriptlevel", "selection", "separator", "stretchy", "symmetric", "voffset",
];

/// How an attribute's value is checked and applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    Url,
    Property,
}

pub(crate) fn attribute_kind(element: &str, name: &str) -> Kind {
    match (element, name) {
        ("input", "value") => Kind::Property,
        (_, "href" | "src" | "action" | "formaction" | "poster" | "xlink:href" | "ping" | "cite" | "background" | "manifest" | "codebase") => {
            Kind::Url
        }
        ("object", "data") => Kind::Url,
        // An animation can write into an address.
        ("animate" | "set" | "animateTransform" | "animateMotion", "to" | "from" | "by" | "values") => Kind::Url,
        _ => Kind::Plain,
    }
}

/// Whether a boolean attribute is also a property that leads a life of its own.
pub(crate) fn is_toggle_property(element: &str, name: &str) -> bool {
    matches!((element, name), ("input", "checked") | ("option", "selected") | ("audio" | "video", "muted"))
}

/// Elements whose content is text alone, in which references count.
pub(crate) fn is_text_only(element: &str) -> bool {
    matches!(element, "title" | "textarea")
}

pub(crate) fn is_void(element: &str) -> bool {
    VOID.contains(&element)
}

/// Elements that only SVG has, so markup that begins with one is SVG.
pub(crate) fn is_svg_only(element: &str) -> bool {
    SVG.contains(&element)
}

pub(crate) fn is_mathml_only(element: &str) -> bool {
    MATHML.contains(&element)
}

pub(crate) fn is_element(name: &str) -> bool {
    matches!(name, "svg" | "math") || HTML.contains(&name) || SVG.contains(&name) || MATHML.contains(&name)
}

/// The known name most like `name`, if one is like it.
pub(crate) fn similar<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let limit = (name.chars().count() / 3).clamp(1, 3);
    known
        .map(|known| (distance(&name.to_ascii_lowercase(), &known.to_ascii_lowercase()), known))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, known)| (*distance, known.len().abs_diff(name.len())))
        .map(|(_, known)| known)
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to get from `a` to `b`:
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
    use super::*;

    #[test]
    fn the_likely_name_is_found() {
        for (wrong, right) in [("dvi", "div"), ("buton", "button"), ("spam", "span"), ("textaera", "textarea")] {
            assert_eq!(similar(wrong, HTML.iter().copied()), Some(right), "{wrong}");
        }
        for (wrong, right) in [("hrf", "href"), ("clas", "class"), ("placehoder", "placeholder"), ("viewbox", "viewBox")] {
            assert_eq!(similar(wrong, ATTRIBUTES.iter().copied()), Some(right), "{wrong}");
        }
        assert_eq!(similar("xyzzyplugh", HTML.iter().copied()), None);
    }
}
