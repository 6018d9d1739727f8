package certificate

import (
	"fmt"
	"strings"

	"github.com/steepest/steepest/sdk/exam"
)

// Text is the certificate for people: a line for each check, and what to do about those that failed.
func (c *Certificate) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\nfile    %s\nsha256  %s\n\n", c.Plugin.Name, c.Plugin.Version, c.Plugin.Path, c.Plugin.SHA256)
	said := map[string]string{} // the check at which a remedy was given
	for _, r := range c.Checks {
		fmt.Fprintf(&b, "%s %-17s %s\n", mark(r.Verdict), r.Name, r.What)
		if r.Detail != "" {
			fmt.Fprintf(&b, "%20s%s\n", "", indent(r.Detail))
		}
		if first, again := said[r.Remedy]; again {
			fmt.Fprintf(&b, "%20sremedy: as for %s\n", "", first)
		} else if r.Remedy != "" {
			fmt.Fprintf(&b, "%20sremedy: %s\n", "", indent(r.Remedy))
			said[r.Remedy] = r.Name
		}
	}
	verdict := "PASS"
	if c.Verdict == exam.Fail {
		verdict = "FAIL"
	}
	fmt.Fprintf(&b, "\n%s: %d passed, %d failed, %d do not apply\n",
		verdict, c.count(exam.Pass), c.count(exam.Fail), c.count(exam.NotApplicable))
	return b.String()
}

func mark(v exam.Verdict) string {
	switch v {
	case exam.Pass:
		return "✓"
	case exam.Fail:
		return "✗"
	}
	return "–"
}

// indent keeps further lines of a text below its first.
func indent(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+strings.Repeat(" ", 20))
}
