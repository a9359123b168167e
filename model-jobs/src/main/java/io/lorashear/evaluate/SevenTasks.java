package io.lorashear.evaluate;

import static io.lorashear.evaluate.Task.Metric.ACC;
import static io.lorashear.evaluate.Task.Metric.ACC_NORM;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The seven tasks with lm-evaluation-harness' prompts (commit 4d21ab6b and 0.4.9 agree):
 *
 * <pre>
 *   BoolQ        title -- passage⏎Question: question?⏎Answer:        " no" " yes"
 *   PIQA         Question: goal⏎Answer:                             " sol1" " sol2"
 *   HellaSwag    activity: ctx_a Ctx_b                               " ending" × 4
 *   WinoGrande   the sentence up to _ + option (two contexts)        " rest of the sentence"
 *   ARC          Question: stem⏎Answer:                             " text of the choice"
 *   OpenBookQA   stem                                                " text of the choice"
 * </pre>
 *
 * The metric is LLM-Pruner's (arXiv 2305.11627, table 1), whose rows later papers copy.
 */
final class SevenTasks {
  private static final String ARC_ORIGIN = "https://allenai.org/data/arc";

  static final List<Task> ALL =
      List.of(
          new Task(
              "boolq",
              ACC,
              List.of("boolq/dev.jsonl", "BoolQ/dev.jsonl", "BoolQ/val.jsonl"),
              ofTraining(true, "boolq/train.jsonl", "BoolQ/train.jsonl"),
              "https://github.com/google-research-datasets/boolean-questions",
              file -> Records.ofJsonLines(file, SevenTasks::boolq)),
          new Task(
              "piqa",
              ACC,
              List.of("piqa/valid.jsonl", "physicaliqa-train-dev/dev.jsonl"),
              ofTraining(true, "piqa/train.jsonl", "physicaliqa-train-dev/train.jsonl"),
              "https://yonatanbisk.com/piqa",
              SevenTasks::piqa),
          new Task(
              "hellaswag",
              ACC_NORM,
              HellaSwag.FILES,
              ofTraining(true, "hellaswag/hellaswag_train.jsonl", "hellaswag_train.jsonl"),
              "https://github.com/rowanz/hellaswag",
              HellaSwag::read),
          new Task(
              "winogrande",
              ACC,
              List.of("winogrande/dev.jsonl", "winogrande_1.1/dev.jsonl"),
              ofTraining(true, "winogrande/train_xl.jsonl", "winogrande_1.1/train_xl.jsonl"),
              "https://winogrande.allenai.org",
              file -> Records.ofJsonLines(file, SevenTasks::winogrande)),
          new Task(
              "arc_easy",
              ACC,
              arcFiles("ARC-Easy", "Test"),
              new Task.Examples(arcFiles("ARC-Easy", "Train"), false),
              ARC_ORIGIN,
              file -> lettered(file, true)),
          new Task(
              "arc_challenge",
              ACC_NORM,
              arcFiles("ARC-Challenge", "Test"),
              new Task.Examples(arcFiles("ARC-Challenge", "Train"), false),
              ARC_ORIGIN,
              file -> lettered(file, true)),
          new Task(
              "openbookqa",
              ACC_NORM,
              List.of("openbookqa/test.jsonl", "OpenBookQA-V1-Sep2018/Data/Main/test.jsonl"),
              ofTraining(
                  false, "openbookqa/train.jsonl", "OpenBookQA-V1-Sep2018/Data/Main/train.jsonl"),
              "https://allenai.org/data/open-book-qa",
              file -> lettered(file, false)));

  private SevenTasks() {}

  private static Task.Examples ofTraining(boolean spare, String... files) {
    return new Task.Examples(List.of(files), spare);
  }

  private static List<String> arcFiles(String part, String split) {
    String file = part + "-" + split + ".jsonl";
    return List.of("arc/" + file, "ARC-V1-Feb2018-2/" + part + "/" + file);
  }

  private static Item boolq(JsonNode fields, int index) {
    if (!fields.path("answer").isBoolean()) {
      throw new BadRecord("no true or false under \"answer\"");
    }
    String passage = Records.text(fields, "passage");
    String title = Records.textOr(fields, "title", "");
    String context =
        (title.isEmpty() ? passage : title + " -- " + passage)
            + ("\nQuestion: " + Records.text(fields, "question") + "?\nAnswer:");
    return Item.sharing(
        context,
        Integer.toString(index),
        List.of("no", "yes"),
        fields.path("answer").booleanValue() ? 1 : 0);
  }

  /** The labels stand in a file of their own, one a line: {@code valid-labels.lst}. */
  private static Items piqa(Path file) {
    Path labelFile =
        file.resolveSibling(file.getFileName().toString().replace(".jsonl", "-labels.lst"));
    List<String> labels = TextLines.of(labelFile);
    Items items = Records.ofJsonLines(file, (fields, index) -> physical(fields, index, labels));
    int records = items.items().size() + items.dropped().values().stream().mapToInt(n -> n).sum();
    if (records != labels.size()) {
      throw new InputException(
          "%s has %d labels, but %s has %d records: both must come from the same release",
          labelFile, labels.size(), file, records);
    }
    return items;
  }

  private static Item physical(JsonNode fields, int index, List<String> labels) {
    String label = index < labels.size() ? labels.get(index).strip() : "";
    if (!label.equals("0") && !label.equals("1")) {
      throw new BadRecord("the label is neither 0 nor 1");
    }
    return Item.sharing(
        "Question: " + Records.text(fields, "goal") + "\nAnswer:",
        Records.textOr(fields, "id", Integer.toString(index)),
        List.of(Records.text(fields, "sol1"), Records.text(fields, "sol2")),
        Integer.parseInt(label));
  }

  private static Item winogrande(JsonNode fields, int index) {
    String sentence = Records.text(fields, "sentence");
    int blank = sentence.indexOf('_');
    if (blank < 0) {
      throw new BadRecord("no _ in the sentence");
    }
    String before = sentence.substring(0, blank);
    String target = " " + PythonText.strip(sentence.substring(blank + 1));
    var requests = new ArrayList<TextRequest>();
    for (String option : List.of("option1", "option2")) {
      requests.add(new TextRequest(before + Records.text(fields, option), target));
    }
    int answer = Records.index(fields.path("answer").asInt() - 1, 2);
    return new Item(Records.textOr(fields, "qID", Integer.toString(index)), requests, answer);
  }

  /** ARC and OpenBookQA: choices with labels A to E, or 1 to 5, of which the key is one. */
  private static Items lettered(Path file, boolean asQuestion) {
    return Records.ofJsonLines(
        file,
        (fields, index) -> {
          JsonNode question = fields.path("question");
          String stem = Records.text(question, "stem");
          var choices = new ArrayList<String>();
          var labels = new ArrayList<String>();
          for (JsonNode choice : question.path("choices")) {
            choices.add(Records.text(choice, "text"));
            labels.add(Records.text(choice, "label"));
          }
          int answer =
              Records.index(labels.indexOf(Records.text(fields, "answerKey")), choices.size());
          return Item.sharing(
              asQuestion ? "Question: " + stem + "\nAnswer:" : stem,
              Records.textOr(fields, "id", Integer.toString(index)),
              Records.atLeastTwo(choices),
              answer);
        });
  }
}
