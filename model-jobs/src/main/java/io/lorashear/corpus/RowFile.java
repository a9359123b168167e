package io.lorashear.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of token ids that somebody has published, so that a perplexity can be compared with theirs
 * token by token:
 *
 * <pre>
 *   {"wikipedia": {"ids": [[504, 2316, …], …], …}, "gutenberg": {…}}
 * </pre>
 *
 * Other entries beside {@code ids} are the publisher's own, such as their losses, and not read.
 */
public record RowFile(Path file) {

  /**
   * All rows as text: every token except a row's first is to be predicted.
   *
   * @param vocabulary number of token ids of the model
   * @throws InputException if the file has another form, a row has fewer than two ids, or an id is
   *     not of the vocabulary
   */
  public List<Sequence> read(int vocabulary) {
    var rows = new ArrayList<Sequence>();
    for (var source : JsonFile.read(file).properties()) {
      var ids = source.getValue().path("ids");
      if (!ids.isArray() || ids.isEmpty()) {
        throw new InputException(
            "%s: %s has no list \"ids\" of rows of token ids", file, source.getKey());
      }
      for (int row = 0; row < ids.size(); row++) {
        rows.add(row(source.getKey(), row, ids.path(row), vocabulary));
      }
    }
    if (rows.isEmpty()) {
      throw new InputException(
          "%s has no rows: give a JSON object of sources, each with its \"ids\"", file);
    }
    return rows;
  }

  private Sequence row(String source, int row, JsonNode ids, int vocabulary) {
    if (ids.size() < 2) {
      throw new InputException(
          "%s: %s, row %,d has %d token ids: at least two are needed to predict one",
          file, source, row, ids.size());
    }
    var tokens = new int[ids.size()];
    for (int t = 0; t < tokens.length; t++) {
      tokens[t] = ids.path(t).asInt(-1);
      if (!ids.path(t).isIntegralNumber() || tokens[t] < 0 || tokens[t] >= vocabulary) {
        throw new InputException(
            "%s: %s, row %,d, position %,d is %s, which is no token id of the model: it has 0 to"
                + " %,d",
            file, source, row, t, ids.path(t), vocabulary - 1);
      }
    }
    var every = new byte[tokens.length]; // (T,)
    Arrays.fill(every, (byte) 1);
    var id = "%s-%06d".formatted(source, row);
    return new Sequence(source, Sequence.VALIDATION, id, tokens, every);
  }
}
