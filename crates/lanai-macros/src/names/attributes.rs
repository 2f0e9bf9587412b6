//! The attributes.
//!
//! From the same standards as the elements, and from [WAI-ARIA](https://www.w3.org/TR/wai-aria/), whose names contain a
//! `-` except for `role`.

/// Attributes of HTML, SVG and MathML, except handlers and names with a `-` or `:`.
#[rustfmt::skip]
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

/// Boolean attributes.
#[rustfmt::skip]
pub(crate) const BOOLEAN: &[&str] = &[
    "allowfullscreen", "async", "autofocus", "autoplay", "checked", "controls", "default", "defer", "disabled", "formnovalidate",
    "inert", "ismap", "itemscope", "loop", "multiple", "muted", "nomodule", "novalidate", "open", "playsinline", "readonly",
    "required", "reversed", "selected",
];

/// Attributes that take a handler: the events of HTML, pointers, animations and transitions.
#[rustfmt::skip]
pub(crate) const HANDLERS: &[&str] = &[
    "onabort", "onafterprint", "onanimationcancel", "onanimationend", "onanimationiteration", "onanimationstart", "onauxclick",
    "onbeforeinput", "onbeforematch", "onbeforeprint", "onbeforetoggle", "onbeforeunload", "onblur", "oncancel", "oncanplay",
    "oncanplaythrough", "onchange", "onclick", "onclose", "oncommand", "oncompositionend", "oncompositionstart",
    "oncompositionupdate", "oncontextlost", "oncontextmenu", "oncontextrestored", "oncopy", "oncuechange", "oncut", "ondblclick",
    "ondrag", "ondragend", "ondragenter", "ondragleave", "ondragover", "ondragstart", "ondrop", "ondurationchange", "onemptied",
    "onended", "onerror", "onfocus", "onfocusin", "onfocusout", "onformdata", "onfullscreenchange", "onfullscreenerror",
    "ongotpointercapture", "onhashchange", "oninput", "oninvalid", "onkeydown", "onkeypress", "onkeyup", "onlanguagechange",
    "onload", "onloadeddata", "onloadedmetadata", "onloadstart", "onlostpointercapture", "onmessage", "onmessageerror",
    "onmousedown", "onmouseenter", "onmouseleave", "onmousemove", "onmouseout", "onmouseover", "onmouseup", "onoffline",
    "ononline", "onpagehide", "onpagereveal", "onpageshow", "onpageswap", "onpaste", "onpause", "onplay", "onplaying",
    "onpointercancel", "onpointerdown", "onpointerenter", "onpointerleave", "onpointermove", "onpointerout", "onpointerover",
    "onpointerrawupdate", "onpointerup", "onpopstate", "onprogress", "onratechange", "onrejectionhandled", "onreset", "onresize",
    "onscroll", "onscrollend", "onsecuritypolicyviolation", "onseeked", "onseeking", "onselect", "onselectionchange",
    "onselectstart", "onslotchange", "onstalled", "onstorage", "onsubmit", "onsuspend", "ontimeupdate", "ontoggle",
    "ontouchcancel", "ontouchend", "ontouchmove", "ontouchstart", "ontransitioncancel", "ontransitionend", "ontransitionrun",
    "ontransitionstart", "onunhandledrejection", "onunload", "onvolumechange", "onwaiting", "onwheel",
    // The timing events of SVG animations.
    "onbegin", "onend", "onrepeat",
    // Lanai's own.
    "onclickoutside", "onenterview", "onleaveview", "onshortcut", "onsort",
];

/// Events of the window, which no element receives.
#[rustfmt::skip]
pub(crate) const OF_WINDOW: &[&str] = &[
    "onafterprint", "onbeforeprint", "onhashchange", "onlanguagechange", "onoffline", "ononline", "onpagehide", "onpageshow",
    "onpopstate", "onstorage", "onvisibilitychange",
];
