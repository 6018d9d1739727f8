package config

import (
	"strings"
	"testing"
)

// TestSyntaxRemedies: what people write that is not TOML has a remedy that says what would be right.
func TestSyntaxRemedies(t *testing.T) {
	for line, want := range map[string]string{ // column and remedy
		"lr = 1,5":                  "7|write a decimal point: 1.5",
		"lr = -0,003 # small":       "8|write a decimal point: -0.003",
		"lr = 1e400":                "6|between -1.7e308 and 1.7e308",
		"lr = 99999999999999999999": "6|such as 1e20",
		"lr = .5":                   "6|such as 0.5 or 5.0",
		"lr = 5.":                   "6|such as 0.5 or 5.0",
		"lr = 01":                   "6|write 1, without zeroes",
		"lr = -00.5":                "6|write -0.5, without zeroes",
		"lr = −1":                   `6|minus sign as "-"`,
		"lr 0.1":                    "4|write = between key and value",
		"lr: 0.1":                   "3|write = between key and value",
		"lr := 0.1":                 "4|write = between key and value",
		"lr == 0.1":                 "5|a single =",
		"lr =":                      "4|write a value behind the =",
		"lr":                        "2|write = and a value",
		"lern rate = 0.1":           "6|without spaces",
		"größe = 1":                 `3|in quotation marks: "größe" = 1`,
		"name = sgd":                `8|write a string in quotation marks: "sgd"`,
		"name = sgd, lr 0.1":        `8|write a string in quotation marks: "sgd"`,
		"name = sgd\"":              `8|write a string in quotation marks: "sgd"`,
		"name = data/my file.csv":   `8|write a string in quotation marks: "data/my file.csv"`,
		"name = \"sgd":              "11|end the string with a quotation mark",
		"name = \"sgd\nlr = 1":      "12|end the string with a quotation mark",
		"name = 'sgd":               "11|end the string with a quotation mark",
		"name = “sgd”":              `8|use straight quotation marks`,
		"name = ‘sgd’":              `8|use straight quotation marks`,
		"name = «sgd»":              `8|use straight quotation marks`,
		"“name” = 3":                `1|use straight quotation marks`,
		"name = \"sgd”\nlr = 1":     `13|use straight quotation marks`,
		"name = \"C:\\data\"":       `9|write backslashes twice`,
		"nesterov = True":           "12|write true or false, in lower case",
		"nesterov = yes":            "12|write true or false",
		"nesterov = None":           "12|leave the key out",
		"lr = NaN":                  "6|in lower case",
		"lr = 10%":                  "8|10 % is 0.1",
		"step_timeout = 30s":        `18|write a time in quotation marks: "30s"`,
		"lr = 1; b = 2":             "7|without semicolons",
		"lr = 1 b = 2":              "7|each key on a line of its own",
		"lr = 1 // note":            "7|begin a comment with #",
		"// note":                   "1|begin a comment with #",
		"; note":                    "1|begin a comment with #",
		"lr = (1, 2)":               "6|in square brackets: [1, 2]",
		"lr = [1 2]":                "9|one comma between two elements",
		"lr = [1, 2":                "10|] behind the last",
		"lr = { a = 1 b = 2 }":      "14|a comma between two keys",
		"lr = 1\nlr = 2":            "1|remove one of the two",
		"[[problem]]\n[problem]":    "2|write two brackets wherever there are several",
		"[problem\na = 1":           "9|brackets on both sides: [problem]",
		"problem]":                  "8|brackets on both sides: [problem]",
		"[[optimizer]\na = 1":       "12|two brackets on both sides: [[optimizer]]",
		"lr\u00a0= 1":               "3|invisible character U+00A0",
		"\u200blr = 1":              "1|invisible character U+200B",
	} {
		_, err := Parse("f.toml", line)
		errs, ok := err.(Errors)
		column, remedy, _ := strings.Cut(want, "|")
		if !ok || len(errs) != 1 || !strings.HasPrefix(errs[0].Message, "not valid TOML: ") {
			t.Errorf("%s: got %v", line, err)
			continue
		}
		if !strings.Contains(err.Error(), ":"+column+": ") || !strings.Contains(errs[0].Remedy, remedy) {
			t.Errorf("%s: got\n%v\nwant column %s and the remedy %s", line, err, column, remedy)
		}
	}
}
