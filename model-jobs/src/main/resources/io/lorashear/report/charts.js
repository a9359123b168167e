// Draws the tables of the page that ask for it. Every number comes from a table's <data>, so a
// picture can say nothing that the table below it does not.
"use strict";
(() => {
  const HEIGHT = 260;
  const ROW = 18;
  const shapes = [d3.symbolCircle, d3.symbolSquare, d3.symbolTriangle, d3.symbolDiamond, d3.symbolCross];
  const shown = { perplexity: Math.exp, percent: (x) => 100 * x, "round-percent": (x) => 100 * x };

  const number = (data) => data && (shown[data.dataset.as] || ((x) => x))(Number(data.value));

  function cell(td) {
    const [value, second, third] = [...td.querySelectorAll("data")].map(number);
    if (td.querySelector(".interval")) return { value, low: second, high: third };
    if (td.querySelector(".error")) return { value, low: value - second, high: value + second };
    return { value };
  }

  function table(figure) {
    const [first, ...columns] = [...figure.querySelectorAll("thead th")].map((th) => th.textContent);
    const rows = [...figure.querySelectorAll("tbody tr")].map((tr) => ({
      name: tr.querySelector("th").textContent,
      head: number(tr.querySelector("th data")),
      texts: [...tr.querySelectorAll("td")].map((td) => td.textContent),
      cells: [...tr.querySelectorAll("td")].map(cell),
    }));
    return { first, columns, rows };
  }

  // The models of a run look alike in all pictures.
  const fixed = { dense: 0, pruned: 1, recovered: 2 };
  const look = (name, i) => fixed[name] ?? i;
  const symbol = (i) => d3.symbol(shapes[i % shapes.length], 60)();
  const solid = (i) => (i >= 10 ? .5 : 1); // colours come again, paler
  const colour = (i) => "c" + (i % 10);

  function legend(plot, names) {
    const items = plot.append("ul").attr("class", "legend").selectAll("li").data(names).join("li");
    items.append("svg").attr("viewBox", "-6 -6 12 12").attr("aria-hidden", "true")
      .append("path").attr("d", (name, i) => symbol(look(name, i)))
      .attr("class", (name, i) => "mark " + colour(look(name, i)))
      .attr("fill-opacity", (_, i) => solid(i));
    items.append("span").text((name) => name);
  }

  function canvas(plot, figure, height, margin) {
    const width = Math.max(260, figure.clientWidth);
    const svg = plot.append("svg").attr("viewBox", [0, 0, width, height]).attr("height", height)
      .attr("role", "img").attr("aria-label",
        figure.querySelector("figcaption").textContent + ": a picture of the figures below");
    return { svg, x: [margin.left, width - margin.right], y: [height - margin.bottom, margin.top] };
  }

  function scale(figure, values, range) {
    const [low, high] = d3.extent(values.filter(Number.isFinite));
    const log = figure.dataset.scale === "log" && low > 0;
    const spare = log ? 1.05 : (high - low) / 20 || Math.abs(high) / 20 || 1;
    return (log ? d3.scaleLog([low / spare, high * spare], range)
      : d3.scaleLinear([low - spare, high + spare], range));
  }

  function across(c, x, label) {
    const ticks = Math.max(3, (c.x[1] - c.x[0]) / 90);
    const axis = d3.axisBottom(x).tickSizeInner(-(c.y[0] - c.y[1])).tickPadding(6);
    if (x.base && x.domain()[1] / x.domain()[0] < 30) {
      let last = -Infinity;
      const apart = d3.ticks(...x.domain(), ticks).filter((tick) => {
        const room = x(tick) - last >= 34;
        if (room) last = x(tick);
        return room;
      });
      axis.tickValues(apart).tickFormat(d3.format("~g"));
    } else axis.ticks(ticks, x.base ? "~g" : undefined);
    c.svg.append("g").attr("transform", `translate(0,${c.y[0]})`).attr("aria-hidden", "true").call(axis);
    c.svg.append("text").attr("class", "axis").attr("text-anchor", "end")
      .attr("x", c.x[1]).attr("y", c.y[0] + 34).text(label);
  }

  function upwards(c, y, label) {
    const axis = d3.axisLeft(y).tickSizeInner(-(c.x[1] - c.x[0])).tickPadding(6);
    if (y.base && y.domain()[1] / y.domain()[0] < 30) {
      axis.tickValues(d3.ticks(...y.domain(), 5)).tickFormat(d3.format("~g"));
    } else axis.ticks(5, y.base ? "~g" : undefined);
    c.svg.append("g").attr("transform", `translate(${c.x[0]},0)`).call(axis);
    c.svg.append("text").attr("class", "axis").attr("x", 0).attr("y", 11).text(label);
  }

  const band = (names, c, t) =>
    c.svg.append("g").selectAll("text").data(names).join("text").attr("x", 0).attr("dy", ".32em")
      .attr("y", (_, i) => c.y[1] + (i + .5) * t).text((name) => short(name, c.x[0]));

  const short = (name, room) => {
    const most = Math.max(8, Math.floor(room / 6.6));
    return name.length > most ? name.slice(0, most - 1) + "…" : name;
  };

  const left = (figure, names) =>
    Math.min(Math.max(...names.map((name) => name.length)) * 6.8 + 14, figure.clientWidth * .38);

  /** A row for each thing, a mark for each column, whiskers where there are intervals. */
  function dots(figure, plot, { columns, rows }) {
    const each = Math.max(22, columns.length * 9 + 8);
    const margin = { top: 8, right: 12, bottom: 40, left: left(figure, rows.map((r) => r.name)) };
    legend(plot, columns);
    const c = canvas(plot, figure, margin.top + rows.length * each + margin.bottom, margin);
    const values = rows.flatMap((r) => r.cells.flatMap((v) => [v.value, v.low, v.high]));
    const x = scale(figure, values, c.x);
    across(c, x, figure.dataset.axis);
    band(rows.map((r) => r.name), c, each);
    if (x.domain()[0] < 0) c.svg.append("path").attr("class", "zero").attr("d", `M${x(0)} ${c.y[0]}V${c.y[1]}`);
    rows.forEach((row, i) => row.cells.forEach((v, j) => {
      if (!Number.isFinite(v.value)) return;
      const own = look(columns[j], j);
      const y = c.y[1] + i * each + each / 2 + (j - (columns.length - 1) / 2) * 9;
      if (Number.isFinite(v.low)) {
        c.svg.append("path").attr("class", "stroke " + colour(own)).attr("d", `M${x(v.low)} ${y}H${x(v.high)}`);
      }
      c.svg.append("path").attr("class", "mark " + colour(own)).attr("d", symbol(own))
        .attr("transform", `translate(${x(v.value)},${y}) scale(.8)`);
    }));
  }

  function curves(c, x, y, columns, series) {
    const line = d3.line((p) => x(p.x), (p) => y(p.y)).defined((p) => Number.isFinite(p.y));
    columns.forEach((name, j) => {
      const points = series(j);
      const own = look(name, j);
      c.svg.append("path").attr("class", "stroke " + colour(own)).attr("d", line(points));
      if (points.length <= 40) {
        c.svg.append("g").selectAll("path").data(points.filter((p) => Number.isFinite(p.y))).join("path")
          .attr("class", "mark " + colour(own)).attr("d", symbol(own))
          .attr("transform", (p) => `translate(${x(p.x)},${y(p.y)}) scale(.7)`);
      }
    });
  }

  /** A line for each column, from the first row to the last. */
  function lines(figure, plot, { first, columns, rows }) {
    const margin = { top: 24, right: 12, bottom: 40, left: 48 };
    if (columns.length > 1) legend(plot, columns);
    const c = canvas(plot, figure, HEIGHT, margin);
    const y = scale(figure, rows.flatMap((r) => r.cells.map((v) => v.value)), c.y);
    const numeric = rows.every((r) => /^\d+$/.test(r.name));
    const at = (r, i) => (numeric ? Number(r.name) : i);
    const x = d3.scaleLinear([d3.min(rows, at), Math.max(d3.max(rows, at), d3.min(rows, at) + 1)], c.x);
    upwards(c, y, figure.dataset.axis);
    if (numeric) {
      const whole = x.ticks(Math.max(3, (c.x[1] - c.x[0]) / 90)).filter(Number.isInteger);
      c.svg.append("g").attr("transform", `translate(0,${c.y[0]})`)
        .call(d3.axisBottom(x).tickValues(whole).tickFormat(d3.format("d")));
      c.svg.append("text").attr("class", "axis").attr("text-anchor", "end")
        .attr("x", c.x[1]).attr("y", c.y[0] + 34).text(first);
    } else {
      const room = (c.x[1] - c.x[0]) / Math.max(1, rows.length - 1);
      c.svg.append("g").selectAll("text").data(rows).join("text").attr("y", c.y[0] + 18)
        .attr("x", (r, i) => x(i)).text((r) => short(r.name, room))
        .attr("text-anchor", (r, i) => (i === 0 ? "start" : i === rows.length - 1 ? "end" : "middle"));
    }
    curves(c, x, y, columns, (j) => rows.map((r, i) => ({ x: at(r, i), y: r.cells[j].value })));
  }

  /** Lines over steps that begin anew with every round; rounds stand side by side. */
  function phases(figure, plot, { first, columns, rows }) {
    const names = columns.slice(1);
    const margin = { top: 40, right: 12, bottom: 40, left: 48 };
    legend(plot, names);
    const c = canvas(plot, figure, HEIGHT, margin);
    let begun = 0, last = 0;
    rows.forEach((r, i) => {
      r.phase = r.texts[0];
      if (i > 0 && r.phase !== rows[i - 1].phase) begun = last;
      r.at = begun + r.head;
      last = r.at;
    });
    const x = d3.scaleLinear([0, Math.max(1, last)], c.x);
    const y = scale(figure, rows.flatMap((r) => r.cells.slice(1).map((v) => v.value)), c.y);
    upwards(c, y, figure.dataset.axis);
    c.svg.append("g").attr("transform", `translate(0,${c.y[0]})`)
      .call(d3.axisBottom(x).ticks(Math.max(3, (c.x[1] - c.x[0]) / 90), "d"));
    c.svg.append("text").attr("class", "axis").attr("text-anchor", "end")
      .attr("x", c.x[1]).attr("y", c.y[0] + 34).text(first + "s of all rounds");
    for (const [phase, inside] of d3.group(rows, (r) => r.phase)) {
      const from = x(inside[0].at);
      const room = x(inside[inside.length - 1].at) - from;
      c.svg.append("path").attr("class", "phase").attr("d", `M${from} ${c.y[0]}V${c.y[1]}`);
      c.svg.append("text").attr("class", "axis").attr("x", from + 3).attr("y", c.y[1] - 4).text(short(phase, room));
      curves(c, x, y, names, (j) => inside.map((r) => ({ x: r.at, y: r.cells[j + 1].value })));
    }
  }

  /** A row for each thing, as long as its first number. */
  function bars(figure, plot, { rows }) {
    const margin = { top: 4, right: 64, bottom: 4, left: left(figure, rows.map((r) => r.name)) };
    const c = canvas(plot, figure, margin.top + rows.length * ROW + margin.bottom, margin);
    const x = d3.scaleLinear([0, d3.max(rows, (r) => r.cells[0].value) || 1], c.x);
    band(rows.map((r) => r.name), c, ROW);
    rows.forEach((row, i) => {
      const y = c.y[1] + i * ROW;
      c.svg.append("rect").attr("class", "mark c0").attr("x", c.x[0]).attr("y", y + 4)
        .attr("width", Math.max(.5, x(row.cells[0].value) - c.x[0])).attr("height", ROW - 8);
      c.svg.append("text").attr("x", x(row.cells[0].value) + 5).attr("y", y + ROW / 2).attr("dy", ".32em")
        .text(row.texts[0]);
    });
  }

  /** A bar for each row, in parts that add up to its last number. */
  function stack(figure, plot, { columns, rows }) {
    const parts = columns.slice(0, -1);
    const margin = { top: 4, right: 12, bottom: 40, left: left(figure, rows.map((r) => r.name)) };
    legend(plot, parts);
    const c = canvas(plot, figure, margin.top + rows.length * 26 + margin.bottom, margin);
    const x = d3.scaleLinear([0, 1], c.x);
    c.svg.append("g").attr("transform", `translate(0,${c.y[0]})`).call(d3.axisBottom(x).ticks(4, "%"));
    c.svg.append("text").attr("class", "axis").attr("text-anchor", "end")
      .attr("x", c.x[1]).attr("y", c.y[0] + 34).text(figure.dataset.axis);
    band(rows.map((r) => r.name), c, 26);
    rows.forEach((row, i) => {
      const all = row.cells[parts.length].value || 1;
      let from = 0;
      parts.forEach((_, j) => {
        const share = (row.cells[j].value || 0) / all;
        if (share === 0) return;
        c.svg.append("rect").attr("class", "mark " + colour(j)).attr("x", x(from)).attr("y", c.y[1] + i * 26 + 4)
          .attr("width", x(from + share) - x(from)).attr("height", 18).attr("fill-opacity", solid(j));
        from += share;
      });
    });
  }

  /** Size to the right, perplexity upwards, a line from the dense model through each method. */
  function scatter(figure, plot, { columns, rows }) {
    const size = columns.indexOf("parameters"), quality = columns.indexOf("perplexity");
    const [dense, ...others] = rows;
    const methods = [...new Set(others.map((r) => r.name))];
    const margin = { top: 24, right: 16, bottom: 40, left: 56 };
    legend(plot, methods);
    const c = canvas(plot, figure, HEIGHT + 60, margin);
    const at = (r) => ({ x: r.cells[size].value, y: r.cells[quality].value });
    const points = rows.map(at);
    const x = d3.scaleLinear(d3.extent(points, (p) => p.x), c.x).nice();
    const y = scale(figure, points.map((p) => p.y), c.y);
    upwards(c, y, figure.dataset.axis);
    c.svg.append("g").attr("transform", `translate(0,${c.y[0]})`)
      .call(d3.axisBottom(x).ticks(Math.max(3, (c.x[1] - c.x[0]) / 100), "~s"));
    c.svg.append("text").attr("class", "axis").attr("text-anchor", "end")
      .attr("x", c.x[1]).attr("y", c.y[0] + 34).text("parameters");
    curves(c, x, y, methods, (j) =>
      [dense, ...others.filter((r) => r.name === methods[j])].map(at).sort((a, b) => b.x - a.x));
  }

  const kinds = { dots, lines, phases, bars, stack, scatter };

  function draw() {
    for (const figure of document.querySelectorAll("figure.chart")) {
      d3.select(figure).select(".plot").remove();
      const found = table(figure);
      if (found.rows.length === 0) continue;
      const plot = d3.select(figure).insert("div", "details").attr("class", "plot");
      kinds[figure.dataset.kind](figure, plot, found);
    }
  }

  draw();
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth !== width) {
      width = window.innerWidth;
      draw();
    }
  });

  const told = document.createElement("output");
  told.id = "told";
  document.body.append(told);
  document.addEventListener("click", (event) => {
    const data = event.target.closest("data");
    told.textContent = data ? `${data.dataset.from} is ${data.value}` : "";
  });
})();
