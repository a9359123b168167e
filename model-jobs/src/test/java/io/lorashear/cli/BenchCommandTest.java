package io.lorashear.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.train.TinyModel;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The figures' form; how large they are is the machine's affair. */
class BenchCommandTest {
  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void write() {
    model = folder.resolve("tiny");
    var weights = TinyModel.weights(TinyModel.graph(), 1);
    CheckpointWriter.write(model, TinyModel.config(), weights, List.of());
  }

  @Test
  void trainingAndScoringStandBesideTheirMatrixProducts() {
    for (var workload : List.of("train", "score")) {
      var json = bench(workload, "--checkpoint", model.toString(), "--rows", "3", "--length", "20");
      assertThat(json.path("workload").asText()).isEqualTo(workload);
      assertThat(json.path("tokens").asDouble()).isEqualTo(60);
      assertThat(json.path("tokens_per_second").asDouble()).isPositive();
      assertThat(json.path("fraction_of_limit").asDouble()).isPositive();
      assertThat(json.path("seconds")).hasSize(2);
      assertThat(json.path("threads").asInt()).isPositive();
    }
  }

  @Test
  void loadingStandsBesideAPlainRead() {
    var json = bench("load", "--checkpoint", model.toString());
    long parameters = TinyModel.graph().parameterCount();
    assertThat(json.path("bytes").asLong()).isBetween(4 * parameters, 4 * parameters + 4096);
    assertThat(json.path("limit_bytes_per_second").asDouble()).isPositive();
  }

  @Test
  void theGraphIsThatOfTheConfig() {
    var json = bench("graph", "--checkpoint", model.resolve("config.json").toString());
    assertThat(json.path("groups").asInt()).isEqualTo(2 * (2 + 12)); // two layers' heads, channels
    assertThat(bench("graph").path("parameters").asLong())
        .isBetween(68_000_000_000L, 70_000_000_000L);
  }

  @Test
  void aPrunedModelStandsBesideTheWholeOne() {
    for (var workload : List.of("train", "score")) {
      var path = model.toString();
      var rows = "64"; // processor time comes in ticks: a few rows may take none
      var json =
          run("operations left", workload, "--checkpoint", path, "--prune", "0.2", "--rows", rows);
      assertThat(json.path("operations_left").asDouble()).isBetween(0.6, 0.9);
      assertThat(json.path("time_by_operations").asDouble()).isPositive();
      assertThat(json.path("pruned_processor_seconds")).hasSize(2);
    }
    assertThat(failure("load", "--checkpoint", "x", "--prune", "0.2"))
        .isEqualTo("--prune is given with load: it goes with train, score");
    assertThat(failure("train", "--checkpoint", "x", "--prune", "20"))
        .isEqualTo("--prune is 20.0: give a share between 0 and 1, for example 0.2");
  }

  @Test
  void optionsThatAWorkloadDoesNotReadAreRefused() {
    assertThat(failure("score", "--checkpoint", "x", "--set", "rows=3"))
        .isEqualTo("--set is given with score: it goes with train, tokenize, ingest");
    assertThat(failure("train", "--checkpoint", "x", "--config", "y"))
        .isEqualTo("--config is given with train: it goes with tokenize, ingest");
    assertThat(failure("tokenize", "--rows", "3"))
        .isEqualTo("--rows is given with tokenize: it goes with train, score");
    assertThat(failure("load", "--checkpoint", "x", "--lora-rank", "3"))
        .isEqualTo("--lora-rank is given with load: it goes with train, graph");
    assertThat(failure("ingest", "--config", "x", "--device", "cpu"))
        .isEqualTo("--device is given with ingest: it goes with train, score, generate, load");
  }

  @Test
  void modelsThatGoOnStandBesideEachOther() {
    var other = folder.resolve("other");
    CheckpointWriter.write(
        other, TinyModel.config(), TinyModel.weights(TinyModel.graph(), 2), List.of());
    var paths = List.of(model.toString(), other.toString());
    var json =
        run(
            "generated tokens/s",
            "generate",
            paths.get(0),
            paths.get(1),
            "--length",
            "9",
            "--tokens",
            "4");
    assertThat(json.path("workload").asText()).isEqualTo("generate");
    assertThat(json.path("models")).hasSize(2);
    long parameters = TinyModel.graph().parameterCount();
    for (var each : json.path("models")) {
      assertThat(each.path("disk_bytes").asLong()).isBetween(4 * parameters, 4 * parameters + 4096);
      assertThat(each.path("weight_bytes").asLong()).isEqualTo(4 * parameters);
      assertThat(each.path("text_bytes").asLong()).isPositive();
      assertThat(each.path("prompt_fraction_of_limit").asDouble()).isPositive();
      assertThat(each.path("generated_speed_beside_first").asDouble()).isPositive();
      assertThat(each.path("generated_seconds")).hasSize(2);
    }
    assertThat(json.path("models").path(0).path("generated_speed_beside_first").asDouble())
        .isEqualTo(1);
    assertThat(failure("generate", paths.get(0), "--length", "9000"))
        .isEqualTo(
            "--length 9000 and --tokens 64 are together more than the 64 positions of %s: give less"
                .formatted(paths.get(0)));
    assertThat(failure("generate"))
        .isEqualTo(
            "bench generate takes models behind it: give Hugging Face directories or GGUF files,"
                + " the dense one first");
    assertThat(failure("generate", "--checkpoint", paths.get(0)))
        .isEqualTo("--checkpoint is given with generate: it goes with train, score, load, graph");
    assertThat(failure("score", "x"))
        .isEqualTo("the model x is given with score: it goes with generate");
    assertThat(failure("train", "--checkpoint", "x", "--tokens", "3"))
        .isEqualTo("--tokens is given with train: it goes with generate");
    assertThat(failure("generate", "x", "--prune", "0.2"))
        .isEqualTo("--prune is given with generate: it goes with train, score");
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThat(failure("train"))
        .isEqualTo(
            "bench train needs a model: give --checkpoint, a Hugging Face directory or a GGUF"
                + " file");
    assertThat(failure("score", "--checkpoint", "x", "--length", "1"))
        .isEqualTo("--length is 1: give at least 2, one token to predict");
    assertThat(failure("graph", "--repetitions", "0"))
        .isEqualTo("--repetitions is 0: give at least 1");
  }

  private ObjectNode bench(String... arguments) {
    return run("median", arguments);
  }

  private ObjectNode run(String told, String... arguments) {
    var file = folder.resolve("figures.json");
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--repetitions", "2", "--json", file.toString()));
    if (!arguments[0].equals("graph")) {
      all.addAll(List.of("--device", "cpu"));
    }
    var out = new StringWriter();
    var line = Failures.commandLine(new BenchCommand()).setOut(new PrintWriter(out));
    assertThat(line.execute(all.toArray(String[]::new))).isZero();
    assertThat(out.toString()).contains(told);
    return JsonFile.read(file);
  }

  private static String failure(String... arguments) {
    var told = new StringWriter();
    var line = Failures.commandLine(new BenchCommand()).setErr(new PrintWriter(told));
    assertThat(line.execute(arguments)).isEqualTo(Failures.BAD_INPUT);
    return told.toString().strip();
  }
}
