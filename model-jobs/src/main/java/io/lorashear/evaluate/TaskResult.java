package io.lorashear.evaluate;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Predicate;

/**
 * Answers to a task's questions, in the file's order.
 *
 * @param original number of questions of the task, asked or not
 */
public record TaskResult(
    String task,
    Task.Metric metric,
    List<Answer> answers,
    SortedMap<String, Integer> dropped,
    int original) {

  public TaskResult {
    answers = List.copyOf(answers);
  }

  /** Share of questions whose most likely choice is the right one. */
  public Share acc() {
    return share(Answer::right);
  }

  /** Share by likelihood per character; empty if choices differ in their contexts. */
  public Optional<Share> accNorm() {
    return answers.stream().allMatch(answer -> answer.item().sharesContext())
        ? Optional.of(share(Answer::rightByLength))
        : Optional.empty();
  }

  /** The figure that published tables print for this task. */
  public Share reported() {
    return metric == Task.Metric.ACC_NORM ? accNorm().orElseGet(this::acc) : acc();
  }

  /** The name of that figure in the results. */
  String metricName() {
    return metric.name().toLowerCase(Locale.ROOT);
  }

  private Share share(Predicate<Answer> right) {
    return new Share((int) answers.stream().filter(right).count(), answers.size());
  }
}
