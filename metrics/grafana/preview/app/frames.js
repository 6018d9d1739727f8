// Grafana's transformations and overrides, applied to the frames of a panel.
import * as D from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import { page } from './page.js';

export const theme = D.createTheme({ colors: { mode: page.theme } });
export const timeZone = 'utc';

D.standardTransformersRegistry.setInit(() => [...new Map(Object.values(D.standardTransformers).map((t) => [t.id, t])).values()]
  .map((t) => ({ id: t.id, name: t.name, transformation: () => Promise.resolve(t), editor: null })));
D.standardFieldConfigEditorRegistry.setInit(() => []);

const item = (id, extra) => ({ id, path: id, name: id, process: (v) => v, shouldApply: () => true, editor: () => null, override: () => null, ...extra });
const standard = ['unit', 'displayName', 'color', 'min', 'max', 'decimals', 'links', 'mappings', 'thresholds', 'noValue']
  .map((id) => item(id, id === 'displayName' && { process: (v, context) => v && context.replaceVariables ? context.replaceVariables(v, context.field?.state?.scopedVars) : v }));

// What Grafana's own panels have where a dashboard is silent.
const line = {
  drawStyle: 'line', lineInterpolation: 'linear', barAlignment: 0, barWidthFactor: 0.6, lineWidth: 1, fillOpacity: 0, gradientMode: 'none', spanNulls: false,
  insertNulls: false, showPoints: 'auto', pointSize: 5, stacking: { mode: 'none', group: 'A' }, axisPlacement: 'auto', axisLabel: '', axisColorMode: 'text',
  axisBorderShow: false, scaleDistribution: { type: 'linear' }, axisCenteredZero: false, hideFrom: { legend: false, tooltip: false, viz: false },
  thresholdsStyle: { mode: 'off' },
};
const usual = { timeseries: [line, 'palette-classic'], xychart: [line, 'palette-classic'] };

// shape does to the frames what the panel's transformations and its fieldConfig say.
export async function shape(panel, frames) {
  for (const t of panel.transformations || []) {
    frames = t.id === 'partitionByValues' ? frames.flatMap((f) => partition(f, t.options)) : await lastValueFrom(D.transformDataFrame([t], frames));
  }
  const { defaults, overrides } = structuredClone(panel.fieldConfig);
  const [custom, color] = usual[panel.type] || [{}, 'thresholds'];
  defaults.custom = { ...custom, ...defaults.custom };
  defaults.color ??= { mode: color };
  defaults.thresholds ??= { mode: 'absolute', steps: [{ value: null, color: 'green' }, { value: 80, color: 'red' }] };
  defaults.thresholds.steps.forEach((s) => (s.value ??= -Infinity));
  const keys = new Set([defaults.custom, ...overrides.flatMap((o) => o.properties).map((p) => ({ [p.id.replace(/^custom\./, '')]: 0 }))].flatMap(Object.keys));
  const fieldConfigRegistry = new D.FieldConfigOptionsRegistry(() => [
    ...standard, ...[...keys].filter((k) => !standard.some((s) => s.id === k)).map((k) => item('custom.' + k, { path: k, isCustom: true })),
  ]);
  const replaceVariables = (text, scope) => text?.replace(/\$\{__field\.labels\.(\w+)\}/g,
    (whole, label) => (scope?.__dataContext?.value?.field ?? scope?.field)?.labels?.[label] ?? whole);
  return D.applyFieldOverrides({ data: frames, fieldConfig: { defaults, overrides }, fieldConfigRegistry, replaceVariables, theme, timeZone });
}

// partition is Grafana's transformation of that name, which is not among the published ones: a frame for each value of a field.
function partition(frame, { fields, keepFields, naming }) {
  const keys = fields.map((name) => frame.fields.find((f) => f.name === name));
  if (keys.includes(undefined)) return [frame];
  const rows = Map.groupBy(Array.from({ length: frame.length }, (_, i) => i), (i) => keys.map((k) => k.values[i]).join(' '));
  return [...rows].map(([key, at]) => {
    const labels = naming?.asLabels && Object.fromEntries(keys.map((k) => [k.name, k.values[at[0]]]));
    return D.toDataFrame({ name: labels ? frame.name : key, refId: frame.refId, meta: frame.meta, fields: frame.fields.filter((f) => keepFields || !keys.includes(f))
      .map((f) => ({ ...f, labels: { ...f.labels, ...labels }, state: {}, values: at.map((i) => f.values[i]) })) });
  });
}
