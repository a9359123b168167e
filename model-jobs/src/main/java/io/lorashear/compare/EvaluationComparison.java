package io.lorashear.compare;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.evaluate.EvaluationSummary;
import io.lorashear.evaluate.EvaluationSummary.Figure;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.statistics.Bootstrap;
import io.lorashear.statistics.Interval;
import io.lorashear.statistics.PairedTests;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/**
 * Two evaluations, question by question. A difference is called noise where its p value, corrected
 * for the number of tasks (Holm), is not below 0.05.
 *
 * @param tasks tasks that both evaluations have
 * @param mean difference of the means over these tasks, second − first
 * @param meanInterval 95 % interval of the mean
 * @param texts that both evaluations have
 */
public record EvaluationComparison(
    List<TaskDifference> tasks, double mean, Interval meanInterval, List<TextDifference> texts) {
  private static final double SURE = 0.05;

  public EvaluationComparison {
    tasks = List.copyOf(tasks);
    texts = List.copyOf(texts);
  }

  /**
   * Compares two published evaluations.
   *
   * @throws InputException if the two did not answer the same questions by the same protocol
   */
  public static EvaluationComparison of(
      PublishedDirectory first, PublishedDirectory second, Bootstrap bootstrap) {
    var before = EvaluationSummary.read(first);
    var after = EvaluationSummary.read(second);
    requireSame("protocol", before.protocol(), after.protocol());
    var tasks = new ArrayList<TaskDifference>();
    var strata = new ArrayList<double[]>();
    for (Figure figure : before.figures()) {
      if (after.figures().stream().anyMatch(other -> other.task().equals(figure.task()))) {
        var one = LoggedAnswer.read(first, figure.task(), figure.metric());
        var other = LoggedAnswer.read(second, figure.task(), figure.metric());
        tasks.add(TaskDifference.of(figure.task(), figure.metric(), one, other, bootstrap));
        strata.add(TaskDifference.differences(one, other));
      }
    }
    var texts =
        before.texts().stream()
            .filter(after.texts()::contains)
            .map(text -> TextDifference.of(text, first, second, bootstrap))
            .toList();
    if (tasks.isEmpty() && texts.isEmpty()) {
      throw new InputException(
          "%s and %s have no task and no text in common: evaluate both on the same",
          first.directory(), second.directory());
    }
    double mean = tasks.stream().mapToDouble(TaskDifference::difference).average().orElse(0);
    var interval = tasks.isEmpty() ? new Interval(0, 0) : bootstrap.meanOfMeans(strata);
    return new EvaluationComparison(tasks, mean, interval, texts);
  }

  private static void requireSame(String what, String first, String second) {
    if (!first.equals(second)) {
      throw new InputException(
          "%s is %s in one result and %s in the other: such figures must not be compared;"
              + " evaluate both by the same",
          what, first, second);
    }
  }

  /**
   * Whether the answers to each task, in the order of {@link #tasks}, differ by more than chance.
   */
  public List<Boolean> differs() {
    return below(tasks.stream().mapToDouble(TaskDifference::p).toArray());
  }

  /** Whether the likelihoods of the right choices differ by more than chance, task by task. */
  public List<Boolean> goldDiffers() {
    return below(tasks.stream().mapToDouble(TaskDifference::goldP).toArray());
  }

  private static List<Boolean> below(double[] p) {
    var differs = new ArrayList<Boolean>();
    for (double adjusted : PairedTests.holm(p)) {
      differs.add(adjusted < SURE);
    }
    return differs;
  }

  /** Text for people: percent and nats, with their 95 % intervals. */
  public String table() {
    var lines = new StringJoiner("\n", "", "\n");
    if (!tasks.isEmpty()) {
      addTasks(lines);
    }
    if (!texts.isEmpty()) {
      addTexts(lines);
    }
    return lines.toString();
  }

  private void addTexts(StringJoiner lines) {
    lines.add(
        line(
            "%-14s %9s %12s %12s %9s  %s",
            "perplexity", "documents", "first", "second", "factor", "95 %, documents drawn"));
    for (TextDifference text : texts) {
      lines.add(
          line(
              "%-14s %9d %12.4f %12.4f %9.4f  %s",
              text.text(),
              text.documents(),
              text.first(),
              text.second(),
              text.change(),
              text.factor()
                  .map(
                      interval ->
                          line("[%.4f, %.4f]", interval.low(), interval.high())
                              + "  "
                              + verdict(text.differs()))
                  .orElse("one document: no interval")));
    }
  }

  private void addTasks(StringJoiner lines) {
    lines.add(
        line(
            "%-14s %-8s %6s %7s %7s %7s  %-17s %11s %7s  %-6s  %-25s %s",
            "task",
            "metric",
            "items",
            "first",
            "second",
            "change",
            "95 %",
            "lost/won",
            "p",
            "",
            "right choice, nats",
            ""));
    var differs = differs();
    var goldDiffers = goldDiffers();
    for (int i = 0; i < tasks.size(); i++) {
      var task = tasks.get(i);
      lines.add(
          line(
              "%-14s %-8s %6d %7.2f %7.2f %+7.2f  %-17s %11s %7.4f  %-6s  %-25s %s",
              task.task(),
              task.metric(),
              task.questions(),
              100 * task.first(),
              100 * task.second(),
              100 * task.difference(),
              percent(task.interval()),
              task.lost() + "/" + task.won(),
              task.p(),
              verdict(differs.get(i)),
              line(
                  "%+.3f [%+.3f, %+.3f]",
                  task.gold(), task.goldInterval().low(), task.goldInterval().high()),
              verdict(goldDiffers.get(i))));
    }
    lines.add(
        line(
            "%-14s %-8s %6s %7s %7s %+7.2f  %-17s %11s %7s  %s",
            "mean",
            "",
            "",
            "",
            "",
            100 * mean,
            percent(meanInterval),
            "",
            "",
            verdict(meanInterval.excludesZero())));
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values).stripTrailing();
  }

  private static String percent(Interval interval) {
    return line("[%+.2f, %+.2f]", 100 * interval.low(), 100 * interval.high());
  }

  private static String verdict(boolean differs) {
    return differs ? "sure" : "noise";
  }

  /** JSON for programs. */
  public ObjectNode json() {
    var root = JsonNodeFactory.instance.objectNode();
    var differs = differs();
    var goldDiffers = goldDiffers();
    for (int i = 0; i < tasks.size(); i++) {
      var task = tasks.get(i);
      var row = root.withObject("/tasks").putObject(task.task());
      row.put("metric", task.metric()).put("items", task.questions());
      row.put("first", task.first()).put("second", task.second());
      row.put("lost", task.lost()).put("won", task.won());
      put(row.putObject("change"), task.difference(), task.interval(), differs.get(i))
          .put("p", task.p());
      put(row.putObject("right_choice"), task.gold(), task.goldInterval(), goldDiffers.get(i))
          .put("p", task.goldP());
    }
    if (!tasks.isEmpty()) {
      put(root.putObject("mean"), mean, meanInterval, meanInterval.excludesZero());
    }
    for (TextDifference text : texts) {
      var row = root.withObject("/texts").putObject(text.text());
      row.put("first", text.first()).put("second", text.second()).put("factor", text.change());
      text.factor()
          .ifPresent(
              interval ->
                  row.put("low", interval.low())
                      .put("high", interval.high())
                      .put("noise", !text.differs()));
    }
    return root;
  }

  private static ObjectNode put(ObjectNode node, double value, Interval interval, boolean sure) {
    return node.put("value", value)
        .put("low", interval.low())
        .put("high", interval.high())
        .put("noise", !sure);
  }
}
