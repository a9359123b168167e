package io.lorashear.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StageTest {
  record Settings(int steps, Path input) {}

  @TempDir Path folder;
  final AtomicInteger ran = new AtomicInteger();

  Stage stage(int steps, String parent) {
    return Stage.of("count", folder.resolve("out"), new Settings(steps, folder), StageTest.class)
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

  @Test
  void theRunRecordLiesBesideTheOutput() throws IOException {
    var record = RunRecord.start("count", new Settings(1, folder)).seed("order", 7);
    var output = stage(1, "aa").run(this::work);
    var hash = output.hash();
    var file = record.parent("input", "aa").measured("rowsPerSecond", 2.5).write(output);
    var json = new ObjectMapper().readTree(file.toFile());
    assertThat(file).isEqualTo(folder.resolve("out.run.json"));
    assertThat(json.path("seeds").path("order").asInt()).isEqualTo(7);
    assertThat(json.path("settings").path("input").asText()).isEqualTo(folder.toString());
    assertThat(json.path("outputHash").asText()).isEqualTo(hash).isEqualTo(output.hash());
    assertThat(json.path("machine").path("processors").asInt()).isPositive();
  }
}
