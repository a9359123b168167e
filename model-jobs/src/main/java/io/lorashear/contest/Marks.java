package io.lorashear.contest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.compare.LoggedAnswer;
import io.lorashear.evaluate.EvaluationSummary;
import io.lorashear.run.PublishedDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which questions of each task a model answered correctly, by the task's reported metric: a list of
 * 0 and 1 in the order of the questions.
 */
public record Marks(Map<String, List<Integer>> tasks) {

  public Marks {
    tasks = new TreeMap<>(tasks);
  }

  /** Reads the results that {@code evaluate} published. */
  static Marks of(PublishedDirectory evaluation) {
    var tasks = new TreeMap<String, List<Integer>>();
    for (var figure : EvaluationSummary.read(evaluation).figures()) {
      tasks.put(
          figure.task(),
          LoggedAnswer.read(evaluation, figure.task(), figure.metric()).stream()
              .map(answer -> answer.right() ? 1 : 0)
              .toList());
    }
    return new Marks(tasks);
  }

  /** Accuracy on one task, from 0 to 1; NaN if the task was not asked. */
  double share(String task) {
    return tasks.getOrDefault(task, List.of()).stream()
        .mapToInt(Integer::intValue)
        .average()
        .orElse(Double.NaN);
  }

  /** Mean accuracy over tasks; NaN if no task was asked. */
  double mean() {
    return tasks.keySet().stream().mapToDouble(this::share).average().orElse(Double.NaN);
  }

  /**
   * Standard error of the mean: the root of the summed squares of each task's binomial error
   * divided by the number of tasks.
   */
  double standardError() {
    double squares = 0;
    for (var task : tasks.entrySet()) {
      double share = share(task.getKey());
      squares += share * (1 - share) / Math.max(1, task.getValue().size() - 1);
    }
    return Math.sqrt(squares) / tasks.size();
  }

  ObjectNode toJson() {
    var json = JsonFile.object();
    tasks.forEach(
        (task, marks) -> {
          var digits = new StringBuilder();
          marks.forEach(digits::append);
          json.put(task, digits.toString());
        });
    return json;
  }

  static Marks fromJson(JsonNode json) {
    var tasks = new TreeMap<String, List<Integer>>();
    json.properties()
        .forEach(
            entry -> {
              var marks = new ArrayList<Integer>();
              entry.getValue().asText().chars().forEach(digit -> marks.add(digit - '0'));
              tasks.put(entry.getKey(), marks);
            });
    return new Marks(tasks);
  }
}
