package io.lorashear.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each published format in a few lines of our own, with the prompts written out by hand. */
class TaskFilesTest {
  @TempDir Path folder;

  @Test
  void boolqPutsTheTitleBeforeThePassage() throws IOException {
    write(
        "boolq/dev.jsonl",
        """
        {"question": "is snow cold", "title": "Snow", "answer": true, "passage": "Snow is ice."}
        """);
    assertThat(read("boolq").items())
        .containsExactly(
            item(
                "0",
                1,
                request("Snow -- Snow is ice.\nQuestion: is snow cold?\nAnswer:", " no"),
                request("Snow -- Snow is ice.\nQuestion: is snow cold?\nAnswer:", " yes")));
  }

  @Test
  void piqaTakesItsLabelsFromTheFileBeside() throws IOException {
    write(
        "piqa/valid.jsonl",
        """
        {"goal": "Boil water.", "sol1": "Heat it. ", "sol2": "Cool it."}
        {"goal": "Dry hair.", "sol1": "Soak it.", "sol2": "Towel it."}
        """);
    write("piqa/valid-labels.lst", "0\n1\n");
    assertThat(read("piqa").items())
        .containsExactly(
            item(
                "0",
                0,
                request("Question: Boil water.\nAnswer:", " Heat it. "),
                request("Question: Boil water.\nAnswer:", " Cool it.")),
            item(
                "1",
                1,
                request("Question: Dry hair.\nAnswer:", " Soak it."),
                request("Question: Dry hair.\nAnswer:", " Towel it.")));
  }

