package config

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestStop: what a run can be stopped by is read and written again the same, and nonsense is refused at its place.
func TestStop(t *testing.T) {
	const mlp, function = "kind = \"mlp\"\ndataset = \"breast-cancer\"", "kind = \"sphere\"\n"
	for _, c := range []struct{ problem, stop, want string }{ // the JSON; or place and message, and the remedy
		{mlp, "[target]\ntrain_loss = 1\n[stop]\ntarget = true", `{"target":true}`},
		{mlp, "[stop]\n" + `plateau = { measure = "validation_loss", patience = 10 }`, `{"plateau":{"measure":"validation_loss","patience":10}}`},
		{mlp, "[stop]\n" + `plateau = { measure = "train_loss  mean over last 5", patience = 1, min_delta = 0.1, start_from_step = 7 }`,
			`{"plateau":{"measure":"train_loss mean over last 5","patience":1,"min_delta":0.1,"start_from_step":7}}`},
		{mlp, "[stop]\n" + `divergence = { measure = "update_norm", above = 1e6 }`, `{"divergence":{"measure":"update_norm","above":1000000}}`},
		{mlp, "", ""},
		{mlp, "[stop]\ntarget = false", ""},
		{mlp, "[stop]", "4:2: [stop] is empty|plateau"},
		{mlp, "[stop]\ntarget = true", "5:10: there is no target to stop at|[target]"},
		{mlp, "[stop]\nplateaux = {}", `5:1: unknown key "plateaux" in [stop]|did you mean "plateau"`},
		{mlp, "[stop]\nplateau = { patience = 10 }", `lacks "measure"|validation_loss`},
		{mlp, "[stop]\n" + `plateau = { measure = "train_loss" }`, `lacks "patience"|patience = 10`},
		{mlp, "[stop]\n" + `plateau = { measure = "train_loss", patience = 0 }`, "5:48: patience = 0 is out of range|at least 1"},
		{mlp, "[stop]\n" + `plateau = { measure = "train_loss", patience = 1, min_delta = -1 }`, "5:63: min_delta = -1 is out of range|at least 0"},
		{mlp, "[stop]\n" + `plateau = { measure = "validation_lass", patience = 1 }`, `5:24: there is no quantity "validation_lass"|did you mean "validation_loss"`},
		{mlp, "[stop]\n" + `plateau = { measure = "train_loss mean over 5", patience = 1 }`, `5:45: the word "last" must stand here|mean over last N`},
		{mlp, "[stop]\n" + `plateau = { measure = "train_loss at step 5", patience = 1 }`, "5:35: it is judged at every step|mean over last N"},
		{mlp, "[stop]\n" + `plateau = { measure = "steps_to_target", patience = 1 }`, "there is no target|[target]"},
		{mlp, "[stop]\n" + `plateau = { measure = "wall_seconds", patience = 1 }`, "5:24: wall_seconds is known when the run has ended|train_loss"},
		{mlp, "[stop]\n" + `plateau = { measure = "learning_rate", patience = 1 }`, "5:23: no value of learning_rate is better than another|train_loss"},
		{function, "[stop]\n" + `plateau = { measure = "validation_loss", patience = 1 }`, "5:24: the problem has no validation examples|train_loss"},
		{mlp, "[stop]\n" + `divergence = { measure = "train_loss" }`, `lacks "above"|1e6`},
		{mlp, "[stop]\n" + `divergence = { measure = "validation_accuracy", above = 0.1 }`, "5:26: more of validation_accuracy is better|train_loss"},
		{mlp, "[stop]\n" + `divergence = { measure = "gradient_norm", above = -1 }`, "5:51: gradient_norm is never -1|at least 0"},
		{mlp, "[stop]\n" + `divergence = { measure = 5, above = 1 }`, "5:26: measure must be a string|"},
	} {
		src := "[problem]\n" + c.problem + "\n" + c.stop + "\n[budget]\nsteps = 1\n[[optimizer]]\nplugin = \"o\"\n"
		e, err := Parse("f.toml", src)
		if strings.HasPrefix(c.want, "{") || c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.stop, err)
				continue
			}
			b, _ := json.Marshal(e.Workloads[0])
			var back struct{ Stop json.RawMessage }
			if err := json.Unmarshal(b, &back); err != nil || string(back.Stop) != c.want {
				t.Errorf("%s: %s, %v", c.stop, back.Stop, err)
			}
			continue
		}
		message, remedy, _ := strings.Cut(c.want, "|")
		if errs, _ := err.(Errors); len(errs) != 1 || !strings.Contains(err.Error(), message) || !strings.Contains(errs[0].Remedy, remedy) {
			t.Errorf("%s: got\n%v\nwant %s", c.stop, err, c.want)
		}
	}
}
