package terminal

import "testing"

func TestUnicode(t *testing.T) {
	for _, c := range []struct {
		all, kind, lang string
		want            bool
	}{{"", "", "", false}, {"", "", "C", false}, {"", "", "de_DE.UTF-8", true}, {"", "", "C.utf8", true}, {"C", "C.UTF-8", "C.UTF-8", false},
		{"", "C.UTF-8", "C", true}, {"", "POSIX", "C.UTF-8", false}} {
		set := map[string]string{"LC_ALL": c.all, "LC_CTYPE": c.kind, "LANG": c.lang}
		if got := Unicode(func(name string) string { return set[name] }); got != c.want {
			t.Errorf("%v: %v", set, got)
		}
	}
}
