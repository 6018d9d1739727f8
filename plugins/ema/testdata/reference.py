import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from reference import Averaged, of, record

arguments, decay = {"lr": 0.03, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1}, 0.9
record(
    "ema",
    lambda parameters: Averaged(
        torch.optim.AdamW(parameters, **arguments), lambda k: True, multi_avg_fn=get_ema_multi_avg_fn(decay)
    ),
    {"lr": 0.03, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6, "weight_decay": 0.1, "decay": decay},
    of("torch", AveragedModel, model=f"AdamW{arguments}", multi_avg_fn=f"get_ema_multi_avg_fn({decay})"),
    result=lambda optimizer: optimizer.eval(),
)
