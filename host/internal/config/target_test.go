package config

import (
	"strings"
	"testing"
)

// TestTargetsThatCannotBe: a target that no run can reach, or every run, is refused when the file is read. What a remedy
// names is accepted.
func TestTargetsThatCannotBe(t *testing.T) {
	const mlp = "kind = \"mlp\"\ndataset = \"breast-cancer\""
	for _, c := range []struct{ problem, target, want string }{ // no want: accepted
		{mlp, "validation_accuracy = 97", "6:23: validation_accuracy = 97 is out of range|write 0.97 for 97 %"},
		{mlp, "validation_accuracy = 97.5", "6:23: validation_accuracy = 97.5 is out of range|write 0.975 for 97.5 %"},
		{mlp, "validation_accuracy = 1.01", "6:23: validation_accuracy = 1.01 is out of range|from 0 to 1"},
		{mlp, "validation_accuracy = 200", "6:23: validation_accuracy = 200 is out of range|a number from 0 to 1"},
		{mlp, "validation_accuracy = -0.1", "6:23: validation_accuracy = -0.1 is out of range|a number from 0 to 1"},
		{mlp, "validation_accuracy = \"0.97\"", "6:23: validation_accuracy must be a number|remove the quotation marks"},
		{mlp, "validation_accuracy = 1", ""},
		{mlp, "validation_accuracy = 0.97", ""},
		{mlp, "gradient_norm = -1e-3", "6:17: gradient_norm = -0.001 is out of range|at least 0"},
		{mlp, "gradient_norm = 0", ""},
		{mlp, "train_loss = -0.5", "6:14: train_loss = -0.5 cannot be reached: the problem has no loss below 0|above 0"},
		{mlp, "validation_loss = -1e-9", "6:19: validation_loss = -1e-09 cannot be reached"},
		{mlp, "validation_loss = inf", "6:19: validation_loss = +inf is out of range|a finite number"},
		{mlp, "train_loss = 0", ""},
		{"kind = \"sphere\"\ndimension = 3", "train_loss = -1", "6:14: train_loss = -1 cannot be reached: the problem has no loss below 0"},
		{"kind = \"himmelblau\"\n", "train_loss = 0", ""},
		{"kind = \"styblinski-tang\"\n", "train_loss = -78.4", "6:14: train_loss = -78.4 cannot be reached: the problem has no loss below −78.33233"},
		{"kind = \"styblinski-tang\"\n", "train_loss = -78.33233", ""},
		{"kind = \"styblinski-tang\"\ndimension = 4", "train_loss = -156", ""},
		{"kind = \"branin\"\n", "train_loss = 0.39", "the problem has no loss below 0.3978874|above 0.3978874"},
		{"kind = \"branin\"\n", "train_loss = 0.3978874", ""},
		{"kind = \"saddle\"\n", "train_loss = -10", ""},
		{"kind = \"quadratic\"\ndimension = 3", "train_loss = -1", "no loss below 0"},
		{"kind = \"quadratic-deep\"\n", "validation_loss = -1", "no loss below 0"},
		{"kind = \"deepobs-branin\"\n", "validation_loss = 0.3", "no loss below 0.3978874"},
		{"kind = \"deepobs-branin\"\n", "train_loss = 0.3", ""}, // a batch tilts the function
		{mlp, "\"train_loss mean over last 10\" = 0.3", ""},
		{mlp, "\"validation_accuracy best\" = 97", "6:30: validation_accuracy best = 97 is out of range|write 0.97 for 97 %"},
		{mlp, "\"train_loss mean over last 10\" = -1", "6:34: train_loss mean over last 10 = -1 cannot be reached"},
		{mlp, "\"train_los final\" = 1", "6:2: there is no quantity \"train_los\"|did you mean \"train_loss\""},
		{mlp, "'train_loss  mean over lats 10' = 1", "6:24: the word \"last\" must stand here|mean over last N"},
		{mlp, "\"train_loss at step 5\" = 1", "6:13: it is judged at every step|write \"train_loss\""},
		{mlp, "\"learning_rate mean over last 5\" = 1", "no value of learning_rate is better than another|train_loss"},
		{mlp, "\"wall_seconds final\" = 1", "6:2: wall_seconds is known when the run has ended|train_loss"},
		{mlp, "\"train_loss final\" = 1\nvalidation_loss = 2", "names more than one metric|keep one"},
		{"kind = \"sphere\"\n", "\"validation_loss best\" = 1", "6:2: the problem has no validation examples|train_loss or gradient_norm"},
	} {
		_, err := Parse("f.toml", "[problem]\n"+c.problem+"\n[target]\n# line\n"+c.target+
			"\n[budget]\nsteps = 1\n[[optimizer]]\nplugin = \"o\"\n")
		message, remedy, _ := strings.Cut(c.want, "|")
		switch errs, _ := err.(Errors); {
		case c.want == "" && err != nil:
			t.Errorf("%s, %s: %v", c.problem, c.target, err)
		case c.want != "" && (len(errs) != 1 || !strings.Contains(err.Error(), message) || !strings.Contains(errs[0].Remedy, remedy)):
			t.Errorf("%s, %s: got\n%v\nwant %s", c.problem, c.target, err, c.want)
		}
	}
}

// TestNormalizedBatches: batch normalisation over one value is refused, also where only an epoch's last batch has one.
func TestNormalizedBatches(t *testing.T) {
	const head = "kind = \"network\"\ndataset = { name = \"xor\", examples = 41 }\nvalidation = 0\n"
	const layers = "[[problem.layer]]\nkind = \"dense\"\nunits = 3\n[[problem.layer]]\nkind = \"batch-norm\"\n[[problem.layer]]\nkind = \"dense\"\n"
	for keys, want := range map[string]string{
		"batch = 1\n":                     "5:9: layer 2 (batch-norm) cannot normalise over a batch of one example|a larger batch",
		"batch = 8\n":                     "5:9: layer 2 (batch-norm) cannot normalise over the last of an epoch's batches, which has one of the 41|drop_last = true",
		"":                                "",
		"batch = 8\ndrop_last = true\n":   "",
		"batch = 8\nreplacement = true\n": "",
		"batch = 9\n":                     "",
		"batch = \"full\"\n":              "",
		"subset = 33\n":                   "9:3: layer 2 (batch-norm) cannot normalise over the last of an epoch's batches|drop_last = true", // of 32
		"batch = { sizes = [9, 8], milestones = [3] }\n": "5:23: layer 2 (batch-norm) cannot normalise over the last",
		"batch = 1\nreplacement = true\n":                "5:9: layer 2 (batch-norm) cannot normalise over a batch of one example",
	} {
		e, err := Parse("f.toml", experiment(head+keys+layers))
		if err == nil {
			e.Build()
			err = e.Errors()
		}
		message, remedy, _ := strings.Cut(want, "|")
		if (want == "") != (err == nil) || err != nil && (!strings.Contains(err.Error(), message) || !strings.Contains(err.Error(), remedy)) {
			t.Errorf("%q: got\n%v\nwant %s", keys, err, want)
		}
	}
	// An image has several values of each channel, so a batch of one can be normalised.
	e, err := Parse("f.toml", experiment("kind = \"network\"\ndataset = \"digits\"\nbatch = 1\nlayer = [{ kind = \"batch-norm\" }, "+
		"{ kind = \"flatten\" }, { kind = \"dense\" }]"))
	if err == nil {
		e.Build()
		err = e.Errors()
	}
	if err != nil {
		t.Error(err)
	}
}
