// Asks for the figures every second, as long as the run and the program that watches it last.
"use strict";
(() => {
  const HEIGHT = 240;
  const byId = (id) => document.getElementById(id);
  let chosen = null; // a stage that was picked, in the place of the latest

  const say = (id, text) => { if (byId(id).textContent !== text) byId(id).textContent = text; };

  function chart(id, label, xs, values, draw) {
    const plot = d3.select(byId(id));
    const width = Math.max(260, byId(id).clientWidth);
    plot.selectAll("svg").remove();
    const svg = plot.append("svg").attr("viewBox", [0, 0, width, HEIGHT]).attr("height", HEIGHT)
      .attr("role", "img").attr("aria-label", label);
    const x = d3.scaleLinear([Math.min(...xs), Math.max(...xs, 1)], [52, width - 10]);
    const [low, high] = d3.extent(values.filter(Number.isFinite));
    const spare = (high - low) / 20 || Math.abs(high) / 20 || 1;
    const y = d3.scaleLinear([low - spare, high + spare], [HEIGHT - 40, 8]);
    svg.append("g").attr("transform", `translate(0,${HEIGHT - 40})`).attr("aria-hidden", "true")
      .call(d3.axisBottom(x).ticks(Math.max(3, width / 90), "d").tickSizeInner(-(HEIGHT - 48)).tickPadding(6));
    svg.append("text").attr("text-anchor", "end").attr("x", width - 10).attr("y", HEIGHT - 4).text("step");
    svg.append("g").attr("transform", "translate(52,0)").attr("aria-hidden", "true")
      .call(d3.axisLeft(y).ticks(5, "~s").tickSizeInner(-(width - 62)).tickPadding(6));
    draw(svg, x, y);
  }

  const line = (svg, x, y, points, key, colour) => svg.append("path").attr("class", "stroke " + colour)
    .attr("d", d3.line((p) => x(p.step), (p) => y(p[key])).defined((p) => Number.isFinite(p[key]))(points));

  function training(curves) {
    byId("none").hidden = curves.length > 0;
    byId("curves").hidden = curves.length === 0;
    if (curves.length === 0) return;
    const select = byId("stage");
    const names = curves.map((curve) => curve.name);
    if ([...select.options].map((each) => each.value).join("\n") !== names.join("\n")) {
      select.replaceChildren(...names.map((name) => new Option(name, name)));
    }
    const curve = curves.find((each) => each.name === chosen) ?? curves[curves.length - 1];
    select.value = curve.name;
    const { points, validations } = curve;
    const last = points[points.length - 1];
    const every = curve.every > 1 ? `, every ${curve.every} steps` : "";
    say("loss-text", `Loss, nats a token${every}`);
    say("speed-text", `Tokens a second${every}`);
    const xs = [0, last.step, ...validations.map((p) => p.step)];
    byId("held-out").hidden = validations.length === 0;
    chart("loss", `Loss by step; ${last.loss} at step ${last.step} of ${curve.steps}`, xs,
      [...points, ...validations].map((p) => p.loss), (svg, x, y) => {
        line(svg, x, y, points, "loss", "c0");
        svg.append("g").attr("class", "c1").selectAll("circle").data(validations.filter((p) => Number.isFinite(p.loss)))
          .join("circle").attr("class", "mark").attr("r", 4).attr("cx", (p) => x(p.step)).attr("cy", (p) => y(p.loss));
      });
    chart("speed", `Tokens a second by step; ${last.tokensPerSecond ?? "unknown"} at step ${last.step}`, xs,
      [0, ...points.map((p) => p.tokensPerSecond)], (svg, x, y) => line(svg, x, y, points, "tokensPerSecond", "c0"));
  }

  function time(seconds) {
    if (seconds < 60) return seconds.toFixed(1) + " s";
    const whole = Math.round(seconds);
    return whole < 3600 ? `${Math.floor(whole / 60)} min ${whole % 60} s`
      : `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
  }

  function stages(data) {
    d3.select(byId("stages")).selectAll("tr").data(data.stages).join((enter) => {
      const row = enter.append("tr");
      row.append("th").attr("scope", "row");
      row.append("td");
      return row;
    }).each(function (stage) {
      this.children[0].textContent = stage.name;
      this.children[1].textContent = stage.seconds !== undefined ? time(stage.seconds)
        : data.ended ? "stopped" : "at work";
    });
  }

  function show(data) {
    document.title = `${data.state.toLowerCase()}: ${data.run}`;
    say("sentence", data.sentence + ".");
    say("now", data.now ? data.now + "." : "Nothing yet.");
    const bar = byId("bar");
    bar.hidden = !(data.total > 0) || data.ended;
    if (data.total > 0) { bar.max = data.total; bar.value = data.done; }
    byId("notes").hidden = data.notes.length === 0;
    byId("notes").replaceChildren(...data.notes.map((note) => {
      const item = document.createElement("li");
      item.textContent = note;
      return item;
    }));
    training(data.curves);
    stages(data);
  }

  let latest = null;
  async function look() {
    try {
      latest = await (await fetch("metrics.json")).json();
      show(latest);
      if (!latest.ended) setTimeout(look, 1000);
    } catch {
      say("sentence", "lorashear watch has ended; what is below was there last.");
    }
  }

  byId("stage").addEventListener("change", (event) => { chosen = event.target.value; show(latest); });
  window.addEventListener("resize", () => latest && show(latest));
  look();
})();
