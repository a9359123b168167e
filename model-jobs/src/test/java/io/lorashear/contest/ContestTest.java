package io.lorashear.contest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.reference.ReferenceData;
import io.lorashear.run.ContentHash;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.settings.Overrides;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole contest with a real, very small model: stories260K. */
@Tag("reference")
class ContestTest {
  private static final String SETTINGS =
      """
      model: %1$s
      corpus: %2$s/corpus
      work: %2$s/work
      against: magnitude
      methods:
        magnitude: [method=magnitude]
        random: [method=random]
        fisher: [method=fisher, saliency.rows=2]
      ratios: [0.1]
      again: {best: 1, seeds: [2]}
      recovery: text
      heldOutRows: 4
      prune: {rows: 2, cap: 0.9}
      recover: {rows: 2, validationRows: 2, validations: 1, lora: {rank: 2}}
      evaluate: {tasks: [], choices: {stories: %2$s/stories.jsonl}}
      """;

  @TempDir Path folder;
  private final List<String> told = new ArrayList<>();

  @BeforeEach
  void inputs() throws IOException {
    SmallCorpus.write(folder.resolve("corpus"));
    Files.writeString(
        folder.resolve("stories.jsonl"),
        """
        {"id": "1", "context": "Once upon a", "choices": ["time", "car"], "answer": 0}
        {"id": "2", "context": "The sun is in the", "choices": ["of", "sky"], "answer": 1}
        """);
    var model = ReferenceData.path("reference/stories260K-hf");
    Files.writeString(folder.resolve("contest.yaml"), SETTINGS.formatted(model, folder));
  }

  private ContestFile file(String... overrides) {
    return new ContestFile(folder.resolve("contest.yaml"), Overrides.given(List.of(overrides)));
  }

  private ContestResult run(boolean overwrite, String... overrides) {
    told.clear();
    var file = file(overrides);
    var settings = file.load();
    var work = new CellWork(file, settings, overwrite, Device.cpu(), Progress.silent());
    return new Contest(settings, work, Contest.here(work, told::add)).run();
  }

  @Test
  void everyMethodIsMadeMeasuredAndTestedAgainstTheFirst() throws IOException {
    var result = run(false);
    assertThat(told).hasSize(5); // dense, three methods, the best of them again
    var standings = result.standings();
    assertThat(standings.get(0).method()).isEqualTo("magnitude");
    assertThat(standings).hasSize(3);
    assertThat(standings.get(1).loss()).isLessThanOrEqualTo(standings.get(2).loss());
    var dense = result.dense();
    for (var standing : standings) {
      double gone = 1 - standing.parameters() / dense.parameters();
      assertThat(gone).isBetween(0.1, 0.12);
      assertThat(standing.loss()).isLessThanOrEqualTo(standing.prunedLoss());
      assertThat(standing.tokens()).isEqualTo(2 * 2 * 4); // rows, sources, tokens of a row
    }
    assertThat(standings.stream().mapToInt(each -> each.cells().size()).sum()).isEqualTo(4);
    assertThat(result.verdicts().get(0)).isEmpty();
    var difference = result.verdicts().get(1).orElseThrow().difference();
    assertThat(difference.nats())
        .isCloseTo(byHand(standings.get(1)) - byHand(standings.get(0)), within(1e-9));
    assertThat(difference.interval().low()).isLessThanOrEqualTo(difference.nats());

    var cell = folder.resolve("work/models/fisher-0.1-seed1");
    var recovered = PublishedDirectory.openVerified(cell.resolve("recovered"));
    assertThat(recovered.manifest().path("parents").path("checkpoint").asText())
        .isEqualTo(PublishedDirectory.openVerified(cell.resolve("pruned")).hash());

    var report = ContestReport.publish(result, folder.resolve("work/report"));
    var csv = Files.readAllLines(report.file("contest.csv"));
    assertThat(csv).hasSize(5);
    assertThat(csv.get(1)).startsWith("dense,0.0,1,");
    assertThat(Files.readString(report.file("contest.svg"))).contains(">fisher</text>", ">dense<");
    var rows = JsonFile.read(report.file("contest.json")).path("rows");
    assertThat(rows.get(1).path("loss").asDouble()).isEqualTo(standings.get(0).loss());
  }

