package io.lorashear.export;

import io.lorashear.InputException;
import io.lorashear.family.ModelConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The result of loading one export in a program. All results are in {@code tried.tsv}, which only
 * the scripts in {@code .ci} write.
 *
 * @param program name of the program
 * @param version version of the program
 * @param date date of the test, year-month-day
 * @param form form of the export, as {@link Target#form}
 * @param model family, followed after slashes by its rotary scaling and sliding window, if it has
 *     them
 * @param shape shape of the model, as {@link Shape#word}
 * @param result {@code same} (loaded, with the model's logits), {@code differs}, {@code refused}
 *     (by the program, with a message), {@code unsaid} ({@code export} refuses), {@code not-run}
 * @param detail largest difference of a logit, or the reason
 */
public record Tried(
    String program,
    String version,
    String date,
    String form,
    String model,
    String shape,
    String result,
    String detail) {
  private static final String TABLE = "tried.tsv";
  private static final int COLUMNS = 8;

  /** All results, in the order of the table. */
  public static List<Tried> all() {
    var table = Objects.requireNonNull(Tried.class.getResourceAsStream(TABLE), TABLE);
    try (var lines = new BufferedReader(new InputStreamReader(table, StandardCharsets.UTF_8))) {
      return lines.lines().skip(1).map(Tried::of).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Tried of(String line) {
    var cells = line.split("\t", -1);
    if (cells.length != COLUMNS) {
      throw new IllegalStateException(TABLE + " has the line " + line);
    }
    return new Tried(
        cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7]);
  }

  /** Results for models like this one, in one form. */
  private static List<Tried> of(ModelConfig config, String form) {
    return of(config).filter(row -> row.form.equals(form)).toList();
  }

  private static Stream<Tried> of(ModelConfig config) {
    var model = model(config);
    var shape = Shape.of(config).word();
    return all().stream().filter(row -> row.model.equals(model) && row.shape.equals(shape));
  }

  /** Programs that computed the logits of a model like this one, in any form and version. */
  public static List<String> loading(ModelConfig config) {
    return of(config)
        .filter(row -> row.result.equals("same"))
        .map(Tried::program)
        .distinct()
        .toList();
  }

  private static String model(ModelConfig config) {
    var scaling = config.rotaryScaling();
    var fields = config.fields();
    int window = fields.path("sliding_window").asInt();
    boolean slides =
        window > 0
            && window < fields.path("max_position_embeddings").asInt()
            && fields.path("use_sliding_window").asBoolean(true);
    return config.modelType()
        + (scaling.equals("default") ? "" : "/" + scaling)
        + (slides ? "/window" : "");
  }

  /**
   * Refuses a model that no tested version of the program could run.
   *
   * @throws InputException with the results
   */
  public static void require(ModelConfig config, Target target) {
    var rows =
        of(config, target.form()).stream()
            .filter(row -> row.program.equals(target.program()))
            .toList();
    if (!rows.isEmpty() && rows.stream().allMatch(Tried::inVain)) {
      var last = rows.get(rows.size() - 1);
      throw new InputException(
          "%s %s was tried with a %s of shape %s: %s (%s). --for torchscript runs whatever the"
              + " widths are; docs/loading.md says who loads what",
          last.program,
          last.version,
          last.model,
          last.shape,
          last.result.equals("differs") ? "its logits are others" : "it refused",
          last.detail);
    }
  }

  /** Programs that computed the logits of a model like this one from this form. */
  static Set<String> loading(ModelConfig config, String form) {
    return of(config, form).stream()
        .filter(row -> row.result.equals("same"))
        .map(Tried::program)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private boolean inVain() {
    return result.equals("differs") || result.equals("refused");
  }

  /** The results for models like this one, for people: one line per program and version. */
  public static String table(ModelConfig config, String form) {
    var rows = of(config, form);
    if (rows.isEmpty()) {
      return "no other program was tried with a %s of shape %s in this form%n"
          .formatted(model(config), Shape.of(config).word());
    }
    return rows.stream().map(Tried::line).collect(Collectors.joining("\n", "", "\n"));
  }

  private String line() {
    return "%-13s %-12s %-8s %s".formatted(program, version, result, detail).stripTrailing();
  }
}
