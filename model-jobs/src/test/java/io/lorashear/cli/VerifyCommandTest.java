package io.lorashear.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.reference.ReferenceData;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerifyCommandTest {
  @TempDir Path folder;

  /** What a call told, and how it ended. */
  private record Told(int code, String out, String err) {}

  private static Told call(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code =
        Failures.commandLine(new VerifyCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Told(code, out.toString(), err.toString().strip());
  }

  private String model(String name, InMemoryTensors weights) {
    var directory = folder.resolve(name);
    CheckpointWriter.write(directory, SmallModels.uneven(), weights, List.of());
    return directory.toString();
  }

  private static InMemoryTensors weights() {
    return SmallModels.weights(SmallModels.uneven(), 1);
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void whatIsWrittenAgreesAndAChangedWeightDoesNot() {
    assertThat(call(model("model", weights()), "--write", file("figures.json")))
        .isEqualTo(new Told(0, "", ""));
    var same = call(file("model"), "--expected", file("figures.json"), "--json", file("r.json"));
    assertThat(same.code()).isZero();
    assertThat(same.out()).contains("all 27 figures agree").doesNotContain("OFF");
    assertThat(same.out())
        .containsPattern("\nparameters +4,368 +4,368 +0.0e\\+00 +0.0e\\+00  ok\n")
        .containsPattern("\nlogits_last\\[1], token \\d+ .* 1.0e-04  ok\n")
        .containsPattern("\nloss_next_token_mean .* ok\n")
        .containsPattern("\ngradient model.layers.1.mlp.up_proj.weight .* ok\n");
    assertThat(JsonFile.read(folder.resolve("r.json")).get("ok").asBoolean()).isTrue();

    var changed = weights();
    var norm = changed.floats("model.norm.weight");
    norm[3] += 0.01f;
    changed.put("model.norm.weight", norm, norm.length);
    var off =
        call(
            model("changed", changed),
            "--expected",
            file("figures.json"),
            "--json",
            file("r.json"));
    assertThat(off.code()).isEqualTo(1);
    assertThat(off.out())
        .containsPattern("\nlogits_last\\[0], token \\d+ .* OFF\n")
        .containsPattern("\nparameters .* ok\n")
        .containsPattern("\n\\d+ of 27 figures are OFF\n");
    var json = JsonFile.read(folder.resolve("r.json"));
    assertThat(json.get("ok").asBoolean()).isFalse();
    assertThat(json.get("figures")).hasSize(27);
    assertThat(json.at("/figures/1/difference").asDouble())
        .isGreaterThan(json.at("/figures/1/tolerance").asDouble());
    assertThat(
            call(
                    file("changed"),
                    "--expected",
                    file("figures.json"),
                    "--tolerance",
                    "10",
                    "--gradient-tolerance",
                    "10")
                .code())
        .isZero();
  }

  @Test
  void theSeedDecidesTheIdsAndGradientsMayBeLeftOut() {
    model("model", weights());
    call(file("model"), "--write", file("a.json"), "--no-gradients");
    call(file("model"), "--write", file("b.json"), "--no-gradients");
    call(file("model"), "--write", file("c.json"), "--no-gradients", "--seed", "2");
    var first = JsonFile.read(folder.resolve("a.json"));
    assertThat(first).isEqualTo(JsonFile.read(folder.resolve("b.json")));
    assertThat(first.get("ids")).isNotEqualTo(JsonFile.read(folder.resolve("c.json")).get("ids"));
    assertThat(first.has("gradient_norms")).isFalse();
    assertThat(call(file("model"), "--expected", file("a.json")).out())
        .contains("all 6 figures agree");
  }

  @Test
  void aNormThatTheModelDoesNotHaveIsOff() throws IOException {
    model("model", weights());
    expecting("{\"ids\": [[1, 2]], \"gradient_norms\": {\"model.other.weight\": 1.5}}");
    var told = call(file("model"), "--expected", file("e.json"));
    assertThat(told.code()).isEqualTo(1);
    assertThat(told.out()).containsPattern("gradient model.other.weight +NaN +1.5.* OFF\n");
  }

  @Test
  void whatIsKeptOfEarlierTokensIsComparedWhereItIsAskedFor() {
    model("model", weights());
    call(file("model"), "--write", file("figures.json"), "--no-gradients");
    var figures = JsonFile.read(folder.resolve("figures.json"));
    assertThat(figures.has("logits_last_cached")).isFalse();
    figures.set("logits_last_cached", figures.get("logits_last").deepCopy());
    JsonFile.write(folder.resolve("e.json"), figures);
    assertThat(call(file("model"), "--expected", file("e.json")).out())
        .containsPattern("\nlogits_last_cached\\[1], token \\d+ .* ok\n")
        .contains("all 8 figures agree");
    figures.withArray("/logits_last_cached/1").set(5, figures.numberNode(7));
    JsonFile.write(folder.resolve("e.json"), figures);
    assertThat(call(file("model"), "--expected", file("e.json")).out())
        .containsPattern("\nlogits_last_cached\\[1], token 5 .* OFF\n")
        .contains("1 of 8 figures are OFF");
  }

  private void expecting(String json) throws IOException {
    Files.writeString(folder.resolve("e.json"), json);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | FILE has no ids: give at least one row of two token ids, \"ids\": [[1, 2]]",
        "{\"ids\": [[1, 2], [1]]} | FILE has rows of ids of different lengths: give all one",
        "{\"ids\": [[1, 2]]} | FILE says nothing to compare: it needs one of logits_last,"
            + " logits_last_cached, logits_sum_per_position, loss_next_token_mean, gradient_norms,"
            + " parameters",
        "{\"ids\": [[1, \"a\"]]} | FILE: ids holds \"a\", not a number",
        "{\"ids\": [[1, 2]], \"logits_last\": [[1], [2]]} |"
            + " FILE has 2 rows of logits_last for 1 rows of ids",
        "{\"ids\": [[1, 2]], \"gradient_norms\": {\"a\": null}} |"
            + " FILE: gradient_norms of a is null, not a number",
        "{\"ids\": [[1, 32]], \"parameters\": 3} |"
            + " the expectation has the id 32, but MODEL has ids from 0 to 31",
      })
  void anExpectationThatCannotBeUsedIsExplained(String json, String message) throws IOException {
    model("model", weights());
    expecting(json);
    var told = call(file("model"), "--expected", file("e.json"));
    assertThat(told.code()).isEqualTo(2);
    assertThat(told.err())
        .isEqualTo(message.replace("FILE", file("e.json")).replace("MODEL", file("model")));
  }

  @Test
  void whatToCompareWithMustBeSaid() {
    assertThat(call("model"))
        .isEqualTo(
            new Told(
                2,
                "",
                "give --expected FILE to compare with, or --write FILE to make such a file"));
  }

  @Test
  void rowsOfAnotherVocabularyAreOff() throws IOException {
    model("model", weights());
    expecting("{\"ids\": [[1, 2]], \"logits_last\": [[0.5, 0.25]]}");
    var told = call(file("model"), "--expected", file("e.json"));
    assertThat(told.code()).isEqualTo(1);
    assertThat(told.out()).containsPattern("logits_last\\[0], values +32 +2 .* OFF\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3-rope", "qwen3", "gemma2", "phi3", "gpt2", "gpt_neox"})
  @Tag("reference")
  void modelsOfTransformersAreVerified(String family) {
    var home = ReferenceData.path("reference/families/" + family);
    var expected = home.resolve("expected.json");
    var told = call(home.toString(), "--expected", expected.toString());
    assertThat(told.code()).as(told.out() + told.err()).isZero();
    var norms = JsonFile.read(expected).get("gradient_norms").size();
    assertThat(told.out()).contains("all " + (norms + 6) + " figures agree");
  }
}
