package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// resolve reads a file whose optimizer knows lr in [0,inf), steps in [1,10] and nesterov.
func resolve(t *testing.T, src string) (*Experiment, problem.Problem) {
	t.Helper()
	e, _ := Parse("f.toml", src)
	e.Build()
	p := e.Workloads[0].Built
	rate, err := proto.ParseInterval("[0,inf)")
	if err != nil {
		t.Fatal(err)
	}
	about := &v1.DescribeResponse{Hyperparameters: []*v1.Hyperparameter{
		{Name: "lr", Type: v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT, Schedulable: true, Interval: rate,
			Default: &v1.Value{Kind: &v1.Value_Float{Float: 0.5}}},
		{Name: "steps", Type: v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER, Schedulable: true,
			Interval: &v1.Interval{Low: 1, High: 10}, Default: &v1.Value{Kind: &v1.Value_Integer{Integer: 2}}},
		{Name: "nesterov", Type: v1.HyperparameterType_HYPERPARAMETER_TYPE_BOOLEAN, Default: &v1.Value{Kind: &v1.Value_Boolean{}}},
	}}
	e.Resolve([]string{"o"}, func(string) (*v1.DescribeResponse, error) { return about, nil },
		func(string, map[string]*v1.Value) ([]*v1.Diagnostic, error) { return nil, nil })
	return e, p
}

func TestFunctionDiagnostics(t *testing.T) {
	for problem, want := range map[string]string{
		"kind = \"beale\"\ndimension = 2":                              "3:1: unknown key \"dimension\"",
		"kind = \"sphere\"\ndimension = 0":                             "3:13: dimension = 0 is out of range",
		"kind = \"sphere\"\ndimension = 1000001":                       "3:13: dimension = 1000001 is out of range",
		"kind = \"sphere\"\ndimension = 3\nstart = [1, 2]":             "4:9: start must be an array of 3 numbers",
		"kind = \"rosenbrock\"\nstart = [1]":                           "3:9: start must be an array of 2 numbers",
		"kind = \"branin\"\ngradient_noise = -1":                       "3:18: gradient_noise = -1 is out of range",
		"kind = \"quadratic\"":                                         "1:2: [problem] lacks \"matrix\"",
		"kind = \"quadratic\"\ncondition = 10":                         "1:2: [problem] lacks \"dimension\"",
		"kind = \"quadratic\"\ndimension = 3\ncondition = 0.5":         "4:13: condition = 0.5 is out of range",
		"kind = \"quadratic\"\ndimension = 1001":                       "3:13: dimension = 1001 is out of range",
		"kind = \"quadratic\"\ndimension = 3\nmatrix = \"a.csv\"":      "4:10: matrix and dimension, condition, seed exclude each other",
		"kind = \"quadratic-deep\"\nbatch = 1001":                      "3:9: a batch of 1001 examples is larger than the 1000 that train",
		"kind = \"quadratic-deep\"\nstart = [1]":                       "3:1: unknown key \"start\"",
		"kind = \"random-matrix\"\nsamples = 0":                        "3:11: samples = 0 is out of range",
		"kind = \"random-matrix\"\ndimension = 9\nsamples = 100000000": "4:11: 100000000 matrices of 45 elements each are more than are drawn",
		"kind = \"random-function\"\nwave = 3":                         "3:1: unknown key \"wave\"",
		"kind = \"nonstationary-quadratic\"\ndistance = 0":             "3:12: distance = 0 is out of range",
		"kind = \"rosenbrok\"":                                         "2:8: unknown kind \"rosenbrok\"",
		"kind = \"beale\"\n[gradient]\nclip_norm = 0":                  "4:13: clip_norm = 0 is out of range",
		"kind = \"beale\"\n[gradient]\nclip_norm=1\nclip_value=1":      "5:12: clip_norm and clip_value exclude each other",
		"kind = \"beale\"\n[target]\nvalidation_loss = 1":              "4:19: the problem has no validation examples",
		"kind = \"quadratic-deep\"\n[target]\nvalidation_accuracy=1":   "4:21: the problem has no accuracy",
	} {
		e, _ := resolve(t, "[problem]\n"+problem+"\n[budget]\nsteps = 10\n[[optimizer]]\nplugin = \"o\"\n")
		if err := e.Errors(); err == nil || !strings.Contains(err.Error(), "f.toml:"+want) || len(err.(Errors)) > 3 {
			t.Errorf("%s: got\n%v\nwant f.toml:%s", problem, err, want)
		}
	}
}

