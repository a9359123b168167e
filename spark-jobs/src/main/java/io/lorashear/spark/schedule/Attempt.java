package io.lorashear.spark.schedule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.spark.source.RawFile;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An entry of the history: a run, or scheduled times without a run.
 *
 * @param number number of the entry, from 0, without gaps
 * @param round round that the run worked on, from 0; the next run resumes an unfinished round
 * @param scheduled the scheduled time; empty if the user started the run
 * @param process process id and host name
 * @param read new raw files
 * @param gone raw files that no longer exist
 * @param outputs published folders, by kind
 * @param message what failed, or which times were missed; empty if nothing
 */
public record Attempt(
    int number,
    int round,
    Outcome outcome,
    Optional<Instant> scheduled,
    Instant started,
    Optional<Instant> ended,
    String process,
    List<RawFile> read,
    List<RawFile> gone,
    SortedMap<String, Output> outputs,
    String message) {

  /** The outcome of an entry. */
  public enum Outcome {
    /** Not a run: the schedule starts here; earlier times do not count. */
    BEGUN,
    RUNNING,
    DONE,
    FAILED,
    /** The run ended without recording an end; a later run found it. */
    KILLED,
    /** Not a run: scheduled times that passed. */
    MISSED
  }

  /**
   * A published folder.
   *
   * @param path path relative to the work folder, with {@code /}
   * @param hash hash of its manifest
   */
  public record Output(String path, String hash) {}

  public Attempt {
    read = List.copyOf(read);
    gone = List.copyOf(gone);
    outputs = Collections.unmodifiableSortedMap(new TreeMap<>(outputs));
  }

  static Attempt of(
      int number, int round, Outcome outcome, Optional<Instant> scheduled, Instant started) {
    return new Attempt(
        number,
        round,
        outcome,
        scheduled,
        started,
        Optional.empty(),
        "",
        List.of(),
        List.of(),
        new TreeMap<>(),
        "");
  }

  Attempt by(String runner) {
    return new Attempt(
        number, round, outcome, scheduled, started, ended, runner, read, gone, outputs, message);
  }

  Attempt with(Outcome how, Optional<Instant> end, String text) {
    return new Attempt(
        number, round, how, scheduled, started, end, process, read, gone, outputs, text);
  }

  Attempt done(Instant end, List<RawFile> in, List<RawFile> out, SortedMap<String, Output> made) {
    return new Attempt(
        number,
        round,
        Outcome.DONE,
        scheduled,
        started,
        Optional.of(end),
        process,
        in,
        out,
        made,
        "");
  }

  ObjectNode json() {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("attempt", number).put("round", round);
    json.put("outcome", outcome.name().toLowerCase(Locale.ROOT));
    scheduled.ifPresent(time -> json.put("scheduled", time.toString()));
    json.put("started", started.toString());
    ended.ifPresent(time -> json.put("ended", time.toString()));
    json.put("process", process).put("message", message);
    files(json, "inputs", read);
    files(json, "gone", gone);
    var made = json.putObject("outputs");
    outputs.forEach(
        (name, output) ->
            made.putObject(name).put("path", output.path()).put("hash", output.hash()));
    return json;
  }

  private static void files(ObjectNode json, String name, List<RawFile> files) {
    var list = json.putArray(name);
    for (var file : files) {
      list.addObject()
          .put("source", file.source())
          .put("name", file.name())
          .put("sha256", file.sha256());
    }
  }

  static Attempt of(JsonNode json) {
    var outputs = new TreeMap<String, Output>();
    json.path("outputs")
        .fields()
        .forEachRemaining(
            each ->
                outputs.put(
                    each.getKey(),
                    new Output(
                        each.getValue().path("path").asText(),
                        each.getValue().path("hash").asText())));
    return new Attempt(
        json.path("attempt").asInt(),
        json.path("round").asInt(),
        Outcome.valueOf(json.path("outcome").asText().toUpperCase(Locale.ROOT)),
        time(json, "scheduled"),
        Instant.parse(json.path("started").asText()),
        time(json, "ended"),
        json.path("process").asText(),
        files(json.path("inputs")),
        files(json.path("gone")),
        outputs,
        json.path("message").asText());
  }

  private static Optional<Instant> time(JsonNode json, String name) {
    return json.has(name) ? Optional.of(Instant.parse(json.path(name).asText())) : Optional.empty();
  }

  private static List<RawFile> files(JsonNode json) {
    var files = new ArrayList<RawFile>();
    json.forEach(
        file ->
            files.add(
                new RawFile(
                    file.path("source").asText(),
                    file.path("name").asText(),
                    "",
                    file.path("sha256").asText())));
    return files;
  }
}
