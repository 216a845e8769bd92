// The picture: a lane a worker and one for everybody else, with polls, sleeps, steals and wakes, and the map of the whole
// recording above. What falls into one pixel is drawn once, so a frame costs a look at each visible event and no more.
"use strict";

const LABEL = 92, LANE = 58, BAR = 24, RULER = 20;
const MANY_ARROWS = 600;

class View {
  constructor(recording, canvas, map) {
    this.r = recording;
    this.canvas = canvas; this.map = map;
    this.by = recording.n > 2000 ? "time" : "event";
    this.follow = 0;
    this.width = canvas.parentElement.clientWidth;
    this.showAll();
  }

  get end() { return this.by === "event" ? Math.max(1, this.r.n) : Math.max(1, this.r.end); }
  showAll() { this.left = 0; this.right = this.end; }

  /// Where event `i` stands on the axis. By event, everything happens in the middle of its place.
  where(i) { return this.by === "event" ? i + 0.5 : i < this.r.n ? this.r.at[i] : this.end; }
  pixel(at) { return LABEL + (at - this.left) / (this.right - this.left) * (this.width - LABEL); }
  atPixel(x) { return this.left + (x - LABEL) / (this.width - LABEL) * (this.right - this.left); }
  top(lane) { return RULER + lane * LANE; }
  get lanes() { return this.r.workers + 1; }
  laneOf(i) { return this.r.lane[i] < 0 ? this.r.workers : this.r.lane[i]; }

  setBy(by, cursor) {
    const share = (this.right - this.left) / this.end;
    this.by = by;
    const half = share * this.end / 2, middle = this.where(cursor);
    this.move(middle - half, middle + half);
  }

  /// Shows `left..right`, shifted into the recording, and not narrower than can be told apart.
  move(left, right) {
    const least = this.by === "event" ? 8 : 100, width = Math.min(this.end, Math.max(least, right - left));
    const middle = (left + right) / 2;
    this.left = Math.max(0, Math.min(this.end - width, middle - width / 2));
    this.right = this.left + width;
  }

  zoom(factor, around) {
    const at = around ?? (this.left + this.right) / 2;
    this.move(at - (at - this.left) * factor, at + (this.right - at) * factor);
  }

  /// Brings event `i` into the picture.
  reveal(i) {
    const at = this.where(i), margin = (this.right - this.left) * 0.08;
    if (at < this.left + margin || at > this.right - margin) {
      const half = (this.right - this.left) / 2;
      this.move(at - half, at + half);
    }
  }

