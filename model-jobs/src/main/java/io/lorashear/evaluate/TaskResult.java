package io.lorashear.evaluate;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Predicate;

/** Answers to a task's questions, in the file's order. */
public record TaskResult(
    String task, Task.Metric metric, List<Answer> answers, SortedMap<String, Integer> dropped) {

  public TaskResult {
    answers = List.copyOf(answers);
  }

  /** Questions whose most likely choice is the right one. */
  public Share acc() {
    return share(Answer::right);
  }

  /** By likelihood per character; absent where choices differ in their contexts. */
  public Optional<Share> accNorm() {
    return answers.stream().allMatch(answer -> answer.item().sharesContext())
        ? Optional.of(share(Answer::rightByLength))
        : Optional.empty();
  }

  /** The figure that tables of the field print for this task. */
  public Share reported() {
    return metric == Task.Metric.ACC_NORM ? accNorm().orElseGet(this::acc) : acc();
  }

  private Share share(Predicate<Answer> right) {
    return new Share((int) answers.stream().filter(right).count(), answers.size());
  }
}
