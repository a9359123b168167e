package io.lorashear.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowFileTest {
  @TempDir Path folder;

  private RowFile file(String json) throws IOException {
    var file = folder.resolve("rows.json");
    Files.writeString(file, json.replace('\'', '"'));
    return new RowFile(file);
  }

  @Test
  void everyTokenButTheFirstIsPredicted() throws IOException {
    var rows = file("{'x': {'ids': [[0, 1, 2], [2, 1]], 'mean_nll': [1.5, 2]}}").read(3);
    assertThat(rows).extracting(Sequence::source).containsExactly("x", "x");
    assertThat(rows.get(0).inputIds()).containsExactly(0, 1, 2);
    assertThat(rows.get(1).lossMask()).containsExactly(1, 1);
    assertThat(rows).extracting(Sequence::id).doesNotHaveDuplicates();
  }

  @Test
  void rowsThatAreNotOfTheModelAreRefusedByTheirPlace() {
    assertThatThrownBy(() -> file("{'x': {'ids': [[0, 1], [2, 3]]}}").read(3))
        .hasMessageEndingWith(
            "rows.json: x, row 1, position 1 is 3, which is no token id of the model: it has 0 to"
                + " 2");
    assertThatThrownBy(() -> file("{'x': {'ids': [[0, 1.5]]}}").read(3))
        .hasMessageContaining("row 0, position 1 is 1.5");
    assertThatThrownBy(() -> file("{'x': {'ids': [[0]]}}").read(3))
        .hasMessageContaining("x, row 0 has 1 token ids: at least two are needed");
    assertThatThrownBy(() -> file("{'x': [[0, 1]]}").read(3))
        .hasMessageContaining("x has no list \"ids\" of rows of token ids");
    assertThatThrownBy(() -> file("{}").read(3)).hasMessageContaining("has no rows");
  }
}
