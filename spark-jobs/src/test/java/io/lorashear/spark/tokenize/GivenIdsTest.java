package io.lorashear.spark.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.engine.Engine;
import io.lorashear.spark.engine.TextIds;
import io.lorashear.spark.progress.Tally;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine beside the built-in one: here the same library, seen through Spark's columns. */
class GivenIdsTest {
  @TempDir Path folder;

  private SomeCorpora corpora;
  private Tokenizer tokenizer;

  /**
   * @param begin ids that it puts before those of every text
   */
  private record Columns(String tokenizer, int limit, List<Long> begin) implements TextIds {
    @Override
    public Engine engine() {
      return Engine.DJL_SPARK;
    }

    @Override
    public Dataset<Row> add(Dataset<Row> rows, String texts, String ids, String model) {
      var schema =
          rows.drop(texts).schema().add(ids, DataTypes.createArrayType(DataTypes.LongType));
      int at = rows.schema().fieldIndex(texts);
      MapFunction<Row, Row> encode =
          row -> {
            var values = new ArrayList<Object>();
            for (int i = 0; i < row.size(); i++) {
              if (i != at) {
                values.add(row.get(i));
              }
            }
            var all = new ArrayList<>(begin);
            try (var open = Tokenizer.open(Path.of(tokenizer))) {
              for (int id : open.encode(row.getString(at))) {
                all.add((long) id);
              }
            }
            values.add(all.toArray(Long[]::new));
            return RowFactory.create(values.toArray());
          };
      return rows.map(encode, Encoders.row(schema));
    }
  }

  @BeforeEach
  void tokenizer() throws IOException {
    corpora = SomeCorpora.in(folder);
    tokenizer = Tokenizer.open(corpora.tokenizer());
  }

  private GivenIds given(int limit, Long... begin) {
    return new GivenIds(
        new Columns(corpora.tokenizer().toString(), limit, List.of(begin)), "some/model");
  }

  private List<String> pieces(Optional<GivenIds> given) {
    var documents = SomeDocuments.of(20, 10).in(3);
    var passages = Passage.of(documents, 500);
    var plan = ShardPlan.of(documents, corpora.settings(), List.of());
    var executors = ExecutorTokenizer.of(LocalSpark.session(), tokenizer);
    var tally = new Tally();
    LocalSpark.session().sparkContext().register(tally, "passages");
    return Tokens.of(passages, executors, given, 0, plan, tally).toJSON().collectAsList();
  }

  @Test
  void thePiecesAreThoseOfTheBuiltInEngine() {
    var given = given(1 << 20).agreeing(LocalSpark.session(), tokenizer);
    assertThat(pieces(Optional.of(given)))
        .containsExactlyInAnyOrderElementsOf(pieces(Optional.empty()))
        .isNotEmpty();
  }

  @Test
  void aTextThatMayHaveBeenCutIsNamed() {
    assertThatThrownBy(() -> pieces(Optional.of(given(64))))
        .rootCause()
        .isInstanceOf(InputException.class)
        .hasMessageMatching(
            "a passage of document \\S+ of (web|tasks) has 64 tokens or more, where engine"
                + " djl-spark cuts texts: lower passageCharacters, or leave engine out");
  }

  @Test
  void anotherTokenizerIsRefused() {
    var begins = given(1 << 20, 1L);
    assertThatThrownBy(() -> begins.agreeing(LocalSpark.session(), tokenizer))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(
            "hubModel some/model has other ids than " + corpora.tokenizer() + ": [1, ")
        .hasMessageEndingWith("name the model that the tokenizer comes from, or leave engine out");
  }
}
