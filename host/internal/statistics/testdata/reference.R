# Reference values of R for the package statistics: Rscript reference.R > reference_R.json
suppressMessages({library(survival); library(coin); library(jsonlite)})

# Wilcoxon signed-rank: the depression scale factor of Hollander and Wolfe (1973), p. 29, as in ?wilcox.test.
x <- c(1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30)
y <- c(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29)
ranked <- lapply(c(two.sided = "two.sided", less = "less", greater = "greater"), function(a) {
  t <- wilcox.test(x, y, paired = TRUE, alternative = a)
  list(V = unname(t$statistic), p = t$p.value)
})
interval <- function(level) {
  t <- wilcox.test(x, y, paired = TRUE, conf.int = TRUE, conf.level = level)
  list(level = level, estimate = unname(t$estimate), low = t$conf.int[1], high = t$conf.int[2])
}

# With ties and zeros: coin has the exact conditional distribution with Pratt's zeros.
d <- c(0, 3, -1, 2, 2, -2, 5, 0, 4, 1, 3, 3)
pratt <- lapply(c(two.sided = "two.sided", less = "less", greater = "greater"), function(a)
  as.numeric(pvalue(wilcoxsign_test(d ~ rep(0, length(d)), distribution = "exact", zero.method = "Pratt", alternative = a))))

# Kaplan-Meier: maintenance chemotherapy of acute myelogenous leukemia, Miller (1997), p. 49, both groups; and remission under
# 6-mercaptopurine, Freireich et al. (1963), as in Kalbfleisch and Prentice.
km <- function(time, status) {
  f <- survfit(Surv(time, status) ~ 1, conf.type = "log-log")
  q <- quantile(f, 0.5)
  list(time = time, status = status, at = f$time, risk = f$n.risk, survival = f$surv, low = f$lower, high = f$upper,
       median = unname(q$quantile), median_low = unname(q$lower), median_high = unname(q$upper))
}
aml <- survival::aml
mp <- list(time = c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35),
           status = c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0))

# Friedman: rounding times of Hollander and Wolfe (1973), p. 140, as in ?friedman.test; a row is a player. With ties.
rounding <- matrix(c(5.40, 5.50, 5.55, 5.85, 5.70, 5.75, 5.20, 5.60, 5.50, 5.55, 5.50, 5.40, 5.90, 5.85, 5.70, 5.45, 5.55, 5.60,
  5.40, 5.40, 5.35, 5.45, 5.50, 5.35, 5.25, 5.15, 5.00, 5.85, 5.80, 5.70, 5.25, 5.20, 5.10, 5.65, 5.55, 5.45, 5.60, 5.35, 5.45,
  5.05, 5.00, 4.95, 5.50, 5.50, 5.40, 5.45, 5.55, 5.50, 5.55, 5.55, 5.35, 5.45, 5.50, 5.55, 5.50, 5.45, 5.25, 5.65, 5.60, 5.40,
  5.70, 5.65, 5.55, 6.30, 6.30, 6.25), ncol = 3, byrow = TRUE)
fr <- friedman.test(rounding)
# Iman and Davenport's F is that of an analysis of variance of the ranks.
ranks <- data.frame(r = c(t(apply(rounding, 1, rank))), player = factor(rep(1:22, 3)), method = factor(rep(1:3, each = 22)))
davenport <- anova(lm(r ~ player + method, ranks))["method", ]

tukey <- expand.grid(p = c(0.5, 0.9, 0.95, 0.99), k = c(2, 3, 4, 5, 10, 20))
tukey$q <- mapply(function(p, k) qtukey(p, k, Inf), tukey$p, tukey$k)

p <- c(0.01, 0.04, 0.03, 0.005, 0.6, 0.5)
holm <- list(p = p, adjusted = p.adjust(p, "holm"))

sign <- lapply(list(c(9, 10, 0.95), c(0, 5, 0.95), c(7, 7, 0.9), c(13, 40, 0.99)), function(s) {
  t <- binom.test(s[1], s[2], conf.level = s[3])
  list(wins = s[1], n = s[2], level = s[3], low = t$conf.int[1], high = t$conf.int[2], two.sided = t$p.value,
       less = binom.test(s[1], s[2], alternative = "less")$p.value, greater = binom.test(s[1], s[2], alternative = "greater")$p.value)
})

a <- c(1.2, 3.4, 2.2, 8.1, 5.5, 5.5, 0.3)
b <- c(2.1, 2.9, 2.9, 9.4, 4.1, 6.2, 1.0)
trend <- list(x = a, y = b, slope = unname(coef(lm(b ~ a))[2]), log_slope = unname(coef(lm(log(b) ~ log(a)))[2]),
              pearson = cor(a, b), spearman = cor(a, b, method = "spearman"))

values <- list(
  versions = list(R = R.version.string, survival = format(packageVersion("survival")), coin = format(packageVersion("coin"))),
  signed_rank = list(x = x, y = y, tests = ranked, intervals = lapply(c(0.9, 0.95, 0.99), interval)),
  pratt = list(d = d, p = pratt),
  kaplan_meier = list(aml_maintained = km(aml$time[aml$x == "Maintained"], aml$status[aml$x == "Maintained"]),
    aml_nonmaintained = km(aml$time[aml$x != "Maintained"], aml$status[aml$x != "Maintained"]),
    mercaptopurine = km(mp$time, mp$status), six = km(1:6, rep(1, 6)), flat = km(c(1, 2, 3, 5, 8, 9), c(1, 1, 1, 1, 0, 1))),
  friedman = list(values = rounding, statistic = unname(fr$statistic), p = fr$p.value,
    F = davenport[["F value"]], PF = davenport[["Pr(>F)"]]),
  tukey = tukey, holm = holm, sign = sign, trend = trend)
line <- function(name) paste0('"', name, '": ', toJSON(values[[name]], digits = I(17), auto_unbox = TRUE, na = "null"))
lines <- sapply(names(values), line)
cat("{", paste(lines, collapse = ",\n"), "}", sep = "\n")
