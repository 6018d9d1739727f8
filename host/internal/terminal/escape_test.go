package terminal

import "testing"

func TestEscape(t *testing.T) {
	for s, want := range map[string][2]string{ // in one line, in several
		"":                         {"", ""},
		"größe 幅 👩\u200d🔬 a\u0301": {"größe 幅 👩\u200d🔬 a\u0301", "größe 幅 👩\u200d🔬 a\u0301"},
		"\x1b[2J\x07":              {`\x1b[2J\x07`, `\x1b[2J\x07`},
		"a\n\tb\r":                 {`a\n\tb\r`, "a\n\tb\\r"},
		"\xff\xc3":                 {`\xff\xc3`, `\xff\xc3`},
		"\u202egpj.exe\u009b1m":    {`\u202egpj.exe\u009b1m`, `\u202egpj.exe\u009b1m`},
		"\ufeffx\U000e0001\ufffd":  {`\ufeffx\U000e0001\ufffd`, `\ufeffx\U000e0001\ufffd`},
	} {
		if got := [2]string{Escape(s), EscapeLines(s)}; got != want {
			t.Errorf("%q is shown as %q, want %q", s, got, want)
		}
	}
}
