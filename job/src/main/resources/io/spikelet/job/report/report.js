// Draws each figure from the JSON beside it, as wide as there is room, and again when that changes.
"use strict";
(() => {
  const COLOURS = 6;
  const PAPER = 660;

  const number = value => {
    if (value === 0) return "0";
    const size = Math.abs(value);
    return size >= 1e6 || size < 1e-3 ? d3.format(".3~s")(value) : d3.format(size >= 1000 ? ",.0f" : ".4~r")(value);
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
      length = Math.min(length - 1, Math.floor(length * room / node.getComputedTextLength()));
      node.textContent = whole.slice(0, length) + "…";
    }
    if (length < whole.length) text.append("title").text(whole);
  };

  // A row a bar: name and value above it, so that neither a long name nor a narrow screen makes them meet.
  const bars = (plot, chart, width) => {
    const row = 40;
    const svg = canvas(plot, width, chart.bars.length * row, chart.label);
    const end = d3.max(chart.bars, bar => bar.value + (bar.error ?? 0)) || 1;
    const x = d3.scaleLinear([0, end], [0, width - 2]);
    chart.bars.forEach((bar, i) => {
      const group = svg.append("g").attr("transform", `translate(0,${i * row})`);
      const value = group.append("text").attr("x", width).attr("y", 14).attr("text-anchor", "end")
        .text(number(bar.value) + (bar.error == null ? "" : " ± " + number(bar.error)) + (chart.unit ? " " + chart.unit : ""));
      const name = group.append("text").attr("y", 14).text(bar.name);
      fit(name, width - value.node().getComputedTextLength() - 16);
      group.append("rect").attr("class", "f" + (bar.series ?? 0) % COLOURS).attr("y", 20).attr("height", 11).attr("rx", 2)
        .attr("width", Math.max(1, x(Math.max(0, bar.value))));
      if (bar.error) {
        const from = x(Math.max(0, bar.value - bar.error));
        const to = x(bar.value + bar.error);
        group.append("path").attr("class", "whisker")
          .attr("d", `M${from},25.5H${to}M${from},21.5V29.5M${to},21.5V29.5`);
      }
    });
  };

  // Axes of a chart with two quantities; what is drawn between them is up to the caller.
  const plane = (plot, chart, width, xs, ys) => {
    const height = Math.round(Math.min(320, Math.max(210, width * 0.42)));
    const margin = {top: 22, right: 12, bottom: 38, left: 52};
    const svg = canvas(plot, width, height, chart.label);
    const x = d3.scaleLinear(d3.extent(xs), [margin.left, width - margin.right]);
    if (x.domain()[0] === x.domain()[1]) x.domain([x.domain()[0] - 0.5, x.domain()[1] + 0.5]);
    const y = d3.scaleLinear([chart.fromZero ? 0 : d3.min(ys), d3.max(ys)], [height - margin.bottom, margin.top]);
    if (y.domain()[0] === y.domain()[1]) y.domain([y.domain()[0] - 0.5, y.domain()[1] + 0.5]);
    y.nice(5);
    const ticks = Math.max(2, Math.floor(width / 90));
    const bottom = d3.axisBottom(x).tickSizeOuter(0);
    if (chart.wholeX) {
      bottom.tickValues(x.ticks(ticks).filter(Number.isInteger)).tickFormat(d3.format("~s"));
    } else {
      bottom.ticks(ticks).tickFormat(number);
    }
    svg.append("g").attr("class", "axis").attr("transform", `translate(0,${height - margin.bottom})`).call(bottom);
    svg.append("g").attr("class", "axis").attr("transform", `translate(${margin.left},0)`)
      .call(d3.axisLeft(y).ticks(5).tickFormat(number).tickSizeInner(-(width - margin.left - margin.right)).tickSizeOuter(0).tickPadding(6));
    svg.append("text").attr("class", "unit").attr("y", 11).text(chart.y);
    svg.append("text").attr("class", "unit").attr("x", width - margin.right).attr("y", height - 4).attr("text-anchor", "end").text(chart.x);
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
          .append("title").text(p => `${series.name}: ${number(p.x)}, ${number(p.y)}`);
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

  const kinds = {bars, lines, dots};
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
