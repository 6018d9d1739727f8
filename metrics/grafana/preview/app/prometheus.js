// Asks the throwaway Prometheus, and makes frames of its answers as Grafana's data source does.
import { dateTime, rangeUtil, toDataFrame } from '@grafana/data';
import { fault, faults, page } from './page.js';
import { constants } from './variables.js';

export async function ask(path, parameters) {
  const response = await fetch(`/prometheus/${page.source}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters) });
  const answer = await response.json();
  if (answer.status !== 'success') throw new Error(answer.error);
  return answer.data;
}

export const number = (text) => ({ NaN: NaN, '+Inf': Infinity, '-Inf': -Infinity })[text] ?? Number(text);
const legend = (format, labels) => format.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => labels[label] ?? '');

// stepOf is the seconds between two points of a panel so wide.
export function stepOf(panel, width) {
  const range = { from: dateTime(page.from), to: dateTime(page.to), raw: { from: '', to: '' } };
  return Math.max(1, Math.round(rangeUtil.calculateInterval(range, width, panel.interval || '1s').intervalMs / 1000));
}

export function askRange(query, step) {
  const aligned = (ms) => Math.floor(ms / 1000 / step) * step;
  return ask('query_range', { query, start: aligned(page.from), end: aligned(page.to), step });
}

// askPanel asks all queries of a panel. What has no number in it is a fault.
export async function askPanel(panel, width, variables, own) {
  const step = stepOf(panel, width);
  const frames = await Promise.all(panel.targets.map(async (target) => {
    const query = variables.fill(target.expr, { ...constants(step), ...own });
    try {
      const { result } = await (target.instant ? ask('query', { query, time: page.to / 1000 }) : askRange(query, step));
      const series = result.map(({ metric, value, values = [value] }) => ({ metric, times: values.map((v) => v[0] * 1000), numbers: values.map((v) => number(v[1])) }));
      if (!series.some((s) => s.numbers.some((n) => !Number.isNaN(n)))) fault(panel, `query ${target.refId} is empty: ${query}`);
      if (target.format === 'table') return [table(panel, target, series)];
      return series.map((s) => line(target, s, step));
    } catch (error) {
      fault(panel, `query ${target.refId}: ${error.message}: ${query}`);
      return [];
    }
  }));
  return frames.flat();
}

function line(target, { metric, times, numbers }, step) {
  const name = target.legendFormat ? legend(target.legendFormat, metric) : JSON.stringify(metric);
  return toDataFrame({ refId: target.refId, name, fields: [
    { name: 'Time', type: 'time', values: times, config: { interval: step * 1000 } },
    { name: 'Value', type: 'number', values: numbers, labels: metric, config: { displayNameFromDS: name } },
  ] });
}

function table(panel, target, series) {
  const labels = [...new Set(series.flatMap((s) => Object.keys(s.metric)))].filter((l) => l !== '__name__').sort();
  const column = (value) => series.flatMap((s) => s.times.map((time, i) => value(s, i, time)));
  const name = panel.targets.length > 1 ? `Value #${target.refId}` : 'Value';
  return toDataFrame({ refId: target.refId, meta: { type: 'timeseries-wide' }, fields: [
    { name: 'Time', type: 'time', values: column((s, i, time) => time), config: {} },
    ...labels.map((l) => ({ name: l, type: 'string', values: column((s) => s.metric[l] ?? ''), config: { filterable: true } })),
    { name, type: 'number', values: column((s, i) => s.numbers[i]), config: {} },
  ] });
}

// askAnnotations gives what is marked on the curves: from and to of every stretch in which the query is above zero.
export async function askAnnotations(list, variables) {
  const marks = [];
  for (const a of list.filter((a) => a.enable && a.expr)) {
    const step = Math.max(1, parseInt(a.step || '60', 10));
    try {
      const { result } = await askRange(variables.fill(a.expr, constants(step)), step);
      for (const { metric, values } of result) {
        const title = legend(a.titleFormat || a.name, metric);
        for (const [time, value] of values) {
          if (!(number(value) > 0)) continue;
          const last = marks.at(-1);
          if (last?.title === title && last.to === (time - step) * 1000) last.to = time * 1000;
          else marks.push({ title, color: a.iconColor, from: time * 1000, to: time * 1000 });
        }
      }
    } catch (error) {
      faults.push(`annotation ${a.name}: ${error.message}`);
    }
  }
  return marks;
}
