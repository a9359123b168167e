package io.lorashear.evaluate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/** What the model made of one question: a score for each of its requests. */
public record Answer(Item item, List<Score> scores) {

  public Answer {
    scores = List.copyOf(scores);
  }

  /** Whether the right choice has the largest log-likelihood; of equals the first counts. */
  public boolean right() {
    return largest(this::logLikelihood) == item.answer();
  }

  /** The same with each log-likelihood divided by the choice's number of characters. */
  public boolean rightByLength() {
    return largest(choice -> logLikelihood(choice) / item.length(choice)) == item.answer();
  }

  private double logLikelihood(int choice) {
    return scores.get(choice).logLikelihood();
  }

  private int largest(IntToDoubleFunction value) {
    int best = 0;
    for (int choice = 1; choice < scores.size(); choice++) {
      best = value.applyAsDouble(choice) > value.applyAsDouble(best) ? choice : best;
    }
    return best;
  }

  /** One line of the log: the prompts as they were put and what came back. */
  ObjectNode json(int index) {
    var line = JsonNodeFactory.instance.objectNode();
    line.put("item", index).put("id", item.id()).put("gold", item.answer());
    line.put("acc", right() ? 1.0 : 0.0);
    if (item.sharesContext()) {
      line.put("acc_norm", rightByLength() ? 1.0 : 0.0);
    } else {
      line.putNull("acc_norm");
    }
    var requests = line.putArray("requests");
    for (int choice = 0; choice < scores.size(); choice++) {
      requests
          .addObject()
          .put("context", item.requests().get(choice).context())
          .put("continuation", item.requests().get(choice).continuation())
          .put("log_likelihood", logLikelihood(choice))
          .put("is_greedy", scores.get(choice).greedy());
    }
    return line;
  }
}
