import pytorch_optimizer

from reference import of, record

arguments = {"lr": 0.3, "momentum": 0.8, "trust_coefficient": 0.2, "weight_decay": 0.05}
for variant, nesterov in [("lars", False), ("nesterov", True)]:
    record(
        variant,
        lambda parameters: pytorch_optimizer.LARS(parameters, **arguments, nesterov=nesterov),
        {"lr": 0.3, "momentum": 0.8, "trust": 0.2, "weight_decay": 0.05, "nesterov": nesterov},
        of("pytorch_optimizer", pytorch_optimizer.LARS, **arguments, nesterov=nesterov),
    )