  @Test
  void piqaLabelsOfAnotherReleaseAreRefused() throws IOException {
    Path questions =
        write("piqa/valid.jsonl", "{\"goal\": \"a\", \"sol1\": \"b\", \"sol2\": \"c\"}\n");
    Path labels = write("piqa/valid-labels.lst", "0\n1\n");
    assertThatThrownBy(() -> read("piqa"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            labels
                + " has 2 labels, but "
                + questions
                + " has 1 records: both must come from the same release");
  }

  @Test
  void hellaswagIsCleanedOfItsMarks() throws IOException {
    write(
        "hellaswag/hellaswag_val.jsonl",
        """
        {"ind": 7, "activity_label": "Knots", "ctx_a": "How to tie [title] Begin  here.", \
        "ctx_b": "THE rope", "label": 2, "endings": ["[substeps] is short.", "b", "c  c", "d"]}
        """);
    assertThat(read("hellaswag").items())
        .containsExactly(
            item(
                "7",
                2,
                request("Knots: How to tie. Begin here. The rope", "  is short."),
                request("Knots: How to tie. Begin here. The rope", " b"),
                request("Knots: How to tie. Begin here. The rope", " c c"),
                request("Knots: How to tie. Begin here. The rope", " d")));
  }

  @Test
  void hellaswagWithoutASecondPartHasNoSpaceAtItsEnd() {
    assertThat(HellaSwag.prepared("Knots: A rope. " + PythonText.capitalize("")))
        .isEqualTo("Knots: A rope.");
  }

  @Test
  void hellaswagTextFormMayBePacked() throws IOException {
    Path packed = folder.resolve("hellaswag/hellaswag_val_full.txt.bz2");
    Files.createDirectories(packed.getParent());
    try (var out = new BZip2CompressorOutputStream(Files.newOutputStream(packed))) {
      out.write(
          "Knots: A rope\n3\na\nb\nc\nd\nOdd: one\n9\na\nb\nc\nd\nTorn: two\n1\n"
              .getBytes("UTF-8"));
    }
    Items items = read("hellaswag");
    assertThat(items.items())
        .containsExactly(Item.sharing("Knots: A rope", "0", List.of("a", "b", "c", "d"), 3));
    assertThat(items.dropped())
        .isEqualTo(Map.of("fewer than six lines", 1, "the answer is none of the choices", 1));
  }

  @Test
  void winograndePutsEachOptionIntoTheSentence() throws IOException {
    write(
        "winogrande/dev.jsonl",
        """
        {"qID": "q1", "sentence": "The cup was in the bag because _ was large. ", \
        "option1": "the cup", "option2": "the bag", "answer": "2"}
        """);
    Items items = read("winogrande");
    assertThat(items.items())
        .containsExactly(
            item(
                "q1",
                1,
                request("The cup was in the bag because the cup", " was large."),
                request("The cup was in the bag because the bag", " was large.")));
    assertThat(items.items().get(0).sharesContext()).isFalse();
  }

  @Test
  void arcKeysMayBeDigitsAndAsksWithTheTextOfTheChoice() throws IOException {
    write(
        "arc/ARC-Easy-Test.jsonl",
        """
        {"id": "a1", "question": {"stem": "What melts?", "choices": [{"text": "ice", "label": "1"}, \
        {"text": "rock", "label": "2"}, {"text": "wood", "label": "3"}]}, "answerKey": "1"}
        """);
    assertThat(read("arc_easy").items())
        .containsExactly(
            item(
                "a1",
                0,
                request("Question: What melts?\nAnswer:", " ice"),
                request("Question: What melts?\nAnswer:", " rock"),
                request("Question: What melts?\nAnswer:", " wood")));
  }

  @Test
  void openBookQaAsksWithTheStemAlone() throws IOException {
    write(
        "openbookqa/test.jsonl",
        """
        {"id": "o1", "question": {"stem": "Ice is", "choices": [{"text": "cold", "label": "A"}, \
        {"text": "hot", "label": "B"}]}, "answerKey": "B"}
        """);
    assertThat(read("openbookqa").items())
        .containsExactly(item("o1", 1, request("Ice is", " cold"), request("Ice is", " hot")));
  }

  @Test
  void badRecordsAreCountedUnderTheirReasons() throws IOException {
    Path file =
        write(
            "facts.jsonl",
            """
            {"id": "f1", "context": "Mira lives in", "choices": ["Oslo", "Rome"], "answer": 1}
            {"context": "Mira lives
            {"context": "x", "choices": ["only"], "answer": 0}
            {"context": "x", "choices": ["a", "b"], "answer": 2}
            {"choices": ["a", "b"], "answer": 0}

            {"context": "x", "choices": ["a", 3], "answer": 0}
            """);
    Items items = Task.ofChoices("facts", file).read(folder);
    assertThat(items.items())
        .containsExactly(Item.sharing("Mira lives in", "f1", List.of("Oslo", "Rome"), 1));
    assertThat(items.dropped())
        .isEqualTo(
            Map.of(
                "not JSON", 1,
                "fewer than two choices", 1,
                "the answer is none of the choices", 1,
                "no text under \"context\"", 1,
                "\"choices\" holds something else than texts", 1));
  }

  @Test
  void aMissingTaskSaysWhereItIsLookedForAndFrom() {
    assertThatThrownBy(() -> read("winogrande"))
        .hasMessage(
            "task winogrande: "
                + folder
                + " has none of winogrande/dev.jsonl, winogrande_1.1/dev.jsonl;"
                + " get it from https://winogrande.allenai.org");
  }

  @Test
  void aFileWithoutOneGoodRecordIsRefused() throws IOException {
    Path file = write("facts.jsonl", "no\n");
    assertThatThrownBy(() -> Task.ofChoices("facts", file).read(folder))
        .hasMessage("task facts: no record of " + file + " can be used {not JSON=1}");
  }

  @Test
  void aTornArchiveIsNamed() throws IOException {
    Path packed = folder.resolve("hellaswag/hellaswag_val_full.txt.bz2");
    Files.createDirectories(packed.getParent());
    try (var out = new BZip2CompressorOutputStream(Files.newOutputStream(packed))) {
      out.write("Knots: A rope\n3\na\nb\nc\nd\n".repeat(500).getBytes("UTF-8"));
    }
    byte[] whole = Files.readAllBytes(packed);
    Files.write(packed, java.util.Arrays.copyOf(whole, whole.length - 20));
    assertThatThrownBy(() -> read("hellaswag"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(packed + " cannot be read to its end (");
  }

  private Items read(String task) {
    return Task.named(task).orElseThrow().read(folder);
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static Item item(String id, int answer, TextRequest... requests) {
    return new Item(id, List.of(requests), answer);
  }

  private static TextRequest request(String context, String continuation) {
    return new TextRequest(context, continuation);
  }
}
