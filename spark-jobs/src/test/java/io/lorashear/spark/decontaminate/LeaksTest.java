package io.lorashear.spark.decontaminate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.spark.LocalSpark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaksTest {
  private static final StructType DOCUMENTS =
      new StructType()
          .add("id", DataTypes.StringType, false)
          .add("kind", DataTypes.StringType, false)
          .add("text", DataTypes.StringType, false)
          .add("response", DataTypes.StringType, false)
          .add("reason", DataTypes.StringType, true);

  private static final String FILLER = "Nothing of this was ever asked in any of the tasks.";

  @TempDir Path folder;

  @Test
  void questionsAreFoundInWhicheverWayTheyStand() throws IOException {
    benchmarks();
    var found =
        found(
            settings(List.of("boolq", "winogrande", "arc_easy", "piqa"), Map.of(), Map.of()),
            document(
                "passage",
                FILLER
                    + "\n\n"
                    + "They say: the old mill - by the river was"
                    + " built by monks, in the year of the great flood of the valley!"),
            document(
                "question", "q: Which TOOL does a carpenter use, most often, to cut wood? A) x"),
            document(
                "short",
                "Question: which animal gives us wool? Answer: a grown sheep of the hills"),
            document(
                "blank",
                "The tall vase would not fit into the brown box because the _ was far too wide for it."),
            document(
                "filled",
                "the tall vase would not fit into the brown box because the vase was far too wide"),
            document(
                "solution",
                "Well, fill the bottle with warm water and a spoon of salt, shake it hard, and rinse."),
            document(
                "clean", FILLER + " Which tool does a carpenter use? The old mill by the river."));
    assertThat(found)
        .isEqualTo(
            Map.of(
                "passage", "1 leak-boolq holds words of boolq 0",
                "question", "0 leak-arc_easy holds words of arc_easy first",
                "short", "0 leak-arc_easy holds words of arc_easy second",
                "blank", "0 leak-winogrande holds words of winogrande w",
                "filled", "0 leak-winogrande holds words of winogrande w",
                "solution", "0 leak-piqa holds words of piqa 0"));
  }

  private void benchmarks() throws IOException {
    write(
        "boolq/dev.jsonl",
        "{\"question\": \"is the mill old\", \"title\": \"Mill\", \"answer\": true, \"passage\":"
            + " \"The old mill by the river was built by monks in the year of the great flood.\"}\n");
    write(
        "winogrande/dev.jsonl",
        "{\"qID\": \"w\", \"sentence\": \"The tall vase would not fit into the brown box because the _ was"
            + " far too wide for it.\", \"option1\": \"vase\", \"option2\": \"box\", \"answer\": \"1\"}\n");
    write(
        "arc/ARC-Easy-Test.jsonl",
        arc("first", "Which tool does a carpenter use most often to cut wood?", "saw")
            + arc("second", "Which animal gives us wool?", "a grown sheep"));
    write(
        "piqa/valid.jsonl",
        "{\"goal\": \"clean a bottle\", \"sol1\": \"Fill the bottle with warm water and a spoon of salt,"
            + " shake it hard.\", \"sol2\": \"Burn it.\"}\n");
    write("piqa/valid-labels.lst", "0\n");
  }

  private static String arc(String id, String stem, String right) {
    return "{\"id\": \"%s\", \"question\": {\"stem\": \"%s\", \"choices\": [{\"text\": \"%s\", \"label\": \"A\"}, {\"text\": \"glue\", \"label\": \"B\"}]}, \"answerKey\": \"A\"}\n"
        .formatted(id, stem, right);
  }

  @Test
  void textsOfOnesOwnComeInParagraphsOrLinesPlainOrPacked() throws IOException {
    var row = "the ship went down off the northern cape in the first storm of march";
    var packed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(packed)) {
      gzip.write(("{\"text\": \"" + row + "\"}\n").getBytes(StandardCharsets.UTF_8));
    }
    Files.write(folder.resolve("rows.jsonl.gz"), packed.toByteArray());
    write("novel.txt", "too few\n\nwords\r\n \r\n" + row.replace("ship", "boat") + "\n");
    var texts =
        Map.of("rows", folder.resolve("rows.jsonl.gz"), "novel", folder.resolve("novel.txt"));
    var settings = settings(List.of(), Map.of(), texts);
    var found =
        found(
            settings,
            document("a", "So " + row + "."),
            document("b", "the boat " + row.substring(9)));
    assertThat(found)
        .isEqualTo(
            Map.of(
                "a", "0 leak-rows holds words of rows line 00000001",
                "b", "0 leak-novel holds words of novel paragraph 00000003"));
    try (var leaks = leaks(settings, document("b", "the boat " + row.substring(9)))) {
      assertThat(leaks.tasks())
          .containsExactly(new TaskLeaks("novel", 3, 2, 1), new TaskLeaks("rows", 1, 0, 0));
    }
  }

  @Test
  void anInstructionIsMeantAsAWhole() throws IOException {
    write("novel.txt", "the ship went down off the northern cape in the first storm of march\n");
    var settings = settings(List.of(), Map.of(), Map.of("novel", folder.resolve("novel.txt")));
    var row =
        RowFactory.create(
            "i",
            "instruction",
            "Below\n\n### Instruction:\nTell it.\n\n### Response:",
            "The ship went down off the northern cape in the first storm of March.",
            null);
    try (var leaks = leaks(settings, row)) {
      var numbers = new TreeSet<Integer>();
      leaks.found().collectAsList().forEach(each -> numbers.add(each.getInt(1)));
      assertThat(numbers).containsExactly(0, 1, 2);
    }
  }

  @Test
  void filesThatAreNotOfTheFormAreNamed() throws IOException {
    var missing = folder.resolve("none.txt");
    refused(missing, missing + ": no such file");
    var lines = write("rows.jsonl", "{\"text\": \"a\"}\n{\"words\": \"b\"}\n");
    refused(
        lines,
        lines
            + " line 2 has no text under \"text\": give JSON lines with that field, or plain text");
    var broken = write("broken.jsonl", "{\"text\": \"a\"}\n{\"text\n");
    refused(broken, broken + " line 2 is not JSON: correct or remove it");
    assertThatThrownBy(() -> Reference.read(settings(List.of("boolq"), Map.of(), Map.of())))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("task boolq: " + folder + " has none of boolq/dev.jsonl");
  }

  private void refused(Path file, String message) {
    var settings = settings(List.of(), Map.of(), Map.of("mine", file));
    assertThatThrownBy(() -> Reference.read(settings))
        .isInstanceOf(InputException.class)
        .hasMessage(message);
  }

  private static Map<String, String> found(DecontaminationSettings settings, Row... documents) {
    try (var leaks = leaks(settings, documents)) {
      var found = new TreeMap<String, String>();
      for (var row : leaks.found().collectAsList()) {
        found.merge(
            row.getString(0),
            "%d %s %s".formatted(row.getInt(1), row.getString(2), row.getString(3)),
            (a, b) -> a + ", " + b);
      }
      return found;
    }
  }

  private static Leaks leaks(DecontaminationSettings settings, Row... documents) {
    var rows = LocalSpark.session().createDataFrame(List.of(documents), DOCUMENTS);
    return Leaks.in(rows, Reference.read(settings));
  }

  private DecontaminationSettings settings(
      List<String> tasks, Map<String, Path> choices, Map<String, Path> texts) {
    var benchmarks = tasks.isEmpty() ? Optional.<Path>empty() : Optional.of(folder);
    return new DecontaminationSettings(benchmarks, tasks, choices, texts, 13, 8, 0.1);
  }

  private static Row document(String id, String text) {
    return RowFactory.create(id, "text", text, "", null);
  }

  private Path write(String name, String text) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    return Files.writeString(folder.resolve(name), text);
  }
}
