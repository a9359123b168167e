package io.lorashear.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import io.lorashear.device.ModelRuns;
import io.lorashear.device.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StageTest {
  record Settings(int steps, Path input) {}

  @TempDir Path folder;
  final AtomicInteger ran = new AtomicInteger();

  Stage stage(int steps, String parent) {
    var settings = new Settings(steps, folder.resolve("in"));
    return Stage.of("count", folder.resolve("out"), settings, StageTest.class)
        .parent("input", parent);
  }

  void work(Stage.Output output) throws IOException {
    output.manifest().put("rows", 3);
    Files.writeString(output.directory().resolve("n"), "" + ran.incrementAndGet());
  }

  @Test
  void theSameWorkIsDoneOnce() {
    var first = stage(1, "aa").run(this::work);
    var second = stage(1, "aa").run(this::work);
    assertThat(ran).hasValue(1);
    assertThat(second.hash()).isEqualTo(first.hash());
    assertThat(first.manifest().path("rows").asInt()).isEqualTo(3);
    assertThat(first.manifest().path("parents").path("input").asText()).isEqualTo("aa");
    assertThat(first.manifest().path("settings").toString()).isEqualTo("{\"steps\":1}");
  }

  @Test
  void otherSettingsOrInputsAreOtherWorkAndReplaceOnlyWhenAsked() {
    stage(1, "aa").run(this::work);
    assertThatThrownBy(() -> stage(2, "aa").run(this::work))
        .isInstanceOf(InputException.class)
        .hasMessage(
            folder.resolve("out")
                + " holds results of other inputs, settings or code: give --overwrite to replace"
                + " them, or another output folder");
    assertThat(stage(1, "bb").identity()).isNotEqualTo(stage(1, "aa").identity());
    stage(2, "aa").overwrite(true).run(this::work);
    assertThat(ran).hasValue(2);
  }

  @Test
  void damagedResultsAreMadeAgain() throws IOException {
    stage(1, "aa").run(this::work);
    Files.writeString(folder.resolve("out/n"), "longer");
    assertThat(stage(1, "aa").done()).isEmpty();
    stage(1, "aa").overwrite(true).run(this::work);
    assertThat(ran).hasValue(2);
  }

  @Test
  void scratchSurvivesFailureUntilTheStageIsDoneOrAnother() throws IOException {
    assertThatThrownBy(
            () ->
                stage(1, "aa")
                    .run(
                        output -> {
                          Files.writeString(output.scratch().resolve("step-7"), "state");
                          throw new IllegalStateException("killed");
                        }))
        .hasMessage("killed");
    assertThat(folder.resolve("out")).doesNotExist();
    stage(1, "aa")
        .run(
            output -> {
              assertThat(output.scratch().resolve("step-7")).hasContent("state");
              assertThat(output.directory()).isEmptyDirectory();
            });
    assertThat(folder).isDirectoryNotContaining("glob:**scratch*");
    assertThatThrownBy(
        () ->
            stage(2, "aa")
                .overwrite(true)
                .run(
                    output -> {
                      Files.writeString(output.scratch().resolve("step-7"), "state");
                      throw new IllegalStateException("killed");
                    }));
    stage(3, "aa").overwrite(true).run(output -> assertThat(output.scratch()).isEmptyDirectory());
    assertThat(folder).isDirectoryNotContaining("glob:**scratch*");
  }

  /** What a stage reads, in tests of where it may write. */
  record Inputs(List<Path> paths, Path output) {}

  private void refusedToWrite(Path output, Path input, String message) {
    var stage =
        Stage.of("count", output, new Inputs(List.of(input), output), StageTest.class)
            .overwrite(true);
    assertThatThrownBy(stage::check).isInstanceOf(InputException.class).hasMessage(message);
    assertThatThrownBy(() -> stage.run(this::work)).hasMessage(message);
    assertThat(ran).hasValue(0);
  }

  @Test
  void whatIsReadAndWhatIsWrittenAreApartAndARunSaysWhatACheckSays() throws IOException {
    var raw = Files.createDirectories(folder.resolve("raw")).toRealPath();
    var link = Files.createSymbolicLink(folder.resolve("link"), raw);
    var inside =
        "output is %s, which is paths[0] itself or inside of it (%s): what is written there would"
            + " be read, so name a folder outside";
    refusedToWrite(raw, raw, inside.formatted(raw, raw));
    refusedToWrite(raw.resolve("a/out"), raw, inside.formatted(raw.resolve("a/out"), raw));
    refusedToWrite(link.resolve("out"), raw, inside.formatted(raw.resolve("out"), raw));
    var glob = raw.resolve("*");
    refusedToWrite(raw.resolve("out"), glob, inside.formatted(raw.resolve("out"), glob));
    var published = raw.resolve("corpus");
    try (var publication = Publication.begin(published)) {
      publication.publish(new ObjectMapper().createObjectNode());
    }
    refusedToWrite(
        raw,
        published,
        "output is %s, and paths[0] is inside of it (%s): a result is replaced whole, so name"
                .formatted(raw, published)
            + " another folder");
    var beside = folder.resolve("rawest");
    Stage.of("count", beside, new Inputs(List.of(raw), beside), StageTest.class).run(this::work);
    assertThat(ran).hasValue(1);
  }

  @Test
  void aStageThatCannotFitIsNotBegun() {
    var stage = stage(1, "aa").room(1L << 62, 1L << 62);
    assertThatThrownBy(stage::check)
        .isInstanceOf(InputException.class)
        .hasMessageMatching(
            "count needs about 4611\\.7 PB in "
                + folder.resolve("out")
                + ", but .* are free: make room or choose another folder");
    assertThatThrownBy(() -> stage.run(this::work)).hasMessageContaining("4611.7 PB");
    assertThat(ran).hasValue(0);
  }

  @Test
  void aDiskThatGetsFullIsToldWithWhatIsLeftBehind() {
    fullDisk(
        output -> {
          Files.writeString(output.scratch().resolve("state"), "x".repeat(1234));
          throw new IOException("write: No space left on device");
        });
    fullDisk(
        output -> {
          var task = new IllegalStateException("task failed");
          task.addSuppressed(new IOException("No space left on device"));
          throw new IllegalStateException("job aborted", task);
        });
  }

  @Test
  void aDiskThatGetsFullIsToldFromAnExceptionThatNobodyDeclared() {
    fullDisk(
        output -> {
          Files.writeString(output.scratch().resolve("state"), "x".repeat(1234));
          StageTest.<RuntimeException>thrown(new Exception("No space left on device"));
        });
  }

  @SuppressWarnings("unchecked")
  private static <E extends Exception> void thrown(Exception undeclared) throws E {
    throw (E) undeclared;
  }

  private void fullDisk(Stage.Work work) {
    assertThatThrownBy(() -> stage(1, "aa").room(0, 3_000_000).run(work))
        .isInstanceOf(InputException.class)
        .hasMessageMatching(
            "the disk got full while count wrote: it needs up to about 3\\.0 MB in "
                + folder.resolve("out")
                + ", where .* are free, and room for temporary files in .*, where .* are free;"
                + " make room .*\\. Left behind: "
                + folder.resolve(".out.scratch-[0-9a-f]{16}")
                + " \\(1\\.2 kB\\); the same command goes on from it, and deleting it gives the"
                + " room back");
  }

  @Test
  void everythingThatIsWrongIsToldTogether() {
    assertThatThrownBy(
            () ->
                Refusals.together(
                    () -> PublishedDirectory.openOf("tokenize", folder.resolve("corpus")),
                    () -> {},
                    () -> PublishedDirectory.openOf("resample", folder.resolve("subset"))))
        .isInstanceOf(InputException.class)
        .hasMessage(
            """
            %1$s/corpus does not exist: check the path, or run tokenize, which writes it
            %1$s/subset does not exist: check the path, or run resample, which writes it\
            """,
            folder);
  }

  @Test
  void theRunRecordLiesBesideTheOutput() throws IOException {
    ModelRuns.begin(new Running("a device of before", "float32", "PyTorch 0 of a test"));
    var record = RunRecord.start("count", new Settings(1, folder)).seed("order", 7);
    ModelRuns.begin(new Running("a device", "bfloat16", "PyTorch 0 of a test"));
    var output = stage(1, "aa").run(this::work);
    var hash = output.hash();
    var file = record.parent("input", "aa").measured("rowsPerSecond", 2.5).write(output);
    var json = new ObjectMapper().readTree(file.toFile());
    assertThat(file).isEqualTo(folder.resolve("out.run.json"));
    assertThat(json.path("seeds").path("order").asInt()).isEqualTo(7);
    assertThat(json.path("settings").path("input").asText()).isEqualTo(folder.toString());
    assertThat(json.path("outputHash").asText()).isEqualTo(hash).isEqualTo(output.hash());
    assertThat(json.path("machine").path("processors").asInt()).isPositive();
    assertThat(json.path("models").toString())
        .isEqualTo(
            "[{\"device\":\"a device\",\"numbers\":\"bfloat16\",\"by\":\"PyTorch 0 of a"
                + " test\"}]");
  }
}
