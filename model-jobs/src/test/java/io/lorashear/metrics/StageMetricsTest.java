package io.lorashear.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.UnknownFieldSet;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.family.Family;
import io.lorashear.method.PruneSettings;
import io.lorashear.metrics.StageMetrics.State;
import io.lorashear.prune.PruneStage;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.recover.RecoverStage;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.settings.Settings;
import io.lorashear.train.TinyModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of stages that prune and recover a small model. */
class StageMetricsTest {
  private static final int STEPS = 15; // 3 of warm-up, then 3 periods of 4

  @TempDir Path folder;

  @BeforeEach
  void corpusAndModel() throws IOException {
    SmallCorpus.write(folder.resolve("corpus"));
    var config = TinyModel.config(256);
    var weights = TinyModel.weights(Family.of(config).trace(config), 1);
    CheckpointWriter.write(folder.resolve("dense"), config, weights, List.of());
  }

  private PublishedDirectory prune(String output, Progress progress) {
    var settings =
        Settings.defaults(
            PruneSettings.class,
            List.of(
                "checkpoint=" + folder.resolve("dense"),
                "corpus=" + folder.resolve("corpus"),
                "output=" + folder.resolve(output),
                "unprunable=0",
                "ratio=0.1",
                "rows=4",
                "lhspg.warmupSteps=3",
                "lhspg.periods=3",
                "lhspg.stepsPerPeriod=4",
                "lhspg.coolDownSteps=0",
                "train.saveEvery=5"));
    return PruneStage.run(settings, false, Device.cpu(), progress);
  }

  private Path file(String output) {
    return folder.resolve(output + ".metrics.jsonl");
  }

  /** Ends a run as a kill would: after the figures of a step, before its end. */
  private static Progress diesAfter(int steps) {
    return (what, total, unit) ->
        new Progress.Work() {
          private int done;

          @Override
          public void step(long units) {
            if (what.equals("prune") && ++done == steps) {
              throw new IllegalStateException("killed");
            }
          }

          @Override
          public void note(String text) {}

          @Override
          public void close() {}
        };
  }

  private void killed(int steps) {
    assertThatThrownBy(() -> prune("pruned", diesAfter(steps))).hasMessage("killed");
  }

  private static List<Long> numbers(StageMetrics metrics) {
    return metrics.steps().stream().map(step -> step.path("step").asLong()).toList();
  }

  private static List<Long> upTo(int last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }

  private static List<Double> losses(List<? extends JsonNode> lines) {
    return lines.stream().map(line -> line.path("loss").asDouble()).toList();
  }

  private static List<Double> reported(PublishedDirectory pruned) {
    var losses = new ArrayList<Double>();
    JsonFile.read(pruned.file(PruneStage.REPORT))
        .path("run")
        .path("losses")
        .forEach(loss -> losses.add(loss.asDouble()));
    return losses;
  }

  @Test
  void everyStepIsALineWithWhatWasMeasured() throws IOException {
    var pruned = prune("pruned", Progress.silent());
    var metrics = StageMetrics.read(file("pruned")).orElseThrow();
    assertThat(metrics.state()).isEqualTo(State.DONE);
    assertThat(metrics.name()).isEqualTo("prune");
    assertThat(metrics.output()).isEqualTo(folder.resolve("pruned"));
    assertThat(metrics.cut()).isZero();
    assertThat(numbers(metrics)).isEqualTo(upTo(STEPS));
    assertThat(losses(metrics.steps())).isEqualTo(reported(pruned));
    var last = metrics.steps().get(STEPS - 1);
    assertThat(last.path("work").asText()).isEqualTo("prune");
    assertThat(last.path("steps").asLong()).isEqualTo(STEPS);
    assertThat(last.path("device").asText()).isEqualTo("cpu");
    assertThat(last.path("precision").asText()).isEqualTo("float32");
    assertThat(last.path("tokens").asDouble()).isEqualTo(8); // 2 rows of 4
    assertThat(last.path("tokensPerSecond").asDouble())
        .isEqualTo(4 * last.path("rowsPerSecond").asDouble());
    assertThat(last.path("groupsShrinking").asDouble()).isZero();
    var groups = JsonFile.read(pruned.file(PruneStage.REPORT)).path("groupsRemoved").asDouble();
    assertThat(last.path("groupsRemoved").asDouble()).isEqualTo(groups).isPositive();
    assertThat(Instant.parse(last.path("time").asText())).isBeforeOrEqualTo(metrics.written());
    assertThat(pruned.files()).noneMatch(entry -> entry.name().contains("metrics"));
    var begin = new ObjectMapper().readTree(Files.readAllLines(file("pruned")).get(0));
    assertThat(begin.path("event").asText()).isEqualTo("begin");
    assertThat(begin.path("process").asLong()).isEqualTo(ProcessHandle.current().pid());
    assertThat(begin.path("resumed").asBoolean()).isFalse();
  }

