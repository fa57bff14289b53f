"use strict";
// Draws the charts of a report from the JSON in its page, and moves through its pictures.
(async () => {
  const report = JSON.parse(document.getElementById("report-data").textContent);
  const root = document.documentElement;
  const DASHES = ["solid", "dash", "dot", "dashdot"];
  const AXES = { step: "step", images: "real samples seen", seconds: "seconds" };
  const LINE = 44; // characters of a line in a box over a chart
  const PAPER = { width: 310, height: 220 }; // pixels of a chart: two beside each other on A4 and on Letter
  let axis = "step";
  let printing = false;

  // light and dark
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const button = document.getElementById("theme");
  const name = () => {
    button.textContent = dark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `${button.textContent} colours`);
  };
  button.hidden = false;
  name();
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    name();
    drawAll();
  });
  system.addEventListener("change", () => { name(); drawAll(); });

  // pictures
  const slider = document.querySelector(".slider input");
  if (slider) {
    const pictures = [...document.querySelectorAll("img[data-step]")];
    const show = () => {
      const shown = Number(slider.value);
      pictures.forEach((picture, place) => { picture.hidden = place !== shown; });
      const words = `step ${Number(pictures[shown].dataset.step).toLocaleString("en")}`;
      slider.setAttribute("aria-valuetext", words);
      document.querySelector(".slider output").value = `${words} (${shown + 1} of ${pictures.length})`;
    };
    slider.addEventListener("input", show);
    slider.closest(".slider").hidden = false;
    show();
  }

  // charts
  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const folded = (text) => {
    const lines = [""];
    for (const word of text.split(" ")) {
      if (lines.at(-1).length + word.length > LINE) lines.push("");
      lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
    }
    return lines.map(escaped).join("<br>");
  };
  const said = (value) => {
    if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)) return value.toExponential(3);
    return value.toLocaleString("en", { maximumSignificantDigits: 4 });
  };

  // the points of a curve: those of log lines that have its number, or of evaluations
  function points(series) {
    const run = report.runs[series.run];
    const found = { x: [], y: [] };
    const add = (x, y) => { if (x !== null && x !== undefined && y !== null) { found.x.push(x); found.y.push(y); } };
    if (series.of) {
      series.of.forEach((place) => add(run.evaluations[place].step, run.evaluations[place].values[series.name]));
    } else {
      const over = run.columns[axis] || [];
      run.columns[series.name].forEach((value, place) => add(over[place], value));
    }
    return found;
  }

  const plots = [...document.querySelectorAll(".chart")].map((figure) => {
    const chart = report.charts[Number(figure.dataset.chart)];
    return { figure, chart, log: chart.log, at: null, gd: figure.querySelector(".plot") };
  });

  function traces({ figure, chart }) {
    const colors = report.colors[dark() ? "dark" : "light"];
    return chart.series.map((series, place) => {
      const { x, y } = points(series);
      const unit = series.unit ? ` ${escaped(series.unit)}` : "";
      const meaning = series.meaning && !chart.meaning ? `<br><i>${folded(series.meaning)}</i>` : "";
      return {
        type: "scatter", x, y, name: escaped(series.label),
        mode: series.of || y.length < 3 ? "lines+markers" : "lines",
        line: { color: colors[series.look % colors.length], dash: DASHES[series.look % DASHES.length], width: 2 },
        visible: figure.querySelector(`[data-series="${place}"]`).checked,
        hovertemplate: `${escaped(series.label)}: <b>%{y:.4~g}</b>${unit}${meaning}<extra></extra>`,
      };
    });
  }

  function layout({ chart, log }) {
    const color = (name) => (getComputedStyle(root).getPropertyValue(name).trim());
    const lines = { gridcolor: color("--edge"), linecolor: color("--edge"), zerolinecolor: color("--edge"), automargin: true };
    const evaluated = chart.series.some((series) => series.of);
    const over = evaluated ? "step" : AXES[axis];
    const meaning = chart.meaning ? `<br><i>${folded(chart.meaning)}</i>` : "";
    return {
      ...(printing ? PAPER : { autosize: true }), paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false,
      font: { color: color("--text"), family: "system-ui, sans-serif", size: 13 },
      margin: { l: 10, r: 14, t: 12, b: 10 },
      hovermode: "x unified", hoverlabel: { bgcolor: color("--page"), font: { size: 12 }, namelength: -1 },
      xaxis: { ...lines, title: { text: over, standoff: 8 }, unifiedhovertitle: { text: `${over} %{x:,}${meaning}` }, uirevision: axis },
      yaxis: { ...lines, title: { text: chart.unit, standoff: 8 }, type: log ? "log" : "linear", ...(log ? { tickformat: "~g" } : {}), exponentformat: "power", minexponent: 5, separatethousands: true, uirevision: log },
    };
  }

  const draw = (plot) => window.Plotly.react(plot.gd, traces(plot), layout(plot), {
    responsive: true, displaylogo: false, displayModeBar: false, scrollZoom: false,
  });
  const drawAll = () => Promise.all(window.Plotly ? plots.map(draw) : []);

  // by keyboard: from point to point of the curves that are shown
  function walk(plot, event) {
    const shown = plot.gd.data.map((trace, number) => ({ trace, number })).filter(({ trace }) => trace.visible === true);
    const steps = [...new Set(shown.flatMap(({ trace }) => trace.x))].sort((a, b) => a - b);
    const last = steps.length - 1;
    const at = plot.at === null ? -1 : plot.at;
    const to = { ArrowRight: Math.min(at + 1, last), ArrowLeft: Math.max(at - 1, 0), Home: 0, End: last }[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    plot.at = to;
    const there = shown.map(({ trace, number }) => ({ trace, curveNumber: number, pointNumber: trace.x.indexOf(steps[to]) }))
      .filter((point) => point.pointNumber >= 0);
    window.Plotly.Fx.hover(plot.gd, { xval: steps[to] });
    const values = there.map(({ trace, curveNumber, pointNumber }) => {
      const { label, unit } = plot.chart.series[curveNumber];
      return `${label} ${said(trace.y[pointNumber])}${unit ? ` ${unit}` : ""}`;
    });
    const over = plot.gd.layout.xaxis.title.text;
    plot.figure.querySelector(".reading").textContent = `${over} ${steps[to].toLocaleString("en")}: ${values.join("; ")}`;
  }

  for (const plot of plots) {
    const log = plot.figure.querySelector(".log");
    log.hidden = !plot.chart.positive;
    log.querySelector("input").checked = plot.log;
    log.addEventListener("change", (event) => { plot.log = event.target.checked; draw(plot); });
    plot.figure.querySelector(".key").addEventListener("change", () => draw(plot));
    plot.gd.addEventListener("keydown", (event) => walk(plot, event));
    plot.gd.addEventListener("blur", () => {
      window.Plotly.Fx.unhover(plot.gd);
      plot.figure.querySelector(".reading").textContent = "";
    });
  }
  const over = document.getElementById("axis");
  if (over) {
    over.closest(".controls").hidden = false;
    over.addEventListener("change", () => {
      axis = over.value;
      plots.forEach((plot) => { plot.at = null; });
      drawAll();
    });
  }
  // paper is light, and narrow
  let theme;
  addEventListener("beforeprint", () => {
    printing = true;
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    drawAll();
  });
  addEventListener("afterprint", () => {
    printing = false;
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    drawAll();
  });

  // Plotly, which the page holds packed
  async function unpack() {
    const packed = document.getElementById("plotly");
    const bytes = Uint8Array.from(atob(packed.textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
  }
  try {
    if (plots.length) await unpack();
    await drawAll();
    root.dataset.drawn = "yes";
  } catch (error) {
    root.dataset.drawn = "no";
    document.querySelectorAll(".reading").forEach((place) => {
      place.textContent = "This browser cannot draw the curves; one of 2023 or later can. The numbers are in the tables.";
    });
    throw error;
  }
})();
