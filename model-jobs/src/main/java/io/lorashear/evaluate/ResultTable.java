package io.lorashear.evaluate;

import java.util.Locale;

/** A result as a table for people: one row per task in percent, the mean, one row per text. */
final class ResultTable {
  private final EvaluationResult result;
  private final StringBuilder text = new StringBuilder();

  private ResultTable(EvaluationResult result) {
    this.result = result;
  }

  static String of(EvaluationResult result) {
    var table = new ResultTable(result);
    if (!result.tasks().isEmpty()) {
      table.tasks();
    }
    if (!result.texts().isEmpty()) {
      table.texts();
    }
    return table.text.toString();
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private void tasks() {
    int shots = result.settings().fewShot().count();
    line(
        "%s accuracy in percent ± standard error; %s tokenisation",
        shots == 0 ? "Zero-shot" : shots + "-shot",
        result.settings().protocol().name().toLowerCase(Locale.ROOT));
    line("%-14s %-9s %6s   %13s   %s", "task", "metric", "items", "", "acc / acc_norm");
    for (TaskResult task : result.tasks()) {
      Share shown = task.reported();
      line(
          "%-14s %-9s %6d   %6.2f ± %4.2f   %s",
          task.task(),
          task.metricName(),
          shown.count(),
          100 * shown.value(),
          100 * shown.standardError(),
          both(task));
    }
    line("%-14s %-9s %6s   %6.2f", "mean", "", "", 100 * result.mean());
  }

  private static String both(TaskResult task) {
    return String.format(Locale.ROOT, "%.2f", 100 * task.acc().value())
        + task.accNorm()
            .map(share -> String.format(Locale.ROOT, " / %.2f", 100 * share.value()))
            .orElse("");
  }

  private void texts() {
    line(
        "%-14s %-9s %9s %12s %12s %12s %10s",
        "perplexity", "windows", "tokens", "a token", "a word", "a byte", "bits/byte");
    for (TextResult each : result.texts()) {
      line(
          "%-14s %-9s %9d %12.4f %12.4f %12.4f %10.4f",
          each.name(),
          each.settings().windows().name().toLowerCase(Locale.ROOT),
          each.tokens(),
          each.tokenPerplexity(),
          each.wordPerplexity(),
          each.bytePerplexity(),
          each.bitsPerByte());
    }
  }
}