  @Test
  void aResumedRunTellsNoStepTwiceAndLeavesNoneOut() {
    var whole = prune("whole", Progress.silent());
    killed(8);
    var failed = StageMetrics.read(file("pruned")).orElseThrow();
    assertThat(failed.state()).isEqualTo(State.FAILED);
    assertThat(failed.failure()).isEqualTo("killed");
    assertThat(numbers(failed)).isEqualTo(upTo(8));
    killed(6); // from the state of step 5: up to step 11
    prune("pruned", Progress.silent());
    var metrics = StageMetrics.read(file("pruned")).orElseThrow();
    assertThat(metrics.state()).isEqualTo(State.DONE);
    assertThat(numbers(metrics)).isEqualTo(upTo(STEPS));
    assertThat(losses(metrics.steps())).isEqualTo(reported(whole));
  }

  @Test
  void aLineThatWasCutOffIsCountedAndItsStepToldAgain() throws IOException {
    killed(8);
    var bytes = Files.readAllBytes(file("pruned"));
    var text = new String(bytes, StandardCharsets.UTF_8);
    int eighth = text.lastIndexOf("\"step\":8");
    Files.writeString(
        file("pruned"), text.substring(0, eighth)); // no end of the line, none of the run
    prune("pruned", Progress.silent());
    var metrics = StageMetrics.read(file("pruned")).orElseThrow();
    assertThat(metrics.cut()).isEqualTo(1);
    assertThat(numbers(metrics)).isEqualTo(upTo(STEPS));
    assertThat(Files.readString(file("pruned"))).startsWith(text.substring(0, eighth) + "\n{");
  }

  @Test
  void stepsThatALostDiskForgotAreToldFromTheSavedState() throws IOException {
    killed(8);
    var lines = Files.readAllLines(file("pruned"));
    var kept = lines.stream().filter(line -> !line.contains("\"end\"")).toList();
    Files.write(file("pruned"), kept.subList(0, kept.size() - 5)); // steps 4 to 8
    prune("pruned", Progress.silent());
    var metrics = StageMetrics.read(file("pruned")).orElseThrow();
    assertThat(numbers(metrics)).isEqualTo(upTo(STEPS));
    assertThat(metrics.steps().get(3).has("tokensPerSecond")).isFalse();
    assertThat(metrics.steps().get(5).has("tokensPerSecond")).isTrue();
  }

  @Test
  void whatIsMadeAnewBeginsAnew() throws IOException {
    prune("pruned", Progress.silent());
    var first = Files.readString(file("pruned"));
    try (var all = Files.walk(folder.resolve("pruned"))) {
      for (var path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(path);
      }
    }
    prune("pruned", Progress.silent());
    assertThat(Files.readString(file("pruned"))).startsWith(first);
    assertThat(numbers(StageMetrics.read(file("pruned")).orElseThrow())).isEqualTo(upTo(STEPS));
  }

