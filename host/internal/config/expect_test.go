package config

import (
	"strings"
	"testing"
)

// claimedHead is an experiment on a network with two optimizers, one of them swept, and a target, and then some claims from line 15 on.
const claimedHead = `[problem]
kind = "mlp"
dataset = "breast-cancer"
[budget]
steps = 100
[target]
validation_loss = 0.1
[[optimizer]]
plugin = "adam"
lr = 0.01
[[optimizer]]
plugin = "sgd"
lr = { grid = [0.01, 0.1, 1.0] }
`

// TestClaimsThatCannotBe: what no run can be held to is refused where it stands, and what a remedy names is accepted.
func TestClaimsThatCannotBe(t *testing.T) {
	for _, c := range []struct{ claim, want string }{ // no want: accepted
		{"measure = 'train_loss'\nless_than = 0.1", ""},
		{"measure = 'train_loss'\nless_than = 'adam'", ""},
		{"measure = 'train_loss'\noptimizer = 'adam'\nless_than = 'sgd lr=0.1'", ""},
		{"measure = 'steps_to_target'\noptimizer = 'adam'\ngreater_than = 'sgd lr=0.1'\nfactor = 2", ""},
		{"measure = 'train_loss'\noptimizer = 'sgd'\ntrend = 'slope'\nscale = 'log'\nagainst = 'lr'\nbetween = [-2, 0]", ""},
		{"measure = 'train_loss'\noptimizer = 'sgd'\ntrend = 'increasing'\nagainst = 'lr'", ""},
		{"measure = 'validation_accuracy best'\nover = 'all'\ngreater_than = 0.9", ""},
		{"measure = 'train_loss at step 100'\nover = 'quantile 0.9'\nbetween = [0, 0.2]\nconfidence = 0.9", ""},

		{"measure = 'train_loss'", "14:3: [[expect]] says not what must come out|write less_than"},
		{"less_than = 0.1", `14:3: [[expect]] lacks "measure"|name one`},
		{"measure = 'train_loss'\nless_than = 1\ngreater_than = 0.1", "17:16: [[expect]] has less_than and greater_than|between = [low, high]"},
		{"measure = 'train_loss'\noptimizer = 'adm'\nless_than = 1", `16:13: there is no optimizer "adm"|did you mean "adam"`},
		{"measure = 'train_loss'\nproblem = 'mlp'\nless_than = 1", `16:11: there is no problem "mlp"|`},
		{"measure = 'train_loss'\nless_than = 'adma'", `16:13: there is no optimizer "adma"|did you mean "adam"`},
		{"measure = 'train_loss'\noptimizer = 'adam'\nless_than = 'adam'", `17:13: "adam" is compared with itself|name another`},
		{"measure = 'train_loss'\noptimizer = 'adam'\nless_than = 'sgd'", `17:13: "sgd" are 3 variants|name one, such as "sgd lr=0.01"`},
		{"measure = 'train_loss'\nless_than = true", "16:13: less_than must be a number, not true|or the name of an optimizer"},
		{"measure = 'train_loss'\nless_than = inf", "16:13: less_than"},
		{"measure = 'validation_accuracy'\ngreater_than = 97", "16:16: validation_accuracy is never 97|write 0.97 for 97 %"},
		{"measure = 'validation_accuracy'\nbetween = [0.9, 1.1]", "16:11: validation_accuracy is never 1.1|from 0 to 1"},
		{"measure = 'gradient_norm'\nless_than = -1", "16:13: gradient_norm is never -1|at least 0"},
		{"measure = 'train_loss'\nbetween = [0.2, 0.1]", "16:11: between has the larger number first|write between = [0.1, 0.2]"},
		{"measure = 'train_loss'\nbetween = [0.2]", "16:11: between must be|"},
		{"measure = 'train_loss'\nless_than = 1\nfactor = 2", "17:10: factor is for another optimizer's number|multiply"},
		{"measure = 'train_loss'\nless_than = 'adam'\nfactor = 0", "17:10: factor"},
		{"measure = 'train_loss'\nless_than = 1\nconfidence = 95", "17:14: confidence|"},
		{"measure = 'train_lss'\nless_than = 1", `15:12: there is no quantity "train_lss"|did you mean "train_loss"`},
		{"measure = 'train_loss at stp 10'\nless_than = 1", `15:26: the word "step"|`},
		{"measure = 'train_loss at step 1000'\nless_than = 1", ""}, // Build tells
		{"measure = 'train_loss'\nover = 'median 3'\nless_than = 1", `16:16: nothing can follow "median"|remove`},
		{"measure = 'train_loss'\nover = 'quantile 90'\nless_than = 1", `16:18: "90" is no quantile|write quantile 0.9`},
		{"measure = 'train_loss'\ntrend = 'slop'\nagainst = 'lr'\nless_than = 1", "16:9: unknown trend \"slop\"|did you mean \"slope\""},
		{"measure = 'train_loss'\ntrend = 'slope'\nless_than = 1", "14:3: trend = \"slope\" says not against what|against = \"lr\""},
		{"measure = 'train_loss'\nagainst = 'lr'\nless_than = 1", "16:11: against is for a trend|write trend"},
		{"measure = 'train_loss'\noptimizer = 'sgd'\ntrend = 'slope'\nagainst = 'lrr'\nless_than = 1", `18:11: "lrr" was not swept|did you mean "lr"`},
		{"measure = 'train_loss'\noptimizer = 'adam'\ntrend = 'slope'\nagainst = 'lr'\nless_than = 1", "18:11: nothing was swept|grid"},
		{"measure = 'train_loss'\noptimizer = 'sgd'\ntrend = 'increasing'\nagainst = 'lr'\nless_than = 1", "19:13: trend = \"increasing\" is a claim by itself|remove less_than"},
		{"measure = 'train_loss'\noptimizer = 'sgd'\ntrend = 'slope'\nagainst = 'lr'\nless_than = 'adam'", "17:9: a trend is compared with numbers|"},
		{"measure = 'train_loss'\noptimizer = 'sgd'\ntrend = 'correlation'\nscale = 'log'\nagainst = 'lr'\nless_than = 0", "18:9: scale is for a slope|remove"},
		{"measure = 'train_loss'\noptimizer = 'sgd'\nover = 'mean'\ntrend = 'increasing'\nagainst = 'lr'", "17:8: a trend is one of all seeds|remove over"},
		{"measure = 'train_loss'\nover = 'mean'\nless_than = 'adam'", "16:8: optimizers are compared seed by seed|over = \"all\""},
		{"measure = 'train_loss'\nover = 'all'\nless_than = 'adam'", ""},
		{"measure = 'train_loss'\nless_then = 1", `16:1: unknown key "less_then" in [[expect]]|did you mean "less_than"`},
	} {
		_, err := Parse("f.toml", claimedHead+"[[expect]]\n"+c.claim+"\n")
		message, remedy, _ := strings.Cut(c.want, "|")
		switch errs, _ := err.(Errors); {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.claim, err)
		case c.want != "" && (len(errs) == 0 || !strings.Contains(err.Error(), message) || !strings.Contains(errs[0].Remedy, remedy)):
			t.Errorf("%s: got\n%v\nwant %s", c.claim, err, c.want)
		}
	}
}
