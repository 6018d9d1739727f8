package query

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

var known = map[string][]string{"optimizer": {"adam"}, "lr": {"0.05"}, "tag": {"paper", "draft"}, "name": {"SGD, slow"}, "loss": {"NaN"},
	"über.eps": {"1e-08"}}

func TestMatch(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                      true,
		"  ":                                    true,
		"optimizer=adam and lr<0.1":             true,
		"optimizer = adam and lr<0.05":          false,
		"optimizer==adam AND lr<=5e-2":          true,
		"lr > 0.1 or optimizer = adam":          true,
		"lr > 0.1 or optimizer = adam and lr>1": false,
		"(lr > 0.1 or optimizer = adam) and lr>1": false,
		"(lr<1 or lr>2) and optimizer!=sgd":       true,
		"not lr < 0.1":                            false,
		"not not lr < 0.1":                        true,
		"not (lr < 0.1 and optimizer = sgd)":      true,
		"tag = paper":                             true,
		"tag = draft and tag = paper":             true,
		"tag = other":                             false,
		"tag != other":                            true,
		"tag != paper":                            false,
		"tag != draft":                            false,
		"name = 'SGD, slow'":                      true,
		`name ~ "sgd"`:                            true,
		"name ~ fast":                             false,
		"missing = 1":                             false,
		"missing != 1":                            false,
		"not missing = 1":                         true,
		"lr = 0.050":                              true,
		"loss = nan":                              true,
		"loss < 1":                                false,
		"loss >= 1":                               false,
		"loss != 1":                               true,
		"loss != nan":                             false,
		"über.eps<1e-7":                           true,
		"optimizer = and":                         false,
	} {
		q, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := q.Match(func(name string) []string { return known[name] }); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	q, _ := Parse("a=1 and (b=2 or a=3)")
	if !slices.Equal(q.Names(), []string{"a", "b"}) {
		t.Errorf("%q", q.Names())
	}
}

func TestErrors(t *testing.T) {
	for text, want := range map[string]struct {
		column  int
		message string
	}{
		"lr":                                {3, "behind lr stands no comparison"},
		"lr <":                              {5, "the value to compare lr with is missing"},
		"lr => 1":                           {4, "behind lr stands no comparison"},
		"< 3":                               {1, "the name of what to compare is missing"},
		"lr < 1 optimizer = sgd":            {8, `"optimizer" stands where the condition could end`},
		"(lr < 1":                           {8, "a parenthesis is not closed"},
		"lr < 1)":                           {7, `")" stands where`},
		"ä = 'x":                            {5, "a quotation mark is not closed"},
		"lr < 1 and":                        {11, "the name of what to compare is missing"},
		strings.Repeat("(", 101) + "lr = 1": {101, "there are too many parentheses"},
	} {
		_, err := Parse(text)
		var e *Error
		if !errors.As(err, &e) || e.Column != want.column || !strings.HasPrefix(e.Message, want.message) || e.Remedy == "" {
			t.Errorf("%s: %v, want column %d: %s", text, err, want.column, want.message)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("optimizer=adam and (lr<0.1 or not tag ~ 'x y')")
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text)
		if err == nil {
			q.Match(func(string) []string { return []string{"1", "x"} })
		} else if e := (*Error)(nil); !errors.As(err, &e) || e.Column < 1 || e.Column > len(text)+1 {
			t.Errorf("%q: %v", text, err)
		}
	})
}
