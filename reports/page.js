"use strict";
/* Draws a run when it is looked at: console, timeline, flash. All text goes in as text, never as HTML. */
(() => {
  const SVG = "http://www.w3.org/2000/svg";

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function shape(parent, name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    parent.append(made);
    return made;
  }

  function timeText(ps, digits = 6) {
    for (const [unit, size] of [["s", 1e12], ["ms", 1e9], ["µs", 1e6], ["ns", 1e3]])
      if (Math.abs(ps) >= size) return `${Number((ps / size).toPrecision(digits))} ${unit}`;
    return `${Math.round(ps)} ps`;
  }

  const hex = (value) => `0x${value.toString(16).toUpperCase().padStart(8, "0")}`;

  /* The pointer moved there by itself: the page that scrolls below it is not meant. */
  function onPoint(target, act) {
    target.addEventListener("pointermove", (event) => { if (event.movementX || event.movementY) act(); });
  }

  /* ---- console ---- */

  function consoleLine(line) {
    const row = element("div", { class: "line" });
    if (line.input) row.classList.add("in");
    if (line.unended) {
      row.classList.add("unended");
      row.title = "not ended: power went, a reset came, or the run was over";
    }
    row.append(element("span", { class: "t" }, timeText(Number(line.t_ps))));
    row.append(element("span", { class: "c" }, line.channel + (line.input ? " <" : "")));
    row.append(element("span", { class: "s" }, line.text));
    return row;
  }

  function drawConsole(place, data) {
    const { lines, left_out: leftOut, break: breakAt } = data.console;
    if (!lines.length) {
      place.append(element("p", { class: "note" }, "The firmware said nothing."));
      return;
    }
    const screen = element("div", { class: "screen", tabindex: "0", role: "log", "aria-label": "Console" });
    let boot = 0;
    lines.forEach((line, index) => {
      if (leftOut && index === breakAt)
        screen.append(element("p", { class: "note" }, `${leftOut} lines are left out here`));
      if (line.boot !== boot) {
        boot = line.boot;
        screen.append(element("h4", {}, `boot ${boot}, power-on ${line.power_on}`));
      }
      screen.append(consoleLine(line));
    });
    place.append(screen);
  }

  /* ---- timeline ---- */

  const LANE = 24, TOP = 22, MARGIN = 78, OVERVIEW_LANE = 7;

  class Timeline {
    constructor(place, data) {
      this.data = data;
      this.end = Math.max(1, data.end);
      this.place = place;
      this.isNarrow = place.clientWidth < 560;
      this.margin = this.isNarrow ? 62 : MARGIN;
      this.lanes = data.lanes;
      this.supplyLanes = data.supply.length ? 1 : 0;
      this.build();
      const first = [...data.focus].sort((a, b) => b.weight - a.weight || a.t - b.t)[0];
      if (first) this.lookAt(first);
      else this.show(0, this.end);
      new ResizeObserver(() => this.redraw()).observe(this.detail);
    }

    build() {
      const buttons = element("div", { class: "buttons", role: "group", "aria-label": "Zoom" });
      const add = (text, label, act) => {
        const button = element("button", { type: "button", "aria-label": label }, text);
        button.addEventListener("click", act);
        buttons.append(button);
        return button;
      };
      this.wholeButton = add("Whole run", "Whole run", () => this.show(0, this.end));
      add("+", "Zoom in", () => this.zoom(0.4));
      add("−", "Zoom out", () => this.zoom(2.5));
      add("←", "Earlier", () => this.move(-0.4));
      add("→", "Later", () => this.move(0.4));
      for (const focus of this.data.focus) {
        const label = focus.fault ? `! ${focus.label}` : focus.label;
        focus.button = add(`${label} @ ${timeText(focus.t, 4)}`, `Zoom to ${label}`, () => this.lookAt(focus));
        if (focus.fault) focus.button.classList.add("fault");
        focus.button.hidden = Boolean(focus.more);
      }
      this.addMore(add);
      const frame = element("div", { class: "frame" });
      this.overview = shape(frame, "svg", { class: "overview", "aria-hidden": "true" });
      this.detail = shape(frame, "svg", {
        class: "detail", tabindex: "0", role: "img",
        "aria-label": "Timeline: arrow keys move, plus and minus zoom, 0 shows the whole run, n and p step through the items",
      });
      this.read = element("p", { class: "read", "aria-live": "polite" });
      this.place.append(buttons, frame, this.read);
      if (this.data.left_out)
        this.place.append(element("p", { class: "note" }, `${this.data.left_out} events in the middle of the run are not in the result`));
      this.listen();
    }

    /* The moments that are less important wait behind one button. */
    addMore(add) {
      const waiting = this.data.focus.filter((focus) => focus.more);
      if (!waiting.length) return;
      const lost = this.data.focus_left_out ? `, ${this.data.focus_left_out} without a button` : "";
      const more = add(`${waiting.length} more${lost}`, `${waiting.length} more moments${lost}`, () => {
        for (const focus of waiting) focus.button.hidden = false;
        more.remove();
        waiting[0].button.focus();
      });
      more.classList.add("more");
    }

    listen() {
      this.detail.addEventListener("keydown", (event) => this.key(event));
      this.detail.addEventListener("wheel", (event) => {
        if (!event.ctrlKey && !event.shiftKey && document.activeElement !== this.detail) return;
        event.preventDefault();
        this.zoom(event.deltaY > 0 ? 1.3 : 0.77, this.timeAt(event));
      }, { passive: false });
      let from = null;
      this.detail.addEventListener("pointerdown", (event) => { from = { x: event.clientX, t0: this.t0, t1: this.t1 }; });
      window.addEventListener("pointerup", () => { from = null; });
      this.detail.addEventListener("pointermove", (event) => {
        if (!from || !event.buttons) return;
        const shift = ((from.x - event.clientX) / this.width) * (from.t1 - from.t0);
        this.show(from.t0 + shift, from.t1 + shift);
      });
      this.overview.addEventListener("pointerdown", (event) => {
        const box = this.overview.getBoundingClientRect();
        const t = ((event.clientX - box.left - this.margin) / this.width) * this.end;
        const half = (this.t1 - this.t0) / 2;
        this.show(t - half, t + half);
      });
    }

    key(event) {
      const act = {
        ArrowLeft: () => this.move(-0.2), ArrowRight: () => this.move(0.2),
        "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2),
        0: () => this.show(0, this.end), n: () => this.step(1), p: () => this.step(-1),
      }[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    }

    timeAt(event) {
      const box = this.detail.getBoundingClientRect();
      return this.t0 + ((event.clientX - box.left - this.margin) / this.width) * (this.t1 - this.t0);
    }

    lookAt(focus) { this.show(focus.t - focus.span * 1.6, focus.t + focus.span * 0.9); }

    zoom(factor, at = (this.t0 + this.t1) / 2) {
      this.show(at - (at - this.t0) * factor, at + (this.t1 - at) * factor);
    }

    move(part) {
      const shift = (this.t1 - this.t0) * part;
      this.show(this.t0 + shift, this.t1 + shift);
    }

    show(from, to) {
      const span = Math.min(this.end * 1.02, Math.max(to - from, 2e4));
      const start = Math.min(Math.max(from, -0.01 * this.end), this.end * 1.01 - span);
      this.t0 = Math.max(start, -0.01 * this.end);
      this.t1 = this.t0 + span;
      this.redraw();
    }

    redraw() {
      const full = this.detail.clientWidth || this.place.clientWidth;
      this.width = Math.max(50, full - this.margin - 12);
      this.drawOverview(full);
      this.drawDetail(full);
      const isWhole = this.t1 - this.t0 >= this.end * 0.99;
      this.wholeButton.setAttribute("aria-pressed", String(isWhole));
      for (const focus of this.data.focus) {
        const isIn = !isWhole && Math.abs((this.t0 + this.t1) / 2 - focus.t) < (this.t1 - this.t0) * 0.2;
        focus.button.setAttribute("aria-pressed", String(isIn));
      }
    }

    x(t) { return this.margin + ((t - this.t0) / (this.t1 - this.t0)) * this.width; }
    wholeX(t) { return this.margin + (t / this.end) * this.width; }

    drawOverview(full) {
      const svg = this.overview, height = this.lanes.length * OVERVIEW_LANE + 10;
      svg.replaceChildren();
      svg.setAttribute("viewBox", `0 0 ${full} ${height}`);
      svg.style.height = `${height}px`;
      shape(svg, "text", { x: 8, y: height / 2 + 4 }).textContent = this.isNarrow ? "all" : "whole run";
      this.lanes.forEach((lane, index) => {
        let reached = -10;
        for (const item of lane.items) {
          const x = this.wholeX(item[0]), wide = Math.max(1, (item[1] / this.end) * this.width);
          if (x + wide < reached + 0.7) continue;
          reached = x + wide;
          shape(svg, "rect", { class: `item ${this.data.strings[item[2]]}`, x, y: 5 + index * OVERVIEW_LANE, width: wide, height: OVERVIEW_LANE - 2 });
        }
      });
      for (const moment of this.data.moments)
        shape(svg, "line", { class: `moment ${this.data.strings[moment[2]]}`, x1: this.wholeX(moment[0]), x2: this.wholeX(moment[0]), y1: 2, y2: height - 2 });
      const left = Math.max(this.margin, this.wholeX(this.t0)), right = Math.min(this.margin + this.width, this.wholeX(this.t1));
      shape(svg, "rect", { class: "window", x: left - 1, y: 1, width: Math.max(3, right - left + 2), height: height - 2 });
    }

    drawAxis(svg, height) {
      const span = this.t1 - this.t0, wanted = Math.max(2, Math.floor(this.width / 110));
      const power = 10 ** Math.floor(Math.log10(span / wanted));
      const step = [1, 2, 5, 10].map((n) => n * power).find((size) => span / size <= wanted);
      const digits = Math.max(3, Math.ceil(Math.log10(Math.max(this.t1, 1) / step)) + 1);
      for (let t = Math.ceil(this.t0 / step) * step; t <= this.t1; t += step) {
        shape(svg, "line", { class: "axis", x1: this.x(t), x2: this.x(t), y1: TOP - 4, y2: height });
        if (this.x(t) > this.margin + this.width - 30) continue;
        shape(svg, "text", { x: this.x(t) + 3, y: 14 }).textContent = timeText(t, digits);
      }
    }

    drawDetail(full) {
      const svg = this.detail, height = TOP + (this.lanes.length + this.supplyLanes) * LANE + 6;
      svg.replaceChildren();
      svg.setAttribute("viewBox", `0 0 ${full} ${height}`);
      svg.style.height = `${height}px`;
      this.drawAxis(svg, height);
      this.drawn = [];
      this.lanes.forEach((lane, index) => this.drawLane(svg, lane, TOP + index * LANE));
      if (this.supplyLanes) this.drawSupply(svg, TOP + this.lanes.length * LANE);
      for (const moment of this.data.moments) this.drawMoment(svg, moment, height);
      this.drawn.sort((a, b) => a.item[0] - b.item[0]);
    }

    drawLane(svg, lane, y) {
      const group = shape(svg, "g", { class: `lane-${lane.name}` });
      shape(group, "line", { class: "lane-line", x1: this.margin, x2: this.margin + this.width, y1: y + LANE - 0.5, y2: y + LANE - 0.5 });
      shape(svg, "text", { x: 8, y: y + 16 }).textContent = lane.name;
      let reached = -10;
      for (const item of lane.items) {
        if (item[0] > this.t1) break;
        if (item[0] + item[1] < this.t0) continue;
        const x = Math.max(this.margin, this.x(item[0]));
        const right = Math.min(this.margin + this.width, this.x(item[0] + item[1]));
        const wide = Math.max(2, right - x);
        if (wide <= 2 && x < reached + 1) continue;
        reached = x + wide;
        this.drawItem(group, item, x, y, wide, lane.name);
      }
    }

    drawItem(group, item, x, y, wide, lane) {
      const text = this.data.strings[item[3]] + (item[4] ? `, and ${item[4] - 1} more like it` : "");
      const rect = shape(group, "rect", { class: `item ${this.data.strings[item[2]]}`, x, y: y + 4, width: wide, height: LANE - 8, rx: wide > 6 ? 2 : 0 });
      shape(rect, "title", {}).textContent = `${timeText(item[0], 9)}: ${text}`;
      const entry = { rect, item, text, lane };
      this.drawn.push(entry);
      rect.addEventListener("click", () => this.choose(entry));
      onPoint(rect, () => this.tell(entry));
      if (lane === "boots" && wide > 60) {
        const label = shape(group, "text", { class: "label", x: x + 6, y: y + 16 });
        label.textContent = text.slice(0, Math.floor(wide / 6.4));
      }
    }

    drawSupply(svg, y) {
      shape(svg, "text", { x: 8, y: y + 16 }).textContent = "supply";
      const most = Math.max(3600, ...this.data.supply.map((point) => point[1]));
      const level = (mv) => y + LANE - 3 - (mv / most) * (LANE - 6);
      const points = [];
      let before = null;
      for (const [t, mv] of this.data.supply) {
        if (t >= this.t0 && t <= this.t1) {
          if (!points.length && before !== null) points.push(`${this.margin},${level(before)}`);
          points.push(`${this.x(t)},${level(mv)}`);
        }
        before = mv;
      }
      shape(svg, "polyline", { class: "supply", points: points.join(" ") });
    }

    drawMoment(svg, moment, height) {
      if (moment[0] < this.t0 || moment[0] > this.t1) return;
      const kind = this.data.strings[moment[2]], x = this.x(moment[0]);
      shape(svg, "line", { class: `moment ${kind}`, x1: x, x2: x, y1: TOP - 6, y2: height });
      const isLeft = x > this.margin + this.width - 110;
      shape(svg, "text", { class: `moment-text ${kind}`, x: isLeft ? x - 4 : x + 4, y: height - 8, "text-anchor": isLeft ? "end" : "start" })
        .textContent = this.data.strings[moment[3]];
    }

    tell(entry) {
      this.read.replaceChildren(element("b", {}, timeText(entry.item[0], 9)), ` ${entry.lane}: ${entry.text}`);
    }

    choose(entry) {
      for (const other of this.drawn) other.rect.classList.toggle("chosen", other === entry);
      this.chosen = entry.item;
      this.tell(entry);
    }

    step(by) {
      if (!this.drawn.length) return;
      const at = this.drawn.findIndex((entry) => entry.item === this.chosen);
      this.choose(this.drawn[(at + by + this.drawn.length) % this.drawn.length]);
    }
  }

  /* ---- flash ---- */

  const BLANK = { state: "erased", erases: 0, programmed: 0, marginal: 0, corrected: 0, bad: 0 };

  function pageName(page) {
    if (page.area !== "main") return page.area === "otp" ? "the OTP area" : "the option bytes";
    return `bank ${page.bank}, page ${page.page}, ${hex(page.addr)}`;
  }

  class FlashMap {
    constructor(place, data) {
      this.geometry = data.geometry;
      this.pages = this.allPages(data.flash);
      this.cells = [];
      const maps = element("div", { class: "maps" });
      for (const [when, title] of [["before", "Before power came"], ["after", "At the end"]]) maps.append(this.drawMap(when, title));
      this.about = element("div", { class: "about", "aria-live": "polite" });
      place.append(maps, this.key(), this.about);
      const changed = this.pages.findIndex((page) => page.changed.length);
      this.select(Math.max(0, changed), "after");
    }

    allPages(listed) {
      const { banks, bank_bytes: bankBytes, page_bytes: pageBytes, base } = this.geometry;
      const perBank = bankBytes / pageBytes, known = new Map(listed.map((page) => [page.index, page]));
      const pages = [];
      for (let index = 0; index < banks * perBank; index++)
        pages.push(known.get(index) || {
          index, area: "main", bank: 1 + Math.floor(index / perBank), page: index % perBank, addr: base + index * pageBytes,
          before: BLANK, after: BLANK, changed: [],
        });
      return pages.concat(listed.filter((page) => page.area !== "main"));
    }

    drawMap(when, title) {
      const box = element("div", {}, element("h4", {}, title));
      let bank = null, grid = null;
      this.pages.forEach((page, index) => {
        const name = page.area === "main" ? `bank ${page.bank}` : "OTP, option bytes";
        if (name !== bank) {
          bank = name;
          if (name !== "bank 1" || this.geometry.banks > 1) box.append(element("h4", {}, name));
          grid = element("div", { class: "grid", role: "group", "aria-label": `${title}: ${name}` });
          box.append(grid);
        }
        grid.append(this.drawPage(page, index, when));
      });
      return box;
    }

    drawPage(page, index, when) {
      const sum = page[when];
      const cell = element("div", {
        class: `page ${sum.state}`, tabindex: "-1", role: "img", "data-index": index, "data-when": when,
        "aria-label": `${pageName(page)}: ${sum.state}${page.changed.length && when === "after" ? ", changed" : ""}`,
      });
      if (when === "after" && page.changed.length) cell.classList.add("changed");
      if (sum.erases) cell.classList.add("worn");
      cell.addEventListener("click", () => { this.select(index, when); cell.focus(); });
      onPoint(cell, () => this.tell(page));
      cell.addEventListener("focus", () => this.tell(page));
      cell.addEventListener("keydown", (event) => this.move(event, index, when));
      this.cells.push(cell);
      return cell;
    }

    cell(index, when) { return this.cells[index + (when === "after" ? this.pages.length : 0)]; }

    select(index, when) {
      for (const cell of this.cells) { cell.tabIndex = -1; cell.classList.remove("chosen"); }
      const cell = this.cell(index, when);
      cell.tabIndex = 0;
      cell.classList.add("chosen");
      this.tell(this.pages[index]);
      return cell;
    }

    move(event, index, when) {
      const columns = getComputedStyle(this.cell(index, when).parentNode).gridTemplateColumns.split(" ").length;
      const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      this.select(Math.min(this.pages.length - 1, Math.max(0, index + by)), when).focus();
    }

    tell(page) {
      const table = element("table");
      table.append(element("tr", {}, element("th"), ...["before", "after"].map((when) => element("th", {}, when))));
      for (const [key, name] of [["state", "state"], ["programmed", "units programmed"], ["erases", "erases"], ["marginal", "marginal"], ["corrected", "one wrong bit"], ["bad", "bad"]]) {
        if (!["state", "programmed", "erases"].includes(key) && !page.before[key] && !page.after[key]) continue;
        table.append(element("tr", {}, element("th", {}, name), element("td", {}, page.before[key]), element("td", {}, page.after[key])));
      }
      this.about.replaceChildren(element("b", {}, pageName(page)), table);
      if (!page.changed.length) {
        this.about.append(element("p", { class: "changes" }, "nothing changed here"));
        return;
      }
      const base = page.addr || 0, ranges = page.changed.slice(0, 8);
      const said = ranges.map((range) => `${page.addr ? hex(base + range.offset) : `offset ${range.offset}`}, ${range.size} bytes`);
      if (page.changed.length > 8) said.push(`and ${page.changed.length - 8} more places`);
      this.about.append(this.strip(page), element("p", { class: "changes" }, `changed: ${said.join("; ")}`));
      for (const unit of page.damaged || [])
        this.about.append(element("p", { class: "changes" }, this.unitText(page, unit)));
    }

    unitText(page, unit) {
      const where = page.addr ? hex(page.addr + unit.offset) : `offset ${unit.offset}`;
      const margin = unit.marginal_data ? `, may read either way: ${unit.marginal_data}, check ${unit.marginal_check}` : "";
      return `${where} reads ${unit.reads}: ${unit.data}, check 0x${unit.check.toString(16).toUpperCase()}${margin}`;
    }

    strip(page) {
      const bytes = this.geometry.page_bytes, strip = element("div", { class: "strip", title: "where in the page" });
      const add = (offset, size, name) => {
        const mark = element("i", { class: name });
        mark.style.left = `${(offset / bytes) * 100}%`;
        mark.style.width = `${(size / bytes) * 100}%`;
        strip.append(mark);
      };
      for (const range of page.changed) add(range.offset, range.size, "change");
      for (const unit of page.damaged || []) add(unit.offset, this.geometry.program_unit_bytes, "damage");
      return strip;
    }

    key() {
      const key = element("p", { class: "key" });
      for (const [name, text] of [["erased", "erased"], ["programmed", "programmed"], ["torn", "torn: marginal, corrected or bad units"], ["erased changed", "changed by the run"], ["erased worn", "erased at least once"]])
        key.append(element("span", {}, element("i", { class: `page ${name}` }), text));
      return key;
    }
  }

  /* ---- runs ---- */

  const articles = [...document.querySelectorAll("article")];
  const links = new Map([...document.querySelectorAll("a[data-run]")].map((link) => [link.dataset.run, link]));

  function draw(article) {
    const holder = article.querySelector("script.data");
    if (!holder || article.dataset.drawn) return;
    article.dataset.drawn = "yes";
    const data = JSON.parse(holder.textContent);
    drawConsole(article.querySelector(".console .draw"), data);
    new FlashMap(article.querySelector(".flash .draw"), data);
    new Timeline(article.querySelector(".timeline .draw"), data.timeline);
  }

  function show(id) {
    const article = document.getElementById(id);
    if (!article || !articles.includes(article)) return;
    for (const other of articles) other.classList.toggle("current", other === article);
    for (const [run, link] of links) {
      if (run === id) {
        link.setAttribute("aria-current", "true");
        link.scrollIntoView({ block: "nearest" });
      } else link.removeAttribute("aria-current");
    }
    draw(article);
  }

  function current() { return articles.findIndex((article) => article.classList.contains("current")); }

  function go(by) {
    for (let at = current() + by; at >= 0 && at < articles.length; at += by) {
      if (links.get(articles[at].id).closest(".scenario").hidden) continue;
      location.hash = articles[at].id;
      return;
    }
  }

  async function copy(button) {
    const code = button.parentNode.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  }

  document.documentElement.classList.add("scripted");
  window.addEventListener("hashchange", () => { show(location.hash.slice(1)); window.scrollTo(0, 0); });
  document.addEventListener("click", (event) => { if (event.target.matches("button.copy")) copy(event.target); });
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, .detail") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
  });
  document.getElementById("filter").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const item of document.querySelectorAll(".scenario")) item.hidden = !item.dataset.name.includes(wanted);
  });
  show(document.getElementById(location.hash.slice(1)) ? location.hash.slice(1) : articles[0]?.id);
})();
