package io.lorashear.contest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.run.Refusals;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A settings file of a contest. What belongs to one cell is laid over it, so that a stage sees
 * exactly the settings its own command would.
 */
public final class ContestFile {
  private final Path yaml;
  private final Overrides overrides;

  /**
   * Nothing is read yet.
   *
   * @param overrides stronger than the file
   */
  public ContestFile(Path yaml, Overrides overrides) {
    this.yaml = yaml;
    this.overrides = overrides;
  }

  /**
   * The settings, those of every method looked at.
   *
   * @throws io.lorashear.InputException with all mistakes of the file, or else of all methods
   */
  public ContestSettings load() {
    var any = Path.of("any");
    var first = read(placed(any, new CellFolder(any, any, Recovery.NONE, true)), Overrides.none());
    Refusals.together(
        first.methods().keySet().stream()
            .flatMap(method -> cells(first, method))
            .<Runnable>map(cell -> () -> look(first, cell))
            .toArray(Runnable[]::new));
    return first;
  }

  /** Of a row that has zeros one of each ratio, which a pattern may not allow. */
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

  /** The settings as a file may give them, without those that follow. */
  public ObjectNode given(ContestSettings contest) {
    var any = Path.of("any");
    return Settings.json(contest, placed(any, new CellFolder(any, any, Recovery.NONE, true)));
  }

  /** The settings with those of one cell instead of the file's. */
  public ContestSettings with(ContestSettings contest, Cell cell) {
    var fixed = placed(contest.corpus(), CellFolder.of(contest, cell));
    if (cell.equals(Cell.DENSE)) {
      return read(fixed, Overrides.none());
    }
    fixed.add("prune.ratio=" + cell.ratio());
    fixed.add("prune.seed=" + cell.seed());
    if (contest.sparse(cell.method())) {
      fixed.add("sparsify.sparsity=" + cell.ratio());
      fixed.add("sparsify.seed=" + cell.seed());
    }
    fixed.add("recover.seed=" + cell.seed());
    fixed.add("instruct.seed=" + cell.seed());
    var own =
        contest.methods().getOrDefault(cell.method(), List.of()).stream()
            .map(setting -> contest.sparse(cell.method()) ? setting : "prune." + setting)
            .toList();
    return read(fixed, Overrides.by("methods." + cell.method(), own));
  }

  private ContestSettings read(List<String> fixed, Overrides method) {
    return Settings.load(
        ContestSettings.class, yaml, overrides.and(Overrides.fixed(fixed)).and(method));
  }

  private static List<String> placed(Path corpus, CellFolder folder) {
    var paths = new ArrayList<String>();
    paths.add(Overrides.quoted("prune.checkpoint", folder.dense()));
    paths.add(Overrides.quoted("prune.corpus", corpus));
    paths.add(Overrides.quoted("prune.output", folder.root().resolve("pruned")));
    paths.add(Overrides.quoted("sparsify.checkpoint", folder.dense()));
    paths.add(Overrides.quoted("sparsify.corpus", corpus));
    paths.add(Overrides.quoted("sparsify.output", folder.root().resolve("pruned")));
    paths.add(Overrides.quoted("recover.checkpoint", folder.pruned()));
    paths.add(Overrides.quoted("recover.corpus", corpus));
    paths.add(Overrides.quoted("recover.output", folder.recovered()));
    paths.add(Overrides.quoted("instruct.checkpoint", folder.beforeInstructions()));
    paths.add(Overrides.quoted("instruct.corpus", corpus));
    paths.add(Overrides.quoted("instruct.output", folder.instructed()));
    paths.add("instruct.stage=instruct");
    paths.add(Overrides.quoted("evaluate.checkpoint", folder.last()));
    paths.add(Overrides.quoted("evaluate.output", folder.evaluation()));
    return paths;
  }
}