  @Test
  void theCeilingIsTheDenseModelAfterTheSameRecovery() throws IOException {
    var result = run(false, "ceiling=true", "recover.train.learningRate=1e-2");
    assertThat(result.refused()).isEmpty();
    var ceiling = result.ceiling().orElseThrow();
    assertThat(ceiling.cells().stream().map(cell -> cell.cell().seed())).containsExactly(1L, 2L);
    var dense = result.dense();
    assertThat(ceiling.parameters()).isEqualTo(dense.parameters());
    assertThat(ceiling.prunedLoss()).isEqualTo(dense.recovered().loss());
    assertThat(ceiling.loss()).isLessThan(dense.recovered().loss());
    assertThat(ceiling.tokens()).isEqualTo(2 * 2 * 4); // as the pruned models
    assertThat(result.standings()).hasSize(3); // it is no method
    var cell = PublishedDirectory.open(folder.resolve("work/models/ceiling-0.0-seed1/recovered"));
    assertThat(cell.manifest().path("parents").path("checkpoint").asText())
        .isEqualTo(ContentHash.of(ReferenceData.path("reference/stories260K-hf")));

    var report = ContestReport.publish(result, folder.resolve("work/report"));
    assertThat(Files.readAllLines(report.file("contest.csv")).get(2)).startsWith("ceiling,0.0,2,");
    assertThat(Files.readString(report.file("contest.md")))
        .contains(
            "ceiling: the dense model after the contest's recovery; nothing was pruned from it.");
    assertThat(Files.readString(report.file("contest.svg"))).contains(">ceiling</text>");
    var rows = JsonFile.read(report.file("contest.json")).path("rows");
    assertThat(rows.get(1).path("loss").asDouble()).isEqualTo(ceiling.loss());
    run(false, "ceiling=true", "recover.train.learningRate=1e-2", "again.best=1");
    assertThat(told).isEmpty();
  }

  @Test
  void aRowLearnsFromTheCeilingOfItsSeed() throws IOException {
    var taught =
        "methods.fisher=[method=fisher, saliency.rows=2,"
            + " recover.distillation.checkpoint=ceiling, recover.distillation.weight=0.5]";
    assertThatThrownBy(() -> file(taught).load())
        .hasMessageContaining(
            "ceiling is false, but a row prunes it or learns from it (checkpoint=ceiling): set"
                + " ceiling to true");
    var result = run(false, "ceiling=true", taught, "keepModels=false", "again.best=3");
    assertThat(result.refused()).isEmpty();
    for (int seed = 1; seed <= 2; seed++) {
      var ceiling =
          PublishedDirectory.open(
              folder.resolve("work/models/ceiling-0.0-seed" + seed + "/recovered"));
      var record = folder.resolve("work/models/fisher-0.1-seed" + seed + "/recovered.run.json");
      assertThat(Files.readString(record)).contains(ceiling.directory().toString());
    }
    run(false, "ceiling=true", taught, "keepModels=false", "again.best=3");
    assertThat(told).isEmpty();

    // the figures of a ceiling came from elsewhere, without its model
    var ceiling = folder.resolve("work/models/ceiling-0.0-seed1");
    Files.move(ceiling, folder.resolve("elsewhere"));
    Files.delete(folder.resolve("work/cells/fisher-0.1-seed1.json"));
    run(false, "ceiling=true", taught, "keepModels=false", "again.best=3");
    assertThat(told).singleElement().asString().startsWith("fisher-0.1-seed1 ");
    assertThat(PublishedDirectory.open(ceiling.resolve("recovered")).hash())
        .isEqualTo(PublishedDirectory.open(folder.resolve("elsewhere/recovered")).hash());
  }

  @Test
  void aRowPrunesTheCeilingOfItsSeed() throws IOException {
    var trained = "methods.fisher=[method=fisher, saliency.rows=2, checkpoint=ceiling]";
    assertThatThrownBy(() -> file(trained).load())
        .hasMessageContaining("ceiling is false, but a row prunes it or learns from it");
    var settings = new String[] {"ceiling=true", trained, "again.best=3"};
    var result = run(false, settings);
    assertThat(result.refused()).isEmpty();
    for (int seed = 1; seed <= 2; seed++) {
      var models = folder.resolve("work/models");
      var ceiling = models.resolve("ceiling-0.0-seed" + seed + "/recovered");
      var pruned = PublishedDirectory.open(models.resolve("fisher-0.1-seed" + seed + "/pruned"));
      assertThat(pruned.manifest().path("parents").path("checkpoint").asText())
          .isEqualTo(PublishedDirectory.open(ceiling).hash());
    }
    for (var standing : result.standings()) {
      boolean twice = standing.method().equals("fisher"); // before pruning and after
      assertThat(standing.tokens()).isEqualTo((twice ? 2 : 1) * 2 * 2 * 4);
    }
    run(false, settings);
    assertThat(told).isEmpty();
    assertThatThrownBy(() -> run(false, "ceiling=true", "again.best=3"))
        .hasMessageContaining("fisher-0.1-seed1.json holds figures of other settings");
  }

