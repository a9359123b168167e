package io.lorashear.evaluate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.run.Sha256;
import io.lorashear.score.Score;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/** The model's answer to one question: a score for each of its requests. */
public record Answer(Item item, List<Score> scores) {

  public Answer {
    scores = List.copyOf(scores);
  }

  /** Whether the right choice has the largest log-likelihood; the first one counts among equals. */
  public boolean right() {
    return largest(this::logLikelihood) == item.answer();
  }

  /** Whether the right choice has the largest log-likelihood per character. */
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

  /** One line of the log, as lm-evaluation-harness writes its samples. */
  ObjectNode json(int index) {
    var line = JsonNodeFactory.instance.objectNode();
    line.put("doc_id", index).put("id", item.id()).put("target", Integer.toString(item.answer()));
    var arguments = line.putObject("arguments");
    var responses = line.putArray("resps");
    var filtered = line.putArray("filtered_resps");
    for (int choice = 0; choice < scores.size(); choice++) {
      var request = item.requests().get(choice);
      arguments
          .putObject("gen_args_" + choice)
          .put("arg_0", request.context())
          .put("arg_1", request.continuation());
      put(responses.addArray().addArray(), choice);
      put(filtered.addArray(), choice);
    }
    line.put("filter", "none").putArray("metrics").add("acc");
    line.put("prompt_hash", Sha256.of(item.requests().get(0).context()));
    line.put("target_hash", Sha256.of(Integer.toString(item.answer())));
    line.put("acc", right() ? 1.0 : 0.0);
    if (item.sharesContext()) {
      line.withArray("metrics").add("acc_norm");
      line.put("acc_norm", rightByLength() ? 1.0 : 0.0);
    }
    return line;
  }

  private void put(ArrayNode response, int choice) {
    response
        .add(Double.toString(logLikelihood(choice)))
        .add(scores.get(choice).greedy() ? "True" : "False");
  }
}
