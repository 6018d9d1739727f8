import torch
from pytorch_optimizer import Lookahead

from reference import of, record

arguments = {"lr": 0.05, "betas": (0.8, 0.95), "weight_decay": 0.1, "k": 6, "alpha": 0.6}
record(
    "lookahead-adamw",
    lambda parameters: Lookahead(torch.optim.AdamW, params=parameters, **arguments),
    {"lr": 0.05, "beta1": 0.8, "beta2": 0.95, "weight_decay": 0.1, "sync_period": 6, "slow_step_size": 0.6},
    of("pytorch_optimizer", Lookahead, optimizer="AdamW", **arguments),
    result=lambda optimizer: optimizer.backup_and_load_cache(),
)
