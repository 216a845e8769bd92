// The page around the picture: keys, mouse, search, the address, and the state in words beneath.
//
// The cursor is an event: the state shown is the one after it. -1 is before the first.
"use strict";

const CHIPS = 80, ROWS = 21, LISTED = 200;

class App {
  constructor(recording) {
    index(recording);
    this.r = recording;
    this.player = new Player(recording);
    this.words = new Words(recording);
    this.view = new View(recording, byId("lanes"), byId("map"));
    this.cursor = Math.min(0, recording.n - 1);
    this.query = "";
    this.readAddress();
    this.listen();
    this.show();
  }

  /// Moves the cursor, and the picture if the cursor leaves it.
  goto(event) {
    this.cursor = Math.max(-1, Math.min(this.r.n - 1, event));
    this.view.reveal(Math.max(0, this.cursor));
    this.show();
  }

  /// Follows task `t` through its life; 0 follows nobody.
  follow(t) {
    this.view.follow = t;
    this.show();
  }

  /// To the next event of the followed task, or the one before.
  along(direction) {
    const t = this.view.follow;
    if (!t) return;
    const { life, lifeOf } = this.r, from = lifeOf[t], to = lifeOf[t + 1];
    const at = lowerBound(life, this.cursor + (direction > 0 ? 1 : 0), from, to) + (direction > 0 ? 0 : -1);
    if (at >= from && at < to) this.goto(life[at]);
  }

