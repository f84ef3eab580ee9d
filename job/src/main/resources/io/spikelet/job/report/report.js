// Draws each figure from the JSON beside it, as wide as there is room, and again when that changes.
"use strict";
(() => {
  const COLOURS = 8;
  const PAPER = 660;

  // Four digits unless more are asked for, and no more than it takes: for ticks and tooltips.
  const number = (value, digits = 4) => {
    if (value === 0) return "0";
    const size = Math.abs(value);
    return d3.format(size >= 1e6 || size < 1e-4 ? `.${digits - 1}~s` : `${size >= 1000 ? "," : ""}.${digits}~r`)(value);
  };

  // Labels of ticks, with as many digits as it takes to tell them apart.
  const labels = ticks => {
    for (let digits = 4; ; digits++) {
      const texts = ticks.map(tick => number(tick, digits));
      if (digits === 15 || new Set(texts).size === texts.length) return texts;
    }
  };

  const canvas = (plot, width, height, label) => {
    plot.replaceChildren();
    return d3.select(plot).append("svg")
      .attr("viewBox", `0 0 ${width} ${height}`).attr("role", "img").attr("aria-label", label);
  };

  // Cuts a text that is too long; the whole of it is its tooltip.
  const fit = (text, room) => {
    const node = text.node();
    const whole = node.textContent;
    let length = whole.length;
    while (length > 1 && node.getComputedTextLength() > room) {
      length = Math.max(1, Math.min(length - 1, Math.floor(length * room / node.getComputedTextLength())));
      node.textContent = whole.slice(0, length) + "…";
    }
    if (length < whole.length) text.append("title").text(whole);
  };

  // An axis at the bottom, with as many ticks as have room for their labels.
  const below = (group, x, at, {grid, whole}) => {
    const [from, to] = x.range();
    group.attr("class", "axis").attr("transform", `translate(0,${at})`);
    for (let most = Math.max(2, Math.floor((to - from) / 60)); most > 0; most--) {
      const ticks = whole ? x.ticks(most).filter(Number.isInteger) : x.ticks(most);
      const texts = labels(ticks);
      group.selectAll("*").remove();
      group.call(d3.axisBottom(x).tickValues(ticks).tickFormat((_, i) => texts[i])
        .tickSizeInner(grid ? -grid : 6).tickSizeOuter(0).tickPadding(grid ? 6 : 3));
      const widths = group.selectAll(".tick text").nodes().map(node => node.getComputedTextLength());
      if (ticks.every((tick, i) => i === 0 || x(tick) - x(ticks[i - 1]) > (widths[i] + widths[i - 1]) / 2 + 8)) return;
    }
  };

  // A row a bar: name and value above it, so that neither a long name nor a narrow screen makes them meet.
  const bars = (plot, chart, width) => {
    const row = 40;
    const svg = canvas(plot, width, chart.bars.length * row, chart.label);
    const x = d3.scaleLinear([0, d3.max(chart.bars, bar => bar.value) || 1], [0, width - 2]);
    chart.bars.forEach((bar, i) => {
      const group = svg.append("g").attr("transform", `translate(0,${i * row})`);
      const value = group.append("text").attr("x", width).attr("y", 14).attr("text-anchor", "end").text(bar.text);
      fit(group.append("text").attr("y", 14).text(bar.name), width - value.node().getComputedTextLength() - 16);
      group.append("rect").attr("class", "f0").attr("y", 20).attr("height", 11).attr("rx", 2)
        .attr("width", Math.max(1, x(Math.max(0, bar.value))));
    });
  };

  // A name, and below it a dot with its whisker for each mark; all of them on the axis at the bottom.
  const intervals = (plot, chart, width) => {
    const head = 20;
    const line = 18;
    const gap = 8;
    const top = chart.reference ? 20 : 4;
    const marks = chart.rows.flatMap(row => row.marks);
    const height = top + d3.sum(chart.rows, row => head + row.marks.length * line + gap) + 42;
    const svg = canvas(plot, width, height, chart.label);
    const room = 20 + Math.min(width * 0.45, 6.8 * d3.max(marks, mark => mark.text.length));
    const known = marks.flatMap(mark => [mark.value, mark.low ?? mark.value, mark.high ?? mark.value])
      .concat(chart.reference ? [chart.reference.value] : []);
    const [least, most] = d3.extent(known);
    const margin = (most - least || Math.abs(most) || 1) * 0.06;
    const x = d3.scaleLinear([least < 0 ? least - margin : Math.max(0, least - margin), most + margin], [24, width - room]).nice(Math.floor(width / 90));
    const foot = height - 38;
    below(svg.append("g"), x, foot, {grid: foot - top, whole: false});
    svg.append("text").attr("class", "unit").attr("x", width - room).attr("y", height - 4).attr("text-anchor", "end").text(chart.x);
    if (chart.reference) {
      const at = x(chart.reference.value);
      svg.append("path").attr("class", "reference").attr("d", `M${at},${top}V${foot}`);
      const side = at > (width - room) / 2 ? "end" : "start";
      fit(svg.append("text").attr("class", "unit").attr("x", at + (side === "end" ? 4 : -4)).attr("y", 11)
        .attr("text-anchor", side).text(chart.reference.text), side === "end" ? at + 4 : width - at + 4);
    }
    let y = top;
    chart.rows.forEach(row => {
      fit(svg.append("text").attr("class", "name").attr("x", 0).attr("y", y + 14).text(row.name), width - room - 8);
      y += head;
      row.marks.forEach(mark => {
        const colour = mark.series % COLOURS;
        const middle = y + line / 2;
        if (mark.low != null) {
          const [from, to] = [x(mark.low), x(mark.high)];
          svg.append("path").attr("class", `whisker l${colour}`)
            .attr("d", `M${from},${middle}H${to}M${from},${middle - 4}V${middle + 4}M${to},${middle - 4}V${middle + 4}`);
        }
        svg.append("circle").attr("class", `f${colour}`).attr("r", 4.2).attr("cx", x(mark.value)).attr("cy", middle)
          .append("title").text(`${row.name}${chart.legend.length ? ", " + chart.legend[mark.series] : ""}: ${mark.text}`);
        fit(svg.append("text").attr("class", "value").attr("x", width).attr("y", middle + 4).attr("text-anchor", "end")
          .text(mark.text), room - 8);
        y += line;
      });
      y += gap;
    });
  };

  // Axes of a chart with two quantities; what is drawn between them is up to the caller.
  const axes = (group, chart, width, height, x, y, whole) => {
    y.nice(5);
    const rungs = whole.y ? y.ticks(5).filter(Number.isInteger) : y.ticks(5);
    const texts = labels(rungs);
    const margin = {top: 30, right: 16, bottom: 42, left: Math.max(34, 14 + 6.6 * d3.max(texts, text => text.length))};
    x.range([margin.left, width - margin.right]);
    y.range([height - margin.bottom, margin.top]);
    below(group.append("g"), x, height - margin.bottom, {grid: 0, whole: whole.x});
    group.append("g").attr("class", "axis").attr("transform", `translate(${margin.left},0)`)
      .call(d3.axisLeft(y).tickValues(rungs).tickFormat((_, i) => texts[i])
        .tickSizeInner(-(width - margin.left - margin.right)).tickSizeOuter(0).tickPadding(6));
    fit(group.append("text").attr("class", "unit").attr("y", 11).text(chart.y), width);
    fit(group.append("text").attr("class", "unit").attr("x", width - margin.right).attr("y", height - 4)
      .attr("text-anchor", "end").text(chart.x), width - margin.right);
  };

  const heightOf = width => Math.round(Math.min(320, Math.max(210, width * 0.42)));

  const widened = ([from, to]) => from === to ? [from - 0.5, to + 0.5] : [from, to];

  const plane = (group, chart, width, height, xs, ys) => {
    const both = chart.line === "diagonal" ? d3.extent(xs.concat(ys)) : null;
    const x = d3.scaleLinear().domain(widened(both ?? d3.extent(xs)));
    const floor = chart.fromZero || chart.line === "zero" ? [0] : [];
    const y = d3.scaleLinear().domain(widened(both ?? d3.extent(ys.concat(floor))));
    if (chart.kind === "dots") x.nice(5);
    axes(group, chart, width, height, x, y, {x: chart.wholeX, y: false});
    if (chart.line === "zero") {
      group.append("path").attr("class", "reference").attr("d", `M${x.range()[0]},${y(0)}H${x.range()[1]}`);
    }
    if (both) {
      const from = Math.max(x.domain()[0], y.domain()[0]);
      const to = Math.min(x.domain()[1], y.domain()[1]);
      group.append("path").attr("class", "reference").attr("d", `M${x(from)},${y(from)}L${x(to)},${y(to)}`);
    }
    return {x, y};
  };

  // One panel for all series, or, where their bands would cover each other, one for each on the same axes.
  const lines = (plot, chart, width) => {
    const numbered = chart.series.map((series, i) => ({series, colour: i % COLOURS}));
    const panels = chart.apart ? numbered.map(one => [one]) : [numbered];
    const columns = panels.length > 1 && width >= 760 ? 2 : 1;
    const gap = 28;
    const each = (width - gap * (columns - 1)) / columns;
    const head = chart.apart ? 24 : 0;
    const height = (chart.apart ? 200 : heightOf(width)) + head;
    const svg = canvas(plot, width, height * Math.ceil(panels.length / columns), chart.label);
    const points = chart.series.flatMap(series => series.points);
    panels.forEach((panel, k) => {
      const cell = svg.append("g")
        .attr("transform", `translate(${(k % columns) * (each + gap)},${Math.floor(k / columns) * height})`);
      if (chart.apart) fit(cell.append("text").attr("class", "name").attr("y", 14).text(panel[0].series.name), each);
      const group = cell.append("g").attr("transform", `translate(0,${head})`);
      const {x, y} = plane(group, chart, each, height - head, points.map(p => p.x),
        points.flatMap(p => [p.y - (p.error ?? 0), p.y + (p.error ?? 0)]));
      panel.forEach(({series, colour}) => line(group, series, colour, x, y));
    });
  };

  const line = (group, series, colour, x, y) => {
    if (series.points.some(p => p.error)) {
      group.append("path").attr("class", `band f${colour}`).attr("d",
        d3.area(p => x(p.x), p => y(p.y - (p.error ?? 0)), p => y(p.y + (p.error ?? 0)))(series.points));
    }
    group.append("path").attr("class", `line l${colour}`).attr("d", d3.line(p => x(p.x), p => y(p.y))(series.points));
    if (series.points.length <= 64) {
      group.append("g").selectAll("circle").data(series.points).join("circle").attr("class", `f${colour}`)
        .attr("r", 2.4).attr("cx", p => x(p.x)).attr("cy", p => y(p.y))
        .append("title").text(p => `${series.name}: ${number(p.x)}, ${number(p.y)}${p.error ? " ± " + number(p.error) : ""}`);
    }
  };

  const dots = (plot, chart, width) => {
    const points = chart.series.flatMap(series => series.points);
    const height = heightOf(width);
    const svg = canvas(plot, width, height, chart.label);
    const {x, y} = plane(svg, chart, width, height, points.map(p => p.x), points.map(p => p.y));
    chart.series.forEach((series, i) =>
      svg.append("g").selectAll("circle").data(series.points).join("circle").attr("class", `dot f${i % COLOURS}`)
        .attr("r", 3.5).attr("cx", p => x(p.x)).attr("cy", p => y(p.y))
        .append("title").text(p => `${series.name}: ${number(p.x)}, ${number(p.y)}`));
  };

  // Series stand on each other, so that the height is that of all.
  const columns = (plot, chart, width) => {
    const bins = chart.series[0].counts.length;
    const totals = d3.range(bins).map(bin => d3.sum(chart.series, series => series.counts[bin]));
    const x = d3.scaleLinear().domain([chart.from, chart.from + bins * chart.width]);
    const y = d3.scaleLinear().domain([0, d3.max(totals)]);
    const height = heightOf(width);
    const svg = canvas(plot, width, height, chart.label);
    axes(svg, chart, width, height, x, y, {x: chart.whole, y: true});
    const base = new Array(bins).fill(0);
    chart.series.forEach((series, i) => series.counts.forEach((count, bin) => {
      if (count === 0) return;
      const from = chart.from + bin * chart.width;
      svg.append("rect").attr("class", `f${i % COLOURS}`)
        .attr("x", x(from) + 0.5).attr("width", Math.max(1, x(from + chart.width) - x(from) - 1))
        .attr("y", y(base[bin] + count)).attr("height", y(base[bin]) - y(base[bin] + count))
        .append("title").text(`${series.name}, ${number(from)} to ${number(from + chart.width)}: ${count}`);
      base[bin] += count;
    }));
    if (chart.from < 0 && chart.from + bins * chart.width > 0) {
      svg.append("path").attr("class", "reference").attr("d", `M${x(0)},${y.range()[0]}V${y.range()[1]}`);
    }
  };

  const kinds = {bars, intervals, lines, dots, columns};
  const figures = [...document.querySelectorAll("figure.chart")].map(figure => ({
    plot: figure.querySelector(".plot"),
    chart: JSON.parse(figure.querySelector("script").textContent),
  }));
  const draw = width => figures.forEach(({plot, chart}) => kinds[chart.kind](plot, chart, width || plot.clientWidth || PAPER));
  draw();
  let drawn = document.documentElement.clientWidth;
  window.addEventListener("resize", () => {
    if (document.documentElement.clientWidth !== drawn) {
      drawn = document.documentElement.clientWidth;
      draw();
    }
  });
  window.addEventListener("beforeprint", () => draw(PAPER));
  window.addEventListener("afterprint", () => draw());
})();
