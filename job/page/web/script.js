(function () {
  "use strict";
  function el(name, text) {
    var e = document.createElement(name);
    if (text) e.textContent = text;
    return e;
  }
  function rows(table) {
    return Array.prototype.slice.call(table.tBodies[0].rows);
  }
  function sortable(table) {
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    heads.forEach(function (head, at) {
      var button = el("button", head.textContent);
      button.type = "button";
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach(function (h) { h.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        var order = new Intl.Collator(undefined, { numeric: true });
        var keyed = rows(table).map(function (r) { return [r.cells[at].textContent.replace(/,(?=\d{3})/g, ""), r]; });
        keyed.sort(function (a, b) { return order.compare(a[0], b[0]) * (down ? -1 : 1); });
        keyed.forEach(function (k) { table.tBodies[0].appendChild(k[1]); });
      });
    });
  }
  function filterable(table) {
    var bar = el("div"), input = el("input"), said = el("span"), states = {}, chosen = {}, label = el("label");
    bar.className = "k";
    input.type = "search";
    input.placeholder = "Filter these rows";
    input.setAttribute("aria-label", "Filter the rows of: " + table.caption.textContent);
    said.setAttribute("role", "status");
    bar.appendChild(input);
    rows(table).forEach(function (r) {
      var s = r.getAttribute("data-s");
      if (s) states[s] = (states[s] || 0) + 1;
    });
    function apply() {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean), any = Object.keys(chosen).length, n = 0, all = rows(table);
      all.forEach(function (r) {
        var text = r.textContent.toLowerCase();
        var shown = words.every(function (w) { return text.indexOf(w) >= 0; }) && (!any || chosen[r.getAttribute("data-s")]);
        r.hidden = !shown;
        if (shown) n++;
      });
      said.textContent = n === all.length ? "" : n + " of " + all.length + " rows";
    }
    Object.keys(states).sort().forEach(function (s) {
      if (Object.keys(states).length < 2) return;
      var chip = el("button", s + " " + states[s]);
      chip.type = "button";
      chip.setAttribute("aria-pressed", "false");
      chip.addEventListener("click", function () {
        var on = chip.getAttribute("aria-pressed") !== "true";
        chip.setAttribute("aria-pressed", String(on));
        if (on) chosen[s] = true; else delete chosen[s];
        apply();
      });
      bar.appendChild(chip);
    });
    input.addEventListener("input", apply);
    bar.appendChild(said);
    table.parentNode.parentNode.insertBefore(bar, table.parentNode);
  }
  Array.prototype.forEach.call(document.querySelectorAll("table.z"), function (table) {
    if (table.tBodies[0].rows.length < 2) return;
    sortable(table);
    filterable(table);
  });
  function open(target) {
    var e = target && document.getElementById(target);
    var fold = e && (e.closest("details") || e.querySelector("details"));
    if (!fold) return;
    fold.open = true;
    e.scrollIntoView(); // the browser may have gone there while it was folded
  }
  addEventListener("hashchange", function () { open(location.hash.slice(1)); });
  open(location.hash.slice(1));
  addEventListener("beforeprint", function () {
    Array.prototype.forEach.call(document.querySelectorAll("details"), function (d) { d.open = true; });
  });
})();