  @Test
  void aCeilingWithoutRecoveryIsRefused() {
    assertThatThrownBy(() -> file("ceiling=true", "recovery=none", "methods.ceiling=[]").load())
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "ceiling is true, but recovery is none: the dense model would stay as it is. Choose a"
                + " recovery, or leave ceiling out")
        .hasMessageContaining("and not \"dense\" or \"ceiling\"");
  }

  /** Mean over sources of the mean over rows and seeds of a row's loss a token. */
  private static double byHand(Standing standing) {
    double sum = 0;
    for (var cell : standing.cells()) {
      double sources = 0;
      for (var rows : cell.recovered().sources().values()) {
        double mean = 0;
        for (var row : rows) {
          mean += row.nats() / row.tokens() / rows.size();
        }
        sources += mean / cell.recovered().sources().size();
      }
      sum += sources / standing.cells().size();
    }
    return sum;
  }

  @Test
  void whatIsDoneIsNotDoneAgainEvenWithoutItsModels() throws IOException {
    var first = run(false, "keepModels=false");
    assertThat(folder.resolve("work/models/random-0.1-seed1/pruned")).doesNotExist();
    var second = run(false, "keepModels=false");
    assertThat(told).isEmpty();
    assertThat(second.results()).isEqualTo(first.results());
    assertThatThrownBy(() -> run(false, "keepModels=false", "recover.rows=3"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("holds figures of other settings, another model or another corpus")
        .hasMessageContaining("give --overwrite to replace them, or another work folder");
    Files.delete(folder.resolve("work/cells/random-0.1-seed1.json"));
    run(false, "keepModels=false");
    assertThat(told).hasSize(1);
    assertThat(told.get(0)).startsWith("random-0.1-seed1 ");
  }

  /** Beside pruned rows, measured alike; no parameter of them goes, and that is said. */
  @Test
  void rowsWithZerosStandBesideTheOthers() throws IOException {
    var zeros = "methods.wanda=[sparsify.method=wanda, sparsify.rows=2]";
    var result =
        run(false, zeros, "recovery=none", "ratios=[0.5]", "again.best=0", "again.seeds=[]");
    assertThat(result.refused()).isEmpty();
    var standing =
        result.standings().stream()
            .filter(each -> each.method().equals("wanda"))
            .findFirst()
            .orElseThrow();
    assertThat(standing.parameters()).isEqualTo(result.dense().parameters());
    assertThat(standing.loss()).isEqualTo(standing.prunedLoss());
    assertThat(standing.loss()).isNotEqualTo(result.dense().recovered().loss());
    var cell = PublishedDirectory.open(folder.resolve("work/models/wanda-0.5-seed1/pruned"));
    var sparsity = JsonFile.read(cell.file("pruning.json")).path("sparsity");
    assertThat(sparsity.path("method").asText()).isEqualTo("wanda");
    assertThat(sparsity.path("ofMatrices").asDouble()).isBetween(0.499, 0.501);
    assertThat(ContestReport.markdown(result))
        .contains(
            "wanda: the ratio is the share of zeros in the matrices of blocks; all parameters"
                + " stay.");
    run(false, zeros, "recovery=none", "ratios=[0.5]", "again.best=0", "again.seeds=[]");
    assertThat(told).isEmpty();
  }

  @Test
  void recoveryLeavesARowItsZeros() {
    var zeros = "methods.wanda=[sparsify.method=wanda, sparsify.rows=2]";
    var result = run(false, zeros, "ratios=[0.5]", "again.best=0", "again.seeds=[]");
    assertThat(result.refused()).isEmpty();
    var cell = folder.resolve("work/models/wanda-0.5-seed1");
    var report = JsonFile.read(cell.resolve("recovered/recovery.json"));
    assertThat(report.path("zerosAfter").asLong())
        .isPositive()
        .isEqualTo(report.path("zerosBefore").asLong());
    var standing = result.standings().stream().filter(s -> s.method().equals("wanda")).findFirst();
    assertThat(standing.orElseThrow().tokens()).isPositive();
  }

  @Test
  void zerosThatRecoveryWouldFillAreRefused() {
    var wanda = "methods.wanda=[sparsify.method=wanda, method=fisher]";
    assertThatThrownBy(() -> file(wanda, "recover.keepZeros=false").load())
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "methods.wanda is sparsify's, and recover.keepZeros is false: what LoRA learns would"
                + " fill the zeros. Leave recover.keepZeros out, or the row")
        .hasMessageContaining(
            "methods.wanda has method=fisher beside settings of sparsify: give those alone, as"
                + " sparsify.key=value, and none of checkpoint, corpus, output, seed, sparsity");
    assertThatThrownBy(
            () ->
                file(
                        "methods.wanda=[sparsify.method=wanda, 'sparsify.pattern=2:4']",
                        "recovery=none",
                        "ratios=[0.5, 0.1]")
                    .load())
        .hasMessageContaining("methods.wanda at the ratio 0.1: ")
        .hasMessageContaining("sparsify.sparsity is 0.1, but pattern 2:4 takes 0.5");
  }

  @Test
  void aRatioOutOfReachIsToldAndTheOthersGoOn() {
    var result = run(false, "ratios=[0.1, 0.97]", "again.best=0", "again.seeds=[]");
    assertThat(result.standings()).hasSize(3);
    assertThat(result.refused()).hasSize(3);
    assertThat(ContestReport.markdown(result)).contains("random-0.97-seed1 was refused: ");
  }

  @Test
  void allMistakesAreToldAtOnce() {
    assertThatThrownBy(
            () ->
                file(
                        "against=nobody",
                        "ratios=[0.1, 20]",
                        "heldOutRows=1",
                        "again.best=0",
                        "methods.fisher=[method=fisher, ratio=0.5]")
                    .load())
        .isInstanceOf(InputException.class)
        .hasMessageContaining("5 problems")
        .hasMessageContaining("against is nobody, which methods does not have: there are fisher,")
        .hasMessageContaining("ratios has 20.0: give shares of all parameters between 0 and 1")
        .hasMessageContaining("methods.fisher has ratio=0.5: give settings of prune as key=value")
        .hasMessageContaining("best is 0 and seeds [2]: give both, or neither");
  }

  @Test
  void whatIsMissingIsToldTogetherBeforeAnythingRuns() {
    assertThatThrownBy(
            () ->
                run(
                    false,
                    "model=" + folder.resolve("none"),
                    "corpus=" + folder.resolve("nothing"),
                    "evaluate.choices.stories=" + folder.resolve("unasked.jsonl")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(folder.resolve("none").toString())
        .hasMessageContaining(folder.resolve("nothing") + " does not exist")
        .hasMessageContaining("run tokenize")
        .hasMessageContaining("unasked.jsonl");
    assertThat(folder.resolve("work")).doesNotExist();
  }

  @Test
  void aRowMayRecoverInItsOwnWayOnPublishedRows() throws IOException {
    var rows = folder.resolve("rows.json");
    Files.writeString(
        rows,
        "{'a': {'ids': [[1, 5, 9, 7], [3, 4, 5]]}, 'b': {'ids': [[7, 8]]}}".replace('\'', '"'));
    var result =
        run(
            false,
            "methods={magnitude: [method=magnitude], slower: [method=magnitude,"
                + " recover.train.learningRate=1e-5]}",
            "again.best=0",
            "again.seeds=[]",
            "heldOutFile=" + rows);
    assertThat(result.standings()).hasSize(2);
    var cells = folder.resolve("work/cells");
    var usual = JsonFile.read(cells.resolve("magnitude-0.1-seed1.json"));
    var slower = JsonFile.read(cells.resolve("slower-0.1-seed1.json"));
    assertThat(usual.at("/pruned/a/tokens").toString()).isEqualTo("[3,2]");
    assertThat(slower.path("pruned")).isEqualTo(usual.path("pruned"));
    assertThat(slower.path("recovered")).isNotEqualTo(usual.path("recovered"));
    assertThat(folder.resolve("work/models/magnitude-0.1-seed1/pruned")).isDirectory();
    assertThat(folder.resolve("work/models/slower-0.1-seed1/pruned")).doesNotExist();
  }

  @Test
  void aRecoveryThatNobodyAsksForIsRefused() {
    assertThatThrownBy(
            () ->
                file(
                        "methods.fisher=[method=fisher, instruct.rows=2]",
                        "methods.random=[method=random, recover.seed=2]")
                    .load())
        .hasMessageContaining(
            "methods.fisher has instruct.rows=2, which nothing reads with recovery: text")
        .hasMessageContaining(
            "methods.random has recover.seed=2: give settings of the recovery as"
                + " recover.key=value, but none of checkpoint, corpus, output, seed, stage");
  }

  @Test
  void aMistakeOfOneMethodNamesIt() {
    assertThatThrownBy(() -> file("methods.random=[method=randon]").load())
        .isInstanceOf(InputException.class)
        .hasMessageContaining("methods.random")
        .hasMessageContaining("did you mean random?");
  }
}
