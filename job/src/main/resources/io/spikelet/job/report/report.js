// Draws each figure from the JSON beside it, as wide as there is room, and again when that changes.
"use strict";
(() => {
  const COLOURS = 8;
  const PAPER = 660;

  // Four digits at most, and no more than it takes: for ticks and tooltips.
  const number = value => {
    if (value === 0) return "0";
    const size = Math.abs(value);
    return size >= 1e6 || size < 1e-4 ? d3.format(".3~s")(value) : d3.format(size >= 1000 ? ",.4~r" : ".4~r")(value);
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
    const height = top + d3.sum(chart.rows, row => head + row.marks.length * line + gap) + 40;
    const svg = canvas(plot, width, height, chart.label);
    const room = 118;
    const known = marks.flatMap(mark => [mark.value, mark.low ?? mark.value, mark.high ?? mark.value])
      .concat(chart.reference ? [chart.reference.value] : []);
    const [least, most] = d3.extent(known);
    const margin = (most - least || Math.abs(most) || 1) * 0.06;
    const x = d3.scaleLinear([least - margin, most + margin], [8, width - room]).nice(Math.floor(width / 90));
    const foot = height - 36;
    svg.append("g").attr("class", "axis").attr("transform", `translate(0,${foot})`)
      .call(d3.axisBottom(x).ticks(Math.max(2, Math.floor((width - room) / 80))).tickFormat(number)
        .tickSizeInner(-(foot - top)).tickSizeOuter(0).tickPadding(6));
    svg.append("text").attr("class", "unit").attr("x", width - room).attr("y", height - 4).attr("text-anchor", "end").text(chart.x);
    if (chart.reference) {
      const at = x(chart.reference.value);
      svg.append("path").attr("class", "reference").attr("d", `M${at},${top}V${foot}`);
      const side = at > (width - room) / 2 ? "end" : "start";
      svg.append("text").attr("class", "unit").attr("x", at + (side === "end" ? 4 : -4)).attr("y", 11)
        .attr("text-anchor", side).text(chart.reference.text);
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
  const axes = (plot, chart, width, x, y, whole) => {
    const height = Math.round(Math.min(320, Math.max(210, width * 0.42)));
    const margin = {top: 22, right: 12, bottom: 40, left: 52};
    const svg = canvas(plot, width, height, chart.label);
    x.range([margin.left, width - margin.right]);
    y.range([height - margin.bottom, margin.top]).nice(5);
    const ticks = Math.max(2, Math.floor(width / 90));
    const rungs = whole.y ? y.ticks(5).filter(Number.isInteger) : y.ticks(5);
    const bottom = d3.axisBottom(x).tickSizeOuter(0);
    if (whole.x) {
      bottom.tickValues(x.ticks(ticks).filter(Number.isInteger)).tickFormat(number);
    } else {
      bottom.ticks(ticks).tickFormat(number);
    }
    svg.append("g").attr("class", "axis").attr("transform", `translate(0,${height - margin.bottom})`).call(bottom);
    svg.append("g").attr("class", "axis").attr("transform", `translate(${margin.left},0)`)
      .call(d3.axisLeft(y).tickValues(rungs).tickFormat(number).tickSizeInner(-(width - margin.left - margin.right)).tickSizeOuter(0).tickPadding(6));
    svg.append("text").attr("class", "unit").attr("y", 11).text(chart.y);
    svg.append("text").attr("class", "unit").attr("x", width - margin.right).attr("y", height - 4).attr("text-anchor", "end").text(chart.x);
    return svg;
  };

  const widened = ([from, to]) => from === to ? [from - 0.5, to + 0.5] : [from, to];

  const plane = (plot, chart, width, xs, ys) => {
    const both = chart.line === "diagonal" ? d3.extent(xs.concat(ys)) : null;
    const x = d3.scaleLinear().domain(widened(both ?? d3.extent(xs)));
    const floor = chart.fromZero || chart.line === "zero" ? [0] : [];
    const y = d3.scaleLinear().domain(widened(both ?? d3.extent(ys.concat(floor))));
    if (chart.kind === "dots") x.nice(5);
    const svg = axes(plot, chart, width, x, y, {x: chart.wholeX, y: false});
    if (chart.line === "zero") {
      svg.append("path").attr("class", "reference").attr("d", `M${x.range()[0]},${y(0)}H${x.range()[1]}`);
    }
    if (both) {
      const from = Math.max(x.domain()[0], y.domain()[0]);
      const to = Math.min(x.domain()[1], y.domain()[1]);
      svg.append("path").attr("class", "reference").attr("d", `M${x(from)},${y(from)}L${x(to)},${y(to)}`);
    }
    return {svg, x, y};
  };

  const lines = (plot, chart, width) => {
    const points = chart.series.flatMap(series => series.points);
    const {svg, x, y} = plane(plot, chart, width, points.map(p => p.x),
      points.flatMap(p => [p.y - (p.error ?? 0), p.y + (p.error ?? 0)]));
    chart.series.forEach((series, i) => {
      if (series.points.some(p => p.error)) {
        svg.append("path").attr("class", `band f${i % COLOURS}`).attr("d", d3.area(p => x(p.x), p => y(p.y - (p.error ?? 0)), p => y(p.y + (p.error ?? 0)))(series.points));
      }
      svg.append("path").attr("class", `line l${i % COLOURS}`).attr("d", d3.line(p => x(p.x), p => y(p.y))(series.points));
      if (series.points.length <= 64) {
        svg.append("g").selectAll("circle").data(series.points).join("circle").attr("class", `f${i % COLOURS}`)
          .attr("r", 2.4).attr("cx", p => x(p.x)).attr("cy", p => y(p.y))
          .append("title").text(p => `${series.name}: ${number(p.x)}, ${number(p.y)}${p.error ? " ± " + number(p.error) : ""}`);
      }
    });
  };

  const dots = (plot, chart, width) => {
    const points = chart.series.flatMap(series => series.points);
    const {svg, x, y} = plane(plot, chart, width, points.map(p => p.x), points.map(p => p.y));
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
    const svg = axes(plot, chart, width, x, y, {x: false, y: true});
    const below = new Array(bins).fill(0);
    chart.series.forEach((series, i) => series.counts.forEach((count, bin) => {
      if (count === 0) return;
      const from = chart.from + bin * chart.width;
      svg.append("rect").attr("class", `f${i % COLOURS}`)
        .attr("x", x(from) + 0.5).attr("width", Math.max(1, x(from + chart.width) - x(from) - 1))
        .attr("y", y(below[bin] + count)).attr("height", y(below[bin]) - y(below[bin] + count))
        .append("title").text(`${series.name}, ${number(from)} to ${number(from + chart.width)}: ${count}`);
      below[bin] += count;
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
