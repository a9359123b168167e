package io.lorashear.evaluate;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.run.ContentHash;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.Sha256;
import io.lorashear.run.Stage;
import io.lorashear.score.Scorer;
import io.lorashear.score.ScoringModel;
import io.lorashear.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Scores a checkpoint on tasks and texts and publishes the result:
 *
 * <pre>
 *   results.json         figures by task, protocol, hashes, in lm-evaluation-harness' layout
 *   table.txt            the same for people
 *   samples_TASK.jsonl   every question: prompts, log-likelihoods, whether right
 * </pre>
 */
public final class EvaluateStage {
  static final String RESULTS = "results.json";
  static final String TABLE = "table.txt";

  /** Brings a checkpoint's model to where its likelihoods are computed. */
  public interface Opening {
    ScoringModel open(Checkpoint checkpoint);
  }

  private record Questions(Task task, Items items) {}

  private record Text(String name, TextSettings settings, List<TextDocument> documents) {}

  private record Asked(List<Questions> questions, List<Text> texts) {}

  private EvaluateStage() {}

  /** The log of one task or text. */
  static String samples(String name) {
    return "samples_" + name + ".jsonl";
  }

  /**
   * The published result; nothing is computed where it is there already.
   *
   * @param overwrite whether a result of other inputs or settings may be replaced
   */
  public static PublishedDirectory run(
      EvaluateSettings settings, Device device, boolean overwrite, Progress progress) {
    var precision = settings.precision().on(device);
    return run(
        settings, checkpoint -> Scorer.open(checkpoint, device, precision), overwrite, progress);
  }

  /** The same with the model wherever {@code opening} brings it. */
  public static PublishedDirectory run(
      EvaluateSettings settings, Opening opening, boolean overwrite, Progress progress) {
    check(settings);
    var asked = asked(settings);
    try (var checkpoint = Checkpoint.open(settings.checkpoint());
        var tokenizer =
            Tokenizer.open(checkpoint.tokenizer(), checkpoint.config().vocabularySize())) {
      var model = ContentHash.of(settings.checkpoint());
      var stage = stage(settings, asked, model, tokenizer).overwrite(overwrite);
      var questions = asked.questions();
      var texts = asked.texts();
      return stage.run(
          output -> {
            var tasks = new ArrayList<TaskResult>();
            var scored = new ArrayList<TextResult>();
            var told = output.measured(progress);
            try (var scorer = opening.open(checkpoint)) {
              var evaluation = new Evaluation(tokenizer, settings.protocol(), scorer, told);
              questions.forEach(each -> tasks.add(evaluation.run(each.task(), each.items())));
              var perplexity = new TextEvaluation(tokenizer, scorer, told);
              for (Text text : texts) {
                scored.add(perplexity.run(text.name(), text.settings(), text.documents()));
              }
            }
            new EvaluationResult(settings, model, tokenizer.sha256(), tasks, scored)
                .write(output.directory());
          });
    }
  }

  /**
   * The stage after a check of everything that it reads; nothing runs.
   *
   * @throws io.lorashear.InputException with all that is missing
   */
  public static Stage ready(EvaluateSettings settings) {
    check(settings);
    try (var checkpoint = Checkpoint.open(settings.checkpoint());
        var tokenizer =
            Tokenizer.open(checkpoint.tokenizer(), checkpoint.config().vocabularySize())) {
      var model = ContentHash.of(settings.checkpoint());
      return stage(settings, asked(settings), model, tokenizer);
    }
  }

  private static void check(EvaluateSettings settings) {
    Refusals.together(
        () -> Checkpoint.open(settings.checkpoint()).close(), () -> checkQuestions(settings));
  }

  /**
   * Reads the files of all tasks and texts.
   *
   * @throws io.lorashear.InputException with all that are missing or hold something else
   */
  public static void checkQuestions(EvaluateSettings settings) {
    var looks = new ArrayList<Runnable>();
    for (var task : settings.chosen()) {
      looks.add(() -> task.read(settings.benchmarks()));
    }
    settings.texts().values().forEach(text -> looks.add(() -> TextDocument.read(text)));
    Refusals.together(looks.toArray(Runnable[]::new));
  }

  private static Asked asked(EvaluateSettings settings) {
    var questions = questions(settings);
    var texts =
        settings.texts().entrySet().stream()
            .map(
                text ->
                    new Text(text.getKey(), text.getValue(), TextDocument.read(text.getValue())))
            .toList();
    return new Asked(questions, texts);
  }

  private static Stage stage(
      EvaluateSettings settings, Asked asked, String model, Tokenizer tokenizer) {
    var stage =
        Stage.of("evaluate", settings.output(), settings, EvaluateStage.class)
            .onDisk()
            .parent("checkpoint", model)
            .parent("tokenizer", tokenizer.sha256());
    for (Questions each : asked.questions()) {
      var metric = each.task().metric().name();
      stage.parent("task " + each.task().name(), Sha256.of(metric + each.items().hash()));
    }
    asked.texts().forEach(text -> stage.parent("text " + text.name(), text.settings().file()));
    return stage;
  }

  /** All files are read before the model is loaded, so that a missing one is told at once. */
  private static List<Questions> questions(EvaluateSettings settings) {
    var fewShot = new FewShot(settings.fewShot());
    var questions = new ArrayList<Questions>();
    for (Task task : settings.chosen()) {
      var items = task.read(settings.benchmarks()).first(settings.limit());
      if (settings.fewShot().count() > 0) {
        items =
            fewShot.before(items, task, task.examples(settings.benchmarks(), settings.fewShot()));
      }
      questions.add(new Questions(task, items));
    }
    return questions;
  }
}
