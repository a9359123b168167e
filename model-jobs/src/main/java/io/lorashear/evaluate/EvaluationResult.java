package io.lorashear.evaluate;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Results of a checkpoint, and the rules they were measured by.
 *
 * @param model hash of the checkpoint
 * @param tokenizer hash of its tokenizer
 */
public record EvaluationResult(
    EvaluateSettings settings,
    String model,
    String tokenizer,
    List<TaskResult> tasks,
    List<TextResult> texts) {

  private static final int SHORT_HASH = 12;

  public EvaluationResult {
    tasks = List.copyOf(tasks);
    texts = List.copyOf(texts);
  }

  /** Mean of the tasks' reported figures. */
  public double mean() {
    return tasks.stream().mapToDouble(task -> task.reported().value()).average().orElse(0);
  }

  /** Name of the model. */
  String name() {
    return settings.name().isEmpty()
        ? model.substring(0, Math.min(model.length(), SHORT_HASH))
        : settings.name();
  }

  /** The figures, in lm-evaluation-harness' layout. */
  public ObjectNode json() {
    return LeaderboardJson.of(this);
  }

  /** The figures as a table for people. */
  public String table() {
    return ResultTable.of(this);
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
      var answers = task.answers();
      log(
          folder,
          task.task(),
          IntStream.range(0, answers.size()).mapToObj(i -> answers.get(i).json(i)));
    }
    for (TextResult text : texts) {
      var documents = text.documents();
      log(
          folder,
          text.name(),
          IntStream.range(0, documents.size()).mapToObj(i -> documents.get(i).json(i)));
    }
  }

  private static void log(Path folder, String name, Stream<ObjectNode> lines) throws IOException {
    try (var log = Files.newBufferedWriter(folder.resolve(EvaluateStage.samples(name)))) {
      for (ObjectNode line : (Iterable<ObjectNode>) lines::iterator) {
        log.write(line + "\n");
      }
    }
  }
}
