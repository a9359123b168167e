package io.lorashear.evaluate;

import io.lorashear.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A set of questions with one right choice each.
 *
 * @param name name in the results
 * @param metric figure that published tables print, and that enters the mean
 * @param files below the benchmarks' folder that may hold its questions, in order of search
 * @param examples source of few-shot examples
 * @param origin where the authors publish it
 */
public record Task(
    String name,
    Metric metric,
    List<String> files,
    Examples examples,
    String origin,
    Function<Path, Items> reader) {

  /**
   * Few-shot examples.
   *
   * @param files that may hold them, as {@link Task#files}
   * @param spare whether the reference evaluator draws one more than it shows, in case the question
   *     is among them; it does so for tasks without a test split
   */
  public record Examples(List<String> files, boolean spare) {
    public Examples {
      files = List.copyOf(files);
    }
  }

  /** Share of right choices: the most likely one, or the most likely per character. */
  public enum Metric {
    ACC,
    ACC_NORM
  }

  /**
   * The task's questions.
   *
   * @param folder that holds the published files
   * @throws InputException if none of {@link #files} exists, or no record can be used
   */
  public Items read(Path folder) {
    Path file = find(folder, files, "");
    return checked(file, reader.apply(file));
  }

  /**
   * The task's few-shot examples.
   *
   * @param folder that holds the published files
   * @param settings settings, which may name another file
   */
  Items examples(Path folder, FewShotSettings settings) {
    Path file = settings.examples().get(name);
    Path chosen =
        file == null
            ? find(
                folder, examples.files(), ", or name another file under fewShot.examples." + name)
            : file;
    return checked(chosen, reader.apply(chosen));
  }

  private Path find(Path folder, List<String> names, String otherwise) {
    return names.stream()
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "task %s: %s has none of %s; get it from %s%s",
                    name, folder, String.join(", ", names), origin, otherwise));
  }

  private Items checked(Path file, Items items) {
    if (items.items().isEmpty()) {
      throw new InputException(
          "task %s: no record of %s can be used %s", name, file, items.dropped());
    }
    return items;
  }

  /** A task of the user: JSON lines of {@code id, context, choices, answer} (an index from 0). */
  public static Task ofChoices(String name, Path file) {
    var files = List.of(file.toAbsolutePath().toString());
    return new Task(
        name, Metric.ACC, files, new Examples(files, true), "your own data", Task::choices);
  }

  private static Items choices(Path file) {
    return Records.ofJsonLines(
        file,
        (fields, index) -> {
          var choices = Records.texts(fields, "choices");
          int answer = Records.index(fields.path("answer").asInt(-1), choices.size());
          String id = Records.textOr(fields, "id", Integer.toString(index));
          return Item.sharing(Records.text(fields, "context"), id, choices, answer);
        });
  }

  /**
   * A task that a settings file describes ({@code conf/tasks}).
   *
   * @throws InputException if the file is missing or has mistakes
   */
  public static Task ofDescription(Path file) {
    return TaskFile.read(file);
  }

  /** Whether {@code name} names a settings file and not one of the seven tasks. */
  public static boolean isDescription(String name) {
    return name.endsWith(".yaml") || name.endsWith(".yml");
  }

  /** One of the seven by its name. */
  public static Optional<Task> named(String name) {
    return SevenTasks.ALL.stream().filter(task -> task.name.equals(name)).findFirst();
  }

  /** The seven tasks of LLM-Pruner's and LoRAShear's tables, in their order. */
  public static List<Task> seven() {
    return SevenTasks.ALL;
  }
}
