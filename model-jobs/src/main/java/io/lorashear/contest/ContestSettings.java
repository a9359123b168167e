package io.lorashear.contest;

import io.lorashear.evaluate.EvaluateSettings;
import io.lorashear.method.PruneSettings;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Settings;
import io.lorashear.sparse.SparsifySettings;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Methods × ratios × seeds on one model. Paths between the stages of a cell need not be given.
 *
 * @param model the dense model: a Hugging Face directory or a GGUF file
 * @param corpus published sequences: calibration, recovery and held-out rows are drawn from it
 * @param work folder of all results
 * @param methods for each method, by the name of its row, the settings of {@code prune} that define
 *     it, as {@code key=value}; or those of {@code sparsify}, as {@code sparsify.key=value}: the
 *     ratio is then the share of zeros, which recovery keeps. {@code recover.key=value} and {@code
 *     instruct.key=value} give a row a recovery of its own; rows that differ in nothing else share
 *     the pruned model. {@code recover.distillation.checkpoint=ceiling} learns from the ceiling of
 *     the same seed, {@code checkpoint=ceiling} prunes it instead of the dense model
 * @param against method that all others are compared with by paired tests; its row comes first
 * @param ratios shares of all parameters that are pruned
 * @param seeds each seed prunes another model with every method at every ratio
 * @param again further seeds for the best methods
 * @param recovery which recovery every pruned model gets
 * @param ceiling whether the dense model gets the recovery of {@code recover} and {@code instruct}
 *     with every seed, as a row of its own
 * @param heldOutRows validation rows of each source that all models are measured on
 * @param heldOutFile rows of token ids that all models are measured on instead: a JSON file with an
 *     object for each source, whose field ids is a list of rows
 * @param keepModels whether the models of a cell are kept once its figures are written
 */
