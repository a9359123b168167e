package io.lorashear.evaluate;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What a checkpoint scored, and by which rules.
 *
 * @param model hash of the checkpoint
 * @param tokenizer hash of its tokenizer
 * @param limit questions a task, 0 for all
 */
public record EvaluationResult(
    String model, String tokenizer, Protocol protocol, int limit, List<TaskResult> tasks) {

  public EvaluationResult {
    tasks = List.copyOf(tasks);
  }

  /** Plain mean of the tasks' reported figures. */
  public double mean() {
    return tasks.stream().mapToDouble(task -> task.reported().value()).average().orElse(0);
  }

  /** The figures, under the keys lm-evaluation-harness' readers know. */
  public ObjectNode json() {
    var root = JsonNodeFactory.instance.objectNode();
    var results = root.putObject("results");
    tasks.forEach(task -> put(results.putObject(task.task()), task));
    root.put("mean", mean());
    var samples = root.putObject("n-samples");
    var dropped = root.putObject("dropped");
    for (TaskResult task : tasks) {
      samples.putObject(task.task()).put("effective", task.answers().size());
      var reasons = dropped.putObject(task.task());
      task.dropped().forEach(reasons::put);
    }
    root.putObject("config")
        .put("protocol", protocol.name().toLowerCase(Locale.ROOT))
        .put("num_fewshot", 0)
        .put("limit", limit)
        .put("model_hash", model)
        .put("tokenizer_hash", tokenizer);
    return root;
  }

  private static void put(ObjectNode row, TaskResult task) {
    row.put("alias", task.task());
    put(row, "acc", task.acc());
    task.accNorm().ifPresent(share -> put(row, "acc_norm", share));
    row.put("reported", name(task));
  }

  private static void put(ObjectNode row, String metric, Share share) {
    row.put(metric + ",none", share.value());
    row.put(metric + "_stderr,none", share.standardError());
  }

  private static String name(TaskResult task) {
    return task.metric().name().toLowerCase(Locale.ROOT);
  }

  /** Writes the files that {@link EvaluateStage} names. */
  void write(Path folder) throws IOException {
    var indent = new DefaultIndenter("  ", "\n");
    var printer = new DefaultPrettyPrinter().withObjectIndenter(indent).withArrayIndenter(indent);
    var json = new ObjectMapper();
    Files.writeString(
        folder.resolve(EvaluateStage.RESULTS),
        json.writer(printer).writeValueAsString(json()) + "\n");
    Files.writeString(folder.resolve(EvaluateStage.TABLE), table());
    for (TaskResult task : tasks) {
      try (var log = Files.newBufferedWriter(folder.resolve("samples_" + task.task() + ".jsonl"))) {
        for (int index = 0; index < task.answers().size(); index++) {
          log.write(task.answers().get(index).json(index) + "\n");
        }
      }
    }
  }

  /** For people: one row a task in percent, then the mean. */
  public String table() {
    var text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "Zero-shot accuracy in percent ± standard error; %s tokenisation\n",
            protocol.name().toLowerCase(Locale.ROOT)));
    text.append(
        String.format(
            Locale.ROOT,
            "%-14s %-9s %6s   %13s   %s\n",
            "task",
            "metric",
            "items",
            "",
            "acc / acc_norm"));
    for (TaskResult task : tasks) {
      Share shown = task.reported();
      text.append(
          String.format(
              Locale.ROOT,
              "%-14s %-9s %6d   %6.2f ± %4.2f   %s\n",
              task.task(),
              name(task),
              shown.count(),
              100 * shown.value(),
              100 * shown.standardError(),
              both(task)));
    }
    text.append(
        String.format(Locale.ROOT, "%-14s %-9s %6s   %6.2f\n", "mean", "", "", 100 * mean()));
    return text.toString();
  }

  private static String both(TaskResult task) {
    return String.format(Locale.ROOT, "%.2f", 100 * task.acc().value())
        + task.accNorm()
            .map(share -> String.format(Locale.ROOT, " / %.2f", 100 * share.value()))
            .orElse("");
  }
}