  /// The event nearest to a point of the canvas: in its lane, if there is one.
  nearest(x, y) {
    const lane = Math.floor((y - RULER) / LANE), at = this.atPixel(x);
    const list = this.r.onLane[lane] && this.r.onLane[lane].length ? this.r.onLane[lane] : this.r.onLane.flat().sort((a, b) => a - b);
    let from = 0, to = list.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.where(list[middle]) < at) from = middle + 1; else to = middle;
    }
    const near = [list[from - 1], list[from]].filter((i) => i !== undefined);
    return near.sort((a, b) => Math.abs(this.where(a) - at) - Math.abs(this.where(b) - at))[0] ?? 0;
  }

  fit(canvas, height) {
    const ratio = window.devicePixelRatio || 1, width = canvas.parentElement.clientWidth;
    if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
      canvas.width = width * ratio; canvas.height = height * ratio;
      canvas.style.height = `${height}px`; canvas.style.width = `${width}px`;
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = "11px system-ui, sans-serif";
    return { pen, width };
  }

  draw(cursor) {
    const height = RULER + this.lanes * LANE;
    const { pen, width } = this.fit(this.canvas, height);
    this.width = width;
    this.ruler(pen);
    for (let lane = 0; lane < this.lanes; lane++) this.lane(pen, lane);
    pen.save();
    pen.beginPath(); pen.rect(LABEL, 0, width - LABEL, height); pen.clip();
    this.arrows(pen);
    const x = this.pixel(this.where(cursor));
    pen.strokeStyle = "#d6006c"; pen.lineWidth = 1.5;
    line(pen, x, 0, x, height);
    if (cursor < this.r.n) {
      pen.fillStyle = "#d6006c";
      disc(pen, x, this.top(this.laneOf(cursor)) + LANE / 2 + 18, 4);
    }
    pen.restore();
    this.drawMap(cursor);
  }

  ruler(pen) {
    const span = this.right - this.left, rough = span / 8, ten = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((k) => k * ten).find((step) => step >= rough);
    pen.fillStyle = "#667"; pen.strokeStyle = "#e3e3ea"; pen.lineWidth = 1;
    for (let at = Math.ceil(this.left / step) * step; at <= this.right; at += step) {
      const x = this.pixel(this.by === "event" ? at + 0.5 : at);
      line(pen, x, RULER - 6, x, RULER + this.lanes * LANE);
      pen.fillText(this.by === "event" ? `#${Math.round(at)}` : short(at), x + 3, 12);
    }
  }

  lane(pen, lane) {
    const top = this.top(lane), r = this.r, middle = top + 8;
    pen.fillStyle = "#223"; pen.font = "bold 12px system-ui, sans-serif";
    pen.fillText(lane < r.workers ? `worker ${lane}` : "elsewhere", 6, top + 24);
    pen.font = "11px system-ui, sans-serif";
    pen.strokeStyle = "#ccd"; pen.lineWidth = 1;
    line(pen, 0, top + LANE - 2, this.width, top + LANE - 2);
    pen.save();
    pen.beginPath(); pen.rect(LABEL, top, this.width - LABEL, LANE); pen.clip();
    this.spans(r.sleeps[lane] || [], (i, x, w) => {
      pen.fillStyle = "#e7e9f2"; pen.fillRect(x, middle + 6, w, BAR - 12);
      if (w > 46) { pen.fillStyle = "#8890a8"; pen.fillText("asleep", x + 5, middle + 16); }
    });
    this.polls(pen, r.polls[lane], middle);
    // Once more, on top: among many in one pixel it would not be seen.
    if (this.follow) this.polls(pen, this.pollsOf(this.follow).filter((i) => this.laneOf(i) === lane), middle);
    this.marks(pen, lane, top + LANE / 2 + 18);
    pen.restore();
  }

  pollsOf(task) {
    if (this.followed !== task) {
      const { life, lifeOf, kind } = this.r;
      this.followed = task;
      this.followedPolls = life.subarray(lifeOf[task], lifeOf[task + 1]).filter((i) => kind[i] === POLL_START || kind[i] === BLOCKING_START);
    }
    return this.followedPolls;
  }

  polls(pen, starts, middle) {
    const { r } = this;
    this.spans(starts, (i, x, w) => {
      const task = r.task[i], other = this.follow && task !== this.follow;
      pen.fillStyle = other ? "#d9dbe2" : color(task);
      pen.fillRect(x, middle, w, BAR);
      if (w > 24) {
        pen.fillStyle = other ? "#888" : "#fff";
        const name = r.tasks.names[task];
        const text = name && w > 60 ? `t${r.tasks.ids[task]} ${name}` : `t${r.tasks.ids[task]}`;
        pen.save(); pen.beginPath(); pen.rect(x, middle, w, BAR); pen.clip();
        pen.fillText(text, Math.max(x, LABEL) + 4, middle + 16); pen.restore();
      }
    });
  }

  /// Calls `show` for the visible spans of a lane, those in one pixel together.
  spans(starts, show) {
    const { r } = this;
    let from = lowerBoundBy(starts, (i) => this.where(i) >= this.left), last = -1;
    if (from > 0) from--;
    for (let k = from; k < starts.length; k++) {
      const i = starts[k];
      if (this.where(i) > this.right) break;
      const x = this.pixel(this.where(i)), end = this.pixel(this.where(Math.min(r.link[i], r.n)));
      const left = Math.max(x, last, LABEL - 2), right = Math.max(Math.min(end, this.width), left + 1);
      show(i, left, right - left);
      last = right;
      // Of those that begin within this pixel, the last one alone may reach beyond it.
      k = Math.max(k, lowerBoundBy(starts, (i) => this.where(i) >= this.atPixel(last), k + 1) - 2);
    }
  }

  /// A dot for every event that is neither poll nor sleep.
  marks(pen, lane, y) {
    const list = this.r.onLane[lane];
    for (let k = lowerBoundBy(list, (i) => this.where(i) >= this.left); k < list.length; k++) {
      const i = list[k], x = this.pixel(this.where(i));
      if (x > this.width) break;
      const mark = MARKS[this.r.kind[i]];
      if (!mark || this.follow && this.r.task[i] !== this.follow) continue;
      pen.fillStyle = mark;
      pen.fillRect(x - 2, y - 2, 4, 4); // a disc costs ten times as much
      k = lowerBoundBy(list, (i) => this.where(i) >= this.atPixel(x + 3), k + 1) - 1;
    }
  }

  /// Steals from victim to thief, wakes from waker to the poll of the woken.
  arrows(pen) {
    const { r } = this;
    const inside = (list) => {
      const from = lowerBoundBy(list, (i) => this.where(i) >= this.left);
      const to = lowerBoundBy(list, (i) => this.where(i) > this.right);
      if (this.follow) return list.slice(from, to);
      return list.slice(from, Math.min(to, from + MANY_ARROWS + 1));
    };
    let wakes = inside(r.wakes);
    if (this.follow) wakes = wakes.filter((i) => r.task[i] === this.follow || r.x[i] === this.follow);
    this.hidden = wakes.length > MANY_ARROWS;
    if (!this.hidden) for (const i of wakes) {
      if (r.link[i] >= r.n) continue;
      const to = r.link[i], spawn = r.kind[i] === SPAWNED;
      pen.strokeStyle = pen.fillStyle = spawn ? "rgba(20,140,60,.55)" : "rgba(40,70,200,.5)";
      arrow(pen, this.pixel(this.where(i)), this.top(this.laneOf(i)) + LANE / 2 + 18,
        this.pixel(this.where(to)), this.top(this.laneOf(to)) + 8 + BAR);
    }
    const steals = inside(r.steals);
    if (steals.length <= MANY_ARROWS) for (const i of steals) {
      pen.strokeStyle = pen.fillStyle = "#d35400"; pen.lineWidth = steals.length < 50 ? 2.5 : 1;
      const x = this.pixel(this.where(i)), from = this.top(r.y[i]) + LANE / 2, to = this.top(r.x[i]) + LANE / 2;
      arrow(pen, x, from, x, to + (from < to ? -8 : 8));
      pen.fillText(`steals ${r.z[i]}`, x + 5, (from + to) / 2);
      pen.lineWidth = 1;
    }
  }

  /// Where in the recording how much was polled, and which part the picture shows.
  drawMap(cursor) {
    const height = 10 * this.lanes + 6, { pen, width } = this.fit(this.map, height);
    const x = (at) => at / this.end * width, key = `${width} ${this.by} ${this.follow}`;
    if (this.painted !== key) {
      this.paintMap(pen, x, width, height);
      this.painted = key;
      this.paint = document.createElement("canvas");
      this.paint.width = this.map.width; this.paint.height = this.map.height;
      this.paint.getContext("2d").drawImage(this.map, 0, 0);
    }
    pen.drawImage(this.paint, 0, 0, width, height);
    pen.fillStyle = "rgba(214,0,108,.10)"; pen.strokeStyle = "#d6006c";
    const left = x(this.left), shown = Math.max(3, x(this.right) - left);
    pen.fillRect(left, 0, shown, height); pen.strokeRect(left + 0.5, 0.5, shown - 1, height - 1);
    pen.fillStyle = "#d6006c"; pen.fillRect(x(this.where(cursor)) - 1, 0, 2, height);
  }

  paintMap(pen, x, width, height) {
    const { r } = this;
    pen.fillStyle = "#f4f5f9"; pen.fillRect(0, 0, width, height);
    for (let lane = 0; lane < this.lanes; lane++) {
      let last = -1;
      for (const i of r.polls[lane]) {
        const end = x(this.where(Math.min(r.link[i], r.n)));
        if (end < last + 1) continue;
        const start = Math.max(x(this.where(i)), last);
        const followed = this.follow && r.task[i] === this.follow;
        pen.fillStyle = this.follow ? (followed ? color(r.task[i]) : "#d5d8e2") : "#8fa3d9";
        last = Math.max(end, start + 1);
        pen.fillRect(start, 4 + lane * 10, last - start, 7);
      }
    }
  }
}

