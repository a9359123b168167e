package io.lorashear.spark.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lorashear.InputException;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.RunLock;
import io.lorashear.settings.Overrides;
import io.lorashear.spark.schedule.Attempt.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When rounds are done, with rounds that do next to nothing and a clock that is moved by hand. */
class ScheduleTest {
  @TempDir Path folder;

  private final List<String> told = new ArrayList<>();
  private final List<Integer> rounds = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-01T00:30:00Z");
  private Duration takes = Duration.ofMinutes(5);

  @BeforeEach
  void settings() throws IOException {
    Files.writeString(
        folder.resolve("schedule.yaml"),
        """
        cron: 0 * * * *
        model: dense
        pruned: pruned
        work: %1$s/work
        ingest: {sources: [{corpus: other, paths: [%1$s/raw]}]}
        """
            .formatted(folder));
  }

  @Test
  void atEveryTimeARoundAndAnEntry() throws InterruptedException {
    schedule().run(until("03:00"));
    assertThat(rounds).containsExactly(0, 1);
    assertThat(history())
        .containsExactly("begun", "done for 01:00, round 0", "done for 02:00, round 1");
    var second = History.of(folder.resolve("work")).attempts().get(2);
    assertThat(second.started()).isEqualTo("2026-01-01T02:00:00Z");
    assertThat(second.ended()).contains(Instant.parse("2026-01-01T02:05:00Z"));
    assertThat(second.process()).startsWith(ProcessHandle.current().pid() + " on ");
    assertThat(second.outputs().get("subset").path()).isEqualTo("rounds/000001/subset");
    assertThat(told)
        .contains("run 1, round 0", "next run: 2026-01-01 03:00 UTC (2026-01-01T03:00:00Z)");
  }

  @Test
  void missedTimesArePassedOver() throws Exception {
    schedule().run(until("02:00"));
    now = at("05:30");
    schedule("missed=skip").run(until("07:00"));
    assertThat(history())
        .containsExactly(
            "begun",
            "done for 01:00, round 0",
            "missed for 05:00, round 1: 4 from 2026-01-01T02:00:00Z to 2026-01-01T05:00:00Z",
            "done for 06:00, round 1");
    assertThat(told).contains("missed: 4, the last 2026-01-01 05:00 UTC (2026-01-01T05:00:00Z)");
  }

  @Test
  void missedTimesAreDoneOnce() throws Exception {
    schedule().run(until("02:00"));
    now = at("05:30");
    schedule().run(until("06:00"));
    assertThat(history())
        .containsExactly(
            "begun",
            "done for 01:00, round 0",
            "missed for 04:00, round 1: 3 from 2026-01-01T02:00:00Z to 2026-01-01T04:00:00Z",
            "done for 05:00, round 1");
  }

  @Test
  void missedTimesAreAllDone() throws Exception {
    schedule().run(until("02:00"));
    now = at("04:30");
    schedule("missed=all").run(until("05:00"));
    assertThat(history())
        .containsExactly(
            "begun",
            "done for 01:00, round 0",
            "done for 02:00, round 1",
            "done for 03:00, round 2",
            "done for 04:00, round 3");
  }

  @Test
  void aRunThatTakesLongMissesTimesToo() throws Exception {
    takes = Duration.ofMinutes(130);
    schedule("missed=skip").run(until("05:00"));
    assertThat(history())
        .containsExactly(
            "begun",
            "done for 01:00, round 0",
            "missed for 03:00, round 1: 2 from 2026-01-01T02:00:00Z to 2026-01-01T03:00:00Z",
            "done for 04:00, round 1");
  }

  @Test
  void aRunThatFailsIsRecordedAndItsRoundGoneOnWith() throws Exception {
    var schedule =
        new Schedule(
            load(),
            state -> {
              if (rounds.isEmpty()) {
                rounds.add(state.round());
                throw new IllegalStateException(
                    "a task failed", new InputException("a.jsonl is cut off: fetch it again"));
              }
              return round(state);
            },
            () -> now,
            told::add);
    schedule.run(until("03:00"));
    assertThat(history())
        .containsExactly(
            "begun",
            "failed for 01:00, round 0: a.jsonl is cut off: fetch it again",
            "done for 02:00, round 0");
    assertThat(told).contains("run failed: a.jsonl is cut off: fetch it again");
  }

