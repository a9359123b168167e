package io.lorashear.spark.tokenize;

import io.lorashear.spark.tokenize.TokenizeSettings.Engine;
import java.io.Serializable;
import java.util.Optional;
import java.util.ServiceLoader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** An engine beside the built-in one that turns texts into ids; a build may bring it or not. */
public interface TextIds extends Serializable {
  /** Which one it is. */
  Engine engine();

  /** Texts of so many tokens or more may have lost their end. */
  int limit();

  /**
   * The rows without their texts, and as a last column the ids of those, an array of longs.
   *
   * @param texts name of a column of strings
   * @param ids name of the new column
   * @param model name of the model at the Hugging Face hub whose tokenizer it is; every executor
   *     must reach the hub, or hold the model in its cache
   */
  Dataset<Row> add(Dataset<Row> rows, String texts, String ids, String model);

  /** The one that this build has. */
  static Optional<TextIds> find(Engine engine) {
    return ServiceLoader.load(TextIds.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(found -> found.engine() == engine)
        .findFirst();
  }
}
