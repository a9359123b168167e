package io.lorashear.evaluate;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Withers;
import io.lorashear.torch.PrecisionChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Which questions a model is asked, and of which texts the perplexity is measured.
 *
 * @param checkpoint a Hugging Face directory, dense or pruned, or a GGUF file
 * @param output folder the result is published in
 * @param name name of the model in the result; its hash if empty
 * @param benchmarks folder with the published files of the tasks
 * @param tasks tasks to ask: of the seven, or files that describe further ones ({@code conf/tasks})
 * @param choices your own tasks: a name, and a file of JSON lines {@code id, context, choices,
 *     answer}
 * @param texts texts whose perplexity is measured, by name
 * @param fewShot solved examples before each question
 * @param limit ask only the first this many questions of each task; 0: all
 * @param protocol whether context and continuation are tokenized together or apart
 * @param precision number type of the model
 */
public record EvaluateSettings(
    Path checkpoint,
    Path output,
    @Default("") String name,
    @Default("data/benchmarks") Path benchmarks,
    @Default("[boolq, piqa, hellaswag, winogrande, arc_easy, arc_challenge, openbookqa]")
        List<String> tasks,
    @Default("{}") Map<String, Path> choices,
    @Default("{}") Map<String, TextSettings> texts,
    FewShotSettings fewShot,
    @Default("0") int limit,
    @Default("joint") Protocol protocol,
    @Default("auto") PrecisionChoice precision)
    implements Withers<EvaluateSettings> {

  void check(Problems problems) {
    problems.require(limit >= 0, "limit", "is %s: give a number of questions, or 0 for all", limit);
    problems.require(
        !tasks.isEmpty() || !choices.isEmpty() || !texts.isEmpty(),
        "tasks",
        "is empty: name at least one of %s, or give choices a file of your own",
        names());
    for (String task : tasks) {
      if (Task.isDescription(task)) {
        problems.require(
            Files.isRegularFile(Path.of(task)), "tasks", "names %s, which is no file", task);
      } else {
        problems.require(
            Task.named(task).isPresent(),
            "tasks",
            "names %s, which is none of %s, and no file NAME.yaml that describes one",
            task,
            names());
      }
      problems.require(
          !choices.containsKey(task), "choices." + task, "has the name of one of the seven tasks");
    }
    for (String text : texts.keySet()) {
      problems.require(
          Task.named(text).isEmpty() && !choices.containsKey(text),
          "texts." + text,
          "has the name of a task");
    }
  }

  private static String names() {
    return String.join(", ", Task.seven().stream().map(Task::name).toList());
  }

  /** The tasks in the order in which they are put. */
  List<Task> chosen() {
    var chosen = new ArrayList<Task>();
    Task.seven().stream().filter(task -> tasks.contains(task.name())).forEach(chosen::add);
    tasks.stream()
        .filter(Task::isDescription)
        .map(Path::of)
        .map(Task::ofDescription)
        .forEach(chosen::add);
    choices.forEach((name, file) -> chosen.add(Task.ofChoices(name, file)));
    return chosen;
  }
}
