package io.lorashear.contest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.evaluate.EvaluateSettings;
import io.lorashear.method.PruneSettings;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.run.Refusals;
import io.lorashear.settings.Key;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import io.lorashear.sparse.SparsifySettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A settings file of a contest. The settings of one cell override it, so that a stage gets exactly
 * the settings that its own command would.
 */
public final class ContestFile {
  private static final Key<PruneSettings> PRUNE = Key.of(ContestSettings::prune);
  private static final Key<SparsifySettings> SPARSIFY = Key.of(ContestSettings::sparsify);
  private static final Key<RecoverSettings> RECOVER = Key.of(ContestSettings::recover);
  private static final Key<RecoverSettings> INSTRUCT = Key.of(ContestSettings::instruct);

  private final Path yaml;
  private final Overrides overrides;

  /**
   * A settings file; does not read it yet.
   *
   * @param overrides settings that take precedence over the file
   */
  public ContestFile(Path yaml, Overrides overrides) {
    this.yaml = yaml;
    this.overrides = overrides;
  }

  /**
   * The settings, after checking those of every method.
   *
   * @throws io.lorashear.InputException with all mistakes of the file; if there are none, of all
   *     methods
   */
  public ContestSettings load() {
    var any = CellFolder.any();
    var first = read(placed(any.root(), any), Overrides.none());
    Refusals.together(
        first.methods().keySet().stream()
            .flatMap(method -> cells(first, method))
            .<Runnable>map(cell -> () -> look(first, cell))
            .toArray(Runnable[]::new));
    return first;
  }

  /**
   * The cells to check for one method: one for each ratio if the method leaves zeros, because a
   * pattern allows only certain ratios; else one.
   */
  private static Stream<Cell> cells(ContestSettings contest, String method) {
    return contest.ratios().stream()
        .limit(contest.sparse(method) ? contest.ratios().size() : 1)
        .map(ratio -> new Cell(method, ratio, contest.seeds().get(0)));
  }

  private void look(ContestSettings contest, Cell cell) {
    try {
      with(contest, cell);
    } catch (InputException e) {
      if (contest.sparse(cell.method())) {
        throw new InputException(
            "methods.%s at the ratio %s: %s", cell.method(), cell.ratio(), e.getMessage());
      }
      throw e;
    }
  }

  /** The settings in the form of a file, without those that follow from others. */
  public ObjectNode given(ContestSettings contest) {
    var any = CellFolder.any();
    return Settings.json(contest, placed(any.root(), any));
  }

  /** The settings with those of one cell instead of the file's. */
  public ContestSettings with(ContestSettings contest, Cell cell) {
    var fixed = placed(contest.corpus(), CellFolder.of(contest, cell));
    if (cell.equals(Cell.DENSE)) {
      return read(fixed, Overrides.none());
    }
    fixed.add(RECOVER.then(RecoverSettings::seed).is(cell.seed()));
    fixed.add(INSTRUCT.then(RecoverSettings::seed).is(cell.seed()));
    if (!cell.prunes()) {
      return read(fixed, Overrides.none());
    }
    fixed.add(PRUNE.then(PruneSettings::ratio).is(cell.ratio()));
    fixed.add(PRUNE.then(PruneSettings::seed).is(cell.seed()));
    if (contest.sparse(cell.method())) {
      fixed.add(SPARSIFY.then(SparsifySettings::sparsity).is(cell.ratio()));
      fixed.add(SPARSIFY.then(SparsifySettings::seed).is(cell.seed()));
    }
    var own =
        contest.settings(cell.method(), cell.seed()).stream()
            .map(setting -> whole(contest.sparse(cell.method()), setting))
            .toList();
    return read(fixed, Overrides.by("methods." + cell.method(), own));
  }

  private static String whole(boolean sparse, String setting) {
    return sparse || ContestSettings.recovers(setting) ? setting : PRUNE.text() + "." + setting;
  }

  private ContestSettings read(List<String> fixed, Overrides method) {
    return Settings.load(
        ContestSettings.class, yaml, overrides.and(Overrides.fixed(fixed)).and(method));
  }

  private static List<String> placed(Path corpus, CellFolder folder) {
    var evaluate = Key.of(ContestSettings::evaluate);
    var pruned = folder.first().resolve("pruned");
    return new ArrayList<>(
        List.of(
            PRUNE.then(PruneSettings::checkpoint).is(folder.dense()),
            PRUNE.then(PruneSettings::corpus).is(corpus),
            PRUNE.then(PruneSettings::output).is(pruned),
            SPARSIFY.then(SparsifySettings::checkpoint).is(folder.dense()),
            SPARSIFY.then(SparsifySettings::corpus).is(corpus),
            SPARSIFY.then(SparsifySettings::output).is(pruned),
            RECOVER.then(RecoverSettings::checkpoint).is(folder.pruned()),
            RECOVER.then(RecoverSettings::corpus).is(corpus),
            RECOVER.then(RecoverSettings::output).is(folder.recovered()),
            INSTRUCT.then(RecoverSettings::checkpoint).is(folder.beforeInstructions()),
            INSTRUCT.then(RecoverSettings::corpus).is(corpus),
            INSTRUCT.then(RecoverSettings::output).is(folder.instructed()),
            INSTRUCT.then(RecoverSettings::stage).is(RecoverSettings.Kind.INSTRUCT),
            evaluate.then(EvaluateSettings::checkpoint).is(folder.last()),
            evaluate.then(EvaluateSettings::output).is(folder.evaluation())));
  }
}
