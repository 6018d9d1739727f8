import schedulefree

from reference import of, record


def make(parameters, **arguments):
    optimizer = schedulefree.SGDScheduleFree(parameters, **arguments)
    optimizer.train()
    return optimizer


for variant, arguments in {
    "schedule-free-sgd": {"lr": 0.5, "momentum": 0.8, "weight_decay": 0.02},
    "warmup": {"lr": 0.7, "momentum": 0.95, "warmup_steps": 12, "r": 1.5, "weight_lr_power": 1.0},
}.items():
    record(
        variant,
        lambda parameters: make(parameters, **arguments),
        arguments,
        of("schedulefree", schedulefree.SGDScheduleFree, **arguments),
        result=lambda optimizer: optimizer.eval(),
    )
