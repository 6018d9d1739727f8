// A panel of each kind, drawn with the components that Grafana draws it with. Grafana publishes none for the XY chart, the heat map and
// the gauge: here these are its axes, legends and colors around curves, cells and an arc of our own.
import * as D from '@grafana/data';
import * as U from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { theme, timeZone } from './frames.js';
import { checks, fault, page } from './page.js';
import { number } from './prometheus.js';

const range = { from: D.dateTime(page.from), to: D.dateTime(page.to), raw: { from: D.dateTime(page.from), to: D.dateTime(page.to) } };

export function Panel(props) {
  const Kind = kinds[props.panel.type];
  if (!Kind) fault(props.panel, `its type ${props.panel.type} is not known here`);
  if (!Kind || !props.frames.some((f) => f.length)) return <Nothing panel={props.panel} />;
  return <Kind {...props} options={props.panel.options} />;
}

function Nothing({ panel }) {
  fault(panel, 'no data');
  return <div style={{ textAlign: 'center', paddingTop: 30, color: theme.colors.text.secondary }}>No data</div>;
}

function TimeSeries({ options, frames, marks, width, height }) {
  const whole = frames.map((frame) => D.applyNullInsertThreshold({ frame, refFieldPseudoMin: page.from, refFieldPseudoMax: page.to })); // a gap is no line
  return (
    <U.TimeSeries frames={whole} structureRev={1} timeRange={range} timeZone={timeZone} width={width} height={height} legend={options.legend} options={options} theme={theme}>
      {(config) => { config.addHook('draw', (plot) => drawMarks(plot, marks)); }}
    </U.TimeSeries>
  );
}