public record ContestSettings(
    Path model,
    Path corpus,
    Path work,
    Map<String, List<String>> methods,
    String against,
    @Default("[0.2, 0.5]") List<Double> ratios,
    @Default("[1]") List<Long> seeds,
    Again again,
    @Default("text-and-instructions") Recovery recovery,
    @Default("false") boolean ceiling,
    @Default("16") int heldOutRows,
    Optional<Path> heldOutFile,
    @Default("true") boolean keepModels,
    PruneSettings prune,
    SparsifySettings sparsify,
    RecoverSettings recover,
    RecoverSettings instruct,
    EvaluateSettings evaluate) {
  private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
  private static final Set<String> OF_THE_CONTEST =
      Set.of("checkpoint", "corpus", "output", "ratio", "seed");
  private static final Set<String> OF_NO_METHOD = Set.of(Cell.DENSE.method(), Cell.CEILING);
  private static final String SPARSIFY = "sparsify.";
  private static final Pattern RECOVERY = Pattern.compile("(recover|instruct)\\.(.*)");
  private static final Set<String> OF_ITS_RECOVERY =
      Set.of("checkpoint", "corpus", "output", "seed", "stage");
  private static final String TAUGHT = ".distillation.checkpoint=" + Cell.CEILING;
  private static final String TRAINED = "checkpoint=" + Cell.CEILING;
  private static final Set<String> OF_ITS_ZEROS =
      Set.of("checkpoint", "corpus", "output", "sparsity", "seed");

  /**
   * Further seeds for the best methods only, so that not every method takes the same time.
   *
   * @param best number of methods of every ratio
   * @param seeds further seeds that these methods run with
   */
  public record Again(@Default("0") int best, @Default("[]") List<Long> seeds) {
    void check(Problems problems) {
      problems.require(best >= 0, "best", "is %s: give a number of methods, or 0", best);
      problems.require(
          best == 0 == seeds.isEmpty(),
          "best",
          "is %s and seeds %s: give both, or neither",
          best,
          seeds);
    }
  }

  /** Reports what does not fit together. */
  public void check(Problems problems) {
    problems.require(!methods.isEmpty(), "methods", "is empty: name at least one");
    problems.require(
        methods.containsKey(against),
        "against",
        "is %s, which methods does not have: there are %s",
        against,
        String.join(", ", new TreeSet<>(methods.keySet())));
    for (var method : methods.entrySet()) {
      checkMethod(problems, method.getKey(), method.getValue());
    }
    problems.require(!ratios.isEmpty(), "ratios", "is empty: name at least one");
    for (double ratio : ratios) {
      problems.require(
          ratio > 0 && ratio < 1,
          "ratios",
          "has %s: give shares of all parameters between 0 and 1",
          ratio);
    }
    problems.require(!seeds.isEmpty(), "seeds", "is empty: name at least one");
    var all = new HashSet<>(seeds);
    all.addAll(again.seeds());
    problems.require(
        all.size() == seeds.size() + again.seeds().size(),
        "seeds",
        "is %s and again.seeds %s: one comes twice",
        seeds,
        again.seeds());
    problems.require(
        new HashSet<>(ratios).size() == ratios.size(), "ratios", "is %s: one comes twice", ratios);
    problems.require(
        !ceiling || recovery != Recovery.NONE,
        "ceiling",
        "is true, but recovery is none: the dense model would stay as it is. Choose a recovery, or"
            + " leave ceiling out");
    problems.require(
        ceiling || methods.keySet().stream().noneMatch(this::needsCeiling),
        "ceiling",
        "is false, but a row prunes it or learns from it (%s): set ceiling to true",
        TRAINED);
    problems.require(
        heldOutRows >= 2,
        "heldOutRows",
        "is %s: differences are told from chance by at least two rows of every source",
        heldOutRows);
  }

  /** Whether a method leaves zeros and does not change widths. */
  boolean sparse(String method) {
    return methods.getOrDefault(method, List.of()).stream().anyMatch(s -> s.startsWith(SPARSIFY));
  }

  /** Whether a row prunes the ceiling, and not the dense model. */
  boolean prunesCeiling(String method) {
    return methods.getOrDefault(method, List.of()).contains(TRAINED);
  }

  /** Whether a row prunes the ceiling or learns from it. */
  boolean needsCeiling(String method) {
    return methods.getOrDefault(method, List.of()).stream().anyMatch(s -> s.endsWith(TRAINED));
  }

  /** The settings of a row that its stages read. */
  List<String> settings(String method, long seed) {
    return methods.getOrDefault(method, List.of()).stream()
        .filter(setting -> !setting.equals(TRAINED))
        .map(setting -> placed(setting, seed))
        .toList();
  }

  /** The setting of a row, with the path of the ceiling if the row learns from it. */
  private String placed(String setting, long seed) {
    var ceiling = CellFolder.of(this, Cell.ceiling(seed));
    return switch (setting) {
      case "recover" + TAUGHT -> setting.replace(Cell.CEILING, ceiling.recovered().toString());
      case "instruct" + TAUGHT -> setting.replace(Cell.CEILING, ceiling.instructed().toString());
      default -> setting;
    };
  }

  /** The methods that leave zeros. */
  List<String> sparse() {
    return methods.keySet().stream().filter(this::sparse).sorted().toList();
  }

  /**
   * The cell whose folder has the pruned model of {@code cell}: rows that differ in their recovery
   * alone share what they prune, under the name of the first of them in the order of the names.
   */
  Cell prunedAs(Cell cell) {
    var settings = pruning(cell.method());
    return methods.keySet().stream()
        .filter(other -> methods.containsKey(cell.method()) && pruning(other).equals(settings))
        .min(Comparator.naturalOrder())
        .map(method -> new Cell(method, cell.ratio(), cell.seed()))
        .orElse(cell);
  }

  private List<String> pruning(String method) {
    return methods.getOrDefault(method, List.of()).stream().filter(s -> !recovers(s)).toList();
  }

  private void checkSparse(Problems problems, String name, List<String> settings) {
    requireZeros(problems, name, recovery.text(), "recover", recover);
    requireZeros(problems, name, recovery.instructions(), "instruct", instruct);
    for (var setting : settings) {
      var key = key(setting);
      if (recovers(setting)) {
        checkRecovery(problems, name, setting);
        continue;
      }
      problems.require(
          key.startsWith(SPARSIFY) && !OF_ITS_ZEROS.contains(key.substring(SPARSIFY.length())),
          "methods." + name,
          "has %s beside settings of sparsify: give those alone, as sparsify.key=value,"
              + " and none of %s, which are the contest's",
          setting,
          String.join(", ", new TreeSet<>(OF_ITS_ZEROS)));
    }
  }

  private static void requireZeros(
      Problems problems, String name, boolean asked, String stage, RecoverSettings settings) {
    problems.require(
        !asked || settings.keepZeros().orElse(true),
        "methods." + name,
        "is sparsify's, and %s.keepZeros is false: what LoRA learns would fill the zeros. Leave"
            + " %s.keepZeros out, or the row",
        stage,
        stage);
  }

  private void checkMethod(Problems problems, String name, List<String> settings) {
    problems.require(
        FILE_NAME.matcher(name).matches() && !OF_NO_METHOD.contains(name),
        "methods." + name,
        "names a folder: give it letters, digits, dots and dashes, and not \"dense\" or"
            + " \"ceiling\"");
    if (sparse(name)) {
      checkSparse(problems, name, settings);
      return;
    }
    for (var setting : settings) {
      var key = key(setting);
      if (recovers(setting)) {
        checkRecovery(problems, name, setting);
        continue;
      }
      problems.require(
          setting.equals(TRAINED) || (setting.contains("=") && !OF_THE_CONTEST.contains(key)),
          "methods." + name,
          "has %s: give settings of prune as key=value, but none of %s, which are the"
              + " contest's, apart from %s",
          setting,
          String.join(", ", new TreeSet<>(OF_THE_CONTEST)),
          TRAINED);
    }
  }

  /** Whether a setting of a method is one of its recovery, and not of its pruning. */
  static boolean recovers(String setting) {
    return RECOVERY.matcher(key(setting)).matches();
  }

  private static String key(String setting) {
    return setting.contains("=") ? setting.substring(0, setting.indexOf('=')) : setting;
  }

  private void checkRecovery(Problems problems, String name, String setting) {
    var parts = RECOVERY.matcher(key(setting));
    boolean asked =
        parts.matches()
            && (parts.group(1).equals("recover") ? recovery.text() : recovery.instructions());
    problems.require(
        asked,
        "methods." + name,
        "has %s, which nothing reads with recovery: %s",
        setting,
        Settings.word(recovery));
    problems.require(
        setting.contains("=") && !OF_ITS_RECOVERY.contains(parts.group(2)),
        "methods." + name,
        "has %s: give settings of the recovery as %s.key=value, but none of %s, which are the"
            + " contest's",
        setting,
        parts.group(1),
        String.join(", ", new TreeSet<>(OF_ITS_RECOVERY)));
  }
}
