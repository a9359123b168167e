package io.lorashear.spark.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.corpus.SubsetManifest.Drawn;
import io.lorashear.run.Progress;
import io.lorashear.run.Sha256;
import io.lorashear.settings.Overrides;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.perplexity.SmallCheckpoint;
import io.lorashear.spark.source.RawFile;
import io.lorashear.tokenizer.SmallTokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds over raw text that grows, undisturbed and killed after every stage. */
class RoundTest {
  private static final String[] WORDS =
      "oak river stone lamp cloud seven walked found under quiet morning letter".split(" ");

  @TempDir Path folder;

  private final List<String> told = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-01T00:30:00Z");

  @BeforeEach
  void models() throws IOException {
    for (int seed = 1; seed <= 2; seed++) {
      var model = SmallCheckpoint.write(folder.resolve("model-" + seed), 260, seed);
      SmallTokenizers.byteLevel(model);
    }
  }

  @Test
  @Tag("long")
  void whatIsKilledAfterAnyStageEndsWithTheSameBytes() throws Exception {
    add("calm", "a.jsonl", 1, 40);
    run("calm", line -> {});
    add("calm", "b.jsonl", 2, 15);
    run("calm", line -> {});
    add("calm", "c.jsonl", 3, 5);
    run("calm", line -> {});

    add("rough", "a.jsonl", 1, 40);
    int first = killedAfterEveryStage("rough", stage -> {});
    add("rough", "b.jsonl", 2, 15);
    int second =
        killedAfterEveryStage(
            "rough",
            stage -> {
              if (stage == 2) {
                add("rough", "c.jsonl", 3, 5); // after the corpus: for the next round
              }
            });
    run("rough", line -> {});
    assertThat(List.of(first, second)).containsExactly(6, 6);

    assertThat(bytes("rough")).isEqualTo(bytes("calm")).hasSizeGreaterThan(60);
    assertThat(done("rough")).isEqualTo(done("calm")).hasSize(3);
    nothingIsDrawnTwiceAndNothingLost("rough");
    everyRoundHasWhatIsNewToIt("calm");
    killedRunsAreInTheHistory("rough");
  }

  /** Disturbed after its k-th stage, the k-th try has done one stage more than the one before. */
  private int killedAfterEveryStage(String work, Consumer<Integer> before) throws IOException {
    int stage = 0;
    var lines = new ArrayList<String>();
    while (true) {
      lines.clear();
      int last = ++stage;
      before.accept(last - 1);
      try {
        run(
            work,
            line -> {
              lines.add(line);
              if (lines.size() == last) {
                throw new Killed();
              }
            });
        return last - 1;
      } catch (Killed e) {
        asIfKilled(work);
      }
    }
  }

  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** A process that dies writes nothing more: the entry of its run stays as it was. */
  private void asIfKilled(String work) throws IOException {
    var number = History.of(folder.resolve(work)).attempts().size() - 1;
    var entry = folder.resolve(work).resolve("history/%06d.json".formatted(number));
    var text = Files.readString(entry).replace("\"failed\"", "\"running\"");
    Files.writeString(entry, text.replaceAll("\"ended\".*\n", ""));
  }

  private void nothingIsDrawnTwiceAndNothingLost(String work) {
    var drawn = new ArrayList<String>();
    for (int round = 0; round < 3; round++) {
      subset(work, round).drawn().stream().map(Drawn::sequence).forEach(drawn::add);
    }
    assertThat(drawn).hasSize(3 * 12).doesNotHaveDuplicates();
    var last = SequenceReader.open(Round.folder(folder.resolve(work), 2).resolve("corpus"));
    var ids = new ArrayList<String>();
    try (var rows = last.read("tales", "train")) {
      rows.forEachRemaining(row -> ids.add(row.id()));
    }
    assertThat(ids).containsAll(drawn).doesNotHaveDuplicates();
  }

  private SubsetManifest subset(String work, int round) {
    return SubsetManifest.read(Round.folder(folder.resolve(work), round).resolve("subset"));
  }

  private void everyRoundHasWhatIsNewToIt(String work) {
    var attempts = History.of(folder.resolve(work)).attempts();
    assertThat(attempts)
        .extracting(each -> each.read().stream().map(RawFile::name).toList())
        .containsExactly(List.of("a.jsonl"), List.of("b.jsonl"), List.of("c.jsonl"));
    assertThat(attempts.get(1).read().get(0).sha256())
        .isEqualTo(Sha256.of(folder.resolve("raw-" + work + "/b.jsonl")));
    assertThat(attempts.get(2).outputs().keySet())
        .containsExactly("corpus", "documents", "model", "subset");
    var corpus = CorpusManifest.read(Round.folder(folder.resolve(work), 2).resolve("corpus"));
    assertThat(corpus.earlier()).hasSize(2);
    assertThat(corpus.sources().get(0).documents()).isEqualTo(60);
  }

  private void killedRunsAreInTheHistory(String work) {
    var outcomes =
        History.of(folder.resolve(work)).attempts().stream()
            .map(each -> each.outcome().name().charAt(0))
            .map(String::valueOf)
            .collect(Collectors.joining());
    assertThat(outcomes).isEqualTo("KKKKKKDKKKKKKDD");
    assertThat(told).anyMatch(line -> line.matches("run 7 of process .* was killed: going on .*"));
  }

