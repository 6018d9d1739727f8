import pytorch_optimizer

from reference import of, record, rewritten

soap = rewritten("pytorch_optimizer.optimizer.soap", ("power_iter.to(torch.float32)", "power_iter"))
arguments = {"lr": 0.05, "betas": (0.8, 0.9), "shampoo_beta": 0.85, "eps": 1e-5, "weight_decay": 0.1}
for variant, more, plugin in [
    ("soap", {"precondition_frequency": 3}, {"frequency": 3}),
    ("always", {"precondition_frequency": 1}, {"frequency": 1}),
    ("one-sided", {"precondition_frequency": 3, "max_precondition_dim": 2}, {"frequency": 3, "max_size": 2}),
    ("agile", {"precondition_frequency": 2, "shampoo_beta": 0.1}, {"frequency": 2, "shampoo_beta": 0.1}),
]:
    record(
        variant,
        lambda parameters: soap.SOAP(parameters, **(arguments | more)),
        {"lr": 0.05, "beta1": 0.8, "beta2": 0.9, "shampoo_beta": 0.85, "eps": 1e-5, "weight_decay": 0.1} | plugin,
        of("pytorch_optimizer", pytorch_optimizer.SOAP, **(arguments | more)),
        "its QR is of float64. Three hidden units: with four, the first gradient leaves a plane of eigenvectors open",
        hidden=3,
    )
