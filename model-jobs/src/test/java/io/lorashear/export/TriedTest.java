package io.lorashear.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TriedTest {
  private static final Path PAGE = Path.of("../docs/loading.md");

  @Test
  void thePageSaysWhatTheTableSays() throws IOException {
    var page = Files.readString(PAGE);
    var told = page.substring(page.indexOf("<!-- tried -->\n") + 15, page.indexOf("<!-- end -->"));
    var groups = new LinkedHashMap<String, List<Tried>>();
    for (var row : Tried.all()) {
      var cells =
          "| %s %s | %s | %s |".formatted(row.program(), row.version(), row.form(), row.shape());
      groups.computeIfAbsent(cells, key -> new ArrayList<>()).add(row);
    }
    var lines = new ArrayList<String>();
    groups.forEach(
        (cells, rows) -> lines.add(cells + " " + same(rows) + " | " + other(rows) + " |"));
    assertThat(told.lines().skip(2)).containsExactlyElementsOf(lines);
  }

  private static String same(List<Tried> rows) {
    return list(rows, row -> row.result().equals("same"), "");
  }

  private static String other(List<Tried> rows) {
    return list(rows, row -> !row.result().equals("same"), " (%s)");
  }

  private static String list(List<Tried> rows, Predicate<Tried> which, String more) {
    return rows.stream()
        .filter(which)
        .map(row -> row.model() + more.formatted(row.result()))
        .collect(Collectors.joining(", "));
  }

  @Test
  void everyRowIsOfAFormThatIsWrittenAndSaysWhen() {
    var shapes = Arrays.stream(Shape.values()).map(Shape::word).toList();
    assertThat(Tried.all())
        .allSatisfy(
            row -> {
              assertThat(Targets.forms()).contains(row.form());
              assertThat(shapes).contains(row.shape());
              assertThat(Set.of("same", "differs", "refused", "unsaid", "not-run"))
                  .contains(row.result());
              assertThat(LocalDate.parse(row.date())).isAfter("2026-01-01");
              assertThat(row.result().equals("same") || !row.detail().isEmpty()).isTrue();
            });
  }

  @Test
  void everyProgramThatWasTriedHasItsLine() {
    assertThat(Tried.table(SmallModels.uniform(), "hf"))
        .containsPattern("(?m)^mlx +[0-9.]+ +same +[0-9]e-0[4-9]$");
  }

  @Test
  void whatNobodyTriedIsSaid() {
    assertThat(Tried.table(SmallModels.uniform(), "none"))
        .isEqualTo("no other program was tried with a llama of shape plain in this form\n");
  }

  @Test
  void whatAProgramComputesOtherwiseIsRefused() {
    var fields = SmallModels.uniform().fields().deepCopy().put("model_type", "mistral");
    fields.put("sliding_window", 4).put("max_position_embeddings", 64);
    var sliding = ModelConfig.parse(fields, "a test");
    assertThatThrownBy(() -> Tried.require(sliding, new HfExport("mlx")))
        .isInstanceOf(InputException.class)
        .hasMessageMatching(
            "mlx [0-9.]+ was tried with a mistral/window of shape plain: its logits are others"
                + " \\(.*\\)\\. --for torchscript runs whatever the widths are; docs/loading\\.md"
                + " says who loads what");
    Tried.require(SmallModels.uniform(), new HfExport("mlx"));
    Tried.require(sliding, new HfExport("nobody"));
  }

  @Test
  void aShapeIsTheLastThatHolds() {
    assertThat(Shape.of(SmallModels.uniform())).isEqualTo(Shape.PLAIN);
    assertThat(shape(new LayerWidths(3, 1, 24), new LayerWidths(3, 1, 24))).isEqualTo(Shape.HEADS);
    assertThat(shape(new LayerWidths(4, 2, 24), new LayerWidths(4, 2, 20)))
        .isEqualTo(Shape.FREE_MLP);
    assertThat(shape(new LayerWidths(4, 2, 24), new LayerWidths(2, 1, 24))).isEqualTo(Shape.FREE);
    assertThat(shape(new LayerWidths(4, 2, 24), new LayerWidths(0, 0, 24))).isEqualTo(Shape.SKIP);
  }

  private static Shape shape(LayerWidths... layers) {
    return Shape.of(SmallModels.llama(layers));
  }
}
