"""A step of the inline plane that asks: it goes on in a thread of its own from one call of Step to the next."""

import queue
import threading

from . import rule, wire


class Dialog:
    """Begins a step of an instance."""

    def __init__(self, instance, step, values, loss):
        self.step, self.error, self.nanoseconds = step, None, 0
        self.asks, self.answers, self.asked = queue.SimpleQueue(), queue.SimpleQueue(), None
        self.thread = threading.Thread(target=self._run, args=(instance, values, loss), daemon=True, name="step that asks")
        self.thread.start()

    def _run(self, instance, values, loss):
        try:
            self.nanoseconds = instance.advance(self.step, values, loss, self._ask)
        except BaseException as e:  # whatever happens, the host waits for an answer
            self.error = e
        self.asks.put(None)

    def _ask(self, kind, batch, vector):
        self.asks.put((kind, batch, vector))
        answer = self.answers.get()
        if answer is None:
            raise rule.Unanswered("the host closed the optimizer instead of answering an ask")
        return answer

    def listen(self):
        """Waits until the step asks: kind, batch, vector; or is over: None."""
        self.asked = self.asks.get()
        return self.asked

    def proceed(self, request, parameters):
        """Gives the step that asked its answer. A wrong one raises ValueError and leaves the step waiting."""
        if request.step != self.step:
            raise ValueError(f"an answer to an ask of step {request.step} came, and step {self.step} asked")
        gradient = None
        if self.asked[0] != wire.ASK_KIND_LOSS:
            gradient = wire.floats(request.gradient, parameters, "the answer to its ask")
        self.answers.put((request.loss, gradient))
        return self

    def outcome(self):
        """The nanoseconds that the rule took, or its error, once it is over."""
        if isinstance(self.error, rule.Unanswered):
            raise rule.StepFailed(f"step {self.step}: {self.error}")
        if self.error is not None:
            raise self.error
        return self.nanoseconds

    def abandon(self):
        """Ends a step that waits for an answer."""
        self.answers.put(None)
        self.thread.join()