/// What has a dot, and its colour.
const MARKS = {
  [SPAWNED]: "#148c3c", [WOKEN]: "#2846c8", [OVERFLOWED]: "#d35400", [TOOK_SHARE]: "#b8860b", [STOLE]: "#d35400",
  [DEFERRED]: "#777", [CALLED]: "#00868b", [TIMER_ARMED]: "#8a2be2", [TIMER_FIRED]: "#c218c2", [TIMER_DROPPED]: "#b49bd0",
  [IO_READY]: "#00868b", [CLOCK_ADVANCED]: "#c218c2", [ABORTED]: "#c00", [CANCELLED]: "#c00", [BLOCKING_JOB]: "#555",
  [RETIRED]: "#000", [SHUTDOWN_BEGAN]: "#c00",
};

function color(task) { return task ? `hsl(${(task * 47) % 360} 52% 42%)` : "#999"; }

function line(pen, x0, y0, x1, y1) { pen.beginPath(); pen.moveTo(x0, y0); pen.lineTo(x1, y1); pen.stroke(); }

function disc(pen, x, y, radius) { pen.beginPath(); pen.arc(x, y, radius, 0, 7); pen.fill(); }

function arrow(pen, x0, y0, x1, y1) {
  line(pen, x0, y0, x1, y1);
  const angle = Math.atan2(y1 - y0, x1 - x0);
  pen.beginPath(); pen.moveTo(x1, y1);
  for (const side of [-0.45, 0.45]) pen.lineTo(x1 - 8 * Math.cos(angle + side), y1 - 8 * Math.sin(angle + side));
  pen.closePath(); pen.fill();
}

/// The position of the first element for which `reached` holds; it holds for all behind it.
function lowerBoundBy(list, reached, from = 0) {
  // Outwards first: the goal is often near.
  let reach = 1;
  while (from + reach < list.length && !reached(list[from + reach])) reach *= 2;
  let to = Math.min(list.length, from + reach);
  while (from < to) {
    const middle = (from + to) >> 1;
    if (reached(list[middle])) to = middle; else from = middle + 1;
  }
  return from;
}