  @Test
  void recoveryTellsHeldOutLossesToo() {
    var settings =
        Settings.defaults(
            RecoverSettings.class,
            List.of(
                "checkpoint=" + folder.resolve("dense"),
                "corpus=" + folder.resolve("corpus"),
                "output=" + folder.resolve("recovered"),
                "rows=4",
                "validationRows=2",
                "validations=2"));
    var recovered = RecoverStage.run(settings, false, Device.cpu(), Progress.silent());
    var metrics = StageMetrics.read(file("recovered")).orElseThrow();
    var report = JsonFile.read(recovered.file(RecoverStage.REPORT));
    assertThat(numbers(metrics)).isEqualTo(upTo(report.path("steps").asInt()));
    var validated = new ArrayList<Double>();
    report.path("validations").forEach(each -> validated.add(each.path("meanLoss").asDouble()));
    assertThat(losses(metrics.validations())).isEqualTo(validated);
  }

  @Test
  void eventFilesSayWhatTheLinesSay() throws IOException {
    assertThatThrownBy(() -> prune("pruned", diesAfter(8).withEvents())).hasMessage("killed");
    prune("pruned", Progress.silent().withEvents());
    var metrics = StageMetrics.read(file("pruned")).orElseThrow();
    var steps = new ArrayList<Long>();
    var losses = new ArrayList<Float>();
    try (var files = Files.walk(folder.resolve("pruned.tensorboard"))) {
      for (var path : files.filter(Files::isRegularFile).sorted().toList()) {
        assertThat(path.getFileName().toString()).startsWith("events.out.tfevents.");
        read(path, steps, losses);
      }
    }
    assertThat(steps).isEqualTo(upTo(STEPS));
    assertThat(losses).isEqualTo(losses(metrics.steps()).stream().map(Double::floatValue).toList());
  }

  /** By the field numbers of event.proto and summary.proto. */
  private static void read(Path file, List<Long> steps, List<Float> losses) throws IOException {
    var bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      var message = new byte[Math.toIntExact(bytes.getLong())];
      bytes.getInt();
      bytes.get(message);
      bytes.getInt();
      var event = UnknownFieldSet.parseFrom(message);
      if (!event.hasField(5)) {
        assertThat(event.getField(3).getLengthDelimitedList().get(0).toStringUtf8())
            .isEqualTo("brain.Event:2");
        continue;
      }
      steps.add(event.getField(2).getVarintList().get(0));
      var summary = UnknownFieldSet.parseFrom(event.getField(5).getLengthDelimitedList().get(0));
      for (var each : summary.getField(1).getLengthDelimitedList()) {
        var value = UnknownFieldSet.parseFrom(each);
        if (value.getField(1).getLengthDelimitedList().get(0).toStringUtf8().equals("train/loss")) {
          losses.add(Float.intBitsToFloat(value.getField(2).getFixed32List().get(0)));
        }
      }
    }
  }

  @Test
  void whereNothingCanBeWrittenTheWorkGoesOn() throws IOException {
    Files.createDirectory(file("pruned"));
    var pruned = prune("pruned", Progress.silent());
    assertThat(reported(pruned)).hasSize(STEPS);
    assertThat(file("pruned")).isEmptyDirectory();
  }

  @Test
  void aRunWhoseProcessIsGoneDied() throws IOException {
    MetricsFile.begin(
            folder.resolve("out"), "prune", "aa", Optional.empty(), false, InstantSource.system())
        .leave();
    assertThat(StageMetrics.read(file("out")).orElseThrow().state()).isEqualTo(State.RUNS);
    var process = new ProcessBuilder("true").start();
    process.onExit().join();
    var text = Files.readString(file("out"));
    var own = "\"process\":" + ProcessHandle.current().pid();
    Files.writeString(file("out"), text.replace(own, "\"process\":" + process.pid()));
    assertThat(StageMetrics.read(file("out")).orElseThrow().state()).isEqualTo(State.DIED);
    var earlier = text.replaceFirst("\"processStarted\":\"\\d{4}", "\"processStarted\":\"2001");
    Files.writeString(file("out"), earlier); // the number belongs to another process now
    assertThat(StageMetrics.read(file("out")).orElseThrow().state()).isEqualTo(State.DIED);
    Files.writeString(
        file("out"), text.replaceFirst("\"machine\":\"[^\"]*", "\"machine\":\"other"));
    assertThat(StageMetrics.read(file("out")).orElseThrow().state()).isEqualTo(State.ELSEWHERE);
  }
}
