package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/steepest/steepest/host/internal/claim"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

// resultAt and detailAt are the columns at which results begin, and what was measured.
const resultAt, detailAt = 2, 2 + len(claim.Inconclusive) + 2

// Claims says of each claim whether it came out, what was measured, and why that is the verdict, in lines of at most as many columns, or any
// number if that is 0.
func Claims(verdicts []claim.Verdict, quantities record.Schema, columns int) string {
	var lines []string
	title := ""
	for _, v := range verdicts {
		if text := v.String(); text != title {
			title, lines = text, append(lines, terminal.Wrap(terminal.Escape(text), columns))
		}
		q, _ := v.Measure.Find(quantities)
		first := Measured(v, q)
		if subject := v.Subject(); subject != "" {
			first = subject + ": " + first
		}
		for i, line := range append([]string{first}, warned(v.Warnings)...) {
			head := strings.Repeat(" ", detailAt)
			if i == 0 {
				head = fmt.Sprintf("%*s%-*s", resultAt, "", detailAt-resultAt, v.Result)
			}
			lines = append(lines, head+terminal.Hanging(terminal.Escape(line), detailAt, columns))
		}
	}
	return strings.Join(lines, "\n")
}

// Measured is what a verdict is by.
func Measured(v claim.Verdict, q record.Quantity) string {
	value := claimed(v, q)
	var parts []string
	bounded := !math.IsInf(v.Low, -1) || !math.IsInf(v.High, 1)
	if !math.IsNaN(v.Value) {
		parts = append(parts, strings.TrimSpace(v.Statistic+" "+value(v.Value)))
	} else if v.Statistic != "" && !math.IsNaN(v.Low) && bounded {
		parts = append(parts, v.Statistic)
	}
	if !math.IsNaN(v.Low) && bounded && len(parts) > 0 {
		parts[0] += fmt.Sprintf(" [%s, %s]", value(v.Low), value(v.High))
		if v.Coverage > 0 {
			parts[0] += fmt.Sprintf(" (%s)", coverage(v.Coverage))
		}
	}
	if !math.IsNaN(v.P) {
		parts = append(parts, "p = "+number(v.P))
	}
	text := strings.Join(parts, ", ")
	if text != "" {
		text += "; "
	}
	text += v.Why
	if v.More > 0 {
		text += fmt.Sprintf("; %s would probably decide", counted(v.More, "more seed"))
	}
	return text
}

// coverage is a probability that a number states.
func coverage(p float64) string { return strconv.FormatFloat(100*p, 'g', 4, 64) + " %" }

// claimed is how the number of a verdict is shown: counts as far as they are whole, and all others with four digits.
func claimed(v claim.Verdict, q record.Quantity) func(float64) string {
	digits := 4
	if q.Range == record.Count && q.Unit == "" && v.Trend == "" {
		digits = 7
	}
	return func(x float64) string {
		if math.IsInf(x, 0) {
			return number(x)
		}
		return strconv.FormatFloat(x, 'g', digits, 64)
	}
}

// NotJudged says that runs of other programs are in no verdict.
func NotJudged(imported int) string {
	if imported == 1 {
		return "1 imported run has no part in the claims: what was asked of it is not known"
	}
	return fmt.Sprintf("%d imported runs have no part in the claims: what was asked of them is not known", imported)
}

// Uninvolved writes that, where there are verdicts and such runs.
func Uninvolved(w io.Writer, verdicts, imported int) {
	if verdicts > 0 && imported > 0 {
		_, _ = fmt.Fprintln(w, "note: "+NotJudged(imported))
	}
}

// verdictJSON is a [claim.Verdict].
type verdictJSON struct {
	Claim     claim.Claim  `json:"claim"`
	Text      string       `json:"text"` // the claim in words
	Problem   string       `json:"problem,omitempty"`
	Optimizer string       `json:"optimizer,omitempty"`
	Result    claim.Result `json:"verdict"`
	Statistic string       `json:"statistic,omitempty"`
	Value     *store.Float `json:"value,omitempty"`
	Low       *store.Float `json:"low,omitempty"`
	High      *store.Float `json:"high,omitempty"`
	Coverage  float64      `json:"coverage,omitempty"`
	P         *store.Float `json:"p,omitempty"`
	Exact     bool         `json:"exact,omitempty"`
	N         int          `json:"n"`
	LeftOut   int          `json:"left_out,omitempty"`
	Why       string       `json:"why"`
	More      int          `json:"more_seeds,omitempty"`
	Warnings  []string     `json:"warnings,omitempty"`
}

func newVerdictJSON(v claim.Verdict) verdictJSON {
	known := func(x float64) *store.Float {
		if math.IsNaN(x) {
			return nil
		}
		f := store.Float(x)
		return &f
	}
	return verdictJSON{Claim: v.Claim, Text: v.String(), Problem: v.On, Optimizer: v.Of, Result: v.Result, Statistic: v.Statistic,
		Value: known(v.Value), Low: known(v.Low), High: known(v.High), Coverage: v.Coverage, P: known(v.P), Exact: v.Exact, N: v.N,
		LeftOut: v.LeftOut, Why: v.Why, More: v.More, Warnings: v.Warnings}
}

// verdictEvent is what came of a claim.
type verdictEvent struct {
	event
	verdictJSON
}

// Verdicts writes what came of each claim.
func (j *JSON) Verdicts(verdicts []claim.Verdict) {
	for _, v := range verdicts {
		j.write(verdictEvent{j.event("verdict"), newVerdictJSON(v)})
	}
}

// Judged shows the verdicts on an experiment whose results are in a directory; none says what can be done if there are none.
func Judged(w io.Writer, name, directory string, verdicts []claim.Verdict, none string, quantities record.Schema, asJSON bool) {
	if asJSON {
		NewJSON(w, name, directory).Verdicts(verdicts)
		return
	}
	columns := terminal.Columns(w)
	_, _ = fmt.Fprintln(w, terminal.Wrap(terminal.Escape(name+": "+directory), columns))
	if len(verdicts) == 0 {
		_, _ = fmt.Fprintln(w, terminal.Wrap("It claims nothing; "+none+".", columns))
		return
	}
	_, _ = fmt.Fprintln(w, Claims(verdicts, quantities, columns))
}

// warned are warnings as people read them.
func warned(warnings []string) (lines []string) {
	for _, w := range warnings {
		lines = append(lines, "warning: "+w)
	}
	return lines
}
