package proto

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// otherWords are what other programs call things, in small letters with underscores, and what they are called here.
var otherWords = map[string][]string{
	"learning_rate": {"lr"}, "learningrate": {"lr"}, "step_size": {"lr"}, "stepsize": {"lr"}, "alpha": {"lr"}, "eta": {"lr"},
	"betas": {"beta1"}, "epsilon": {"eps"}, "mu": {"momentum"},
	"batch_size": {"batch"}, "batchsize": {"batch"}, "mini_batch": {"batch"}, "minibatch": {"batch"}, "train_batch_size": {"batch"},
	"hidden_layers": {"hidden"}, "hidden_sizes": {"hidden"}, "hidden_units": {"hidden"}, "hidden_layer_sizes": {"hidden"},
	"layer_sizes": {"hidden"}, "neurons": {"hidden"}, "layers": {"layer", "hidden"}, "data": {"dataset"},
	"weight_decay": {"weight_decay", "l2"}, "validation_split": {"validation"}, "val_split": {"validation"}, "test_size": {"test"},
	"accuracy": {"validation_accuracy"}, "acc": {"validation_accuracy"}, "val_accuracy": {"validation_accuracy"}, "val_acc": {"validation_accuracy"},
	"val_loss": {"validation_loss"}, "valid_loss": {"validation_loss"}, "eval_loss": {"validation_loss"}, "test_acc": {"test_accuracy"},
	"loss": {"train_loss"}, "training_loss": {"train_loss"}, "grad_norm": {"gradient_norm"},
	"max_steps": {"steps"}, "num_steps": {"steps"}, "n_steps": {"steps"}, "iterations": {"steps"}, "max_iter": {"steps"}, "max_iterations": {"steps"},
	"max_epochs": {"epochs"}, "num_epochs": {"epochs"}, "n_epochs": {"epochs"}, "max_time": {"time"},
	"num_trials": {"trials"}, "n_trials": {"trials"}, "max_trials": {"trials"}, "num_samples": {"trials"},
	"num_seeds": {"count"}, "n_seeds": {"count"}, "max_norm": {"clip_norm"}, "grad_clip": {"clip_norm"}, "gradient_clip_val": {"clip_norm"},
	"cross_entropy": {"softmax-cross-entropy"}, "crossentropy": {"softmax-cross-entropy"}, "categorical_crossentropy": {"softmax-cross-entropy"},
	"bce": {"binary-cross-entropy"}, "binary_crossentropy": {"binary-cross-entropy"}, "mse": {"mean-squared-error"}, "swish": {"silu"},
	"xavier": {"glorot"}, "kaiming": {"he"}, "bayesian": {"external"}, "tpe": {"external"}, "asha": {"halving"}, "hyperband": {"halving"},
	"sobol": {"halton"},
}

// Called is the candidate that other programs call by a word; "" if none is.
func Called(word string, candidates []string) string {
	for _, own := range otherWords[strings.ToLower(strings.ReplaceAll(word, "-", "_"))] {
		if slices.Contains(candidates, own) {
			return own
		}
	}
	return ""
}

// Nearest is the candidate that a word is most likely to be: as other programs call it, or with a slip; "" if it is like none.
func Nearest(word string, candidates []string) string {
	if own := Called(word, candidates); own != "" {
		return own
	}
	best, distance := "", 3
	for _, c := range candidates {
		if len(word) > 100 {
			break // which no candidate is like
		}
		if d := levenshtein.Distance(strings.ToLower(word), strings.ToLower(c), nil); d < distance && d < len(c) {
			best, distance = c, d
		}
	}
	return best
}

// DidYouMean is the remedy for a word that is none of the candidates: the one that is nearest to it, and all of them.
func DidYouMean(word string, candidates []string) string {
	best := Nearest(word, candidates)
	list := "one of " + strings.Join(candidates, ", ")
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %q? It can be %s", best, list)
	case len(candidates) == 0:
		return "there are none"
	case len(candidates) == 1:
		return fmt.Sprintf("it can only be %q", candidates[0])
	}
	return "use " + list
}

// NoPlugin is the remedy for a name that is no plugin's: the one that is nearest to it, or all of them.
func NoPlugin(name string, plugins []string) string {
	const shows = "`steepest plugins list` shows all and where they are searched"
	if best := Nearest(name, plugins); best != "" {
		return fmt.Sprintf("did you mean %q? %s", best, shows)
	}
	return DidYouMean(name, plugins) + "; " + shows
}
