// What the tests ask of a page.
var look = {
  all: function (selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); },
  name: function (e) {
    return e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (e.className && e.className.trim ? "." + e.className : "") +
      " " + JSON.stringify((e.getAttribute("aria-label") || e.textContent).trim().slice(0, 60));
  },
  open: function () { this.all("details").forEach(function (d) { d.open = true; }); },
  close: function () { this.all("details").forEach(function (d) { d.open = false; }); },

  // Texts as they can be read, of what is selected.
  read: function (selector) { return this.all(selector).map(function (e) { return e.innerText; }); },

  // What a page is not made of.
  strange: function () {
    var wrong = [], known = ("html head meta title style body a header h1 main nav ul li span article div p h2 dl dt dd code section " +
      "details summary h3 b table caption thead tr th tbody td i svg rect path figure figcaption footer script button input").split(" ");
    this.all("*").forEach(function (e) {
      var tag = e.tagName.toLowerCase();
      if (known.indexOf(tag) < 0) wrong.push("an element " + look.name(e));
      Array.prototype.forEach.call(e.attributes, function (a) {
        if (/^on|^style$|^src|^srcdoc$|^action$|^formaction$|^ping$|^background$|^xlink/i.test(a.name)) {
          wrong.push(a.name + " of " + look.name(e));
        }
        if (a.name === "href" && a.value[0] !== "#") wrong.push("a link to " + a.value);
        if (a.name === "http-equiv" && a.value !== "Content-Security-Policy") wrong.push("http-equiv " + a.value);
      });
    });
    [["script", 1], ["style", 1], ["meta", 7], ["title", 1]].forEach(function (n) {
      if (look.all(n[0]).length > n[1]) wrong.push(look.all(n[0]).length + " of " + n[0]);
    });
    return wrong;
  },

  // Does to everything what a mouse and a failed load do.
  poke: function () {
    this.all("*").forEach(function (e) {
      ["mouseover", "focus", "error", "load", "toggle"].forEach(function (name) {
        e.dispatchEvent(new Event(name));
      });
    });
    this.all("a").slice(0, 20).forEach(function (e) { e.click(); });
  },

  // Characters that nobody can see, in anything that is text.
  unseen: function () {
    var found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), n;
    while ((n = walk.nextNode())) {
      if (n.parentNode.tagName === "SCRIPT") continue;
      var m = n.data.match(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u00a0\u2000-\u200a\u3000\u3164\u115f\u1160\uffa0\u2800\ufe00-\ufe0f]/u);
      if (m && m[0] !== "\n") found.push("U+" + m[0].codePointAt(0).toString(16) + " in " + JSON.stringify(n.data.slice(0, 60)));
    }
    return found;
  },

  // Whether something takes part in what is shown.
  shown: function (e) { return e.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true }); },

  // What scrolls on its own, if it has to.
  scrolls: function (e) {
    var s = getComputedStyle(e);
    return /auto|scroll/.test(s.overflowX) && e.scrollWidth > e.clientWidth + 1 ||
      /auto|scroll/.test(s.overflowY) && e.scrollHeight > e.clientHeight + 1;
  },

  // What makes the document itself scroll sideways.
  wide: function () {
    var root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    var wide = "the document is " + root.scrollWidth + " wide in a window of " + root.clientWidth;
    return [wide].concat(this.all("body *").filter(function (e) {
      return e.getBoundingClientRect().right > root.clientWidth + 1 && look.shown(e) && !e.parentElement.closest(".s");
    }).map(look.name).slice(0, 5));
  },

  // Texts of which a part cannot be seen, however one scrolls.
  cut: function () {
    var wrong = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), n, range = document.createRange();
    while ((n = walk.nextNode())) {
      var e = n.parentElement;
      if (!n.data.trim() || !look.shown(e) || e.closest(".skip, script, style")) continue;
      range.selectNodeContents(n);
      var text = range.getBoundingClientRect(), over = e;
      if (!text.width || parseFloat(getComputedStyle(e).fontSize) === 0) continue;
      for (; over && over !== document.body; over = over.parentElement) {
        var s = getComputedStyle(over), box = over.getBoundingClientRect();
        if (s.clipPath !== "none") break; // for screen readers alone
        if (/auto|scroll/.test(s.overflowX)) break; // it can be scrolled to
        if (/hidden|clip/.test(s.overflowX) && (text.right > box.right + 1 || text.left < box.left - 1 || text.bottom > box.bottom + 1 ||
          text.top < box.top - 1)) {
          wrong.push(JSON.stringify(n.data.trim().slice(0, 80)) + " in " + look.name(over));
          break;
        }
      }
      if (over === document.body && (text.left < -1 || text.right > document.documentElement.clientWidth + 1))
        wrong.push(look.name(e) + " sticks out");
    }
    return wrong;
  },

  // What the keyboard has to reach, in reading order.
  stops: function () {
    return this.all("a[href], summary, button, input, [tabindex='0'], .s").filter(function (e) {
      return look.shown(e) && (!e.matches(".s") || e.tabIndex === 0 || look.scrolls(e));
    }).concat(this.all("*").filter(function (e) { return look.shown(e) && look.scrolls(e) && !e.matches(".s, html, body"); }))
      .sort(function (a, b) { return a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1; }).map(look.name);
  },

  // Where the focus is, and how that looks.
  focus: function () {
    var e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
    return { name: e === document.body ? "" : look.name(e), ring: s.outlineStyle === "none" ? 0 : parseFloat(s.outlineWidth),
      contrast: look.contrast(s.outlineColor, look.behind(e.parentElement || e)),
      inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
      top: box.top + scrollY, left: box.left + scrollX };
  },
  // Texts that take part in what is shown, one by one.
  texts: function () {
    var found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), n;
    while ((n = walk.nextNode())) {
      var e = n.parentElement;
      if (n.data.trim() && look.shown(e) && !e.closest("script, style") && parseFloat(getComputedStyle(e).fontSize) > 0) found.push(n.data);
    }
    return found;
  },

  // Texts that stand out too little.
  faint: function (enough) {
    var found = [], least = 21, walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), n;
    while ((n = walk.nextNode())) {
      var e = n.parentElement;
      if (!n.data.trim() || !look.shown(e) || e.closest("script, style") || parseFloat(getComputedStyle(e).fontSize) === 0) continue;
      var c = look.contrast(getComputedStyle(e).color, look.behind(e));
      for (var p = e; p; p = p.parentElement) c = Math.min(c, getComputedStyle(p).opacity === "1" ? c : 1);
      least = Math.min(least, c);
      if (c < enough) found.push(c.toFixed(2) + " of " + look.name(e));
    }
    return { least: least, faint: found };
  },
  behind: function (e) {
    for (; e; e = e.parentElement) {
      var c = getComputedStyle(e).backgroundColor;
      if (!/, 0\)$|transparent/.test(c)) return c;
    }
    return "rgb(255, 255, 255)";
  },
  luminance: function (colour) {
    var c = colour.match(/[\d.]+/g).slice(0, 3).map(function (v) {
      v /= 255;
      return v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4);
    });
    return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
  },
  contrast: function (a, b) {
    var x = this.luminance(a), y = this.luminance(b);
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
  }
};