func TestFunctionProblems(t *testing.T) {
	for problem, want := range map[string][]float64{
		"kind = \"sphere\"": {1, 1},
		"kind = \"sphere\"\ndimension = 3\ngradient_noise = 0.1":                                {1, 1, 1},
		"kind = \"styblinski-tang\"\nstart = [1, 2, 3]":                                         {1, 2, 3},
		"kind = \"rosenbrock\"\ndimension = 3":                                                  {-1.2, 1, -1.2},
		"kind = \"quadratic\"\ndimension = 2\nseed = 0":                                         {1, 1},
		"kind = \"quadratic\"\ndimension = 1\nstart = [4]\ncondition = 1e6":                     {4},
		"kind = \"random-matrix\"":                                                              {1, 1},
		"kind = \"random-matrix\"\ndimension = 3":                                               {1, 1, 1},
		"kind = \"random-function\"\nstart = [1, 2, 3]":                                         {1, 2, 3},
		"kind = \"nonstationary-quadratic\"\ndimension = 2\nstart = [3, 4]\ngradient_noise = 1": {3, 4},
		"kind = \"deepobs-branin\"\nbatch = 10_000":                                             nil,
	} {
		e, p := resolve(t, "[problem]\n"+problem+"\n[budget]\nsteps = 10\n[[optimizer]]\nplugin = \"o\"\n")
		if err := e.Errors(); err != nil || p == nil {
			t.Errorf("%s: %v", problem, err)
		} else if !slices.Equal(e.Workloads[0].Problem.Start, want) {
			t.Errorf("%s: start %v, want %v", problem, e.Workloads[0].Problem.Start, want)
		}
	}
	for _, k := range append(functionKinds(), stochasticKinds()...) { // every kind runs without any key
		kind := k.name
		if e, p := resolve(t, fmt.Sprintf("[problem]\nkind = %q\n[budget]\nsteps = 10\n[[optimizer]]\nplugin = \"o\"\n",
			kind)); p == nil {
			t.Errorf("%s: %v", kind, e.Errors())
		}
	}
}

// TestHyperparameterRemedies: a value of the wrong type is refused with what would be right, and that is accepted.
func TestHyperparameterRemedies(t *testing.T) {
	for line, want := range map[string]string{
		`lr = "0.1"`:            `lr must be a number, not "0.1"|remove the quotation marks: lr = 0.1`,
		`lr = "1e-3"`:           `lr must be a number, not "1e-3"|remove the quotation marks: lr = 0.001`,
		`lr = "fast"`:           `lr must be a number, not "fast"|choose a number in [0,inf); the default is 0.5`,
		`lr = "-1"`:             `lr must be a number, not "-1"|choose a number in [0,inf); the default is 0.5`,
		`lr = true`:             `lr must be a number, not true|choose a number in [0,inf); the default is 0.5`,
		`lr = 2024-01-01`:       `lr must be a single value or a schedule, not a date or time|choose a number in [0,inf); the default is 0.5`,
		`lr = -0.5`:             `lr = -0.5 is out of range|choose a number in [0,inf); the default is 0.5`,
		`lr = inf`:              `lr = +inf is out of range|choose a number in [0,inf)`,
		`lr = nan`:              `lr = nan is out of range|choose a number in [0,inf)`,
		`steps = 2.0`:           `steps must be an integer, not 2.0|write steps = 2`,
		`steps = 2e0`:           `steps must be an integer, not 2.0|write steps = 2`,
		`steps = 2.5`:           `steps must be an integer, not 2.5|choose an integer in [1,10]; the default is 2`,
		`steps = "3"`:           `steps must be an integer, not "3"|remove the quotation marks: steps = 3`,
		`steps = 11`:            `steps = 11 is out of range|choose an integer in [1,10]; the default is 2`,
		`nesterov = "true"`:     `nesterov must be true or false, not "true"|remove the quotation marks: nesterov = true`,
		`nesterov = "True"`:     `nesterov must be true or false, not "True"|remove the quotation marks: nesterov = true`,
		`nesterov = 1`:          `nesterov must be true or false, not 1|choose true or false; the default is false`,
		`step_timeout = 30`:     `step_timeout must be a time, not the number 30|step_timeout = "30s"`,
		`step_timeout = "30"`:   `step_timeout = "30" is no time|"30s"`,
		`step_timeout = 0.5`:    `step_timeout must be a time, not the number 0.5|step_timeout = "0.5s"`,
		`step_timeout = 0`:      `step_timeout must be a time, not the number 0|step_timeout = "30s"`,
		`step_timeout = true`:   `step_timeout must be a time, not true|step_timeout = "30s"`,
		`step_timeout = "20us"`: `step_timeout = "20us" is out of range|a time of at least "100ms"`,
		`step_timeout = "99ms"`: `step_timeout = "99ms" is out of range|a time of at least "100ms"`,
		`step_timeout = "-1s"`:  `step_timeout = "-1s" is out of range|a time of at least "100ms"`,
		`start_timeout = "0s"`:  `start_timeout = "0s" is out of range|a time of at least "1s"`,
		`name = 0.1`:            `name must be a string, not the number 0.1|name = "0.1"`,
	} {
		e, _ := resolve(t, "[problem]\nkind = \"beale\"\n[budget]\nsteps = 10\n[[optimizer]]\nplugin = \"o\"\n"+line+"\n")
		errs, _ := e.Errors().(Errors)
		message, remedy, _ := strings.Cut(want, "|")
		if len(errs) != 1 || errs[0].Message != message && !strings.HasPrefix(errs[0].Message, message) ||
			!strings.Contains(errs[0].Remedy, remedy) || errs[0].Line != 7 {
			t.Errorf("%s: got\n%v\nwant %s", line, e.Errors(), want)
		}
	}
}
