package exam

import (
	"embed"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

//go:embed torch/*.csv
var recorded embed.FS

// convention is one way in which a published rule is implemented, with a trajectory that an independent implementation
// recorded.
type convention struct {
	name      string         // RULE or RULE/VARIANT
	file      string         // in torch/, without rosenbrock_ and .csv
	needs     string         // hyperparameters without which a plugin of another name is not tried
	values    map[string]any // torch's arguments; a plugin gets those that it takes
	tolerance float64        // relative; multiplications and additions alone lose nothing
}

type arguments = map[string]any

var conventions = []convention{
	{"sgd", "sgd", "lr",
		arguments{"lr": 1e-3, "momentum": 0.0, "dampening": 0.0, "nesterov": false, "weight_decay": 0.0}, 1e-13},
	{"momentum", "momentum", "lr momentum",
		arguments{"lr": 1e-4, "momentum": 0.9, "dampening": 0.0, "nesterov": false, "weight_decay": 0.0}, 1e-13},
	{"nesterov", "nesterov", "lr momentum nesterov",
		arguments{"lr": 1e-4, "momentum": 0.9, "dampening": 0.0, "nesterov": true, "weight_decay": 0.0}, 1e-13},
	{"adagrad/eps-outside", "adagrad", "lr eps",
		arguments{"lr": 0.1, "lr_decay": 0.0, "eps": 1e-10, "weight_decay": 0.0}, 1e-11},
	{"rmsprop/eps-outside", "rmsprop", "lr alpha eps",
		arguments{"lr": 1e-3, "alpha": 0.99, "eps": 1e-8, "momentum": 0.0, "centered": false, "weight_decay": 0.0}, 1e-11},
	{"rmsprop/centered", "rmsprop_centered", "lr alpha eps centered",
		arguments{"lr": 1e-3, "alpha": 0.99, "eps": 1e-8, "momentum": 0.0, "centered": true, "weight_decay": 0.0}, 1e-11},
	{"rmsprop/momentum", "rmsprop_momentum", "lr alpha eps momentum",
		arguments{"lr": 1e-3, "alpha": 0.99, "eps": 1e-8, "momentum": 0.9, "centered": false, "weight_decay": 0.0}, 1e-11},
	{"adam/eps-outside", "adam", "lr beta1 beta2 eps",
		arguments{"lr": 1e-2, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "amsgrad": false, "weight_decay": 0.0}, 1e-11},
	{"adamw", "adamw", "lr beta1 beta2 eps weight_decay",
		arguments{"lr": 1e-2, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "amsgrad": false, "weight_decay": 1e-2}, 1e-11},
	{"amsgrad", "amsgrad", "lr beta1 beta2 eps amsgrad",
		arguments{"lr": 1e-2, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "amsgrad": true, "weight_decay": 0.0}, 1e-11},
	// The product of all μ up to the next step holds the present μ twice there; later versions of torch, and the paper, do
	// not. So this is a convention to recognise, not one that a plugin named nadam must follow.
	{"nadam/torch-1.13", "nadam", "lr beta1 beta2 eps momentum_decay",
		arguments{"lr": 1e-2, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "momentum_decay": 4e-3, "weight_decay": 0.0}, 1e-11},
	{"radam", "radam", "lr beta1 beta2 eps",
		arguments{"lr": 1e-2, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}, 1e-11},
	{"adamax", "adamax", "lr beta1 beta2 eps",
		arguments{"lr": 1e-2, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}, 1e-11},
	{"adadelta", "adadelta", "lr rho eps",
		arguments{"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0}, 1e-11},
}

// aliases are other names of torch's arguments.
var aliases = map[string][]string{
	"lr": {"learning_rate"}, "eps": {"epsilon", "delta"}, "alpha": {"rho", "decay"}, "rho": {"alpha", "decay"},
	"beta1": {"rho1", "b1"}, "beta2": {"rho2", "b2"}, "weight_decay": {"decoupled_weight_decay"},
}

// named tells whether the plugin claims by its name to be the convention's rule.
func (c *convention) named(d *v1.DescribeResponse) bool {
	rule, _, _ := strings.Cut(c.name, "/")
	return strings.ReplaceAll(d.Name, "-", "") == rule && c.name != "nadam/torch-1.13"
}

// arguments puts torch's arguments in the plugin's terms. ok tells whether the plugin takes all that the rule needs.
func (c *convention) arguments(d *v1.DescribeResponse) (values map[string]*v1.Value, ok bool) {
	values, ok = map[string]*v1.Value{}, true
	taken := map[string]bool{}
	for name, x := range c.values {
		for _, candidate := range append([]string{name}, aliases[name]...) {
			at := slices.IndexFunc(d.Hyperparameters, func(p *v1.Hyperparameter) bool { return p.Name == candidate })
			if at < 0 {
				continue
			}
			if v := valueOf(x, d.Hyperparameters[at].Type); v != nil {
				values[candidate] = v
				taken[name] = true
				break
			}
		}
	}
	for name := range strings.FieldsSeq(c.needs) {
		ok = ok && taken[name]
	}
	return values, ok
}

func valueOf(x any, t v1.HyperparameterType) *v1.Value {
	switch x := x.(type) {
	case float64:
		if t == v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT {
			return proto.NewValue(x)
		}
	case bool:
		if t == v1.HyperparameterType_HYPERPARAMETER_TYPE_BOOLEAN {
			return proto.NewValue(x)
		}
	}
	return nil
}

// conventionsCheck tries every convention that the plugin may follow. It fails if the plugin has the name of a known
// rule and follows none of its conventions.
func conventionsCheck(e *examiner) error {
	var tried, agreed, disagreed []string
	own := 0
	for i := range conventions {
		c := &conventions[i]
		values, all := c.arguments(e.about)
		named := c.named(e.about)
		if !named && !all {
			continue
		}
		if named {
			own++
		}
		tried = append(tried, c.name)
		agreement, err := e.follow(c, values)
		var call *callError
		switch {
		case err == nil:
			e.report.Conventions = append(e.report.Conventions, *agreement)
			agreed = append(agreed, fmt.Sprintf("%s (%.1e)", c.name, agreement.Difference))
			if named {
				own = math.MinInt
			}
		case errors.As(err, &call) && !refused(err):
			return fmt.Errorf("%s: %w", c.name, err)
		case named:
			disagreed = append(disagreed, fmt.Sprintf("%s: %v", c.name, err))
		}
	}
	switch {
	case own > 0:
		return fmt.Errorf("its name is that of a known rule, and it follows none of its conventions: %s",
			strings.Join(disagreed, "; "))
	case len(tried) == 0:
		return inapplicable("no recorded rule has its name or its hyperparameters")
	case len(agreed) == 0:
		return inapplicable("it follows no recorded rule; tried " + strings.Join(tried, ", "))
	}
	e.note = "agrees with " + strings.Join(agreed, ", ")
	return nil
}