  @Test
  void aFailureOfASingleRunIsTheCommandsToTell() throws Exception {
    var schedule =
        new Schedule(
            load(),
            state -> {
              throw new OutOfMemoryError("Java heap space");
            },
            () -> now,
            told::add);
    assertThatThrownBy(schedule::once).isInstanceOf(OutOfMemoryError.class);
    assertThat(history())
        .containsExactly("failed, round 0: java.lang.OutOfMemoryError: Java heap space");
    assertThat(schedule().once()).isTrue();
    assertThat(history()).hasSize(2).last().isEqualTo("done, round 0");
  }

  @Test
  void aRunThatWasKilledIsFoundAndItsTimeIsMissed() throws Exception {
    schedule().run(until("02:00"));
    killed("done");
    now = at("01:20");
    schedule().run(until("02:00"));
    assertThat(history())
        .containsExactly(
            "begun",
            "killed for 01:00, round 0: found at 2026-01-01T01:20:00Z: the process is gone",
            "done for 01:00, round 0");
    assertThat(told)
        .anyMatch(
            line ->
                line.matches("run 1 of process \\d+ on .* was killed: going on with its round 0"));
    killed("done");
    now = at("01:40");
    schedule("missed=skip").run(until("03:00"));
    assertThat(history())
        .hasSize(5)
        .endsWith(
            "killed for 01:00, round 0: found at 2026-01-01T01:40:00Z: the process is gone",
            "missed for 01:00, round 0: 1 from 2026-01-01T01:00:00Z to 2026-01-01T01:00:00Z",
            "done for 02:00, round 0");
  }

  /** The last entry as it was before its end was written. */
  private void killed(String outcome) throws IOException {
    var number = History.of(folder.resolve("work")).attempts().size() - 1;
    var entry = folder.resolve("work/history/%06d.json".formatted(number));
    var text = Files.readString(entry);
    assertThat(text).contains("\"" + outcome + "\"");
    Files.writeString(
        entry, text.replace("\"" + outcome + "\"", "\"running\"").replaceAll("\"ended\".*\\n", ""));
  }

  @Test
  void anotherRunIsWaitedForByNobody() throws Exception {
    schedule().once();
    killed("done");
    try (var other = RunLock.take(folder.resolve("work")).orElseThrow()) {
      assertThat(other).isNotNull();
      assertThat(schedule().once()).isFalse();
      assertThat(told.get(told.size() - 1))
          .matches(
              "another run is active: run 0, round 0, begun 2026-01-01T00:30:00Z by process \\d+ on"
                  + " .*; this one does nothing");
      schedule().run(time -> false);
      assertThat(told.get(told.size() - 2)).startsWith("another run is active: ");
      assertThat(told.get(told.size() - 1)).startsWith("next run: 2026-01-01 01:00 UTC");
    }
    assertThat(history()).containsExactly("running, round 0");
  }

  /** Another process has the lock; when it is killed, the system frees it. */
  @Test
  void aLockIsFreedByTheSystemWhenItsProcessDies() throws Exception {
    var work = folder.resolve("work");
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var process =
        new ProcessBuilder(
                java,
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                work.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(process.inputReader().readLine()).isEqualTo("held");
      assertThat(schedule().once()).isFalse();
      assertThat(told)
          .containsExactly("another run is active in " + work + "; this one does nothing");
    } finally {
      assertThat(process.destroyForcibly().waitFor()).isEqualTo(128 + 9);
    }
    assertThat(schedule().once()).isTrue();
    assertThat(work.resolve("run.lock")).exists();
  }

