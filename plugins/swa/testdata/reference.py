import torch
from torch.optim.swa_utils import AveragedModel, get_swa_multi_avg_fn

from reference import Averaged, of, record

arguments = {"lr": 0.2, "momentum": 0.8}
for variant, start, period in [("swa", 0, 1), ("period", 20, 7)]:
    record(
        variant,
        lambda parameters: Averaged(
            torch.optim.SGD(parameters, **arguments),
            lambda k: k > start and (k - start - 1) % period == 0,
            multi_avg_fn=get_swa_multi_avg_fn(),
        ),
        arguments | {"swa_start": start, "swa_period": period},
        of("torch", AveragedModel, model=f"SGD{arguments}", multi_avg_fn="get_swa_multi_avg_fn()")
        + f", updated after step {start + 1} and each {period} on",
        result=lambda optimizer: optimizer.eval(),
    )
