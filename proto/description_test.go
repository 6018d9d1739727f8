package proto

import (
	"math"
	"strings"
	"testing"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// TestCheckDescription: each fault of a description is found and says what would be right, and none can reach a terminal raw.
func TestCheckDescription(t *testing.T) {
	one := &v1.Value{Kind: &v1.Value_Float{Float: 1}}
	first := func(spoil func(p *v1.Hyperparameter)) func(*v1.DescribeResponse) {
		return func(d *v1.DescribeResponse) { spoil(d.Hyperparameters[0]) }
	}
	for want, spoil := range map[string]func(*v1.DescribeResponse){
		"":                               func(*v1.DescribeResponse) {},
		`"My_Rule" is no name`:           func(d *v1.DescribeResponse) { d.Name = "My_Rule" },
		`"a--b" is no name`:              func(d *v1.DescribeResponse) { d.Name = "a--b" },
		`"\x1b[2J" is no name`:           func(d *v1.DescribeResponse) { d.Name = "\x1b[2J" },
		`xxx"... is no name`:             func(d *v1.DescribeResponse) { d.Name = strings.Repeat("x", 100) },
		`its summary has the text "\a"`:  func(d *v1.DescribeResponse) { d.Summary = "\a" },
		"its reference has a text of 50": func(d *v1.DescribeResponse) { d.Reference = strings.Repeat("x", 5000) },
		"it has 1001 hyperparameters": func(d *v1.DescribeResponse) {
			d.Hyperparameters = make([]*v1.Hyperparameter, 1001)
		},
		`two hyperparameters are called "lr"`: func(d *v1.DescribeResponse) {
			d.Hyperparameters = append(d.Hyperparameters, d.Hyperparameters[0])
		},
		`hyperparameter "Lr": a name has lower-case letters, digits and _, at most 64`: first(
			func(p *v1.Hyperparameter) { p.Name = "Lr" }),
		"gradient = ... means something else": first(func(p *v1.Hyperparameter) { p.Name = "gradient" }),
		"only numbers have an interval": first(func(p *v1.Hyperparameter) {
			p.Type, p.Schedulable = v1.HyperparameterType_HYPERPARAMETER_TYPE_BOOLEAN, false
		}),
		"no number is in the interval (1,1]": first(func(p *v1.Hyperparameter) {
			p.Interval = &v1.Interval{Low: 1, High: 1, LowOpen: true}
		}),
		"no number is in the interval [NaN,1]": first(func(p *v1.Hyperparameter) {
			p.Interval = &v1.Interval{Low: math.NaN(), High: 1}
		}),
		"only numbers are schedulable": first(func(p *v1.Hyperparameter) {
			p.Type, p.Interval = v1.HyperparameterType_HYPERPARAMETER_TYPE_STRING, nil
		}),
		"only strings have choices":  first(func(p *v1.Hyperparameter) { p.Choices = []string{"a"} }),
		"it has the text \"\\x00\"":  first(func(p *v1.Hyperparameter) { p.Doc = "\x00" }),
		"its default is not allowed": first(func(p *v1.Hyperparameter) { p.Interval.High = 0.5 }),
		"must be of a type that this": first(func(p *v1.Hyperparameter) {
			p.Type, p.Schedulable, p.Interval = 9, false, nil
		}),
	} {
		d := &v1.DescribeResponse{Name: "my-rule2", Summary: "μ\nand λ", Hyperparameters: []*v1.Hyperparameter{{Name: "lr",
			Type: v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT, Default: one, Interval: &v1.Interval{High: 2}, Schedulable: true}}}
		spoil(d)
		err := CheckDescription(d)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) ||
			!printable(err.Error())) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
