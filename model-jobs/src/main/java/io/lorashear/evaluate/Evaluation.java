package io.lorashear.evaluate;

import io.lorashear.InputException;
import io.lorashear.run.Progress;
import io.lorashear.score.Likelihood;
import io.lorashear.score.Request;
import io.lorashear.score.Score;
import io.lorashear.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Multiple choice by likelihood: every choice is scored as a continuation, the model answers with
 * the most likely one.
 */
public record Evaluation(
    Tokenizer tokenizer, Protocol protocol, Likelihood model, Progress progress) {

  /** Answers to all questions of {@code items}. */
  public TaskResult run(Task task, Items items) {
    var requests = new ArrayList<Request>();
    for (Item item : items.items()) {
      item.requests().forEach(text -> requests.add(protocol.encode(tokenizer, text)));
    }
    var scores = scores(task, requests);
    var answers = new ArrayList<Answer>();
    int next = 0;
    for (Item item : items.items()) {
      int end = next + item.requests().size();
      answers.add(new Answer(item, finite(task, item, scores.subList(next, end))));
      next = end;
    }
    return new TaskResult(task.name(), task.metric(), answers, items.dropped(), items.original());
  }

  private List<Score> scores(Task task, List<Request> requests) {
    try (var work = progress.begin("evaluate " + task.name(), requests.size(), "requests")) {
      return model.score(requests, work::step);
    }
  }

  private static List<Score> finite(Task task, Item item, List<Score> scores) {
    for (Score score : scores) {
      if (!Double.isFinite(score.logLikelihood())) {
        throw new InputException(
            "task %s, question %s: the model's log-likelihood is %s; its weights are not all finite"
                + " numbers",
            task.name(), item.id(), score.logLikelihood());
      }
    }
    return scores;
  }
}
