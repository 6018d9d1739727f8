// The dashboard's variables: what can be chosen, what is, and what becomes of them in a query.
import { ask } from './prometheus.js';
import { faults, page } from './page.js';

export class Variables {
  #list = new Map(); // of {options: [{text, value}], chosen: the same or 'all', variable}

  // resolve asks for the choices of all variables in turn, as later ones depend on earlier ones.
  async resolve(variables) {
    for (const variable of variables) {
      const options = await this.#options(variable);
      const wanted = page.chosen(variable.name);
      let chosen = options.filter((o) => wanted.includes(o.text) || wanted.includes(o.value));
      if (chosen.length < wanted.length) faults.push(`variable ${variable.name}: no ${wanted.join(', ')} among ${options.map((o) => o.text).join(', ')}`);
      if (!wanted.length) {
        const current = [variable.current?.value ?? []].flat();
        chosen = current.includes('$__all') ? 'all' : options.filter((o) => current.includes(o.value));
        if (!chosen.length) chosen = variable.includeAll ? 'all' : options.slice(0, 1);
      }
      if (variable.type !== 'custom' && !options.length) faults.push(`variable ${variable.name} has no values: ${variable.definition}`);
      this.#list.set(variable.name, { variable, options, chosen });
    }
    return this;
  }

  async #options(variable) {
    if (variable.type === 'datasource') return [{ text: page.source === 'live' ? 'Steepest' : 'Steepest by step', value: page.source }];
    if (variable.type === 'custom') return variable.query.split(',').map((v) => ({ text: v.trim(), value: v.trim() }));
    if (variable.type !== 'query') throw new Error(`variable ${variable.name} is of the type ${variable.type}, which is not known here`);
    const range = { start: page.from / 1000, end: page.to / 1000 };
    const labels = /^label_values\((.*),\s*(\w+)\)$/.exec(variable.definition);
    const query = /^query_result\((.*)\)$/.exec(variable.definition);
    let texts;
    if (labels) {
      const series = await ask('series', { 'match[]': this.fill(labels[1]), ...range });
      texts = series.map((s) => s[labels[2]]).filter((v) => v);
    } else if (query) {
      const data = await ask('query', { query: this.fill(query[1], constants(0)), time: range.end });
      texts = data.result.map(({ metric: { __name__ = '', ...rest }, value }) =>
        `${__name__}{${Object.entries(rest).map(([k, v]) => `${k}="${v}"`).join(',')}} ${value[1]} ${value[0] * 1000}`);
    } else throw new Error(`variable ${variable.name}: ${variable.definition} is not known here`);
    const pattern = variable.regex && new RegExp(variable.regex.replace(/^\/|\/$/g, ''));
    const options = new Map();
    for (const text of texts) {
      const found = pattern ? pattern.exec(text) : [text, text];
      if (!found) continue;
      const value = found.groups?.value ?? found[1] ?? found[0];
      options.set(value, { text: found.groups?.text ?? value, value });
    }
    const order = new Intl.Collator('en', { numeric: true });
    return [...options.values()].sort((a, b) => order.compare(a.text, b.text));
  }

  // fill puts values in place of $name, ${name} and ${name:text}; own are values of one panel.
  fill(text, own = {}) {
    return text.replace(/\$(\w+)|\$\{(\w+)(?::(\w+))?\}/g, (whole, plain, name = plain, format) => {
      if (name in own) return own[name];
      const v = this.#list.get(name);
      if (!v) return whole;
      if (format === 'text') return this.text(name);
      if (v.chosen === 'all') return v.variable.allValue || among(v.options.map((o) => o.value));
      return v.variable.multi || v.variable.includeAll ? among(v.chosen.map((o) => o.value)) : v.chosen[0]?.value ?? '';
    });
  }

  // values are what a panel that repeats is repeated for.
  values(name) {
    const v = this.#list.get(name);
    return v.chosen === 'all' ? v.options : v.chosen;
  }

  text(name) {
    const v = this.#list.get(name);
    return v.chosen === 'all' ? 'All' : v.chosen.map((o) => o.text).join(' + ');
  }

  // labels are what is shown of the variables above the panels.
  labels() {
    return [...this.#list.values()].filter((v) => v.variable.hide !== 2).map(({ variable }) => [variable.label || variable.name, this.text(variable.name)]);
  }
}

// among is a regular expression of these values, escaped for a string in a query.
export function among(values) {
  const escaped = values.map((v) => v.replace(/[\\^$*+?.()|{}[\]]/g, '\\\\$&').replace(/"/g, '\\"'));
  return escaped.length === 1 ? escaped[0] : `(${escaped.join('|')})`;
}

// constants are Grafana's own variables, for points that are so many seconds apart.
export function constants(step) {
  const range = Math.round((page.to - page.from) / 1000);
  return { __interval: step + 's', __interval_ms: step * 1000, __rate_interval: Math.max(step + 1, 4) + 's', __range: range + 's', __range_s: range };
}