  /** Takes the lock of a folder, says so and keeps it. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws InterruptedException {
      try (var lock = RunLock.take(Path.of(arguments[0])).orElseThrow()) {
        System.out.println(lock == null ? "" : "held");
        Thread.sleep(Long.MAX_VALUE);
      }
    }
  }

  @Test
  void whatWasChangedBehindTheHistorysBackIsNamed() throws Exception {
    schedule().once();
    var subset = folder.resolve("work/rounds/000000/subset");
    publish(subset, "another");
    assertThatThrownBy(() -> schedule().once())
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s is not what run 0 published there: put that back, or begin a new work folder",
            subset);
    Files.writeString(folder.resolve("work/history/000000.json"), "{\"outcome\": \"lost\"}");
    assertThatThrownBy(() -> schedule().once())
        .hasMessageStartingWith(
            "%s is no entry of a history".formatted(folder.resolve("work/history/000000.json")));
  }

  @Test
  void allMistakesInSettingsAreToldAtOnce() {
    var file =
        new ScheduleFile(
            folder.resolve("schedule.yaml"),
            Overrides.given(
                List.of(
                    "cron=\"0 25 * * *\"",
                    "zone=Berlin",
                    "missed=never",
                    "ingest.earlier=[mine]",
                    "tokenize={grows: mine, earlier: [mine]}",
                    "resample={by: bucket, previous: mine}",
                    "recover={sources: [tales], subset: mine, lora: {adapter: mine}}")));
    assertThatThrownBy(file::load)
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "cron is \"0 25 * * *\", which names no times (Value 25 not in range [0, 23]): give"
                + " minute, hour, day, month and weekday, for example \"30 2 * * *\"")
        .hasMessageContaining("zone is Berlin, which is no time zone")
        .hasMessageContaining("missed is never")
        .hasMessageContaining(
            "resample.by is bucket: documents that come later would have no bucket")
        .hasMessageContaining(
            "ingest.earlier names folders, but each round has those of the rounds before: take it"
                + " out")
        .hasMessageContaining(
            "tokenize.grows is set, but each round grows the corpus of the round before: take it"
                + " out")
        .hasMessageContaining(
            "resample.previous is set, but each round goes on from the subset before: take it out")
        .hasMessageContaining(
            "recover.sources and subset are both set: a subset says itself what is drawn")
        .hasMessageContaining(
            "recover.subset is set, but every round draws what it learns from: take it out")
        .hasMessageContaining(
            "recover.lora.adapter is set, but every round begins with fresh pairs: take it out");
  }

  @Test
  void withoutTimesThereAreSingleRunsOnly() {
    var timeless =
        new ScheduleFile(folder.resolve("schedule.yaml"), Overrides.given(List.of("cron=null")))
            .load();
    var schedule = new Schedule(timeless, this::round, () -> now, told::add);
    assertThatThrownBy(() -> schedule.run(time -> false))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "there is no cron in the settings: give one, for example \"30 2 * * *\", or start"
                + " single runs by --once");
    assertThat(schedule.once()).isTrue();
  }

  private ScheduleSettings load(String... overrides) {
    return new ScheduleFile(folder.resolve("schedule.yaml"), Overrides.given(List.of(overrides)))
        .load();
  }

  private Schedule schedule(String... overrides) {
    return new Schedule(load(overrides), this::round, () -> now, told::add);
  }

  /** Time goes on by itself while nothing is to be done. */
  private Schedule.Waiting until(String end) {
    return time -> {
      now = now.isBefore(time) ? time : now;
      return now.isBefore(at(end));
    };
  }

  private static Instant at(String time) {
    return Instant.parse("2026-01-01T" + time + ":00Z");
  }

  private SortedMap<String, PublishedDirectory> round(State state) {
    rounds.add(state.round());
    now = now.plus(takes);
    var folder = Round.folder(this.folder.resolve("work"), state.round());
    var outputs = new TreeMap<String, PublishedDirectory>();
    outputs.put("documents", publish(folder.resolve("documents"), "text"));
    outputs.put("subset", publish(folder.resolve("subset"), "rows"));
    return outputs;
  }

  private static PublishedDirectory publish(Path target, String content) {
    try (var publication = Publication.begin(target)) {
      Files.writeString(publication.directory().resolve("raw.jsonl"), "");
      var manifest = JsonNodeFactory.instance.objectNode().put("content", content);
      return publication.publish(manifest);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Entries in short. */
  private List<String> history() {
    return History.of(folder.resolve("work")).attempts().stream().map(ScheduleTest::text).toList();
  }

  private static String text(Attempt attempt) {
    if (attempt.outcome() == Outcome.BEGUN) {
      return "begun";
    }
    return attempt.outcome().name().toLowerCase(java.util.Locale.ROOT)
        + attempt.scheduled().map(time -> " for " + time.toString().substring(11, 16)).orElse("")
        + ", round "
        + attempt.round()
        + (attempt.message().isEmpty() ? "" : ": " + attempt.message());
  }
}
