package metrics

import "testing"

func TestLabel(t *testing.T) {
	for text, want := range map[string]string{"größe, \n": "größe, \n", "\xff": "\ufffd", "\x1b[2J\u009b\x00\r": "\ufffd[2J\ufffd\ufffd\ufffd"} {
		if got := Label(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// TestRunIDs: no two runs share a run_id, even where an experiment asks for the very same twice; a scrape would be refused.
func TestRunIDs(t *testing.T) {
	var ids RunIDs
	for _, c := range [][2]string{{"e-a", "e-a"}, {"e-b", "e-b"}, {"e-a", "e-a-2"}, {"e-a", "e-a-3"}, {"e-b", "e-b-2"}} {
		if got := ids.Of(c[0]); got != c[1] {
			t.Errorf("%s becomes %s, want %s", c[0], got, c[1])
		}
	}
}
