// Draws a shipped dashboard on the page. window.finished has what is wrong with it, once it is drawn.
import { Component } from 'react';
import { createRoot } from 'react-dom/client';
import { ThemeContext } from '@grafana/data';
import { GlobalStyles, PanelChrome } from '@grafana/ui';
import { shape, theme } from './frames.js';
import { checks, faults, page } from './page.js';
import { Panel } from './panels.jsx';
import { askAnnotations, askPanel } from './prometheus.js';
import { among, Variables } from './variables.js';

// Grafana's grid: 24 columns, rows of 30 pixels, 8 between panels.
const gap = 8, edge = 16, head = 64, column = (page.width - 2 * edge) / 24, row = 30 + gap;

// placed puts panels where the dashboard says, those that repeat once for each chosen value.
function placed(panels, variables) {
  let shift = 0;
  return panels.filter((p) => p.type !== 'row').flatMap((panel) => {
    const place = { ...panel.gridPos, y: panel.gridPos.y + shift };
    if (!panel.repeat) return [{ panel, place, own: {} }];
    const values = variables.values(panel.repeat), across = Math.min(panel.maxPerRow || 4, values.length || 1), w = Math.floor(24 / across);
    shift += (Math.ceil(values.length / across) - 1) * place.h;
    return values.map(({ text, value }, i) => ({
      panel: { ...panel, title: panel.title.replace('$' + panel.repeat, text) },
      place: { ...place, w, x: (i % across) * w, y: place.y + Math.floor(i / across) * place.h }, own: { [panel.repeat]: among([value]) },
    }));
  });
}

class Guard extends Component {
  state = {};
  static getDerivedStateFromError(error) { return { error }; }
  componentDidCatch(error) { faults.push(`panel ${this.props.title} could not be drawn: ${error.message} ${error.stack?.split('\n')[1]}`); }
  render() { return this.state.error ? <div style={{ color: 'red' }}>{String(this.state.error)}</div> : this.props.children; }
}

function Dashboard({ dashboard, variables, panels, marks }) {
  const height = head + Math.max(...panels.map(({ place }) => place.y + place.h)) * row;
  const label = { background: theme.colors.background.secondary, border: `1px solid ${theme.colors.border.weak}`, padding: '2px 8px', marginRight: gap, whiteSpace: 'nowrap' };
  const time = (ms) => new Date(ms).toISOString().replace('T', ' ').slice(0, 19);
  return (
    <ThemeContext.Provider value={theme}>
      <div id="dashboard" style={{ position: 'relative', width: page.width, height, background: theme.colors.background.canvas, color: theme.colors.text.primary }}>
        <div style={{ padding: `${gap}px ${edge}px`, display: 'flex', justifyContent: 'space-between' }}><b>{dashboard.title}</b><span>{time(page.from)} to {time(page.to)}</span></div>
        <div style={{ padding: `0 ${edge}px`, fontSize: 12 }}>{variables.labels().map(([name, text]) => <span key={name} style={label}>{name}: <b>{text}</b></span>)}</div>
        {panels.map(({ panel, place, frames }, i) => {
          const width = place.w * column - gap, height = place.h * row - gap;
          return (
            <div key={i} style={{ position: 'absolute', left: edge + place.x * column, top: head + place.y * row, width, height }}>
              <Guard title={panel.title}>
                <PanelChrome title={panel.title} description={panel.description} width={width} height={height}>
                  {(w, h) => <Guard title={panel.title}><Panel panel={panel} frames={frames} marks={marks} width={w} height={h} /></Guard>}
                </PanelChrome>
              </Guard>
            </div>
          );
        })}
      </div>
    </ThemeContext.Provider>
  );
}

// Curves measure the labels of their axes by the font that Grafana's styles name.
async function style() {
  createRoot(document.head.appendChild(document.createElement('noscript'))).render(<ThemeContext.Provider value={theme}><GlobalStyles /></ThemeContext.Provider>);
  for (const weight of [400, 500]) {
    while (!(await document.fonts.load(`${weight} 12px Inter`)).length) await new Promise((next) => setTimeout(next, 10));
  }
}

async function main() {
  await style();
  const dashboard = await (await fetch(`/dashboards/${page.dashboard}.json`)).json();
  const variables = await new Variables().resolve(dashboard.templating.list);
  const marks = await askAnnotations(dashboard.annotations.list, variables);
  const panels = await Promise.all(placed(dashboard.panels, variables).map(async ({ panel, place, own }) => {
    try {
      const frames = await askPanel(panel, Math.floor(place.w * column - gap), variables, own);
      return { panel, place, frames: await shape(panel, frames) };
    } catch (error) {
      faults.push(`panel ${panel.title}: ${error.stack}`);
      return { panel, place, frames: [] };
    }
  }));
  document.body.style.background = theme.colors.background.canvas;
  createRoot(document.getElementById('root')).render(<Dashboard {...{ dashboard, variables, panels, marks }} />);
}

// Curves are drawn after fonts are there and panels know their size, and tables after that. All is drawn when nothing changes any more.
const settle = async () => {
  await document.fonts.ready;
  let quiet = 0;
  const observer = new MutationObserver(() => { quiet = 0; });
  observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  const drawn = () => [...document.querySelectorAll('[role=grid]')].every((grid) => grid.querySelector('[role=gridcell]'));
  while (quiet++ < 5 || !drawn()) await new Promise((next) => requestAnimationFrame(() => setTimeout(next, 50)));
  observer.disconnect();
};
main().catch((error) => faults.push(error.stack)).then(settle).then(() => { checks.forEach((check) => check()); window.finished = [...new Set(faults)]; });