  /** No training, nothing new in the second round, a file that went in the third. */
  @Test
  void withoutNewTextTheCorpusStaysAndDrawingGoesOn() throws Exception {
    add("quiet", "a.jsonl", 1, 40);
    run("quiet", line -> {}, "recovery=false");
    run("quiet", line -> {}, "recovery=false");
    Files.delete(folder.resolve("raw-quiet/a.jsonl"));
    run("quiet", line -> {}, "recovery=false");
    var attempts = History.of(folder.resolve("quiet")).attempts();
    assertThat(attempts.get(1).outputs().keySet()).containsExactly("documents", "subset");
    assertThat(attempts.get(2).gone()).extracting(RawFile::name).containsExactly("a.jsonl");
    assertThat(told).contains("no new text: the corpus stays");
    var drawn = new ArrayList<String>();
    for (int round = 0; round < 3; round++) {
      subset("quiet", round).drawn().stream().map(Drawn::sequence).forEach(drawn::add);
    }
    assertThat(drawn).hasSize(3 * 12).doesNotHaveDuplicates();
    var plan = SchedulePlan.of(file("quiet", "recovery=false").load(), now);
    assertThat(plan)
        .contains(
            "times since the last run: 0 to run for, 0 missed",
            "next run: ",
            "round 3 would be next; the current model is " + folder.resolve("model-2"),
            "source tales: 0 new of 0 files, 0 no longer there",
            "subset           to be done  " + folder.resolve("quiet/rounds/000003/subset"))
        .doesNotContain("model            to be done");
    add("quiet", "a.jsonl", 1, 40);
    add("quiet", "b.jsonl", 2, 2);
    assertThat(SchedulePlan.of(file("quiet", "recovery=false").load(), now))
        .contains("source tales: 1 new of 2 files, 0 no longer there");
  }

  @Test
  void aRuleThatReadsTheModelOfTheRoundBeforeHasItScoredOnTheGrownCorpus() throws Exception {
    add("gains", "a.jsonl", 1, 40);
    run("gains", line -> {}, "resample.rule=recovered");
    add("gains", "b.jsonl", 2, 15);
    run("gains", line -> {}, "resample.rule=recovered");
    var reasons = new ArrayList<String>();
    for (int round = 0; round < 2; round++) {
      var subset =
          SubsetManifest.read(Round.folder(folder.resolve("gains"), round).resolve("subset"));
      reasons.add(subset.groups().get(0).reason());
    }
    assertThat(reasons.get(0)).isEqualTo("recovered: the first round");
    assertThat(reasons.get(1)).matches("recovered: -?0[.]\\d{4} nats after 12 sequences.*");
    assertThat(told).anyMatch(line -> line.contains("perplexity of before"));
  }

  @Test
  void aFirstRoundNeedsText() {
    assertThatThrownBy(() -> run("empty", line -> {}))
        .hasMessage(
            "%s: no such file or folder (source tales): correct its path in the settings",
            folder.resolve("raw-empty"));
    assertThat(History.of(folder.resolve("empty")).attempts())
        .extracting(Attempt::outcome)
        .containsExactly(Attempt.Outcome.FAILED);
  }

  private void add(String work, String name, int seed, int stories) {
    var random = new Random(seed);
    var lines =
        IntStream.range(0, stories)
            .mapToObj(
                i ->
                    IntStream.range(0, 60)
                        .mapToObj(word -> WORDS[random.nextInt(WORDS.length)])
                        .collect(Collectors.joining(" ", "{\"text\": \"", "\"}\n")));
    try {
      Files.createDirectories(folder.resolve("raw-" + work));
      Files.writeString(
          folder.resolve("raw-" + work).resolve(name), lines.collect(Collectors.joining()));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private ScheduleFile file(String work, String... overrides) throws IOException {
    var yaml =
        """
        cron: 0 * * * *
        model: %1$s/model-1
        pruned: %1$s/model-2
        work: %1$s/%2$s
        ingest:
          sources: [{corpus: other, name: tales, paths: [%1$s/raw-%2$s]}]
          cleaning: {paragraphTokens: 0}
        tokenize: {sequenceLength: 64, validation: {share: 0.2, exclude: 20}}
        perplexity: {rows: 4, device: cpu}
        resample: {tokens: 768}
        recover: {validationRows: 2, validations: 1, train: {rows: 4}}
        """
            .formatted(folder, work);
    return new ScheduleFile(
        Files.writeString(folder.resolve(work + ".yaml"), yaml),
        Overrides.given(List.of(overrides)));
  }

  private void run(String work, Consumer<String> out, String... overrides) throws IOException {
    var file = file(work, overrides);
    now = now.plus(Duration.ofHours(1));
    var schedule =
        new Schedule(
            file.load(),
            state ->
                new Round(
                        LocalSpark.session(),
                        file,
                        Device.cpu(),
                        Progress.silent(),
                        line -> {
                          told.add(line);
                          out.accept(line);
                        })
                    .run(state),
            () -> now,
            told::add);
    assertThat(schedule.once()).isTrue();
  }

  private List<TreeMap<String, Attempt.Output>> done(String work) {
    return History.of(folder.resolve(work)).done().stream()
        .map(each -> new TreeMap<>(each.outputs()))
        .toList();
  }

  /** Every file and its hash; all but the history, and records of when and where it was made. */
  private TreeMap<String, String> bytes(String work) throws IOException {
    var root = folder.resolve(work);
    try (var all = Files.walk(root)) {
      var found = new TreeMap<String, String>();
      all.filter(Files::isRegularFile)
          .filter(file -> !file.startsWith(root.resolve("history")))
          .filter(file -> !file.toString().endsWith(".run.json"))
          .filter(file -> !file.toString().endsWith("metrics.jsonl"))
          .forEach(file -> found.put(root.relativize(file).toString(), Sha256.of(file)));
      return found;
    }
  }
}
