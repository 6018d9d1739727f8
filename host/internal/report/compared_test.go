package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/compare"
)

// TestFormatsEscape: whatever names have, each format stays what it is. That all have the same numbers is tested where there are some.
func TestFormatsEscape(t *testing.T) {
	name := "a|b_$#&\\^~%{[<i>\n\x1b[31m"
	c := &compare.Comparison{Confidence: 0.95, Warnings: []compare.Warning{{Concern: "too_few_seeds", Problem: name, Text: name}},
		Problems: []*compare.Problem{{Name: name, Measure: "train_loss", Rows: []*compare.Entry{{Name: name, Runs: 1, Seeds: 1}}}}}
	for format, want := range map[string]string{
		"markdown": `| a\|b\_$#&amp;\^~%{\[&lt;i&gt; `,
		"latex":    `a|b\_\$\#\&\textbackslash{}\textasciicircum{}\textasciitilde{}\%\{{[}\textless{}i\textgreater{} `,
		"table":    " a|b_$#&\\^~%{[<i>",
		"csv":      "values,\"a|b_$#&\\^~%{[<i>\n",
		"json":     `"row": "a|b_$#\u0026\\^~%{[\u003ci\u003e\n\u001b[31m"`,
	} {
		f, _ := ComparisonFormats.Find(format)
		var b bytes.Buffer
		if err := f.Write(&b, c, 0); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("the %s has no %s:\n%s", format, want, &b)
		}
		for line := range strings.Lines(b.String()) {
			if format != "csv" && strings.Contains(line, "\x1b") { // that is data, to the letter
				t.Errorf("the %s has an escape sequence: %q", format, line)
			}
			if format == "markdown" && strings.Contains(line, "<i>") {
				t.Errorf("the Markdown has HTML of a name: %q", line)
			}
		}
	}
}
