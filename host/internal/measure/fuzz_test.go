package measure

import (
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/steepest/steepest/host/internal/record"
)

// FuzzParse: what is read is written and read again the same, and what is refused has its place in the text.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"train_loss", "validation_accuracy best", "gradient_norm at step 100", "train_loss mean over last 50", "", "a b", "a at",
		"x mean over last 99999999999999999999", "\xff best", "train_loss best\u00a0", "quantile 0.5", "quantile nan", "median median"} {
		f.Add(text)
	}
	s := Setting{Schema: record.Standard(), Steps: 100, Target: true}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := Parse(text)
		if err == nil {
			if again, err := Parse(m.String()); err != nil || again != m {
				t.Errorf("%q is written as %q, and read as %+v, %v", text, m, again, err)
			}
			err = m.check(text, s)
		}
		placed(t, text, err)
		o, err := ParseOver(text)
		if err == nil {
			if again, err := ParseOver(o.String()); err != nil || again != o {
				t.Errorf("%q is written as %q, and read as %+v, %v", text, o, again, err)
			}
		}
		placed(t, text, err)
	})
}

func placed(t *testing.T, text string, err error) {
	t.Helper()
	e, is := errors.AsType[*Error](err)
	if err != nil && (!is || e.At < 0 || e.Length < 0 || e.At+e.Length > utf8.RuneCountInString(text) || e.Message == "" || e.Remedy == "") {
		t.Errorf("%q: %#v", text, err)
	}
}

// BenchmarkJudge is what a watch costs at each step.
func BenchmarkJudge(b *testing.B) {
	loss := Measure{Quantity: "train_loss"}
	for name, m := range map[string]Measure{"final": loss, "mean over last 50": {"train_loss", MeanOverLast, 50}} {
		b.Run(name, func(b *testing.B) {
			w := NewWatch(record.Standard(), &Target{m, -1}, Stop{Plateau: &Plateau{m, 1 << 30, 0, 0}, Divergence: &Divergence{m, 10}})
			p := &record.Sample{Values: make([]record.Value, len(record.Standard()))}
			b.ReportAllocs()
			for b.Loop() {
				p.Step++
				p.Set(record.TrainLoss, 1)
				w.Judge(p)
			}
		})
	}
}
