package io.lorashear.runs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.metrics.StageMetrics;
import io.lorashear.metrics.StageMetrics.State;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Runs for people and, with the same facts, as JSON. */
public final class RunText {
  private static final int HASH = 12; // digits that tell two folders apart

  private RunText() {}

  /** A line for each run, under a heading. */
  public static List<String> list(List<KnownRun> runs, Instant now) {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("run", "state", "stage", "started", "time", "model", "last figure"));
    for (var run : runs) {
      rows.add(
          List.of(
              run.folder().toString(),
              KnownRun.word(run.state()),
              run.stage(),
              run.started().truncatedTo(ChronoUnit.SECONDS).toString(),
              time(run.time(now)),
              run.model().map(Object::toString).orElse("-"),
              run.figure()));
    }
    var widths = new int[rows.get(0).size()];
    rows.forEach(
        row -> {
          for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], row.get(i).length());
          }
        });
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> cells, int[] widths) {
    var line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      line.append(cells.get(i)).append(" ".repeat(widths[i] - cells.get(i).length() + 2));
    }
    return line.toString().stripTrailing();
  }

  /** The facts of {@link #list} about one run. */
  public static ObjectNode json(KnownRun run, Instant now) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("run", run.folder().toString()).put("state", KnownRun.word(run.state()));
    json.put("stage", run.stage()).put("started", run.started().toString());
    json.put("seconds", run.time(now).toMillis() / 1e3);
    run.model().ifPresent(model -> json.put("model", model.toString()));
    return json.put("last", run.figure());
  }

  /** A run with its stages, and what it would do next. */
  public static List<String> show(KnownRun run, Instant now) {
    var lines = new ArrayList<String>();
    lines.add(
        "%s: %s, %s, started %s, %s"
            .formatted(
                run.folder(),
                KnownRun.word(run.state()),
                run.stage(),
                run.started().truncatedTo(ChronoUnit.SECONDS),
                time(run.time(now))));
    command(run).ifPresent(command -> lines.add("command: " + command));
    for (var stage : run.found().stages()) {
      lines.add(
          "%s: %s, %s%s"
              .formatted(
                  run.found().title(stage),
                  KnownRun.word(stage.state()),
                  time(took(stage, now)),
                  KnownRun.figure(stage).isEmpty() ? "" : ", " + KnownRun.figure(stage)));
      validation(stage).ifPresent(text -> lines.add("  " + text));
      stage.model().ifPresent(model -> lines.add("  model: " + model));
      inputs(stage).forEach((role, hash) -> lines.add("  input %s: %s".formatted(role, hash)));
      output(stage)
          .ifPresent(
              output ->
                  lines.add(
                      "  output: %s (%s)"
                          .formatted(output.directory(), output.hash().substring(0, HASH))));
    }
    lines.add("next: " + next(run));
    return lines;
  }

  /** The facts of {@link #show}. */
  public static ObjectNode shown(KnownRun run, Instant now) {
    var json = json(run, now);
    command(run).ifPresent(command -> json.put("command", command));
    var stages = json.putArray("stages");
    for (var stage : run.found().stages()) {
      var one = stages.addObject().put("stage", stage.name());
      one.put("state", KnownRun.word(stage.state())).put("started", stage.begun().toString());
      one.put("seconds", took(stage, now).toMillis() / 1e3).put("last", KnownRun.figure(stage));
      stage.model().ifPresent(model -> one.put("model", model.toString()));
      var inputs = one.putObject("inputs");
      inputs(stage).forEach(inputs::put);
      one.put("output", stage.output().toString());
      output(stage).ifPresent(output -> one.put("outputHash", output.hash()));
    }
    return json.put("next", next(run));
  }

  private static Duration took(StageMetrics stage, Instant now) {
    return Duration.between(stage.begun(), stage.state() == State.RUNS ? now : stage.written());
  }

  private static Optional<String> command(KnownRun run) {
    return run.invocation()
        .map(
            how ->
                "lorashear %s, in %s".formatted(String.join(" ", how.arguments()), how.folder()));
  }

  private static Optional<String> validation(StageMetrics stage) {
    return stage.validations().stream()
        .reduce((first, second) -> second)
        .map(
            line ->
                "held-out loss %.3f after step %d"
                    .formatted(line.path("loss").asDouble(), line.path("step").asLong()));
  }

  private static Optional<PublishedDirectory> output(StageMetrics stage) {
    return stage.state() == State.DONE
            && Files.isRegularFile(stage.output().resolve(Publication.MANIFEST))
        ? Optional.of(PublishedDirectory.open(stage.output()))
        : Optional.empty();
  }

  private static TreeMap<String, String> inputs(StageMetrics stage) {
    var inputs = new TreeMap<String, String>();
    output(stage)
        .ifPresent(
            output ->
                output
                    .manifest()
                    .path("parents")
                    .fields()
                    .forEachRemaining(
                        parent -> inputs.put(parent.getKey(), parent.getValue().asText())));
    return inputs;
  }

  private static String next(KnownRun run) {
    return switch (run.state()) {
      case RUNS -> "it is at " + run.stage();
      case DONE -> "nothing";
      case ELSEWHERE -> "unknown: its process is on another machine";
      case STOPPED, FAILED, DIED ->
          run.found()
                  .current()
                  .filter(stage -> stage.state() != State.DONE)
                  .map(stage -> run.found().title(stage) + " goes on, or begins anew")
                  .orElse("its next stage begins")
              + " by: lorashear runs resume "
              + run.folder();
    };
  }

  private static String time(Duration time) {
    long seconds = Math.max(0, time.toSeconds());
    return "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
