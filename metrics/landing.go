package metrics

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/prometheus/exporter-toolkit/web"
)

// runsTable is the part of the landing page that changes.
var runsTable = template.Must(template.New("runs").Parse(`<h2>Runs</h2>
<table>
<tr><th>run</th><th>variant</th><th>status</th><th>step</th><th>{{.Quantity}}</th></tr>
{{range .Rows}}<tr><td>{{.ID}}</td><td>{{.Variant}}</td><td>{{.Status}}</td><td>{{.Step}}</td><td>{{.Value}}</td></tr>
{{else}}<tr><td colspan="5">none yet</td></tr>
{{end}}</table>
`))

type runRow struct{ ID, Variant, Status, Step, Value string }

// landing is the page for people who open the address in a browser.
func (s *Server) landing(w http.ResponseWriter, r *http.Request) {
	c := s.collector
	c.mu.Lock()
	views := c.views()
	c.mu.Unlock()
	var rows []runRow
	for _, v := range views {
		row := runRow{ID: v.info.RunID, Variant: v.info.Variant, Status: string(v.status)}
		if v.state.began {
			row.Step, row.Value = strconv.Itoa(v.Step), strconv.FormatFloat(v.quantities[0].value, 'g', 6, 64)
		}
		rows = append(rows, row)
	}
	var table strings.Builder
	quantity := strings.ReplaceAll(c.options.Quantities[0].Name, "_", " ")
	if err := runsTable.Execute(&table, struct {
		Quantity string
		Rows     []runRow
	}{quantity, rows}); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	page, err := web.NewLandingPage(web.LandingConfig{
		Name: "Steepest", Description: "Which way down is fastest, and why?", Version: c.options.Build.Version, Profiling: "false",
		Links: []web.LandingLinks{
			{Address: "/metrics", Text: "Metrics", Description: "for Prometheus"},
			{Address: "/-/healthy", Text: "Healthy"}, {Address: "/-/ready", Text: "Ready"},
		},
		ExtraHTML: table.String(),
		ExtraCSS:  "table { border-collapse: collapse } th, td { text-align: left; padding: 0.2em 1em 0.2em 0 }",
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	page.ServeHTTP(w, r)
}
