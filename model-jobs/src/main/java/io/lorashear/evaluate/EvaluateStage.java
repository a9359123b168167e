package io.lorashear.evaluate;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.run.ContentHash;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import io.lorashear.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Scores a checkpoint on tasks and publishes the result:
 *
 * <pre>
 *   results.json         figures by task, protocol, hashes
 *   table.txt            the same for people
 *   samples_TASK.jsonl   every question: prompts, log-likelihoods, whether right
 * </pre>
 */
public final class EvaluateStage {
  static final String RESULTS = "results.json";
  static final String TABLE = "table.txt";

  private EvaluateStage() {}

  /**
   * The published result; nothing is computed where it is there already.
   *
   * @param overwrite whether a result of other inputs or settings may be replaced
   */
  public static PublishedDirectory run(
      EvaluateSettings settings, Device device, boolean overwrite, Progress progress) {
    Map<Task, Items> questions = questions(settings);
    try (var checkpoint = Checkpoint.open(settings.checkpoint());
        var tokenizer = Tokenizer.open(checkpoint.tokenizer())) {
      String model = ContentHash.of(settings.checkpoint());
      var stage =
          Stage.of("evaluate", settings.output(), settings, EvaluateStage.class)
              .parent("checkpoint", model)
              .parent("tokenizer", tokenizer.sha256())
              .overwrite(overwrite);
      questions.forEach((task, items) -> stage.parent("task " + task.name(), items.hash()));
      return stage.run(
          output -> {
            var tasks = new ArrayList<TaskResult>();
            try (var scorer = Scorer.open(checkpoint, device)) {
              var evaluation = new Evaluation(tokenizer, settings.protocol(), scorer, progress);
              questions.forEach((task, items) -> tasks.add(evaluation.run(task, items)));
            }
            new EvaluationResult(
                    model, tokenizer.sha256(), settings.protocol(), settings.limit(), tasks)
                .write(output.directory());
          });
    }
  }

  /** All files are read before the model is loaded, so that a missing one is told at once. */
  private static Map<Task, Items> questions(EvaluateSettings settings) {
    var questions = new LinkedHashMap<Task, Items>();
    for (Task task : settings.chosen()) {
      questions.put(task, task.read(settings.benchmarks()).first(settings.limit()));
    }
    return questions;
  }
}