  show() {
    this.player.goto(this.cursor + 1);
    if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = 0; this.view.draw(Math.max(0, this.cursor)); this.note(); });
    this.timers = new Map();
    for (const timer of this.player.state.timers) {
      const of = this.timers.get(timer[1].task);
      if (of) of.push(timer); else this.timers.set(timer[1].task, [timer]);
    }
    this.showEvent();
    this.showQueues();
    this.showTasks();
    this.showFollowed();
    this.writeAddress();
  }

  note() {
    byId("note").textContent = this.view.hidden ? "zoom in to see wakes" : "";
  }

  showEvent() {
    const { r, cursor, words } = this;
    byId("now").textContent = cursor < 0 ? "before the first event"
      : `#${cursor} at ${short(r.at[cursor])}${unsure(r, cursor)}: ${words.event(cursor)}`;
    const first = Math.max(0, Math.min(r.n - ROWS, cursor - 10)), rows = [];
    for (let i = first; i < Math.min(r.n, first + ROWS); i++) rows.push(this.row(i));
    byId("events").replaceChildren(...rows);
  }

  row(i) {
    const { r } = this, row = make("div", { class: i === this.cursor ? "row here" : "row", "data-event": i });
    const who = r.lane[i] < 0 ? "" : `w${r.lane[i]}`;
    row.append(make("b", {}, `#${i}`), make("i", {}, who), make("span", {}, this.words.event(i)));
    row.onclick = () => this.goto(i);
    return row;
  }

  chip(t) {
    const chip = make("button", { class: t === this.view.follow ? "chip followed" : "chip", title: this.words.site(t) }, this.words.named(t));
    chip.style.setProperty("--color", color(t));
    chip.onclick = () => this.follow(t);
    return chip;
  }

  /// A named list of tasks.
  queue(label, key, queue) {
    const box = make("div", { class: "queue", "data-queue": key }), length = queue.length;
    box.append(make("span", { class: "label" }, `${label} (${length})`), ...queue.list(CHIPS).map((t) => this.chip(t)));
    if (length > CHIPS) box.append(make("span", { class: "more" }, `and ${length - CHIPS} more`));
    return box;
  }

  showQueues() {
    const { state } = this.player, boxes = [];
    state.workers.forEach((worker, w) => {
      const box = make("div", { class: `worker ${MOODS[worker.mood]}` });
      const doing = make("div", { class: "doing", "data-doing": w });
      doing.append(make("b", {}, `worker ${w} `), MOODS[worker.mood] === "called" ? "asleep, was called" : MOODS[worker.mood]);
      if (worker.running) doing.append(", runs ", this.chip(worker.running));
      box.append(doing, this.queue("LIFO slot", `lifo-${w}`, new Queue(worker.lifo ? [worker.lifo] : [])),
        this.queue("local queue, oldest first", `local-${w}`, worker.local));
      if (worker.hand.length) box.append(this.queue("between two queues", `hand-${w}`, new Queue(worker.hand)));
      if (worker.deferred.length) box.append(this.queue("yielded, until the drivers were polled", `deferred-${w}`, new Queue(worker.deferred)));
      boxes.push(box);
    });
    byId("workers").replaceChildren(...boxes);
    const asleep = state.workers.map((worker, w) => worker.mood === ASLEEP ? `w${w}` : "").filter(Boolean);
    byId("global").replaceChildren(this.queue("global queue, oldest first", "global", state.global),
      make("div", { class: "queue", "data-sleeping": "" }, `sleeping workers: ${asleep.join(", ") || "none"}`),
      ...(state.ending ? [make("div", { class: "queue" }, "the runtime shuts down")] : []));
    const timers = [...state.timers].sort((a, b) => a[1].deadline - b[1].deadline);
    byId("timers").replaceChildren(make("span", { class: "label" }, `armed timers (${timers.length}), next first`),
      ...timers.slice(0, 30).map(([timer, { task, deadline }]) => {
        const row = make("div", { "data-timer": timer }, `timer ${timer}, due at ${short(deadline)}, armed by `);
        row.append(task ? this.chip(task) : "a root future");
        return row;
      }));
  }

  showTasks() {
    const { tasks } = this.r, { state } = this.player;
    const found = this.query ? this.search() : [...state.alive.keys()].sort((a, b) => a - b);
    byId("count").textContent = this.query ? `${found.length} found` : `${found.length} alive`;
    byId("tasks").replaceChildren(...found.slice(0, LISTED).map((t) => {
      const row = make("div", { class: t === this.view.follow ? "task here" : "task", "data-task": tasks.ids[t] });
      row.append(this.chip(t), make("span", {}, this.words.waits(t, this.player.task(t), state, this.timers)),
        make("i", {}, this.words.site(t)));
      row.ondblclick = () => this.goto(tasks.first[t]);
      return row;
    }), ...(found.length > LISTED ? [make("div", { class: "more" }, `and ${found.length - LISTED} more: search`)] : []));
  }

  /// The tasks whose number, name or place has the text that is searched.
  search() {
    if (this.found && this.found.query === this.query) return this.found.tasks;
    const { ids, names, first } = this.r.tasks, query = this.query.toLowerCase(), tasks = [];
    for (let t = 1; t < ids.length; t++) {
      const exact = `t${ids[t]}` === query || `${ids[t]}` === query;
      if (first[t] >= 0 && (exact || `${names[t] || ""} ${this.words.site(t)}`.toLowerCase().includes(query))) tasks.push(t);
    }
    this.found = { query: this.query, tasks };
    return tasks;
  }

  showFollowed() {
    const t = this.view.follow, box = byId("followed"), { life, lifeOf, tasks } = this.r;
    if (!t) { box.replaceChildren(make("p", { class: "hint" }, "Click a task to follow it.")); return; }
    const seen = this.player.task(t), from = lifeOf[t], to = lifeOf[t + 1];
    const here = lowerBound(life, this.cursor + 1, from, to) - 1, first = Math.max(from, Math.min(to - 13, here - 6));
    const facts = [`${this.words.waits(t, seen, this.player.state, this.timers)}`, `spawned at ${this.words.site(t)}`];
    if (tasks.by[t]) facts.push(`by ${this.words.named(tasks.by[t])}`);
    if (seen) facts.push(`${seen.polls} polls, ${seen.wakes} wakes`);
    if (seen && seen.wokenBy > 0) facts.push(`last woken by ${this.words.named(seen.wokenBy)}`);
    const stop = make("button", {}, "stop following");
    stop.onclick = () => this.follow(0);
    const rows = [];
    for (let k = first; k < Math.min(to, first + 13); k++) rows.push(this.row(life[k]));
    box.replaceChildren(make("h3", {}, this.words.named(t)), stop, make("p", { "data-followed": tasks.ids[t] }, facts.join("; ")),
      make("p", { class: "hint" }, `its life: event ${here - from + 1} of ${to - from} ( , and . step through it)`), ...rows);
  }

  listen() {
    window.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("resize", () => this.show());
    window.addEventListener("hashchange", () => { if (this.readAddress()) this.show(); });
    byId("search").addEventListener("input", (event) => { this.query = event.target.value.trim(); this.showTasks(); this.writeAddress(); });
    byId("search").addEventListener("change", () => {
      if (this.query && this.search().length) this.follow(this.search()[0]);
    });
    for (const button of document.querySelectorAll("[data-key]")) button.onclick = () => { this.key({ key: button.dataset.key }); button.blur(); };
    const { canvas, map } = this.view;
    canvas.addEventListener("click", (event) => this.goto(this.view.nearest(event.offsetX, event.offsetY)));
    canvas.addEventListener("dblclick", (event) => this.follow(this.r.task[this.view.nearest(event.offsetX, event.offsetY)]));
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      const span = this.view.right - this.view.left;
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const by = (event.deltaX || event.deltaY) / this.view.width * span;
        this.view.move(this.view.left + by, this.view.right + by);
      } else this.view.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.view.atPixel(event.offsetX));
      this.show();
    }, { passive: false });
    const drag = (event) => {
      if (!(event.buttons & 1)) return;
      const at = event.offsetX / map.clientWidth * this.view.end, half = (this.view.right - this.view.left) / 2;
      this.view.move(at - half, at + half);
      this.show();
    };
    map.addEventListener("mousedown", drag);
    map.addEventListener("mousemove", drag);
  }

  key(event) {
    if (event.target === byId("search")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 10 : 1;
    const actions = {
      ArrowRight: () => this.goto(this.cursor + step), ArrowLeft: () => this.goto(this.cursor - step),
      Home: () => this.goto(-1), End: () => this.goto(this.r.n - 1),
      ".": () => this.along(1), ",": () => this.along(-1),
      "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2), 0: () => { this.view.showAll(); this.show(); },
      t: () => { this.view.setBy(this.view.by === "event" ? "time" : "event", Math.max(0, this.cursor)); this.show(); },
      Escape: () => this.follow(0), "/": () => byId("search").focus(),
    };
    if (!actions[event.key]) return;
    if (event.preventDefault) event.preventDefault();
    actions[event.key]();
  }

  zoom(factor) {
    this.view.zoom(factor, this.view.where(Math.max(0, this.cursor)));
    this.show();
  }

  /// `#e=17&task=4&by=event&from=0&to=60&q=words`
  writeAddress() {
    const { view, r } = this, parts = [`e=${this.cursor}`, `by=${view.by}`, `from=${round(view.left)}`, `to=${round(view.right)}`];
    if (view.follow) parts.push(`task=${r.tasks.ids[view.follow]}`);
    if (this.query) parts.push(`q=${encodeURIComponent(this.query)}`);
    this.address = `#${parts.join("&")}`;
    clearTimeout(this.writing);
    // Browsers refuse an address that changes a hundred times a second.
    this.writing = setTimeout(() => { try { history.replaceState(null, "", this.address); } catch { location.hash = this.address; } }, 150);
  }

  /// Takes the view over from the address; false if it is the one that was written last.
  readAddress() {
    if (location.hash.length < 2 || location.hash === this.address) return false;
    const said = new URLSearchParams(location.hash.slice(1)), { view, r } = this;
    const number = (key) => said.has(key) && Number.isFinite(Number(said.get(key))) ? Number(said.get(key)) : undefined;
    if (["event", "time"].includes(said.get("by"))) { view.by = said.get("by"); view.showAll(); }
    if (number("from") !== undefined && number("to") !== undefined) view.move(number("from"), number("to"));
    this.cursor = Math.max(-1, Math.min(r.n - 1, Math.floor(number("e") ?? this.cursor)));
    view.follow = r.tasks.index.get(number("task")) || 0;
    this.query = said.get("q") || "";
    byId("search").value = this.query;
    if (number("from") === undefined) view.reveal(Math.max(0, this.cursor));
    return true;
  }

  /// The present state in the ids of the recording, for tests.
  snapshot() {
    const { state } = this.player, ids = (list) => list.map((t) => this.r.tasks.ids[t]), phases = {};
    for (let t = 1; t < this.r.tasks.ids.length; t++) {
      const seen = this.player.task(t);
      if (seen) phases[this.r.tasks.ids[t]] = [PHASES[seen.phase], seen.polls, seen.wakes];
    }
    return {
      lifo: state.workers.map((worker) => worker.lifo ? ids([worker.lifo])[0] : null),
      local: state.workers.map((worker) => ids(worker.local.list())), global: ids(state.global.list()),
      deferred: state.workers.map((worker) => ids(worker.deferred)),
      running: state.workers.map((worker) => worker.running ? ids([worker.running])[0] : null),
      moods: state.workers.map((worker) => MOODS[worker.mood]),
      timers: [...state.timers.keys()].sort((a, b) => a - b), phases,
    };
  }
}

function round(at) { return Math.round(at * 100) / 100; }

function byId(id) { return document.getElementById(id); }

function make(name, attributes, text) {
  const element = document.createElement(name);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  if (text !== undefined) element.textContent = text;
  return element;
}

function start() {
  const data = byId("recording"), text = atob(data.textContent.trim()), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const recording = decode(bytes, Number(data.dataset.events));
  data.textContent = ""; // a million events are ten megabytes of text that nobody needs any more
  window.replay = new App(recording);
}

start();
