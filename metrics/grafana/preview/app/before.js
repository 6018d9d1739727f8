// What Grafana's components expect of the page before they load.
window.grafanaBootData = {
  settings: { buildInfo: {}, featureToggles: {}, panels: {}, datasources: {}, appSubUrl: '', regionalFormat: 'en-US' },
  user: { locale: 'en-US', timezone: 'utc' }, navTree: [], themePaths: {},
};
window.process = { env: { NODE_ENV: 'production' } };
