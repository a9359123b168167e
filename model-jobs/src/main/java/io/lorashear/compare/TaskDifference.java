package io.lorashear.compare;

import io.lorashear.InputException;
import io.lorashear.statistics.Bootstrap;
import io.lorashear.statistics.Interval;
import io.lorashear.statistics.PairedTests;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How the second model differs from the first on one task.
 *
 * <pre>
 *   difference = share right of the second − of the first      95 % by bootstrap over questions
 *   p          by McNemar's exact test on the questions that only one got right
 *   gold       = mean over questions of log p(right choice), second − first      p by paired t test
 * </pre>
 *
 * The second test detects small shifts that do not change an answer yet.
 *
 * @param metric acc or acc_norm
 * @param lost questions that only the first got right
 * @param won questions that only the second got right
 */
public record TaskDifference(
    String task,
    String metric,
    int questions,
    double first,
    double second,
    int lost,
    int won,
    Interval interval,
    double p,
    double gold,
    Interval goldInterval,
    double goldP) {

  /** Share of right answers of the second model minus that of the first. */
  public double difference() {
    return second - first;
  }

  /**
   * @throws InputException if the two did not answer the same questions
   */
  static TaskDifference of(
      String task,
      String metric,
      List<LoggedAnswer> first,
      List<LoggedAnswer> second,
      Bootstrap bootstrap) {
    requireSameQuestions(task, first, second);
    var differences = differences(first, second);
    int lost = (int) IntStream.range(0, first.size()).filter(i -> differences[i] < 0).count();
    int won = (int) IntStream.range(0, first.size()).filter(i -> differences[i] > 0).count();
    double[] goldFirst = first.stream().mapToDouble(LoggedAnswer::gold).toArray();
    double[] goldSecond = second.stream().mapToDouble(LoggedAnswer::gold).toArray();
    double[] gold =
        IntStream.range(0, goldFirst.length)
            .mapToDouble(i -> goldSecond[i] - goldFirst[i])
            .toArray();
    return new TaskDifference(
        task,
        metric,
        first.size(),
        share(first),
        share(second),
        lost,
        won,
        bootstrap.mean(differences),
        PairedTests.mcNemar(lost, won),
        IntStream.range(0, gold.length).mapToDouble(i -> gold[i]).average().orElse(0),
        bootstrap.mean(gold),
        PairedTests.t(goldFirst, goldSecond));
  }

  /**
   * For every question: 1 if only the second model is right, −1 if only the first is, otherwise 0.
   */
  static double[] differences(List<LoggedAnswer> first, List<LoggedAnswer> second) {
    return IntStream.range(0, first.size())
        .mapToDouble(i -> (second.get(i).right() ? 1 : 0) - (first.get(i).right() ? 1 : 0))
        .toArray();
  }

  private static double share(List<LoggedAnswer> answers) {
    return answers.stream().mapToDouble(answer -> answer.right() ? 1 : 0).average().orElse(0);
  }

  private static void requireSameQuestions(
      String task, List<LoggedAnswer> first, List<LoggedAnswer> second) {
    if (first.size() != second.size()) {
      throw new InputException(
          "task %s: one was asked %d questions, the other %d: evaluate both with the same limit",
          task, first.size(), second.size());
    }
    for (int i = 0; i < first.size(); i++) {
      if (!first.get(i).question().equals(second.get(i).question())) {
        throw new InputException(
            "task %s: question %d (%s) is another in the two results: evaluate both with the same"
                + " benchmarks and fewShot",
            task, i, second.get(i).id());
      }
    }
  }
}
