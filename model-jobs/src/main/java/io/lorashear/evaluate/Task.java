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
 * @param name as in the results
 * @param metric which figure tables of the field print, and what the mean is taken of
 * @param files where its questions are looked for below the benchmarks' folder, in this order
 * @param origin where the authors publish it
 */
public record Task(
    String name, Metric metric, List<String> files, String origin, Function<Path, Items> reader) {

  /** Share of right choices: the most likely one, or the most likely per character. */
  public enum Metric {
    ACC,
    ACC_NORM
  }

  /**
   * The task's questions.
   *
   * @param folder that holds the published files
   * @throws InputException if none of {@link #files} is there, or nothing of it can be used
   */
  public Items read(Path folder) {
    Path file =
        files.stream()
            .map(folder::resolve)
            .filter(Files::isRegularFile)
            .findFirst()
            .orElseThrow(
                () ->
                    new InputException(
                        "task %s: %s has none of %s; get it from %s",
                        name, folder, String.join(", ", files), origin));
    return checked(file, reader.apply(file));
  }

  private Items checked(Path file, Items items) {
    if (items.items().isEmpty()) {
      throw new InputException(
          "task %s: no record of %s can be used %s", name, file, items.dropped());
    }
    return items;
  }

  /** A task of one's own: JSON lines of {@code id, context, choices, answer} (an index from 0). */
  public static Task ofChoices(String name, Path file) {
    return new Task(
        name,
        Metric.ACC,
        List.of(file.toAbsolutePath().toString()),
        "your own data",
        Task::choices);
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

  /** One of the seven by its name. */
  public static Optional<Task> named(String name) {
    return SevenTasks.ALL.stream().filter(task -> task.name.equals(name)).findFirst();
  }

  /** The seven tasks of LLM-Pruner's and LoRAShear's tables, in their order. */
  public static List<Task> seven() {
    return SevenTasks.ALL;
  }
}
