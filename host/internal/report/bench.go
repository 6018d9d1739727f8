package report

import (
	"fmt"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/steepest/steepest/host/internal/boundary"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Bench shows what plugins and the boundary to them cost.
func Bench(rows []boundary.Row) string {
	t := terminal.NewTable("PLUGIN", "N", "STEP", "MEDIAN US", "P99 US", "RATIO", "")
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 2, Align: text.AlignRight}, {Number: 4, Align: text.AlignRight},
		{Number: 5, Align: text.AlignRight}, {Number: 6, Align: text.AlignRight}})
	for _, r := range rows {
		t.AppendRow(table.Row{r.Plugin, strconv.Itoa(r.N), r.What, fmt.Sprintf("%.2f", r.Median), fmt.Sprintf("%.2f", r.P99),
			fmt.Sprintf("%.2f", r.Ratio), r.Note})
	}
	return t.Render()
}
