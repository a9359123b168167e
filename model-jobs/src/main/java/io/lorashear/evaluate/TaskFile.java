package io.lorashear.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A multiple-choice task in a settings file: the files of its records, and how each becomes a
 * question. A record is a JSON object, one per line or all in one list.
 *
 * @param name name of the task in the results
 * @param files files with its questions, below the benchmarks' folder; the first that is there is
 *     read
 * @param trainFiles files with its few-shot examples; if empty, they are other questions of {@code
 *     files}
 * @param origin where its authors publish it
 * @param context {@link Template} of the text before a choice
 * @param choices templates of the choices, in order; a star makes many of one
 * @param answer {@link Template} of the name of the right choice
 * @param labels templates of the names of the choices, in order; without them the answer is the
 *     index of its choice, from 0
 * @param delimiter text between context and choice
 * @param metric the figure that counts for the task
 */
record TaskFile(
    String name,
    List<String> files,
    @Default("[]") List<String> trainFiles,
    @Default("your own data") String origin,
    String context,
    List<String> choices,
    String answer,
    @Default("[]") List<String> labels,
    @Default(" ") String delimiter,
    @Default("acc") Task.Metric metric) {

  void check(Problems problems) {
    problems.require(
        name.matches("[A-Za-z0-9_.-]+"),
        "name",
        "is %s: letters, digits and _ . - can stand in the name of a file",
        name);
    problems.require(Task.named(name).isEmpty(), "name", "is %s, as one of the seven tasks", name);
    problems.require(!files.isEmpty(), "files", "is empty: name a file below benchmarks");
    problems.require(!choices.isEmpty(), "choices", "is empty: give at least one template");
  }

  /** The task that {@code file} describes. */
  static Task read(Path file) {
    return Settings.load(TaskFile.class, file, List.of()).task();
  }

  private Task task() {
    var examples =
        trainFiles.isEmpty()
            ? new Task.Examples(files, true)
            : new Task.Examples(trainFiles, false);
    return new Task(
        name, metric, files, examples, origin, source -> Records.ofJson(source, this::item));
  }

  private Item item(JsonNode fields, int index) {
    String before = new Template(context).fill(fields);
    var texts = Records.atLeastTwo(filled(choices, fields));
    var requests =
        texts.stream().map(choice -> new TextRequest(before, delimiter + choice)).toList();
    String id = Records.textOr(fields, "id", Integer.toString(index));
    return new Item(id, requests, Records.index(right(fields), texts.size()));
  }

  private int right(JsonNode fields) {
    String named = new Template(answer).fill(fields);
    if (!labels.isEmpty()) {
      return filled(labels, fields).indexOf(named);
    }
    return named.matches("\\d{1,9}") ? Integer.parseInt(named) : -1;
  }

  private static List<String> filled(List<String> templates, JsonNode fields) {
    var texts = new ArrayList<String>();
    templates.forEach(template -> texts.addAll(new Template(template).fillEach(fields)));
    return texts;
  }
}
