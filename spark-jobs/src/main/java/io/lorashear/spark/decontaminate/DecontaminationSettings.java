package io.lorashear.spark.decontaminate;

import io.lorashear.evaluate.Task;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The texts that a model is evaluated on, and must not be trained on. Without files nothing is
 * searched for. A paragraph that shares a run of {@code words} words with such a text is removed;
 * so is one that contains all words of a shorter question, if that has at least {@code shortest}
 * words.
 *
 * @param benchmarks folder with the published files of the seven tasks, as {@code evaluate} reads
 *     them
 * @param tasks names of the seven tasks, or files that describe further ones ({@code conf/tasks})
 * @param choices your own questions: a name, and a file of JSON lines {@code id, context, choices,
 *     answer}
 * @param texts other texts for evaluation: a name, and a file of plain text in paragraphs or of
 *     JSON lines with the field "text"; plain, gz, bz2, xz or zst
 * @param words length in words of the common runs that are searched for; GPT-3's appendix C has 13
 * @param shortest questions with fewer words are not searched for, because they occur by chance;
 *     GPT-3's minimum is 8
 * @param most documents that would lose a greater share of their characters are dropped as a whole
 */
public record DecontaminationSettings(
    Optional<Path> benchmarks,
    @Default("[boolq, piqa, hellaswag, winogrande, arc_easy, arc_challenge, openbookqa]")
        List<String> tasks,
    @Default("{}") Map<String, Path> choices,
    @Default("{}") Map<String, Path> texts,
    @Default("13") int words,
    @Default("8") int shortest,
    @Default("0.1") double most) {

  /** No decontamination. */
  public static final DecontaminationSettings NONE =
      new DecontaminationSettings(
          Optional.empty(),
          Task.seven().stream().map(Task::name).toList(),
          Map.of(),
          Map.of(),
          13,
          8,
          0.1);

  void check(Problems problems) {
    problems.require(shortest >= 1, "shortest", "is %d: give 1 or more, for example 8", shortest);
    problems.require(
        words >= shortest,
        "words",
        "is %d: give at least as many as shortest (%d)",
        words,
        shortest);
    problems.require(most >= 0 && most <= 1, "most", "is %s: give a share between 0 and 1", most);
    for (var task : tasks) {
      problems.require(
          Task.isDescription(task) || Task.named(task).isPresent(),
          "tasks",
          "names %s, which is none of %s, and no file NAME.yaml that describes one",
          task,
          String.join(", ", Task.seven().stream().map(Task::name).toList()));
    }
    var names = new HashSet<>(benchmarks.isPresent() ? tasks : List.<String>of());
    for (var name : choices.keySet()) {
      problems.require(
          names.add(name), "choices." + name, "has the name of one of the seven tasks");
    }
    for (var name : texts.keySet()) {
      problems.require(names.add(name), "texts." + name, "has the name of another file or task");
    }
  }
}
