package io.lorashear.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * HellaSwag's validation questions, from the original JSON lines or from the common text form
 * without wikiHow marks.
 *
 * <pre>
 *   original   {"activity_label", "ctx_a", "ctx_b", "endings": [4], "label"}
 *   text       six lines a question: activity: context, index of the answer, four endings
 * </pre>
 */
final class HellaSwag {
  static final List<String> FILES =
      List.of(
          "hellaswag/hellaswag_val.jsonl",
          "hellaswag_val.jsonl",
          "hellaswag/hellaswag_val_full.txt",
          "hellaswag/hellaswag_val_full.txt.bz2");

  private static final int LINES = 6;
  private static final Pattern MARK = Pattern.compile("\\[.*?]");

  private HellaSwag() {}

  static Items read(Path file) {
    return file.toString().contains(".jsonl")
        ? Records.ofJsonLines(file, HellaSwag::original)
        : text(TextLines.of(file));
  }

  private static Item original(JsonNode fields, int index) {
    String context =
        Records.text(fields, "activity_label")
            + ": "
            + Records.text(fields, "ctx_a")
            + " "
            + PythonText.capitalize(Records.text(fields, "ctx_b"));
    List<String> endings =
        Records.texts(fields, "endings").stream().map(HellaSwag::prepared).toList();
    return Item.sharing(
        prepared(context),
        Records.textOr(fields, "ind", Integer.toString(index)),
        endings,
        Records.index(fields.path("label").asInt(-1), endings.size()));
  }

  /**
   * The reference evaluator's clean-up: wikiHow's [title] becomes the end of a sentence, other
   * marks are deleted.
   */
  static String prepared(String text) {
    String titled = PythonText.strip(text).replace(" [title]", ". ");
    return MARK.matcher(titled).replaceAll("").replace("  ", " ");
  }

  private static Items text(List<String> lines) {
    return Records.each(
        (lines.size() + LINES - 1) / LINES,
        index -> {
          int line = index * LINES;
          if (line + LINES > lines.size()) {
            throw new BadRecord("fewer than six lines");
          }
          return Item.sharing(
              lines.get(line),
              Integer.toString(index),
              lines.subList(line + 2, line + LINES),
              Records.index(label(lines.get(line + 1)), LINES - 2));
        });
  }

  private static int label(String line) {
    return line.strip().matches("\\d") ? Integer.parseInt(line.strip()) : -1;
  }
}