// drawMarks marks annotations as Grafana does: a dashed line at a moment, and a bar below the axis where it lasts.
function drawMarks({ ctx, bbox, valToPos }, marks) {
  ctx.save();
  for (const mark of marks) {
    const [left, right] = [mark.from, mark.to].map((t) => valToPos(t, 'x', true));
    ctx.strokeStyle = ctx.fillStyle = theme.visualization.getColorByName(mark.color);
    ctx.setLineDash([5, 5]);
    for (const x of new Set([left, right])) {
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.globalAlpha = 0.1;
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.globalAlpha = 1;
    ctx.fillRect(left - 3, bbox.top + bbox.height, Math.max(6, right - left), 5);
  }
  ctx.restore();
}

const matching = (matcher, frame, frames) => matcher && frame.fields.find((f) => D.getFieldMatcher(matcher)(f, frame, frames));

// curvesOf are the pairs of fields that an XY chart draws, one for each frame.
function curvesOf(options, frames) {
  const numbers = (f) => f.fields.filter((x) => x.type === 'number');
  const [{ x, y, color } = {}] = options.series || [];
  return frames.flatMap((frame) => {
    const across = matching(x?.matcher, frame, frames) || numbers(frame)[0];
    const up = matching(y?.matcher, frame, frames) || numbers(frame)[1];
    return across && up && across !== up ? [{ across, up, frame, color }] : [];
  });
}

function XYChart({ panel, options, frames, width, height }) {
  const curves = curvesOf(options, frames).map((c) => ({ ...c, name: D.getFieldDisplayName(c.up, c.frame, frames), color: D.getFieldSeriesColor(c.up, theme).color }));
  if (!curves.length) return <Nothing panel={panel} />;
  const { across, up } = curves[0];
  const config = new U.UPlotConfigBuilder(timeZone);
  const distribution = (f) => ({ distribution: f.config.custom?.scaleDistribution?.type, log: f.config.custom?.scaleDistribution?.log, min: f.config.min, max: f.config.max, decimals: f.config.decimals });
  config.addScale({ scaleKey: 'x', isTime: false, orientation: 0, direction: 1, range: (plot, min, max) => [min, max] });
  config.addScale({ scaleKey: 'y', orientation: 1, direction: 1, ...distribution(up) });
  const axis = (f, scaleKey, placement) => config.addAxis({ scaleKey, placement, theme, label: f.config.custom?.axisLabel, isTime: false, size: f.config.custom?.axisWidth,
    formatValue: (v, decimals) => D.formattedValueToString(f.display(v, f.config.decimals ?? decimals)), distr: f.config.custom?.scaleDistribution?.type });
  axis(across, 'x', 'bottom');
  axis(up, 'y', 'left');
  const { lineWidth, show = 'points', pointSize } = up.config.custom;
  for (const { color } of curves) {
    config.addSeries({ scaleKey: 'y', theme, drawStyle: show === 'points' ? 'points' : 'line', lineInterpolation: 'linear', lineColor: color, lineWidth,
      showPoints: show.includes('points') ? 'always' : 'never', pointSize: pointSize?.fixed, pointColor: color, spanNulls: true });
  }
  const tables = curves.map(({ across, up }) => {
    const rows = across.values.map((x, i) => [x, up.values[i]]).filter(([x, y]) => x != null && y != null).sort((a, b) => a[0] - b[0]);
    return [[...new Set(rows.map((r) => r[0]))], [...new Map(rows).values()]];
  });
  const items = curves.map((c, i) => ({ label: c.name, color: c.color, yAxis: 1, getDisplayValues: () => D.getDisplayValuesForCalcs?.(options.legend.calcs, c.up, theme) ?? [], getItemKey: () => String(i) }));
  const legend = options.legend.showLegend && (
    <U.VizLayout.Legend placement={options.legend.placement} width={options.legend.width} maxHeight="35%" maxWidth="60%">
      <U.VizLegend items={items} placement={options.legend.placement} displayMode={options.legend.displayMode} sortBy={options.legend.sortBy} sortDesc={options.legend.sortDesc} isSortable readonly />
    </U.VizLayout.Legend>
  );
  return (
    <U.VizLayout width={width} height={height} legend={legend}>
      {(w, h) => <U.UPlotChart config={config} data={join(tables)} width={w} height={h} />}
    </U.VizLayout>
  );
}

// join brings curves with steps of their own onto all steps.
function join(tables) {
  const steps = [...new Set(tables.flatMap(([x]) => x))].sort((a, b) => a - b);
  return [steps, ...tables.map(([x, y]) => {
    const at = new Map(x.map((step, i) => [step, y[i]]));
    return steps.map((step) => (at.has(step) ? at.get(step) : undefined));
  })];
}

function HeatMap({ panel, options, frames, width, height }) {
  const rows = frames.map((f) => ({ le: number(f.fields[1].labels.le), times: f.fields[0].values, counts: f.fields[1].values })).sort((a, b) => a.le - b.le);
  const apart = frames[0].fields[0].config.interval;
  const below = rows.map((r) => new Map(r.times.map((t, i) => [t, r.counts[i]])));
  const cells = rows.flatMap((r, i) => r.times.map((t, k) => ({ t, i, count: r.counts[k] - (below[i - 1]?.get(t) ?? 0) }))).filter((c) => c.count > (options.filterValues?.le ?? 0));
  const most = Math.max(...cells.map((c) => c.count));
  if (!cells.length) return <Nothing panel={panel} />;
  const [first, last] = [Math.min(...cells.map((c) => c.i)), Math.max(...cells.map((c) => c.i))];
  const unit = D.getValueFormat(options.yAxis?.unit || 's');
  const config = new U.UPlotConfigBuilder(timeZone);
  config.addScale({ scaleKey: 'x', isTime: true, orientation: 0, direction: 1, range: () => [page.from, page.to] });
  config.addScale({ scaleKey: 'y', orientation: 1, direction: 1, range: () => [0, rows.length] });
  config.addAxis({ scaleKey: 'x', isTime: true, placement: 'bottom', theme, timeZone, grid: { show: false } });
  config.addAxis({ scaleKey: 'y', placement: 'left', theme, grid: { show: false }, splits: () => rows.map((r, i) => i + 1),
    values: (plot, at) => at.map((i) => (i % Math.ceil(rows.length * 16 / height) ? '' : Number.isFinite(rows[i - 1].le) ? D.formattedValueToString(unit(rows[i - 1].le)) : '+Inf')) });
  config.addSeries({ scaleKey: 'y', theme, pathBuilder: () => null, show: true });
  config.addHook('draw', (plot) => {
    const { ctx } = plot;
    ctx.save();
    for (const { t, i, count } of cells) {
      const [left, right, top, bottom] = [plot.valToPos(t - apart, 'x', true), plot.valToPos(t, 'x', true), plot.valToPos(i + 1, 'y', true), plot.valToPos(i, 'y', true)];
      ctx.fillStyle = viridis[Math.min(viridis.length - 1, Math.floor((count / most) ** (options.color?.exponent ?? 1) * viridis.length))];
      ctx.fillRect(left, top, Math.max(1, right - left - options.cellGap), Math.max(1, bottom - top - options.cellGap));
    }
    ctx.restore();
  });
  if (first === last && rows.length > 1 && first === rows.length - 1) fault(panel, 'all counts are in the last bucket');
  return <U.UPlotChart config={config} data={[[page.from, page.to], [0, 0]]} width={width} height={height} />;
}
const viridis = ['#440154', '#482878', '#3e4989', '#31688e', '#26828e', '#1f9e89', '#35b779', '#6ece58', '#b5de2b', '#fde725'];

function Table({ panel, options, frames, width, height }) {
  if (frames.length > 1) fault(panel, `its queries were not joined, ${frames.length} tables`);
  for (const f of frames[0].fields) {
    const name = D.getFieldDisplayName(f, frames[0], frames);
    if (/^Value\b/.test(name)) fault(panel, `a column is called ${name}`);
  }
  checks.push(() => cutOff(panel));
  return <div id={`panel${panel.id}`}><TableNG data={frames[0]} width={width} height={height} sortBy={options.sortBy} cellHeight={options.cellHeight} noHeader={!options.showHeader}
    structureRev={1} getActions={() => []} timeRange={range} /></div>;
}

// cutOff finds columns of a table that are beyond its edge, and heads that are longer than their column.
function cutOff(panel) {
  if (page.width < 1280) return;
  const grid = document.querySelector(`#panel${panel.id} [role=grid]`);
  if (grid.scrollWidth > grid.clientWidth + 1) fault(panel, `its columns are ${grid.scrollWidth} pixels wide, and there are ${grid.clientWidth}`);
  for (const head of grid.querySelectorAll('[role=columnheader]')) {
    if ([head, ...head.querySelectorAll('*')].some((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)) fault(panel, `the head of its column ${head.textContent} is cut off`);
  }
}

// valuesOf are the numbers that stand for the frames.
function valuesOf({ panel, options, frames }) {
  return D.getFieldDisplayValues({ fieldConfig: panel.fieldConfig, reduceOptions: options.reduceOptions, replaceVariables: (v) => v, theme, data: frames, timeZone });
}

function Stat(props) {
  const { options, frames, width, height } = props;
  return <U.VizRepeater source={frames} renderCounter={1} autoGrid getValues={() => valuesOf(props)} width={width} height={height} orientation={options.orientation} itemSpacing={3}
    renderValue={({ value, width, height, count }) => <U.BigValue value={value.display} count={count} width={width} height={height} theme={theme} colorMode={options.colorMode}
      graphMode={options.graphMode} justifyMode={options.justifyMode} textMode={options.textMode} wideLayout={options.wideLayout} text={options.text} />} />;
}

function BarGauge(props) {
  const { options, frames, width, height } = props;
  return <U.VizRepeater source={frames} renderCounter={1} getValues={() => valuesOf(props)} width={width} height={height} orientation={options.orientation} itemSpacing={8}
    minVizHeight={options.minVizHeight} minVizWidth={options.minVizWidth} maxVizHeight={options.maxVizHeight} getAlignmentFactors={D.getDisplayValueAlignmentFactors}
    renderValue={({ value, width, height, orientation, alignmentFactors }) => <U.BarGauge value={value.display} width={width} height={height} orientation={orientation} field={value.field}
      text={options.text} display={value.view?.getFieldDisplayProcessor(value.colIndex ?? 0)} theme={theme} itemSpacing={8} lcdCellWidth={12} displayMode={options.displayMode}
      alignmentFactors={alignmentFactors} showUnfilled={options.showUnfilled} valueDisplayMode={options.valueMode} namePlacement={options.namePlacement} />} />;
}

function Gauge(props) {
  const { width, height } = props;
  const [{ display }] = valuesOf(props);
  const radius = Math.min(width / 2, height) * 0.7, middle = width / 2, foot = height * 0.8;
  const arc = (share, color) => {
    const [x, y] = [middle - radius * Math.cos(Math.PI * share), foot - radius * Math.sin(Math.PI * share)];
    return <path d={`M${middle - radius} ${foot} A${radius} ${radius} 0 0 1 ${x} ${y}`} stroke={color} strokeWidth={radius / 5} fill="none" />;
  };
  return (
    <svg width={width} height={height}>
      {arc(1, theme.colors.background.secondary)}
      {arc(Math.max(0, Math.min(1, display.percent ?? display.numeric)), display.color)}
      <text x={middle} y={foot - 4} textAnchor="middle" fill={display.color} fontSize={radius / 3}>{D.formattedValueToString(display)}</text>
    </svg>
  );
}

const kinds = { timeseries: TimeSeries, xychart: XYChart, heatmap: HeatMap, table: Table, stat: Stat, bargauge: BarGauge, gauge: Gauge };
