// What the page is asked for, in its address, and what is found wrong with it.
const asked = new URLSearchParams(location.search);

export const page = {
  dashboard: asked.get('dashboard'),
  source: asked.get('source'), // live or by-step
  from: +asked.get('from') * 1000, // milliseconds, as everywhere here
  to: +asked.get('to') * 1000,
  width: +asked.get('width'),
  theme: asked.get('theme'),
  chosen: (name) => asked.getAll('var-' + name),
};

// faults are why a dashboard is not fit to be seen.
export const faults = [];

// fault is what is wrong with a panel. One that says of itself that it is of the other data source has nothing to show.
export function fault(panel, what) {
  const other = page.source === 'live' ? /exported runs only/i : /live only/i;
  if (!other.test(panel.title + panel.description)) faults.push(`panel ${panel.title}: ${what}`);
}

// checks are what can be looked at once all is drawn.
export const checks = [];
