package model

var linear = Activation{Name: "linear", Formula: "x", Steepest: 1}
