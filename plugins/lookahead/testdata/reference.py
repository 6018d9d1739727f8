import torch
from pytorch_optimizer import Lookahead

from reference import of, record

for variant, mine, arguments in [
    ("lookahead", {"sync_period": 4, "slow_step_size": 0.7}, {"k": 4, "alpha": 0.7}),
    ("nesterov", {"sync_period": 7, "slow_step_size": 0.4, "nesterov": True}, {"k": 7, "alpha": 0.4, "nesterov": True}),
]:
    arguments = {"lr": 0.2, "momentum": 0.8} | arguments
    record(
        variant,
        lambda parameters: Lookahead(torch.optim.SGD, params=parameters, **arguments),
        {"lr": 0.2, "momentum": 0.8} | mine,
        of("pytorch_optimizer", Lookahead, optimizer="SGD", **arguments),
        result=lambda optimizer: optimizer.backup_and_load_cache(),
    )
