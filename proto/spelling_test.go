package proto

import (
	"strings"
	"testing"
)

func TestDidYouMean(t *testing.T) {
	for _, c := range []struct {
		word, candidates, want string
	}{
		{"lrr", "momentum lr", `did you mean "lr"? It can be one of momentum, lr`},
		{"LR", "momentum lr", `did you mean "lr"? It can be one of momentum, lr`},
		{"bata1", "beta2 beta1", `did you mean "beta1"? It can be one of beta2, beta1`},
		{"xy", "lr momentum", "use one of lr, momentum"}, // as far from lr as lr is long
		{"x", "lr", `it can only be "lr"`},
		{strings.Repeat("x", 1000), "lr eps", "use one of lr, eps"},
		{"lr", "", "there are none"},
		{"val_loss", "train_loss validation_loss", `did you mean "validation_loss"? It can be one of train_loss, validation_loss`},
		{"Learning-Rate", "lr beta1", `did you mean "lr"? It can be one of lr, beta1`},
		{"layers", "batch hidden", `did you mean "hidden"? It can be one of batch, hidden`},
	} {
		if got := DidYouMean(c.word, strings.Fields(c.candidates)); got != c.want {
			t.Errorf("%s: %s, want %s", c.word, got, c.want)
		}
	}
}
