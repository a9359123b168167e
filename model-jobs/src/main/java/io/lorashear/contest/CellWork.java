package io.lorashear.contest;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.RowFile;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.evaluate.EvaluateStage;
import io.lorashear.metrics.RunMetrics;
import io.lorashear.prune.PruneStage;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.recover.RecoverStage;
import io.lorashear.run.ContentHash;
import io.lorashear.run.Progress;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.RunRecord;
import io.lorashear.run.Sha256;
import io.lorashear.run.Stage;
import io.lorashear.score.Scorer;
import io.lorashear.settings.Settings;
import io.lorashear.sparse.SparsifyStage;
import io.lorashear.train.Draw;
import io.lorashear.vocabulary.VocabularyMap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Makes the models of one cell and measures them:
 *
 * <pre>
 *   prune → held-out rows → recover on text → recover on instructions → held-out rows, questions
 * </pre>
 *
 * Each stage is published; a stage already published from the same inputs, settings and code does
 * not run again.
 */
public final class CellWork {
  /**
   * Seed of the held-out rows: all models of all contests on one corpus are measured on the same
   * rows.
   */
  private static final long HELD_OUT_SEED = 1;

  private static final double MINUTE = 60;

  private record Measured(HeldOut heldOut, long parameters, double tokensPerSecond) {}

  private final ContestFile file;
  private final ContestSettings contest;
  private final String inputs;
  private final boolean overwrite;
  private final Device device;
  private final Progress progress;

  /**
   * Checks model, corpus and questions; computes nothing yet.
   *
   * @param overwrite whether results of other inputs, settings or code may be replaced
   * @throws io.lorashear.InputException with everything that is missing
   */
  public CellWork(
      ContestFile file,
      ContestSettings contest,
      boolean overwrite,
      Device device,
      Progress progress) {
    this.file = file;
    this.contest = contest;
    Refusals.together(
        () -> Checkpoint.open(contest.model()).close(),
        () -> SequenceReader.open(contest.corpus()),
        () -> EvaluateStage.checkQuestions(contest.evaluate()));
    this.inputs = ContentHash.ofFiles(contest.model()) + ContentHash.ofFiles(contest.corpus());
    this.overwrite = overwrite;
    this.device = device;
    this.progress = progress;
  }

  /**
   * The figures of a cell, if it is done.
   *
   * @throws io.lorashear.InputException if they belong to other inputs or settings and may not be
   *     replaced
   */
  public Optional<CellResult> done(Cell cell) {
    var target = CellResult.file(contest, cell);
    return CellResult.read(target, cell, identity(file.with(contest, cell), cell), overwrite);
  }

  /** Runs the cell, if it is not done. */
  public CellResult run(Cell cell) {
    return done(cell)
        .orElseGet(
            () -> new RunMetrics(contest.work(), "contest").stage(cell.name(), () -> made(cell)));
  }

  /** Hash of everything except code that the figures depend on. */
  private String identity(ContestSettings own, Cell cell) {
    var text = new StringBuilder(inputs).append(cell.name());
    own.heldOutFile().ifPresent(rows -> text.append(Sha256.of(rows)));
    text.append(own.heldOutRows()).append(Settings.canonical(own.evaluate()));
    if (cell.prunes()) {
      if (contest.prunesCeiling(cell.method())) {
        var ceiling = Cell.ceiling(cell.seed());
        text.append(identity(file.with(contest, ceiling), ceiling));
      }
      boolean sparse = own.sparse(cell.method());
      text.append(sparse ? Settings.canonical(own.sparsify()) : Settings.canonical(own.prune()));
    }
    if (!cell.equals(Cell.DENSE)) {
      text.append(own.recovery());
      text.append(own.recovery().text() ? Settings.canonical(own.recover()) : "");
      text.append(own.recovery().instructions() ? Settings.canonical(own.instruct()) : "");
      Stream.of(own.recover(), own.instruct())
          .flatMap(recovery -> recovery.distillation().checkpoint().stream())
          .forEach(teacher -> text.append(teacher(teacher, cell)));
    }
    return Sha256.of(text.toString());
  }

  /** Hash of a model that teaches; the ceiling need not be there yet. */
  private String teacher(Path model, Cell cell) {
    var ceiling = Cell.ceiling(cell.seed());
    return CellFolder.of(contest, ceiling).own().contains(model)
        ? identity(file.with(contest, ceiling), ceiling)
        : ContentHash.ofFiles(model);
  }

  /** Tokens that a model was trained on before it is pruned. */
  private long tokensBefore(Cell cell) {
    return contest.prunesCeiling(cell.method()) ? run(Cell.ceiling(cell.seed())).tokens() : 0;
  }

  /** Makes the ceiling again, if only its figures are left, and a row needs it. */
  private void requireCeiling(Cell cell) {
    var ceiling = Cell.ceiling(cell.seed());
    if (contest.needsCeiling(cell.method())
        && !Files.exists(CellFolder.of(contest, ceiling).last())) {
      made(ceiling);
    }
  }

  private CellResult made(Cell cell) {
    var own = file.with(contest, cell);
    var folder = CellFolder.of(contest, cell);
    requireCeiling(cell);
    var minutes = new TreeMap<String, Double>();
    long tokens = tokensBefore(cell);
    if (own.sparse(cell.method())) {
      sparsify(own, minutes);
    } else if (folder.prunes()) {
      tokens += prune(own, minutes);
    }
    var pruned = measured(folder.pruned());
    if (folder.recovery().text()) {
      tokens += recover("recover", own.recover(), minutes);
    }
    if (folder.recovery().instructions()) {
      tokens += recover("instruct", own.instruct(), minutes);
    }
    var last = folder.last().equals(folder.pruned()) ? pruned : measured(folder.last());
    var marks =
        Marks.of(
            timed(
                "evaluate",
                EvaluateStage.ready(own.evaluate()),
                own.evaluate(),
                minutes,
                () -> EvaluateStage.run(own.evaluate(), device, overwrite, progress)));
    var result =
        new CellResult(
            cell,
            identity(own, cell),
            System.getProperty("lorashear.commit", "unknown"),
            last.parameters(),
            tokens,
            pruned.heldOut(),
            last.heldOut(),
            marks,
            new Cost(minutes, last.tokensPerSecond()));
    result.write(CellResult.file(contest, cell));
    boolean needed =
        !cell.prunes() && contest.methods().keySet().stream().anyMatch(contest::needsCeiling);
    if (!contest.keepModels() && !needed) {
      folder.own().forEach(Publication::withdraw);
      if (folder.prunes() && sharing(cell).allMatch(other -> done(other).isPresent())) {
        Publication.withdraw(folder.pruned());
      }
    }
    return result;
  }

  /** Cells with the same pruned model, this one included. */
  private Stream<Cell> sharing(Cell cell) {
    return contest.methods().keySet().stream()
        .map(method -> new Cell(method, cell.ratio(), cell.seed()))
        .filter(other -> contest.prunedAs(other).equals(contest.prunedAs(cell)));
  }

  private long prune(ContestSettings own, Map<String, Double> minutes) {
    var published =
        timed(
            "prune",
            PruneStage.ready(own.prune()),
            own.prune(),
            minutes,
            () -> PruneStage.run(own.prune(), overwrite, device, progress));
    var report = JsonFile.read(published.verified(PruneStage.REPORT));
    return report.path("run").path("tokens").asLong(0);
  }

  private void sparsify(ContestSettings own, Map<String, Double> minutes) {
    timed(
        "sparsify",
        SparsifyStage.ready(own.sparsify()),
        own.sparsify(),
        minutes,
        () -> SparsifyStage.run(own.sparsify(), overwrite, device, progress));
  }

  private long recover(String name, RecoverSettings settings, Map<String, Double> minutes) {
    var published =
        timed(
            name,
            RecoverStage.ready(settings),
            settings,
            minutes,
            () -> RecoverStage.run(settings, overwrite, device, progress));
    return JsonFile.read(published.verified(RecoverStage.REPORT)).path("tokens").asLong();
  }

  /** Runs a stage, or returns its published result, and records how long it took. */
  private static PublishedDirectory timed(
      String name,
      Stage stage,
      Record settings,
      Map<String, Double> minutes,
      Supplier<PublishedDirectory> run) {
    boolean there = stage.done().isPresent();
    var record = RunRecord.start(name, settings);
    var published = run.get();
    var times =
        published.directory().resolveSibling(published.directory().getFileName() + ".run.json");
    if (!there || !Files.isRegularFile(times)) {
      record.write(published);
    }
    minutes.put(name, JsonFile.read(times).path("seconds").asDouble() / MINUTE);
    return published;
  }

  private Measured measured(Path model) {
    try (var checkpoint = Checkpoint.open(model);
        var scorer = Scorer.open(checkpoint, device, contest.evaluate().precision().on(device))) {
      var map = VocabularyMap.of(checkpoint); // rows have the ids of the dense model
      var rows = heldOut(checkpoint, map);
      HeldOut.of(scorer, rows.subList(0, Math.min(1, rows.size())), map); // warms up
      long start = System.nanoTime();
      var heldOut = HeldOut.of(scorer, rows, map);
      double seconds = (System.nanoTime() - start) / 1e9;
      return new Measured(heldOut, checkpoint.graph().parameterCount(), heldOut.tokens() / seconds);
    }
  }

  private List<Sequence> heldOut(Checkpoint checkpoint, Optional<VocabularyMap> map) {
    int ids = map.map(VocabularyMap::idsBefore).orElse(checkpoint.config().vocabularySize());
    return contest
        .heldOutFile()
        .map(file -> new RowFile(file).read(ids))
        .orElseGet(
            () ->
                Draw.published(contest.corpus(), checkpoint)
                    .uniform(Sequence.VALIDATION, contest.heldOutRows(), HELD_OUT_SEED));
  }
}
